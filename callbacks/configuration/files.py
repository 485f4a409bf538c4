"""A document as the bytes of a file, and back: YAML, or tables as XLSX or CSV."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import Any

import openpyxl
import yaml
from django.utils.translation import get_language, gettext
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException

from callbacks.configuration.document import NUMBERS, ROUTES, document
from callbacks.configuration.planning import RefusedError
from callbacks.configuration.tables import Read, Table, read, table

MOST_BYTES = 5_000_000
MOST_UNPACKED = 50_000_000  # of a spreadsheet, which is a packed archive
MOST_ROWS, MOST_COLUMNS = 20_000, 1_000
DELIMITERS = ",;\t"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Format:
    name: str
    content_type: str
    write: Callable[[], bytes]


class _Readable(yaml.SafeDumper):
    """Texts of several lines as such."""


def _as_such(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Readable.add_representer(str, _as_such)


# --- writing


def as_yaml(content: object) -> str:
    return yaml.dump(content, Dumper=_Readable, allow_unicode=True, sort_keys=False, width=100)


def _yaml() -> bytes:
    return as_yaml(document()).encode()


def _xlsx() -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for each in (table(NUMBERS), table(ROUTES)):
        sheet = book.create_sheet(each.title)
        sheet.append(list(each.headings))
        for row in each.rows:
            sheet.append([_storable(cell) for cell in row])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for column in sheet.columns:  # as text, so that a long number stays one
            for cell in column:
                cell.number_format = "@"
        sheet.freeze_panes = "B2"
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _storable(cell: Any) -> Any:
    return ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell


def _csv(part: str) -> bytes:
    """As Excel of the reader's language opens it: with a mark for UTF-8, in German with ;."""
    each, text = table(part), io.StringIO()
    delimiter = ";" if (get_language() or "").startswith("de") else ","
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([each.headings, *each.rows])
    return text.getvalue().encode("utf-8-sig")


FORMATS = {
    "xlsx": Format("jtelbridge.xlsx", XLSX, _xlsx),
    "csv-numbers": Format("service-numbers.csv", "text/csv", lambda: _csv(NUMBERS)),
    "csv-routes": Format("routes.csv", "text/csv", lambda: _csv(ROUTES)),
    "yaml": Format("jtelbridge.yaml", "application/yaml", _yaml),
}


# --- reading


def parsed(name: str, content: bytes) -> Read:
    """What kind of file it is, its name says. RefusedError if it cannot be read."""
    if len(content) > MOST_BYTES:
        raise RefusedError(gettext("The file is too large."))
    kind = PurePath(name).suffix.lower()
    if kind in {".yaml", ".yml"}:
        return Read(_yaml_of(content))
    if kind == ".xlsx":
        return read(_sheets(content))
    if kind == ".csv":
        return read([_comma_separated(content)])
    raise RefusedError(gettext("The file has to be called .xlsx, .csv or .yaml."))


def _yaml_of(content: bytes) -> object:
    try:
        return yaml.safe_load(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise RefusedError(gettext("The file is not UTF-8.")) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = {"line": mark.line + 1, "column": mark.column + 1} if mark else {}
        text = gettext("The file is no YAML: line %(line)s, character %(column)s.")
        raise RefusedError(text % place if mark else gettext("The file is no YAML.")) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise RefusedError(gettext("The file is no YAML.")) from error


def _sheets(content: bytes) -> list[Table]:
    """Those that are not empty."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(each.file_size for each in packed.infolist()) > MOST_UNPACKED:
                raise RefusedError(gettext("The file is too large."))
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        tables = [_table(each.title, each.iter_rows(values_only=True)) for each in book.worksheets]
        book.close()
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        SyntaxError,
    ) as error:
        raise RefusedError(gettext("The file is no Excel file.")) from error
    return [each for each in tables if each.headings]


def _comma_separated(content: bytes) -> Table:
    """By UTF-8 or as Excel saves it in Western Europe, with whatever parts its first line."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        return _table("", csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise RefusedError(gettext("The file is no CSV.")) from error


def _table(title: str, rows: Iterator[Sequence[Any]]) -> Table:
    headings = list(next(rows, []))
    found = list(islice(rows, MOST_ROWS + 1))
    if len(found) > MOST_ROWS or len(headings) > MOST_COLUMNS:
        raise RefusedError(gettext("The file is too large."))
    return Table(title, headings, found)
