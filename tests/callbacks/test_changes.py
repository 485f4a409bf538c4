"""Who changed the configuration is recorded, without secrets, and can be taken back."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from callbacks import changes, sightings
from callbacks.adoption import adopt
from callbacks.models import AcdClient, FieldMapping, FunctionRoute
from callbacks.models.acd_client import digest
from callbacks.tasks import forget_old_changes
from tests.callbacks.changing import CONFIRMED, a_route, entries, later, save_form, told
from tests.callbacks.conftest import SignIn
from tests.factories import ClientFactory, ServiceNumberFactory

pytestmark = pytest.mark.django_db


class TestRecording:
    def test_a_form_is_one_entry_with_the_person_and_the_lines(self, sign_in: SignIn) -> None:
        route = a_route()
        with later(hours=1):
            save_form(
                sign_in("Administrators"),
                route,
                owner="Callbacks",
                **{
                    "mappings-TOTAL_FORMS": "1",
                    "mappings-0-field": "Priority",
                    "mappings-0-template": "High",
                },
            )
        newest, first = entries(route)
        assert (newest.person, newest.verb, first.person) == ("Petra Lindner", "~", "")
        assert told(newest) == [("owner", "", "Callbacks"), ("Priority", None, "High")]

    def test_saving_what_is_there_already_makes_no_entry(self, sign_in: SignIn) -> None:
        route = a_route()
        with later(hours=1):
            save_form(sign_in("Administrators"), route)
        assert len(entries(route)) == 1

    def test_a_changed_line_says_what_it_was(self) -> None:
        route = a_route()
        mapping = FieldMapping.objects.create(route=route, field="Priority", template="High")
        with later(hours=1):
            mapping.template = "Low"
            mapping.save()
        assert told(entries(route)[0]) == [("Priority", "High", "Low")]

    def test_a_deleted_route_can_still_be_read_of(self) -> None:
        route = a_route()
        FieldMapping.objects.create(route=route, field="Priority", template="High")
        pk = route.pk
        with later(hours=1):
            route.delete()
        newest = changes.entries(FunctionRoute, pk)[0]
        assert newest.verb == changes.DELETED
        assert ("Priority", "High", None) in told(newest)

    def test_whoever_adopts_a_number_is_named(self, sign_in: SignIn) -> None:
        number = ServiceNumberFactory.create(adopted=False, name="")
        place = reverse("admin:callbacks_servicenumber_adopt", args=[number.pk])
        with later(hours=1):
            sign_in("Administrators").post(place, CONFIRMED | {"name": "Hotline"})
        newest = entries(number)[0]
        assert newest.person == "Petra Lindner"
        assert told(newest) == [("name", "", "Hotline"), ("adopted", False, True)]

    def test_adopting_twice_is_one_entry(self) -> None:
        number = ServiceNumberFactory.create(adopted=False)
        with later(hours=1):
            assert adopt(number, "Hotline")
        with later(hours=2):
            assert not adopt(number, "Another")
        assert len(entries(number)) == 2

    def test_a_call_to_a_number_changes_nothing(self) -> None:
        number = ServiceNumberFactory.create()
        sightings.note(ClientFactory.create(), number.number, timezone.now())
        sightings.flush()
        assert len(entries(number)) == 1

    def test_the_name_outlives_the_account(self, sign_in: SignIn) -> None:
        route = a_route()
        browser = sign_in("Administrators")
        with later(hours=1):
            save_form(browser, route, owner="Callbacks")
        FunctionRoute.history.model.objects.get(owner="Callbacks").history_user.delete()
        assert entries(route)[0].person == "Petra Lindner"

    def test_an_import_has_nobodys_name(self, tmp_path: Any) -> None:
        route = a_route()
        said = StringIO()
        call_command("export_config", stdout=said)
        file = tmp_path / "site.yaml"
        file.write_text(said.getvalue().replace("owner: ''", "owner: Callbacks"), encoding="utf-8")
        with later(hours=1):
            call_command("import_config", str(file), stdout=StringIO())
        newest = entries(route)[0]
        assert (newest.person, told(newest)) == ("", [("owner", "", "Callbacks")])


class TestSecrets:
    def columns(self) -> set[str]:
        return {f.name for f in AcdClient.history.model._meta.fields}

    def test_none_is_in_a_column(self) -> None:
        assert not self.columns() & {"secret_digest", "previous_secret_digest", "sign_in_password"}

    def test_a_new_secret_is_told_without_it(self, sign_in: SignIn) -> None:
        client = ClientFactory.create()
        dialog = reverse("admin:callbacks_acdclient_rotate_secret", args=[client.pk])
        with later(hours=1):
            seen = client.secret_changed_at.isoformat()
            answer = sign_in("superuser").post(dialog, CONFIRMED | {"changed_at": seen})
        secret = answer.context["secret"]
        newest = entries(client)[0]
        assert newest.reason == "made a new secret"
        kept = AcdClient.history.values_list()
        assert not [row for row in kept for value in row if value in {secret, digest(secret)}]

    @pytest.mark.parametrize(
        ("action", "reason"),
        [
            ("revoke_previous_secret", "revoked the previous secret"),
            ("revoke_tokens", "revoked all access tokens"),
        ],
    )
    def test_what_was_revoked_is_told(self, action: str, reason: str, sign_in: SignIn) -> None:
        client = ClientFactory.create(previous_secret_digest="x")
        with later(hours=1):
            place = reverse(f"admin:callbacks_acdclient_{action}", args=[client.pk])
            sign_in("superuser").post(place, CONFIRMED)
        assert entries(client)[0].reason == reason

    def test_a_changed_password_is_told_without_it(self, sign_in: SignIn) -> None:
        client = ClientFactory.create()
        place = reverse("admin:callbacks_acdclient_change", args=[client.pk])
        data = {"name": client.name, "kind": "acd", "enabled": "on", "sign_in_name": "acd"}
        with later(hours=1):
            sign_in("superuser").post(place, data | {"password": "a quiet password"})
        newest = entries(client)[0]
        assert newest.reason == "changed the password"
        assert told(newest) == [("sign_in_name", "", "acd")]


class TestForgetting:
    def test_the_state_before_is_kept_for_what_follows(self) -> None:
        route = a_route()
        for days in (1, 2, 900):
            with later(days=days):
                route.owner = f"Queue{days}"
                route.save()
        with later(days=901):
            forget_old_changes()
        newest, before = entries(route)
        assert told(newest) == [("owner", "Queue2", "Queue900")]
        assert before.at < newest.at

    def test_of_what_was_deleted_long_ago_nothing_is_left(self) -> None:
        route = a_route()
        pk = route.pk
        with later(days=1):
            route.delete()
        with later(days=800):
            forget_old_changes()
        assert changes.entries(FunctionRoute, pk) == []

    def test_what_is_young_stays(self) -> None:
        route = a_route()
        with later(days=700):
            forget_old_changes()
        assert len(entries(route)) == 1
