"""A deadline is the time for everything, however slowly the other side drips."""

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from time import monotonic

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from crm.client import SalesforceClient
from crm.errors import CrmUnavailable
from tests.crm.calls import (
    AT_ONCE,
    DEADLINE,
    WELL_SAID,
    access,
    client_of,
    code_of,
    pem,
    private_key,
)
from tests.crm.hostile import Answer, drips, hostile, never, says

HEAD = b"HTTP/1.1 200 OK\r\n"


ENDLESS = [
    never,
    drips(b"", b"H"),
    drips(HEAD, b"X-More: y\r\n"),
    drips(HEAD + b"Content-Length: 100000\r\n\r\n", b"{"),
    drips(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n{\r\n"),
    drips(HEAD + b"Connection: close\r\n\r\n", b"{"),
]


@pytest.mark.parametrize("answer", ENDLESS)
def test_no_answer_outlives_the_deadline(answer: Answer) -> None:
    with hostile(answer) as org:
        client = client_of(org)
        client.identity()
        began = monotonic()
        with pytest.raises(CrmUnavailable):
            client.probe(deadline=DEADLINE)
        assert monotonic() - began < AT_ONCE


@dataclass(frozen=True)
class Certificate:
    server: ssl.SSLContext
    path: str


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Of 127.0.0.1, signed by itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hostile org")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    today = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, private_key().public_key(), serial_number=1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private_key(), hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "org.pem"
    file.write_bytes(pem(private_key()).encode() + signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return Certificate(context, str(file))


def test_a_certificate_of_nobody_knows_whom_is_refused(certificate: Certificate) -> None:
    with hostile(says(200, WELL_SAID), tls=certificate.server) as org:
        with pytest.raises(CrmUnavailable) as caught:
            client_of(org).probe(deadline=AT_ONCE)
        assert caught.value.code == "TLS_FAILED"
        assert "CERTIFICATE_VERIFY_FAILED" in caught.value.detail


def test_tls_keeps_connections_open(certificate: Certificate) -> None:
    with hostile(says(200, WELL_SAID), tls=certificate.server) as org:
        client = client_of(org)
        client._http.verify = certificate.path
        for _ in range(3):
            client.probe(deadline=AT_ONCE)
        assert len(org._connections) == 1


@pytest.mark.parametrize("answer", ENDLESS)
def test_no_answer_over_tls_outlives_the_deadline(answer: Answer, certificate: Certificate) -> None:
    with hostile(answer, tls=certificate.server) as org:
        client = client_of(org)
        client._http.verify = certificate.path
        client.identity()
        began = monotonic()
        with pytest.raises(CrmUnavailable):
            client.probe(deadline=DEADLINE)
        assert monotonic() - began < AT_ONCE


def test_a_listener_that_never_shakes_hands_does_not_outlive_it_either() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with closing(listener):
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        began = monotonic()
        with pytest.raises(CrmUnavailable):
            SalesforceClient(access(url)).probe(deadline=DEADLINE)
        assert monotonic() - began < AT_ONCE


def test_a_sign_in_counts_against_the_deadline() -> None:
    began = monotonic()
    with hostile(says(200), sign_in=drips(HEAD, b"X-More: y\r\n")) as org:
        assert code_of(lambda: client_of(org).probe(deadline=DEADLINE)) == "NO_ANSWER"
    assert monotonic() - began < AT_ONCE


def test_waiting_for_another_threads_sign_in_counts_too() -> None:
    with hostile(says(200), sign_in=never) as org:
        client = client_of(org)
        with ThreadPoolExecutor(4) as pool:
            calls = [pool.submit(client.probe, deadline=DEADLINE) for _ in range(4)]
            codes = {code_of(call.result) for call in calls}
        assert codes == {"NO_ANSWER"}
        assert len(org.sign_ins) == 1


def test_the_ipv6_loopback_is_this_machine_too() -> None:
    client = SalesforceClient(access("http://[::1]:9"))
    assert code_of(client.probe) == "NO_CONNECTION"


def test_a_closed_port_is_told_with_the_systems_words() -> None:
    with hostile(says(200)) as gone:
        url = gone.url
    with pytest.raises(CrmUnavailable) as caught:
        SalesforceClient(access(url)).probe()
    assert (caught.value.code, caught.value.detail) == ("NO_CONNECTION", "Connection refused")


def test_a_listener_without_tls_is_told_as_such() -> None:
    with hostile(says(200)) as org:
        client = SalesforceClient(access(org.url.replace("http:", "https:")))
        assert code_of(lambda: client.probe(deadline=AT_ONCE)) == "TLS_FAILED"
