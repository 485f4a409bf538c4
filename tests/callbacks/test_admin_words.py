"""German is complete: our words, and those that Unfold shows and does not translate."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import unfold
from django.apps import apps
from django.utils.translation import gettext, ngettext, override, pgettext
from django.utils.translation.template import templatize

UNFOLD = Path(unfold.__file__).parent
CALL = re.compile(r"""\b(?:gettext|_)\(\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\)""")
NOT_SHOWN = (  # of what Unfold brings: its parts that we do not use, and templates of ours
    "contrib/constance",
    "contrib/forms",
    "contrib/guardian",
    "contrib/import_export",
    "contrib/inlines",
    "contrib/location_field",
    "contrib/simple_history",
    "templates/unfold/helpers/command_results.html",
    "templates/unfold/helpers/empty_results.html",
    "templates/unfold/helpers/field_readonly_value_file.html",
    "templates/unfold/widgets/clearable_file_input.html",
    "widgets.py",
    "mixins",
)
SAME_IN_GERMAN = {"Name"}
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def shown_by_unfold() -> set[str]:
    found = set()
    for file in [*UNFOLD.rglob("*.html"), *UNFOLD.rglob("*.py")]:
        if not str(file.relative_to(UNFOLD)).startswith(NOT_SHOWN):
            text = file.read_text(encoding="utf-8")
            text = templatize(text) if file.suffix == ".html" else text
            found |= {ast.literal_eval(match) for match in CALL.findall(text)}
    return found


def test_unfold_leaves_nothing_in_english() -> None:
    words = shown_by_unfold()
    with override("de"):
        left = {word for word in words if gettext(word) == word} - SAME_IN_GERMAN
    assert len(words) > 80
    assert not left


def entries(catalogue: Path) -> Iterator[dict[str, str]]:
    """The entries of a .po file, as field → text; the header is none."""
    for block in catalogue.read_text(encoding="utf-8").split("\n\n")[1:]:
        fields: dict[str, str] = {}
        for line in block.splitlines():
            if not line.startswith("#"):
                name, _, text = line.partition(" ")
                fields[name] = ast.literal_eval(text)
        yield fields


@pytest.mark.parametrize("app", ["callbacks", "crm"])
def test_every_word_of_ours_is_translated_and_compiled(app: str) -> None:
    catalogue = Path(apps.get_app_config(app).path) / "locale/de/LC_MESSAGES/django.po"
    found = list(entries(catalogue))
    assert len(found) > 50
    with override("de"):
        for entry in found:
            one, many = entry["msgid"], entry.get("msgid_plural")
            if many:
                assert ngettext(one, many, 1) == entry["msgstr[0]"] != ""
                assert ngettext(one, many, 2) == entry["msgstr[1]"] != ""
            elif "msgctxt" in entry:
                assert pgettext(entry["msgctxt"], one) == entry["msgstr"] != ""
            else:
                assert gettext(one) == entry["msgstr"] != ""


@pytest.mark.parametrize("app", ["callbacks", "crm"])
def test_german_keeps_its_manners(app: str) -> None:
    catalogue = Path(apps.get_app_config(app).path) / "locale/de/LC_MESSAGES/django.po"
    for entry in entries(catalogue):
        texts = [text for name, text in entry.items() if name.startswith("msgstr")]
        assert not [text for text in texts if re.search(r"!|\b[Dd](u|ein|ich|ir)\b", text)]
