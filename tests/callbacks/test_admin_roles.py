"""Every screen, for everyone who may or may not open it."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from callbacks.models import FunctionRoute
from tests.callbacks.conftest import SignIn
from tests.factories import (
    CallbackFactory,
    ClientFactory,
    RejectedFactory,
    ServiceNumberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ALL = {"superuser", "Administrators", "Back office", "viewer", "nobody"}
CONFIGURES = {"superuser", "Administrators"}
WORKS = CONFIGURES | {"Back office", "viewer"}
SEES_ALL = CONFIGURES | {"viewer"}

LISTS = {
    "callbacks_callback": WORKS,
    "callbacks_failedsync": WORKS,
    "callbacks_rejectedrequest": WORKS,
    "callbacks_servicenumber": WORKS,
    "callbacks_functionroute": WORKS,
    "callbacks_acdclient": SEES_ALL,
    "django_celery_beat_periodictask": SEES_ALL,
    "auth_user": SEES_ALL,
    "auth_group": SEES_ALL,
}


def page_of(name: str) -> str:
    """A record's page."""
    records: dict[str, Any] = {
        "callbacks_callback": CallbackFactory,
        "callbacks_rejectedrequest": RejectedFactory,
        "callbacks_servicenumber": ServiceNumberFactory,
        "callbacks_acdclient": ClientFactory,
        "auth_user": UserFactory,
    }
    if name == "callbacks_failedsync":
        return reverse(f"admin:{name}_change", args=[CallbackFactory.create(failed=True).pk])
    if name == "callbacks_functionroute":
        return reverse(f"admin:{name}_change", args=[FunctionRoute.objects.get().pk])
    return reverse(f"admin:{name}_change", args=[records[name].create().pk])


@pytest.mark.parametrize("role", sorted(ALL))
@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_opens_for_those_who_may_see_it(name: str, role: str, sign_in: SignIn) -> None:
    status = sign_in(role).get(reverse(f"admin:{name}_changelist")).status_code
    assert status == (200 if role in LISTS[name] else 403)


@pytest.mark.parametrize("role", sorted(ALL))
@pytest.mark.parametrize(
    "name", [name for name in sorted(LISTS) if "beat" not in name and "group" not in name]
)
def test_a_page_opens_for_those_who_may_see_it(name: str, role: str, sign_in: SignIn) -> None:
    status = sign_in(role).get(page_of(name)).status_code
    assert status == (200 if role in LISTS[name] else 403)


@pytest.mark.parametrize("role", sorted(ALL))
@pytest.mark.parametrize("name", ["servicenumber", "functionroute", "acdclient"])
def test_only_administrators_configure(name: str, role: str, sign_in: SignIn) -> None:
    status = sign_in(role).get(reverse(f"admin:callbacks_{name}_add")).status_code
    assert status == (200 if role in CONFIGURES else 403)


@pytest.mark.parametrize("name", ["callback", "failedsync", "rejectedrequest"])
def test_nobody_writes_what_was_received(name: str, sign_in: SignIn) -> None:
    browser = sign_in("superuser")
    page = page_of(f"callbacks_{name}")
    assert browser.get(reverse(f"admin:callbacks_{name}_add")).status_code == 403
    assert browser.get(page.replace("change", "delete")).status_code == 403
    assert browser.post(page, {"status": "synced"}).status_code == 403


def test_the_sidebar_leaves_out_what_somebody_may_not_open(sign_in: SignIn) -> None:
    index = reverse("admin:index")
    clients = reverse("admin:callbacks_acdclient_changelist")
    assert clients in sign_in("Administrators").get(index).text
    assert clients not in sign_in("Back office").get(index).text


def test_staff_without_rights_sees_no_figure(sign_in: SignIn) -> None:
    CallbackFactory.create(failed=True)
    page = sign_in("nobody").get(reverse("admin:index")).text
    assert "jb-tiles" not in page
    assert "You have no role yet." in page


def test_the_sidebar_counts_what_waits_for_a_decision(sign_in: SignIn) -> None:
    CallbackFactory.create_batch(2, failed=True)
    CallbackFactory.create(held=True)
    page = sign_in("Back office").get(reverse("admin:index"))
    items = {
        str(item["title"]): item.get("badge")
        for group in page.context["sidebar_navigation"]
        for item in group["items"]
    }
    assert (items["Failed"], items["Held"], items["Callbacks"]) == ("2", "1", None)


def test_nothing_is_lit_twice(sign_in: SignIn) -> None:
    browser = sign_in("superuser")
    for query, lit in (("", "Callbacks"), ("?status__exact=held", "Held")):
        page = browser.get(reverse("admin:callbacks_callback_changelist") + query)
        items = [item for group in page.context["sidebar_navigation"] for item in group["items"]]
        assert [str(item["title"]) for item in items if item["active"]] == [lit]


@pytest.mark.parametrize("model", ["clockedschedule", "crontabschedule", "intervalschedule"])
def test_schedules_have_no_screen(model: str) -> None:
    assert model not in {m._meta.model_name for m in admin.site._registry}


def test_strangers_are_asked_to_sign_in() -> None:
    page = Client().get(reverse("admin:callbacks_callback_changelist"))
    assert page.status_code == 302
    assert page["Location"].startswith(reverse("admin:login"))
