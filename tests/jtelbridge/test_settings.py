"""Settings are read in a process of their own, or run as a module: both as at a start."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jtelbridge import settings as module

SOURCE = Path(module.__file__)
NAMES = set(re.findall(r'\bread\(\s*"([A-Z_]+)"', SOURCE.read_text(encoding="utf-8")))
EXAMPLE = (SOURCE.parent.parent / ".env.example").read_text(encoding="utf-8")
POSTGRES = "postgres://someone@127.0.0.1:5432/nothing"
LONG = "x" * 50
ORG = {
    "SALESFORCE_URL": "https://acme.my.salesforce.com",
    "SALESFORCE_CLIENT_ID": "id",
    "SALESFORCE_CLIENT_SECRET": "secret",
}
MAIL = {
    "EMAIL_URL": "smtp+tls://us%40er:pass@mail.example.com",
    "DEFAULT_FROM_EMAIL": "jtelbridge@example.com",
}
HOOK = {
    "ALERT_WEBHOOK_URL": "https://hooks.example.com/jtelbridge",
    "ALERT_WEBHOOK_SECRET": "x" * 32,
}


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))

    def start(environment: dict[str, str]) -> dict[str, Any]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(SOURCE))

    return start


def test_it_starts_with_nothing_set(start: Any) -> None:
    settings = start({})
    assert settings["EMBEDDED_DATABASE"]
    assert not settings["DEBUG"]
    assert len(settings["SECRET_KEY"]) >= 50


def test_the_generated_secret_is_kept_and_readable_by_its_owner_alone(
    start: Any, tmp_path: Path
) -> None:
    assert start({})["SECRET_KEY"] == start({})["SECRET_KEY"]
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("DATABASE_URL", {"DATABASE_URL": "mysql://root@127.0.0.1/x"}),
        ("SECRET_KEY", {"DATABASE_URL": POSTGRES}),
        ("SECRET_KEY", {"SECRET_KEY": "short"}),
        ("SECRET_KEY", {"SECRET_KEY": LONG, "SECRET_KEY_FILE": "/dev/null"}),
        ("SECRET_KEY_FILE", {"SECRET_KEY_FILE": "/no/such/file"}),
        ("DEBUG", {"DEBUG": "maybe"}),
        ("DEBUG", {"DEBUG": "true", "ALLOWED_HOSTS": "callbacks.example.com"}),
        ("JTEL_TIMEZONE", {"JTEL_TIMEZONE": "Europe/Atlantis"}),
        ("JTEL_DEFAULT_REGION", {"JTEL_DEFAULT_REGION": "XX"}),
        ("CALLBACK_DEDUPE_SECONDS", {"CALLBACK_DEDUPE_SECONDS": "two minutes"}),
        ("MAX_BODY_BYTES", {"MAX_BODY_BYTES": "0"}),
        ("ACD_REQUESTS_PER_SECOND", {"ACD_REQUESTS_PER_SECOND": "-1"}),
        ("HELD_RELEASE_HOURS", {"HELD_RELEASE_HOURS": "1e9"}),
        ("RETENTION_DAYS", {"RETENTION_DAYS": "0"}),
        ("TRUSTED_PROXIES", {"TRUSTED_PROXIES": "eleven"}),
        ("ACD_TOKEN_MINUTES", {"ACD_TOKEN_MINUTES": "0"}),
        ("CELERY_BROKER_URL", {"CELERY_BROKER_URL": "sqs://"}),
        ("SALESFORCE_URL", ORG | {"SALESFORCE_URL": "http://acme.my.salesforce.com"}),
        ("SALESFORCE_URL", ORG | {"SALESFORCE_URL": "https://login.salesforce.com"}),
        ("SALESFORCE_URL", ORG | {"SALESFORCE_URL": "acme.my.salesforce.com"}),
        ("SALESFORCE_CLIENT_ID", ORG | {"SALESFORCE_CLIENT_ID": ""}),
        ("SALESFORCE_CLIENT_SECRET", ORG | {"SALESFORCE_CLIENT_SECRET": ""}),
        ("SALESFORCE_PRIVATE_KEY_FILE", ORG | {"SALESFORCE_PRIVATE_KEY": "a key"}),
        (
            "SALESFORCE_USERNAME",
            ORG | {"SALESFORCE_CLIENT_SECRET": "", "SALESFORCE_PRIVATE_KEY": "a key"},
        ),
        ("SALESFORCE_API_RESERVE", {"SALESFORCE_API_RESERVE": "20"}),
        ("SALESFORCE_API_VERSION", {"SALESFORCE_API_VERSION": "latest"}),
        ("SALESFORCE_KEY_FIELD", {"SALESFORCE_KEY_FIELD": "Callback Key"}),
        ("LOG_LEVEL", {"LOG_LEVEL": "CHATTY"}),
        ("EMAIL_URL", MAIL | {"EMAIL_URL": "mail.example.com"}),
        ("EMAIL_URL", MAIL | {"EMAIL_URL": "smtp://mail.example.com:many"}),
        ("EMAIL_URL", MAIL | {"EMAIL_URL": "", "ALERT_EMAILS": "it@example.com"}),
        ("DEFAULT_FROM_EMAIL", MAIL | {"DEFAULT_FROM_EMAIL": ""}),
        ("DEFAULT_FROM_EMAIL", MAIL | {"DEFAULT_FROM_EMAIL": "The program"}),
        ("ALERT_EMAILS", MAIL | {"ALERT_EMAILS": "it@example.com, nobody"}),
        ("ALERT_LANGUAGE", {"ALERT_LANGUAGE": "fr"}),
        ("ALERT_WEBHOOK_URL", HOOK | {"ALERT_WEBHOOK_URL": "http://hooks.example.com"}),
        ("ALERT_WEBHOOK_URL", HOOK | {"ALERT_WEBHOOK_URL": "hooks.example.com"}),
        ("ALERT_WEBHOOK_SECRET", HOOK | {"ALERT_WEBHOOK_SECRET": ""}),
        ("ALERT_WEBHOOK_SECRET", HOOK | {"ALERT_WEBHOOK_SECRET": "short"}),
        ("VAR_DIR", {"VAR_DIR": "/dev/null/var"}),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value.values())[:40],
)
def test_a_wrong_setting_stops_the_start_and_is_named(
    start: Any, name: str, environment: dict[str, str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        start(environment)
    said = str(stopped.value)
    assert said.startswith(f"jtelbridge: {name}: ")
    assert "\n" not in said


def test_the_stop_is_one_line_and_a_failed_start(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=SOURCE.parent.parent,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "MAX_BODY_BYTES": "many"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 1
    assert finished.stderr == (
        "jtelbridge: MAX_BODY_BYTES: expected a number from 1024 to 104857600\n"
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1:8001", "http://localhost:8001/"])
def test_an_org_on_loopback_may_go_without_tls(start: Any, url: str) -> None:
    assert start(ORG | {"SALESFORCE_URL": url})["SALESFORCE_URL"] == url.rstrip("/")


def test_a_mail_server_is_one_line(start: Any) -> None:
    settings = start(MAIL | {"ALERT_EMAILS": "it@example.com, desk@example.com"})
    names = ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_USE_TLS", "EMAIL_USE_SSL")
    assert [settings[name] for name in names] == ["mail.example.com", 587, "us@er", True, False]
    assert settings["ALERT_EMAILS"] == ["it@example.com", "desk@example.com"]


def test_without_a_mail_server_no_mail_leaves(start: Any) -> None:
    assert start({})["EMAIL_BACKEND"].endswith("dummy.EmailBackend")


def test_a_webhook_on_loopback_may_go_without_tls(start: Any) -> None:
    url = "http://127.0.0.1:9000/hook"
    assert start(HOOK | {"ALERT_WEBHOOK_URL": url})["ALERT_WEBHOOK_URL"] == url


def test_a_secret_may_stand_in_a_file(start: Any, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{LONG}\n", encoding="utf-8")
    assert start({"SECRET_KEY_FILE": str(file)})["SECRET_KEY"] == LONG


def test_cookies_are_secure_when_the_admin_is_used_over_tls(start: Any) -> None:
    settings = start({"CSRF_TRUSTED_ORIGINS": "https://callbacks.example.com"})
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["SECURE_PROXY_SSL_HEADER"]


def test_only_a_proxy_is_believed_that_a_request_came_over_tls(start: Any) -> None:
    assert start({})["SECURE_PROXY_SSL_HEADER"] is None
    assert start({"TRUSTED_PROXIES": "1"})["SECURE_PROXY_SSL_HEADER"]


def test_the_conversation_can_be_left_out(start: Any) -> None:
    assert (
        "crm.apps.CrmConfig" not in start({"DISABLED_APPS": "crm.apps.CrmConfig"})["INSTALLED_APPS"]
    )


def test_every_setting_is_in_the_example() -> None:
    documented = {name.removesuffix("_FILE") for name in re.findall(r"(?m)^#([A-Z_]+)=", EXAMPLE)}
    assert documented == NAMES


def test_the_numbers_in_the_example_are_the_defaults(start: Any) -> None:
    settings = start({})
    numbers = dict(re.findall(r"(?m)^#([A-Z_]+)=([\d.]+)$", EXAMPLE))
    assert numbers == {name: str(settings[name]) for name in numbers}
