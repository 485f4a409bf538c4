"""The same over TLS, for clients that insist on it."""

import datetime as dt
import ipaddress
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from tests.orgsim.process import running

from .api import V
from .certificate import private_key, private_pem


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1 and its key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private_key(), hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(private_pem())
    return paths


def test_an_org_can_speak_tls(db: Path) -> None:
    certificate, key = self_signed(db.parent)
    options = ("--certificate", str(certificate), "--private-key", str(key))
    with running(db, options=options) as org:
        assert org.url.startswith("https://127.0.0.1:")
        org.session.verify = str(certificate)
        headers = {"Authorization": f"Bearer {org.token()}"}
        assert org.session.get(f"{org.url}{V}/limits", headers=headers, timeout=20).ok
        org.arm({"action": "commit_then_drop"})
        try:
            org.session.post(f"{org.url}{V}/sobjects/Case", json={}, headers=headers, timeout=20)
        except requests.ConnectionError:
            assert org.audit()["rows_committed_but_client_saw_error"] == 1
