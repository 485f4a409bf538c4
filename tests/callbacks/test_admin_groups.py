"""What the migrations set up: the groups and a route that lets nothing be held."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection

from callbacks.models import FunctionRoute

pytestmark = pytest.mark.django_db

groups = import_module("callbacks.migrations.0002_groups")
route = import_module("callbacks.migrations.0003_catch_all_route")


def rights_of(name: str) -> set[str]:
    permissions = Group.objects.get(name=name).permissions.values_list(
        "content_type__app_label", "codename"
    )
    return {f"{label}.{codename}" for label, codename in permissions}


def test_back_office_works_and_configures_nothing() -> None:
    ours = {right for right in rights_of("Back office") if not right.startswith("crm.")}
    assert ours == {
        "callbacks.view_callback",
        "callbacks.view_failedsync",
        "callbacks.view_rejectedrequest",
        "callbacks.view_servicenumber",
        "callbacks.view_functionroute",
        "callbacks.view_fieldmapping",
        "callbacks.view_answerfield",
        "callbacks.requeue_callback",
        "callbacks.dismiss_callback",
        "callbacks.correct_callback",
        "callbacks.view_replay",
        "callbacks.view_alertrules",
        "callbacks.view_numberwatch",
        "callbacks.see_personal_data",
    }


def test_a_viewer_only_looks_and_sees_no_caller() -> None:
    rights = rights_of("Viewer")
    assert {"callbacks.view_callback", "crm.view_org"} <= rights
    assert all(right.split(".")[1].startswith("view_") for right in rights)


def test_administrators_may_do_all_of_it() -> None:
    assert rights_of("Administrators") > rights_of("Back office") | {
        "callbacks.rotate_acdclient",
        "callbacks.add_functionroute",
        "callbacks.delete_fieldmapping",
        "auth.change_user",
        "django_celery_beat.change_periodictask",
    }


def test_migrating_again_changes_nothing() -> None:
    before = rights_of("Administrators"), rights_of("Back office"), FunctionRoute.objects.count()
    editor = connection.schema_editor()
    groups.create_groups(apps, editor)
    route.create_route(apps, editor)
    after = rights_of("Administrators"), rights_of("Back office"), FunctionRoute.objects.count()
    assert after == before
