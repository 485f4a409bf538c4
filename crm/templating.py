"""The templates of field mappings: Django's language, shut in.

Staff writes these templates, and a mistake must cost one callback at most. So there is nothing to
load, include or loop over, no filter that can fill the memory, and nothing but texts to print.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.template import Context, Engine, Library, Template, TemplateSyntaxError
from django.template.base import TextNode
from django.template.defaultfilters import register as all_filters
from django.template.defaulttags import register as all_tags
from django.utils.translation import gettext

TAGS = ("comment", "firstof", "if", "with")
FILTERS = (
    *("capfirst", "cut", "default", "default_if_none", "first", "last", "length", "lower"),
    *("slice", "striptags", "title", "truncatechars", "truncatewords", "upper", "yesno"),
)


class MappingError(Exception):
    """`sentence` says to staff what is wrong with the field's template."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(field, sentence)
        self.field = field
        self.sentence = sentence

    def __str__(self) -> str:
        return f"{self.field}: {self.sentence}" if self.field else self.sentence


class _Sandbox(Engine):
    def get_template_builtins(self, _builtins: Any) -> list[Library]:
        allowed = Library()
        allowed.tags = {name: all_tags.tags[name] for name in TAGS}
        allowed.filters = {name: all_filters.filters[name] for name in FILTERS}
        return [allowed]


_LOOSE_BRACES = re.compile(r"{{|}}|{%|%}")
_engine = _Sandbox(loaders=[], autoescape=False)


@lru_cache(maxsize=1024)
def _compiled(text: str) -> Template:
    template = _engine.from_string(text)
    for node in template.nodelist.get_nodes_by_type(TextNode):
        if loose := _LOOSE_BRACES.search(node.render(Context())):
            # Django would print it as it is, into every Case.
            raise TemplateSyntaxError(f"“{loose[0]}” has no counterpart")
    return template


def check_template(text: str) -> None:
    """MappingError if the text is no template; which variables there are does not matter."""
    _readable("", text)


def rendered(field: str, text: str, facts: Mapping[str, Any]) -> str:
    """MappingError if the template is broken; a variable that does not exist is empty."""
    template = _readable(field, text)
    context = Context(dict(facts), autoescape=False, use_l10n=False)
    try:
        return str(template.render(context))
    except Exception as error:  # whatever a template makes a filter raise is the template's fault
        why = gettext("The template cannot be filled in (%(why)s).") % {"why": type(error).__name__}
        raise MappingError(field, why) from error


def _readable(field: str, text: str) -> Template:
    try:
        return _compiled(text)
    except (TemplateSyntaxError, RecursionError) as error:
        words = str(error).partition(" Did you forget")[0].rstrip(".")
        why = gettext("The template cannot be read: %(why)s.") % {"why": words}
        raise MappingError(field, why) from error
