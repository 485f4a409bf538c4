"""What a browser may do with our answers, and that no page of ours asks for more."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

TEMPLATES = sorted(Path(settings.BASE_DIR).glob("[a-z]*/templates/**/*.html"))
STRICT = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
ADMIN = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
    "base-uri": "'none'",
}


def policy(path: str) -> dict[str, str]:
    header = Client().get(path)["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in header.split(";"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/nothing", "/api/schema/", "/api/v1/callbacks", "/i18n/"]
)
def test_what_is_not_for_people_may_load_nothing(path: str) -> None:
    assert policy(path) == STRICT


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin/nothing/"])
def test_the_back_office_loads_from_here_alone(path: str) -> None:
    assert policy(path) == ADMIN


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/"])
def test_the_page_of_the_interface_evaluates_nothing(path: str) -> None:
    assert policy(path) == STRICT | {
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
    }


def test_no_template_of_ours_brings_a_script_along() -> None:
    assert TEMPLATES
    for template in TEMPLATES:
        text = template.read_text("utf-8")
        scripts = [
            tag
            for tag in re.findall(r"<script\b[^>]*>", text)
            if " src=" not in tag and "application/json" not in tag
        ]
        assert not scripts, template
        assert not re.search(r"\son\w+\s*=\s*[\"']", text), template
