"""The templates of field mappings: Django's language, shut in.

Staff writes these templates, and a mistake must cost one callback at most. So there is nothing to
load, include or loop over, no filter that can fill the memory, and nothing but texts to print.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import Any, Protocol

from django.template import Context, Engine, Library, Template, TemplateSyntaxError
from django.template.base import NodeList, TextNode, VariableDoesNotExist, VariableNode
from django.template.defaultfilters import register as all_filters
from django.template.defaulttags import IfNode
from django.template.defaulttags import register as all_tags
from django.utils.translation import gettext

TAGS = ("comment", "firstof", "if", "with")
FILTERS = (
    *("capfirst", "cut", "default", "default_if_none", "first", "last", "length", "lower"),
    *("slice", "striptags", "title", "truncatechars", "truncatewords", "upper", "yesno"),
)
# What a template prints is at most as long as it is itself, times the longest fact; and each
# filter may look at such a fact once more.
MOST_CHARACTERS = 5_000
MOST_FILTERS = 50
GROUPS = frozenset({"caller", "default", "fields"})  # facts that are Texts


class MappingError(Exception):
    """`sentence` says to staff what is wrong with the field, `code` what kind of trouble it is."""

    code = "MAPPING"

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(field, sentence)
        self.field = field
        self.sentence = sentence

    def __str__(self) -> str:
        return f"{self.field}: {self.sentence}" if self.field else self.sentence


class Texts:
    """Texts by name. To a template it is nothing but them: what does not exist is empty."""

    __slots__ = ("_text",)

    def __init__(self, text: "Callable[[str], Printable]") -> None:
        self._text = text

    def __getitem__(self, name: str) -> "Printable":
        return self._text(name)

    def __str__(self) -> str:
        return ""


Printable = str | int | float | Texts  # a truth is an int


class Facts(Protocol):
    def get(self, name: str, default: str, /) -> Printable: ...


Rendering = Callable[[Facts], str]


class _Names:
    """The facts as the bottom of a context: every name is known, and most are empty.

    For an unknown one Django raises an error where it is a filter's argument.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def __contains__(self, name: str) -> bool:
        return name not in _CONSTANTS

    def __getitem__(self, name: str) -> Printable:
        return self._facts.get(name, "")


_CONSTANTS = {"True": True, "False": False, "None": None}


class _Sandbox(Engine):
    def get_template_builtins(self, _builtins: Any) -> list[Library]:
        allowed = Library()
        allowed.tags = {name: all_tags.tags[name] for name in TAGS}
        allowed.filters = {name: all_filters.filters[name] for name in FILTERS}
        return [allowed]


_LOOSE_BRACES = re.compile(r"{{|}}|{%|%}")
_engine = _Sandbox(loaders=[], autoescape=False)


def check_template(text: str) -> None:
    """MappingError if the text is no template; which variables there are does not matter."""
    rendering_of("", text)


def is_constant(text: str) -> bool:
    return "{" not in text and "}" not in text


def rendering_of(field: str, text: str) -> Rendering:
    """What fills in the template. MappingError now if it is broken, or when it is filled in.

    A variable that does not exist is empty.
    """
    template = _readable(field, text)
    render = _plain_rendering(template.nodelist) or partial(_rendered_by_engine, template)

    def fill_in(facts: Facts) -> str:
        try:
            return render(facts)
        except Exception as error:  # whatever a filter raises is the template's fault
            why = gettext("The template cannot be filled in (%(why)s).")
            raise MappingError(field, why % {"why": type(error).__name__}) from error

    return fill_in


def rendered(field: str, text: str, facts: Mapping[str, Any]) -> str:
    """For facts as JSON has them; groups may be nested."""
    printable: dict[str, Printable] = {name: _printable(fact) for name, fact in facts.items()}
    return rendering_of(field, text)(printable)


