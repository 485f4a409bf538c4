"""What an inspection says of one thing, in the language of whoever reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils.formats import number_format
from django.utils.functional import lazy
from django.utils.translation import gettext, override

from crm.errors import CrmError

# What was kept: by language, the sentence and the next step.
Kept = dict[str, Any]


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """Both texts may be lazy: they are read when they are shown, or kept."""

    level: Level
    text: str
    next_step: str = ""

    def kept(self) -> Kept:
        """For later readers, whose language nobody knows yet."""
        return {"level": self.level, **{code: self._in(code) for code, _ in settings.LANGUAGES}}

    def _in(self, language: str) -> list[str]:
        with override(language):
            return [str(self.text), str(self.next_step)]


def later(say: Callable[[], str]) -> str:
    """The text, said anew each time it is read."""
    return lazy(say, str)()


def said(text: str, **values: object) -> str:
    """A sentence of the catalogue; what it names may be lazy too."""
    if not text:
        return ""
    return later(lambda: gettext(text) % values if values else gettext(text))


def amount(number: int) -> str:
    return later(lambda: number_format(number))


def told(error: CrmError) -> str:
    words = " ".join(error.detail.split())
    told_by = f" ({error.code}: {words})" if words else ""
    return later(lambda: gettext(error.meaning.reason) + told_by)


def finding_of(error: CrmError) -> Finding:
    return Finding(Level.ERROR, told(error), said(error.meaning.next_step))
