"""Every page in a real browser, in both languages."""

import re

import pytest
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from callbacks.models import FunctionRoute
from crm.models import (
    Finding,
    NamedQuery,
    PassThroughResource,
    ReconciliationRun,
    StoredRequest,
)
from tests.browser.visitor import Visitor
from tests.factories import (
    PASSWORD,
    AttemptFactory,
    CallbackFactory,
    ClientFactory,
    RejectedFactory,
    RouteFactory,
    ServiceNumberFactory,
    UserFactory,
)

pytestmark = pytest.mark.browser

ENGLISH = re.compile(
    r"\b(the|and|of|is|are|with|select|change|add|delete|save|search|show|this|your|you|have"
    r"|from|not|by|yes|view|close|open|every|no|sign|help|any|callbacks?|failed|held|waiting)\b",
    re.IGNORECASE,
)


def is_english(line: str) -> bool:
    """Words in capitals are no language of people: SELECT, WHERE."""
    return ENGLISH.search(re.sub(r"\b[A-Z]{2,}\b", "", line)) is not None


def furnished() -> list[str]:
    """One record of each kind, and the addresses of all pages."""
    attempt = AttemptFactory.create()
    CallbackFactory.create(synced=True)
    held = CallbackFactory.create(held=True, function="Störung")
    CallbackFactory.create(dismissed=True, dismiss_reason="Testanruf")
    number = ServiceNumberFactory.create()
    route = RouteFactory.create(service_number=number)
    FunctionRoute.objects.filter(service_number=None).update(name="Jeder Rückruf")
    interval = IntervalSchedule.objects.create(every=5, period="seconds")
    task = PeriodicTask.objects.create(name="Push what is due", task="x", interval=interval)
    user = UserFactory.create()
    records = {
        "callbacks_callback": held,
        "callbacks_failedsync": attempt.callback,
        "callbacks_servicenumber": number,
        "callbacks_functionroute": route,
        "callbacks_acdclient": ClientFactory.create(previous_secret_digest="x"),
        "callbacks_rejectedrequest": RejectedFactory.create(),
        "django_celery_beat_periodictask": task,
        "auth_user": user,
        **of_the_conversation(),
    }
    callbacks = reverse("admin:callbacks_callback_changelist")
    states = ("pending", "failed", "held", "synced", "dismissed", "merged", "answered")
    return [
        reverse("admin:index"),
        *(f"{callbacks}?status__exact={state}" for state in states),
        f"{callbacks}?q=zzz",
        reverse("admin:auth_group_changelist"),
        reverse("admin:callbacks_functionroute_add"),
        reverse("admin:crm_reconciliationrun_changelist"),
        reverse("admin:crm_namedquery_add"),
        reverse("admin:crm_passthroughresource_add"),
        reverse("admin:callbacks_acdclient_add"),
        reverse("admin:auth_user_add"),
        reverse("admin:password_change"),
        reverse("admin:crm_org_changelist"),
        reverse("admin:callbacks_functionroute_history", args=[route.pk]),
        *(reverse(f"admin:{name}_changelist") for name in records),
        *(reverse(f"admin:{name}_change", args=[each.pk]) for name, each in records.items()),
        reverse("admin:callbacks_servicenumber_delete", args=[ServiceNumberFactory.create().pk]),
    ]


def of_the_conversation() -> dict[str, Model]:
    now = timezone.now()
    ReconciliationRun.objects.create(started_at=now, finished_at=now, since=now)
    return {
        "crm_finding": Finding.objects.create(
            kind=Finding.Kind.FIELD_REQUIRED,
            subject="Case.Reason",
            detail={"faults": [{"why": "required", "routes": ["Störung"]}]},
            found_at=now,
            seen_at=now,
        ),
        "crm_passthroughresource": PassThroughResource.objects.earliest("pk"),
        "crm_storedrequest": StoredRequest.objects.create(
            client=ClientFactory.create(), method="POST", path="jtelACD/writeCallStatistics"
        ),
        "crm_namedquery": NamedQuery.objects.create(
            name="Vertrag", soql="SELECT Id FROM Account WHERE AccountNumber = :Param1"
        ),
    }


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_page_complains(visitor: Visitor, language: str) -> None:
    visitor.speaks(language)
    pages = furnished()
    visitor.complaints()
    for page in pages:
        visitor.opens(page)
        assert not visitor.complaints(), page


def test_german_pages_hold_no_english_word(visitor: Visitor) -> None:
    visitor.speaks("de")
    found = {}
    for page in furnished():
        visitor.opens(page)
        lines = [line for line in visitor.reads().splitlines() if is_english(line)]
        if lines:
            found[page] = lines
    assert not found


@pytest.mark.parametrize("width", [1280, 820])
def test_no_page_scrolls_sideways(visitor: Visitor, width: int) -> None:
    visitor.speaks("de")
    visitor.sized(width)
    wide = []
    for page in furnished():
        visitor.opens(page)
        if visitor.runs("return document.documentElement.scrollWidth > innerWidth"):
            wide.append(page)
    visitor.sized(1280)
    assert not wide


@pytest.mark.parametrize("visitor", ["stranger"], indirect=True)
def test_signing_in_leads_to_the_overview(visitor: Visitor) -> None:
    user = UserFactory.create(is_superuser=True)
    visitor.opens(reverse("admin:login"))
    visitor.types("[name=username]", user.username)
    visitor.types("[name=password]", PASSWORD)
    visitor.presses("[type=submit]")
    assert visitor.sees(".jb-tiles")
