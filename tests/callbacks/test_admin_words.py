"""German is complete: our words, and those that Unfold shows and does not translate."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import simple_history
import unfold
from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext, ngettext, override, pgettext, trans_real
from django.utils.translation.template import templatize

CALL = re.compile(
    r"""\b(?:gettext|gettext_lazy|_)\(\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\)"""
)
NOT_SHOWN = (  # of what libraries bring: parts that we do not use, and templates that are ours now
    "unfold/contrib/constance",
    "unfold/contrib/forms/templates/unfold/forms/helpers",  # an editor of formatted text
    "unfold/contrib/forms/templates/unfold/forms/wysiwyg.html",
    "unfold/contrib/guardian",
    "unfold/contrib/import_export",
    "unfold/contrib/inlines",
    "unfold/contrib/location_field",
    "unfold/templates/unfold/helpers/command_results.html",
    "unfold/templates/unfold/helpers/empty_results.html",
    "unfold/templates/unfold/helpers/field_readonly_value_file.html",
    "unfold/templates/unfold/widgets/clearable_file_input.html",
    "unfold/widgets.py",  # of files and money
    "unfold/mixins",
)
SAME_IN_GERMAN = {"Name", "%(class_name)s %(instance)s"}
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def shown_by(library: ModuleType) -> set[str]:
    root = Path(str(library.__file__)).parent
    found = set()
    for file in [*root.rglob("*.html"), *root.rglob("*.py")]:
        if not str(file.relative_to(root.parent)).startswith(NOT_SHOWN):
            text = file.read_text(encoding="utf-8")
            text = templatize(text) if file.suffix == ".html" else text
            found |= {ast.literal_eval(match) for match in CALL.findall(text)}
    return found


@pytest.mark.parametrize("library", [unfold, simple_history])
def test_what_libraries_show_is_not_left_in_english(library: ModuleType) -> None:
    words = shown_by(library)
    with override("de"):
        left = {word for word in words if gettext(word) == word} - SAME_IN_GERMAN
    assert len(words) > 20
    assert not left


WORDS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
WORDS_IN_CONTEXT = {"pgettext", "pgettext_lazy"}


def said_in_code(file: Path) -> Iterator[tuple[str, ...]]:
    """Each text that is to be translated, after its context if it has one."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            count = 2 if node.func.id in WORDS_IN_CONTEXT else 1
            texts = [each.value for each in node.args[:count] if isinstance(each, ast.Constant)]
            is_text = node.func.id in WORDS | WORDS_IN_CONTEXT and len(texts) == count
            if is_text and all(isinstance(text, str) for text in texts):
                yield tuple(str(text) for text in texts)


def said_in_template(file: Path) -> Iterator[tuple[str, ...]]:
    for match in CALL.findall(templatize(file.read_text("utf-8"))):
        yield (ast.literal_eval(match),)


@pytest.mark.parametrize("app", ["callbacks", "crm", "jtelbridge"])
def test_nothing_that_we_say_is_missing_in_the_catalogues(app: str) -> None:
    root = Path(settings.BASE_DIR) / app
    said = {text for file in root.rglob("*.py") for text in said_in_code(file)}
    said |= {text for file in root.rglob("*.html") for text in said_in_template(file)}
    known = {
        tuple(key.split("\4"))
        for catalogue in trans_real.translation("de")._catalog._catalogs  # type: ignore[attr-defined]
        for key in (key[0] if isinstance(key, tuple) else key for key in catalogue)
    }
    assert said
    assert said <= known, "\n".join(map(str, said - known))


def entries(catalogue: Path) -> Iterator[dict[str, str]]:
    """The entries of a .po file, as field → text; the header is none."""
    fields: dict[str, str] = {}
    for line in catalogue.read_text(encoding="utf-8").splitlines():
        name, _, text = line.partition(" ")
        begins = name == "msgctxt" or (name == "msgid" and "msgid" in fields)
        if begins and fields:
            yield fields
            fields = {}
        if name.startswith("msg"):
            fields[name] = ast.literal_eval(text)
    yield fields


@pytest.mark.parametrize("app", ["callbacks", "crm"])
def test_every_word_of_ours_is_translated_and_compiled(app: str) -> None:
    catalogue = Path(apps.get_app_config(app).path) / "locale/de/LC_MESSAGES/django.po"
    _header, *found = entries(catalogue)
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
