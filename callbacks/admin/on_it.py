"""Who is on a group of failed callbacks, in words, and what the reader may do about it."""

from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext

from callbacks import caring
from callbacks.admin.wording import clock
from callbacks.masking import personal
from callbacks.models import Care


class Line(NamedTuple):
    sentence: str
    note: str


class Way(NamedTuple):
    word: str
    url: str


def line(care: Care | None) -> Line | None:
    if care is None:
        return None
    words = {"name": care.person_name, "time": clock(care.since, timezone.now())}
    return Line(gettext("%(name)s is on it, since %(time)s") % words, personal(care.note))


def of_group(signature: str) -> Line | None:
    return line(caring.of_group(signature))


def way(request: HttpRequest, signature: str, care: Care | None) -> Way:
    if care is None:
        return Way(gettext("I am on it"), url("care", signature))
    if care.person_id == request.user.pk:
        return Way(gettext("Let go"), url("let_go", signature))
    return Way(gettext("Take over"), url("care", signature))


def url(verb: str, signature: str) -> str:
    query = urlencode({"signature": signature})
    return f"{reverse(f'admin:callbacks_failedsync_{verb}')}?{query}"
