"""Writing a route with the keyboard: names from the org, variables, and the preview."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from pytest_django import Settings
from selenium.webdriver.common.keys import Keys

from callbacks.models import FieldMapping, FunctionRoute
from crm import looking
from crm.client import get_client
from crm.models import Org as OrgState
from crm.schema import described, queue_ids
from tests.browser.visitor import Visitor
from tests.factories import CallbackFactory, RouteFactory
from tests.orgsim.process import Org

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("visitor", ["Administrators"], indirect=True),
]

FIELD, TEMPLATE = "#id_mappings-0-field", "#id_mappings-0-template"
LIST = "#jb-choices:not([hidden])"


@pytest.fixture(autouse=True)
def _no_look_yet() -> Iterator[None]:
    looking.forget()
    yield
    looking.forget()


@pytest.fixture
def connected(org: Org, settings: Settings) -> Org:
    settings.SALESFORCE_URL = org.url
    settings.SALESFORCE_CLIENT_ID = org.client_id
    settings.SALESFORCE_CLIENT_SECRET = org.client_secret
    return org


@pytest.fixture
def known(connected: Org, transactional_db: None) -> Org:
    described(get_client(), "Case")
    queue_ids(get_client())
    return connected


def opened(visitor: Visitor, template: str = "High") -> FunctionRoute:
    CallbackFactory.create(function="Störung", caller_number="4989555010")
    route = RouteFactory.create(function="Störung")
    FieldMapping.objects.create(route=route, field="Priority", template=template)
    visitor.opens(reverse("admin:callbacks_functionroute_change", args=[route.pk]))
    visitor.waits_until("document.querySelector('#jb-preview table, #jb-preview .jb-verdict')")
    return route


def cleared(visitor: Visitor, selector: str) -> None:
    visitor.presses(selector)
    visitor.runs("document.querySelector(arguments[0]).select()", selector)
    visitor.keys(Keys.DELETE)


@pytest.mark.usefixtures("known")
class TestWithTheOrg:
    def test_a_field_is_chosen_with_the_keyboard(self, visitor: Visitor) -> None:
        opened(visitor)
        cleared(visitor, FIELD)
        visitor.keys("desc")
        visitor.sees(LIST)
        visitor.photographs("route-fields")
        visitor.keys(Keys.ARROW_DOWN)
        chosen = "document.activeElement.getAttribute('aria-activedescendant')"
        visitor.waits_until(f"document.getElementById({chosen})")
        visitor.keys(Keys.ENTER)
        visitor.waits_until(f"document.querySelector('{FIELD}').value === 'Description'")
        visitor.waits_until("document.querySelector('.jb-chosen').textContent.includes('32,000')")
        assert visitor.runs("return document.getElementById('jb-choices').hidden")
        assert not visitor.complaints()

    def test_escape_closes_the_list_and_keeps_what_was_typed(self, visitor: Visitor) -> None:
        opened(visitor)
        cleared(visitor, FIELD)
        visitor.keys("sub")
        visitor.sees(LIST)
        visitor.keys(Keys.ESCAPE)
        visitor.waits_until("document.getElementById('jb-choices').hidden")
        assert visitor.runs(f"return document.querySelector('{FIELD}').value") == "sub"

    def test_the_values_of_a_list_are_offered(self, visitor: Visitor) -> None:
        opened(visitor, template="High")
        visitor.presses(TEMPLATE)
        visitor.sees(LIST)
        offered = "return [...document.querySelectorAll('.jb-choice')].map((e) => e.innerText)"
        assert visitor.runs(offered) == ["High", "Medium", "Low"]
        visitor.presses(".jb-choice:nth-child(3)")
        visitor.waits_until(f"document.querySelector('{TEMPLATE}').value === 'Low'")

    def test_a_variable_is_completed_and_the_preview_follows(self, visitor: Visitor) -> None:
        route = opened(visitor)
        cleared(visitor, FIELD)
        visitor.keys("Subject", Keys.TAB)
        cleared(visitor, TEMPLATE)
        visitor.keys("Call {{ caller_n")
        visitor.sees(LIST)
        visitor.photographs("route-variables")
        visitor.keys(Keys.ENTER)
        text = f"document.querySelector('{TEMPLATE}').value"
        visitor.waits_until(f"{text} === 'Call {{{{ caller_number }}}}'")
        visitor.waits_until("document.body.innerText.includes('Call +4989555010')")
        visitor.waits_until("document.body.innerText.includes('16\u00a0/\u00a0255')")
        visitor.photographs("route-preview")
        visitor.presses("[name=_save]")
        visitor.waits_until("location.pathname.endsWith('/functionroute/')")
        assert route.mappings.get().template == "Call {{ caller_number }}"
        assert not visitor.complaints()

    def test_a_variable_comes_from_the_menu_too(self, visitor: Visitor) -> None:
        opened(visitor, template="For ")
        visitor.runs(f"document.querySelector('{TEMPLATE}').setSelectionRange(4, 4)")
        visitor.presses(".jb-variable")
        visitor.sees(LIST)
        visitor.keys(Keys.ARROW_DOWN, Keys.ENTER)
        text = f"document.querySelector('{TEMPLATE}').value"
        visitor.waits_until(f"{text} === 'For {{{{ number_to_dial }}}}'")

    def test_a_mistake_shows_before_anything_is_saved(self, visitor: Visitor) -> None:
        opened(visitor, template="Hoch")
        visitor.waits_until("document.querySelector('.jb-trouble')")
        assert "“Hoch” is not in the list" in visitor.sees(".jb-trouble").text

    def test_the_org_is_asked_by_a_button(self, visitor: Visitor, known: Org) -> None:
        opened(visitor)
        before = known.records("Case")
        visitor.presses("#jb-ask")
        visitor.waits_until("document.body.innerText.includes('would make the record')")
        visitor.photographs("route-asked")
        assert known.records("Case") == before
        assert not visitor.complaints()

    def test_a_new_row_is_helped_as_well(self, visitor: Visitor) -> None:
        opened(visitor)
        visitor.presses("#mappings-group .add-row a, #mappings-group a.add-row")
        visitor.presses("#id_mappings-1-field")
        visitor.sees(LIST)
        row = "document.querySelector('#id_mappings-1-field').closest('tr')"
        assert visitor.runs(f"return {row}.querySelectorAll('.jb-variable').length") == 1

    def test_an_owner_is_a_queue_of_the_org(self, visitor: Visitor) -> None:
        opened(visitor)
        visitor.presses("#id_owner")
        visitor.keys("second")
        visitor.sees(LIST)
        visitor.keys(Keys.ARROW_DOWN, Keys.ENTER)
        visitor.waits_until("document.querySelector('#id_owner').value === 'Second_Level'")

    def test_while_the_org_is_away_the_last_names_serve(self, visitor: Visitor) -> None:
        OrgState.pause(by=None, reason="x")
        opened(visitor)
        visitor.presses(".jb-known button")
        visitor.waits_until("document.body.innerText.includes('cannot be asked right now')")
        visitor.photographs("route-away")
        visitor.presses("#id_owner")
        visitor.sees(LIST)


def test_without_any_description_everything_can_be_typed(visitor: Visitor) -> None:
    route = opened(visitor)
    cleared(visitor, FIELD)
    visitor.keys("Whatever__c")
    assert visitor.runs("return document.getElementById('jb-choices')?.hidden ?? true")
    visitor.presses("[name=_save]")
    visitor.waits_until("location.pathname.endsWith('/functionroute/')")
    assert route.mappings.get().field == "Whatever__c"


@pytest.mark.usefixtures("known")
def test_a_route_is_tried_on_its_page(visitor: Visitor) -> None:
    visitor.opens(reverse("try_route"))
    visitor.types("[name=function]", "Störung")
    visitor.presses("form.jb-panel [type=submit]")
    visitor.waits_until("document.body.innerText.includes('would make the record')")
    assert "Every callback becomes a Case" in visitor.reads()
    assert not visitor.complaints()
