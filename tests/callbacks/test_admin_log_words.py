"""What the log keeps in codes is told in words, in the language of whoever reads."""

from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

import crm.admin  # noqa: F401 - which has words of its own
from callbacks.admin import deeds, log_words
from callbacks.models import StaffAction
from callbacks.models.replay import State
from crm.findings import Repair
from crm.models import Finding

Verb = StaffAction.Verb
KEY = "4f1c2b7a-0000-4000-8000-000000000000"


def in_german(verb: str, **changes: Any) -> list[str]:
    with override("de"):
        return list(log_words.changes(StaffAction(verb=verb, changes=changes)))


@pytest.mark.parametrize(
    ("verb", "name", "values", "words"),
    [
        (
            Verb.RIGHTS,
            "petra, role",
            ["", "Administrators"],
            "petra, Rolle: \N{EN DASH} → Administration",
        ),
        (Verb.RIGHTS, "petra, active", ["yes", ""], "petra, Aktiv: Ja → \N{EN DASH}"),
        (Verb.ACCOUNT, "petra, e-mail", ["", "p@x.de"], "petra, E-Mail: \N{EN DASH} → p@x.de"),
        (
            Verb.GROUP,
            "Administrators, Can dismiss callbacks",
            ["", "yes"],
            "Administration, verwerfen: \N{EN DASH} → Ja",
        ),
        (
            Verb.SWITCHED_JOB,
            "Push what is due, enabled",
            ["yes", "no"],
            "Fällige Rückrufe senden, eingeschaltet: Ja → Nein",
        ),
        (Verb.REPLAYED, "callbacks", [None, 12], "Rückrufe: 12"),
        (Verb.STEERED_REPLAY, "#2", ["running", "paused"], "Wiederholung 2: Läuft → Angehalten"),
        (Verb.RESENT_REQUEST, "requests", [None, 5], "Gespeicherte Anfragen: 5"),
        (Verb.RESUMED, "per_minute", [None, 30], "Rückrufe pro Minute: 30"),
        (Verb.CONFIRMED_ORG, "org_id", ["00D1", ""], "Org: 00D1 → \N{EN DASH}"),
        (
            Verb.MENDED,
            KEY,
            [Finding.Kind.MISSING_THERE, Repair.MADE_AGAIN],
            "Rückruf 4f1c2b7a: Case fehlt in Salesforce → Neu angelegt",
        ),
        (Verb.IMPORTED, "service number 4989", [None, "added"], "Servicenummer 4989: neu"),
        (
            Verb.IMPORTED,
            "service number 4989: adopted",
            [False, True],
            "Servicenummer 4989: Übernommen: Nein → Ja",
        ),
    ],
)
def test_names_and_values_are_words(verb: str, name: str, values: list[Any], words: str) -> None:
    assert in_german(verb, **{name: values}) == [words]


def test_what_was_typed_is_no_code() -> None:
    assert in_german(Verb.CORRECTED, Subject=["running", "yes"]) == ["Subject: running → yes"]


def test_every_state_of_a_replay_has_its_word() -> None:
    assert {log_words.change(Verb.STEERED_REPLAY, None, each) for each in State} == {
        str(each.label) for each in State
    }


def test_a_deed_whose_words_hold_a_per_cent_sign_breaks_no_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Verb.PAUSED, "_label_", "paused 100 % of it")
    action = StaffAction(verb=Verb.PAUSED, person_name="Petra", at=timezone.now())
    assert deeds._deed(action).text == "Petra: paused 100 % of it"
