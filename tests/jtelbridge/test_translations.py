"""The compiled catalogues are kept with the code, so that no installation needs gettext's tools."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings

SOURCES = sorted(Path(settings.BASE_DIR).glob("*/locale/*/LC_MESSAGES/django.po"))
FIELD = re.compile(r'(?m)^(msg\w+(?:\[\d\])?)\s+((?:"(?:[^"\\]|\\.)*"\s*)+)')
Catalogue = dict[str | tuple[str, int], str]


def said_in(source: Path) -> Catalogue:
    """What a catalogue's source says, keyed as gettext does; unfinished entries left out."""
    said: Catalogue = {}
    for entry in re.split(r"\n\s*\n", source.read_text(encoding="utf-8")):
        if re.search(r"(?m)^#,.*\bfuzzy\b", entry):
            continue
        field = {
            name: "".join(ast.literal_eval(text) for text in quoted.strip().splitlines())
            for name, quoted in FIELD.findall(entry)
        }
        key = "\4".join(field[name] for name in ("msgctxt", "msgid") if name in field)
        for name, text in field.items():
            if name.startswith("msgstr") and text and key:
                plural = re.search(r"\d", name)
                said[(key, int(plural[0])) if plural else key] = text
    return said


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.parts[-5])
def test_a_compiled_catalogue_says_what_its_source_says(source: Path) -> None:
    with source.with_suffix(".mo").open("rb") as compiled:
        catalogue = gettext.GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]
    assert {key: text for key, text in catalogue.items() if key} == said_in(source)


def test_there_are_catalogues() -> None:
    assert SOURCES
