"""What every page of the back office keeps to, whoever looks at it, in whichever language."""

import re
from collections.abc import Iterator
from functools import cache

from django.utils.translation import trans_real

from tests.browser.visitor import Visitor

ENGLISH = re.compile(
    r"\b(the|and|of|is|are|with|select|change|add|delete|save|search|show|this|your|you|have"
    r"|from|not|by|yes|view|close|open|every|no|sign|help|any|callbacks?|failed|held|waiting|to|for"
    r"|it|has|been|can|when|which|route|routes|choose|please|none|never|today|ago)\b",
    re.IGNORECASE,
)
# A language under the name that its speakers look for, and API names of Salesforce.
OWN_NAMES = {"", "English", "Contact", "Lead", "Account", "Priority", "Description"}
WIDTHS = (820, 640)  # a tablet, and 1280 at twice the size
LOADED = """
const here = location.origin;
return performance.getEntries().filter((one) => one.name.includes("://")).flatMap((one) => [
    ...(one.name.startsWith(here) ? [] : [`asks elsewhere: ${one.name}`]),
    ...(one.responseStatus >= 400 ? [`${one.responseStatus}: ${one.name}`] : []),
]);
"""
BUILT = """
const REACHED = "a[href], button, input, select, textarea, summary, label, [tabindex='0']";
const found = [];
const shown = (element) => element.checkVisibility({ visibilityProperty: true });
const all = (selector) => [...document.querySelectorAll(selector)];
const told = (what, elements) => elements.forEach((one) => found.push(`${what}: ${one.outerHTML.slice(0, 200)}`));
if (all("h1").length !== 1) found.push(`${all("h1").length} h1`);
if (all("main, [role=main]").length !== 1) found.push("not one main");
told("unnamed nav", all("nav").filter((nav) => shown(nav) && !nav.ariaLabel));
told("header without scope", all("th:not([scope])").filter(shown));
told("only the mouse reaches", all("body *").filter((one) =>
    getComputedStyle(one).cursor === "pointer" && shown(one) && !one.closest(REACHED)
    && !one.querySelector(REACHED)));
told("opens something and does not say so", all("[role=button], button").filter((one) =>
    shown(one) && /open|show/i.test(one.getAttribute("x-on:click") ?? "")
    && !one.ariaExpanded && !one.ariaHasPopup));
const heading = all("[role=main] :is(h1, h2, h3)").filter(shown).map((one) => Number(one.tagName[1]));
if (heading.some((level, n) => level - (heading[n - 1] ?? 0) > 1)) found.push(`headings ${heading}`);
return found;
"""


def faults(visitor: Visitor) -> list[str]:
    """Of the page that is open."""
    return [*visitor.complaints(), *visitor.runs(LOADED), *visitor.runs(BUILT)]


def too_wide(visitor: Visitor) -> Iterator[str]:
    for width in WIDTHS:
        visitor.sized(width)
        if visitor.runs("return document.documentElement.scrollWidth > innerWidth"):
            yield f"scrolls sideways at {width}"
    visitor.sized(1280)
    if visitor.runs("return document.documentElement.scrollWidth > innerWidth"):
        yield "scrolls sideways at 1280"


def english(visitor: Visitor) -> list[str]:
    """Lines of a German page that are not German."""
    return [line for line in visitor.reads().splitlines() if is_english(line)]


def is_english(line: str) -> bool:
    """Words in capitals are no language of people: SELECT, WHERE."""
    return line in _left_out() or bool(ENGLISH.search(re.sub(r"\b[A-Z]{2,}\b", "", line)))


@cache
def _left_out() -> set[str]:
    """What some catalogue has German words for, and which is no German itself."""
    entries = trans_real.translation("de")._catalog._catalogs  # type: ignore[attr-defined]
    known = {
        key: value
        for catalogue in entries
        for key, value in catalogue.items()
        if isinstance(key, str) and "\x04" not in key
    }
    return {key for key, value in known.items() if key != value} - {*known.values(), *OWN_NAMES}
