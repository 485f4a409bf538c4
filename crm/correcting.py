"""The record of a refused callback, field by field, for a person who corrects it."""

from collections.abc import Callable, Iterator, Mapping
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext, ngettext

from callbacks.corrections import Part, Record
from callbacks.models import Callback, Correction, FunctionRoute
from callbacks.models.queue import NOBODY, Caller
from callbacks.routing import RouteTable
from crm.client import get_client
from crm.contacts import callers_of
from crm.drafting import wish_of
from crm.errors import CrmError
from crm.mapping import CallbackFacts, MappingError, Recipe
from crm.models import Org
from crm.recipes import Outlook, recipe_of
from crm.signature import fields_in
from crm.values import room_in, units
from crm.wire import FieldInfo

LOOK_SECONDS = 5.0  # a person waits
LONG = frozenset({"textarea"})


def record_of(callback: Callback) -> Record:
    route = RouteTable.load().match(callback.service_number, callback.function)
    if route is None or not route.sends:
        return Record(route=route, problem=gettext("No route sends this callback."))
    try:
        recipe = recipe_of(route, Outlook.remembered())[1]
    except MappingError as error:
        return Record(route=route, problem=error.sentence)
    facts = CallbackFacts(callback, _zone(callback), _caller(callback, route))
    return Record(tuple(_parts(recipe, facts)), route)


def misfits(callback: Callback, values: Mapping[str, str]) -> dict[str, str]:
    """Sentences by field, for what would be refused or cut."""
    route = RouteTable.load().match(callback.service_number, callback.function)
    try:
        recipe = recipe_of(route, Outlook.remembered())[1] if route else None
    except MappingError as error:
        return {error.field: error.sentence}
    if recipe is None:
        return {}
    zone = _zone(callback)
    wrong = {name: _misfit(recipe, name, text, zone) for name, text in values.items()}
    return {name: sentence for name, sentence in wrong.items() if sentence}


def _misfit(recipe: Recipe, name: str, text: str, zone: ZoneInfo) -> str:
    field = recipe.description.field(name)
    room = room_in(field) if field else 0
    over = units(text.strip()) - room if room else 0
    if over > 0:
        sentence = ngettext("%(n)d character too long.", "%(n)d characters too long.", over)
        return sentence % {"n": over}
    try:
        recipe.value(name, text, zone)
    except MappingError as error:
        return error.sentence
    return ""


def _parts(recipe: Recipe, facts: CallbackFacts) -> Iterator[Part]:
    """Those that the refusal names first, also if the route leaves them empty; then the others."""
    texts = {name: str(value) for name, value in recipe.constants.items()}
    texts |= {filling.field: _text(filling.text, facts) for filling in recipe.fillings}
    known = recipe.description.fields
    named = fields_in(facts.callback.failure_signature) & known.keys()
    corrected = Correction.objects.overlays([facts.callback.id])[facts.callback.id]
    wanted = {name for name in {*texts, *named, *corrected} if _is_ours(known.get(name))}
    for name in sorted(wanted, key=lambda name: (name not in named, known[name].label)):
        field, original = known[name], texts.get(name, "")
        yield Part(
            name=name,
            label=field.label,
            original=original,
            value=corrected.get(name, original),
            length=room_in(field),
            choices=field.picklist_values if field.type == "picklist" else (),
            is_long=field.type in LONG,
            is_named=name in named,
        )


def _is_ours(field: FieldInfo | None) -> bool:
    return field is not None and field.createable


def _text(template: Callable[[CallbackFacts], str], facts: CallbackFacts) -> str:
    """Empty where the template itself is what was refused."""
    try:
        return template(facts)
    except MappingError:
        return ""


def _zone(callback: Callback) -> ZoneInfo:
    return ZoneInfo(callback.client.timezone or settings.JTEL_TIMEZONE)


def _caller(callback: Callback, route: FunctionRoute) -> Caller:
    """As it is looked up before sending, if the org tells soon."""
    wish = wish_of(callback, route)
    org = Org.objects.current()
    if not (wish.numbers and wish.objects and settings.SALESFORCE_URL):
        return NOBODY
    if org.retry_at or org.paused_at:
        return NOBODY
    try:
        return callers_of(get_client(), [wish], deadline=LOOK_SECONDS)[callback.id]
    except CrmError:
        return NOBODY
