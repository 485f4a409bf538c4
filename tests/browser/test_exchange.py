"""A file is brought, looked at and imported, with the mouse."""

from pathlib import Path

import pytest
from django.urls import reverse

from callbacks.models import ServiceNumber
from tests.browser.visitor import Visitor
from tests.factories import ServiceNumberFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("visitor", ["Administrators"], indirect=True),
]


def brought(visitor: Visitor, file: Path, *rows: str) -> None:
    file.write_text("\n".join(rows), encoding="utf-8")
    visitor.opens(reverse("exchange"))
    visitor.runs("document.querySelector('[type=file]').classList.remove('hidden')")
    visitor.chrome.find_element("css selector", "[type=file]").send_keys(str(file))
    visitor.presses("form[action$='/preview/'] [type=submit]")
    visitor.waits_until("document.querySelector('#jb-question, #jb-wrong')")


def test_changes_are_shown_before_they_are_made(visitor: Visitor, tmp_path: Path) -> None:
    ServiceNumberFactory.create(number="498946134180", name="Hotline")
    file = tmp_path / "numbers.csv"
    brought(visitor, file, "Nummer;Name", "498946134180;Störungen", "4930901820;Berlin")
    assert "1 new, 1 changed, 0 the same" in visitor.reads()
    visitor.photographs("import-preview")
    assert ServiceNumber.objects.get().name == "Hotline"
    visitor.presses("form[action$='/import/'] .primary")
    visitor.waits_until("location.pathname.endsWith('/functionroute/')")
    assert set(ServiceNumber.objects.values_list("name", flat=True)) == {"Berlin", "Störungen"}
    assert not visitor.complaints()


def test_wrong_rows_are_named(visitor: Visitor, tmp_path: Path) -> None:
    visitor.speaks("de")
    brought(visitor, tmp_path / "routes.csv", "Name;Funktion;Zeitbudget in ms", "A;a;viel", ";b;9")
    assert "Regeln, Zeile 2, Zeitbudget in ms" in visitor.reads()
    visitor.photographs("import-wrong")
    assert not visitor.complaints()