def _printable(value: Any) -> Printable:
    if isinstance(value, Mapping):
        return Texts(lambda name: _printable(value.get(name)))
    if isinstance(value, str | int | float):
        return value
    return "" if value is None else str(value)


def _rendered_by_engine(template: Template, facts: Facts) -> str:
    context = Context(_Names(facts), autoescape=False, use_l10n=False)
    context.dicts.append({})  # for what the template itself names
    context.template = template
    return template.nodelist.render(context)  # `template.render` adds what inclusion needs


def _readable(field: str, text: str) -> Template:
    if len(text) > MOST_CHARACTERS or text.count("|") > MOST_FILTERS:
        why = gettext("The template may have %(characters)d characters and %(filters)d filters.")
        raise MappingError(field, why % {"characters": MOST_CHARACTERS, "filters": MOST_FILTERS})
    try:
        return _compiled(text)
    except Exception as error:  # whatever a text makes the parser raise is the text's fault
        words = str(error).partition(" Did you forget")[0].rstrip(".")
        why = gettext("The template cannot be read: %(why)s.") % {"why": words}
        raise MappingError(field, why) from error


@lru_cache(maxsize=1024)
def _compiled(text: str) -> Template:
    template = _engine.from_string(text)
    for node in template.nodelist.get_nodes_by_type(TextNode):
        if loose := _LOOSE_BRACES.search(node.render(Context())):
            # Django would print it as it is, into every Case.
            raise TemplateSyntaxError(f"“{loose[0]}” has no counterpart")
    return template


# --- texts, variables, filters and conditions, which most templates are: without the engine


def _plain_rendering(nodes: NodeList) -> Rendering | None:
    parts = [_plain_part(node) for node in nodes]
    if None in parts:
        return None
    if len(parts) == 1 and callable(parts[0]):
        return parts[0]
    return lambda facts: "".join([p if isinstance(p, str) else p(facts) for p in parts if p])


def _plain_part(node: Any) -> str | Rendering | None:
    if isinstance(node, TextNode):
        return node.s
    if isinstance(node, IfNode):
        return _choice(node)
    return _variable(node) if isinstance(node, VariableNode) else None


def _variable(node: VariableNode) -> Rendering | None:
    expression = node.filter_expression
    names: tuple[str, ...] = getattr(expression.var, "lookups", None) or ()
    filters = [(apply, [arg for _, arg in args]) for apply, args in expression.filters]
    has_variables = any(is_variable for _, args in expression.filters for is_variable, _ in args)
    if has_variables or not names or names[0] in _CONSTANTS:
        return None
    if len(names) > 1 + (names[0] in GROUPS):
        return None
    return partial(_filtered, names, filters)


def _filtered(
    names: tuple[str, ...], filters: Iterable[tuple[Callable[..., Any], list[Any]]], facts: Facts
) -> str:
    value: Any = facts.get(names[0], "")
    if len(names) > 1:
        value = value[names[1]]
    for apply, args in filters:
        value = apply(value, *args)
    return str(value)


class _Scope:
    """As much of a context as a condition asks for; a tenth of what a whole one costs."""

    __slots__ = ("_facts",)
    autoescape = use_tz = False

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def __getitem__(self, name: str) -> Any:
        return _CONSTANTS[name] if name in _CONSTANTS else self._facts.get(name, "")


def _choice(node: IfNode) -> Rendering | None:
    branches = [(holds, _plain_rendering(nodes)) for holds, nodes in node.conditions_nodelists]
    if any(rendering is None for _, rendering in branches):
        return None
    return partial(_first_that_holds, branches)


def _first_that_holds(branches: Iterable[tuple[Any, Any]], facts: Facts) -> str:
    scope = _Scope(facts)
    for condition, rendering in branches:
        if condition is None or _holds(condition, scope):
            return str(rendering(facts))
    return ""


def _holds(condition: Any, scope: _Scope) -> bool:
    try:
        return bool(condition.eval(scope))
    except VariableDoesNotExist:
        return False
