"""What the texts of settings may be, and what becomes of them. ValueError says what was expected."""

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
import phonenumbers


def boolean(text: str) -> bool:
    values = {"1": True, "true": True, "yes": True, "on": True} | dict.fromkeys(
        ("0", "false", "no", "off"), False
    )
    if text.lower() not in values:
        raise ValueError("expected true or false")
    return values[text.lower()]


def number(low: float, high: float, kind: type[int] | type[float] = int) -> Callable[[str], Any]:
    def cast(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            raise ValueError(f"expected a number from {low} to {high}") from None
        if not low <= value <= high:
            raise ValueError(f"expected a number from {low} to {high}")
        return value

    return cast


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"no time zone is called {text!r}; Europe/Berlin is one") from None
    return text


def region(text: str) -> str:
    if text.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"{text!r} is no region; expected two letters such as DE")
    return text.upper()


def is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def org_url(text: str) -> str:
    parts = urlsplit(text.rstrip("/"))
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        raise ValueError("expected a My Domain URL such as https://acme.my.salesforce.com")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("http:// is for loopback addresses only; use https://")
    if parts.hostname in {"login.salesforce.com", "test.salesforce.com"}:
        raise ValueError("expected the org's own My Domain URL, not the common login host")
    return text.rstrip("/")


def database(text: str) -> dict[str, Any]:
    expected = "expected postgres://user:password@host:5432/name or sqlite:///path"
    if urlsplit(text).scheme not in {"postgres", "postgresql", "sqlite"}:
        raise ValueError(expected)
    try:
        return dict(environ.Env.db_url_config(text))
    except ValueError:
        raise ValueError(f"{expected}, special characters as %XX") from None


def broker(text: str) -> str:
    if urlsplit(text).scheme not in {"redis", "rediss", "amqp", "amqps", "filesystem"}:
        raise ValueError("expected redis://… or amqp://…")
    return text


def matching(pattern: str, example: str) -> Callable[[str], str]:
    def cast(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"expected a value such as {example}")
        return text

    return cast


MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


def mail_server(text: str) -> dict[str, Any]:
    expected = "expected smtp://, smtp+tls:// or smtp+ssl://user:password@host:port"
    try:
        parts = urlsplit(text)
        server = dict(environ.Env.email_url_config(text)) if parts.scheme in MAIL_PORTS else {}
    except ValueError:
        server = {}
    if not server.get("EMAIL_HOST"):
        raise ValueError(f"{expected}, special characters as %XX")
    return server | {"EMAIL_PORT": server["EMAIL_PORT"] or MAIL_PORTS[parts.scheme]}


def addresses(text: str) -> list[str]:
    for word in words(text):
        address(word)
    return words(text)


def address(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", text):
        raise ValueError(f"{text!r} is no e-mail address")
    return text


def webhook(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ValueError("expected a URL such as https://hooks.example.com/jtelbridge")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("http:// is for loopback addresses only; use https://")
    return text
