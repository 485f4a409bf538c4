"""The table of all service numbers and functions says which route wins, as routing does."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from callbacks import matrix
from callbacks.matrix import MOST_FUNCTIONS, Cell
from callbacks.models import FunctionRoute, ServiceNumber
from callbacks.routing import RouteTable
from tests.callbacks.conftest import SignIn
from tests.factories import CallbackFactory, RouteFactory, ServiceNumberFactory

pytestmark = pytest.mark.django_db

NUMBER = "498946134180"


@pytest.fixture(autouse=True)
def strict() -> None:
    """Without the route for everything, and with nothing counted yet."""
    cache.delete(matrix.KEY)
    FunctionRoute.objects.all().delete()


@pytest.fixture
def number() -> ServiceNumber:
    return ServiceNumberFactory.create(number=NUMBER, name="Hotline")


def cells(name: str = "Hotline") -> dict[str, Cell]:
    """The row of a service number, or of all others; "" is the last column."""
    found = matrix.matrix(timezone.now())
    row = next(row for row in found.rows if (row.number.name if row.number else "") == name)
    return {cell.function: cell for cell in row.cells}


class TestWhichRoute:
    def test_each_cell_is_what_routing_says(self, number: ServiceNumber) -> None:
        RouteFactory.create(name="pair", service_number=number, function="Störung")
        RouteFactory.create(name="number", service_number=number, function="")
        RouteFactory.create(name="function", function="Termin")
        RouteFactory.create(name="all", function="")
        ServiceNumberFactory.create(number="4930", name="Berlin")
        found, table = matrix.matrix(timezone.now()), RouteTable.load()
        for row in found.rows:
            for cell in row.cells:
                where = row.number.number if row.number else ""
                assert cell.route == table.match(where, cell.function)
        assert cells()["Störung"].route
        names = {name: cell.route.name for name, cell in cells().items() if cell.route}
        assert names == {"Störung": "pair", "Termin": "number", "": "number"}
        names = {name: cell.route.name for name, cell in cells("").items() if cell.route}
        assert names == {"Störung": "all", "Termin": "function", "": "all"}

    def test_a_route_that_is_off_does_not_win(self, number: ServiceNumber) -> None:
        RouteFactory.create(service_number=number, function="Störung", enabled=False)
        CallbackFactory.create(function="Störung")
        assert cells()["Störung"].route is None


@pytest.mark.usefixtures("number")
class TestFigures:
    def test_capitals_are_one_column(self) -> None:
        for function in ("Störung", "störung", "STÖRUNG".title()):
            CallbackFactory.create(function=function)
        assert [name for name in cells() if name] == ["Störung"]
        assert cells()["Störung"].lately == 3

    def test_they_are_of_the_last_seven_days(self) -> None:
        CallbackFactory.create(function="Alt", received_at=timezone.now() - timedelta(days=8))
        CallbackFactory.create(function="Neu", received_at=timezone.now() - timedelta(days=6))
        assert [name for name in cells() if name] == ["Neu"]

    def test_what_is_held_counts_however_old(self) -> None:
        old = timezone.now() - timedelta(days=30)
        CallbackFactory.create(function="Alt", held=True, received_at=old)
        cell = cells()["Alt"]
        assert (cell.lately, cell.held, cell.is_gap) == (0, 1, True)

    def test_other_numbers_have_a_row_together(self) -> None:
        CallbackFactory.create_batch(2, service_number="4940", function="Termin")
        CallbackFactory.create(service_number="", function="")
        assert (cells("")["Termin"].lately, cells("")[""].lately) == (2, 1)

    def test_the_busiest_functions_have_columns_the_rest_one_together(self) -> None:
        RouteFactory.create(function="zz rare")
        for index in range(MOST_FUNCTIONS + 3):
            CallbackFactory.create(function=f"f{index:02}")
        CallbackFactory.create_batch(2, function="f32")
        found = cells()
        assert len(found) <= MOST_FUNCTIONS + 1
        assert {"zz rare", "f32"} <= found.keys()
        assert found[""].lately > 0

    def test_a_gap_is_where_something_came_and_no_route_applies(self) -> None:
        CallbackFactory.create(function="Termin")
        assert cells()["Termin"].is_gap
        assert not cells()[""].is_gap


def page(browser: Any, query: str = "") -> str:
    return str(browser.get(reverse("matrix") + query).text)


class TestPage:
    def test_a_gap_leads_to_a_form_that_is_filled_in(
        self, number: ServiceNumber, sign_in: SignIn
    ) -> None:
        CallbackFactory.create_batch(3, function="Termin", held=True)
        browser = sign_in("Administrators")
        text = page(browser)
        assert "3 callbacks held" in text
        [link] = re.findall(r'data-how="gap" href="([^"]+)"', text)
        form = browser.get(link.replace("&amp;", "&")).context["adminform"].form
        assert form.initial == {
            "name": "Hotline · Termin",
            "service_number": str(number.pk),
            "function": "Termin",
        }

    def test_a_number_that_was_only_seen_is_adopted_on_the_way(self, sign_in: SignIn) -> None:
        ServiceNumberFactory.create(number=NUMBER, name="", adopted=False)
        CallbackFactory.create(function="Termin", held=True)
        [link] = re.findall(r'data-how="gap" href="([^"]+)"', page(sign_in("Administrators")))
        assert link.startswith(reverse("admin:callbacks_held_route"))

    def test_a_route_leads_to_its_page(self, number: ServiceNumber, sign_in: SignIn) -> None:
        route = RouteFactory.create(service_number=number, function="Störung")
        text = page(sign_in("viewer"))
        place = reverse("admin:callbacks_functionroute_change", args=[route.pk])
        assert f'data-how="pair" href="{place}"' in text
        assert "own route" in text

    @pytest.mark.usefixtures("number")
    def test_who_may_make_no_route_has_no_link_to_it(self, sign_in: SignIn) -> None:
        CallbackFactory.create(function="Termin", held=True)
        text = page(sign_in("Back office"))
        assert '<span class="jb-cell" data-how="gap">' in text

    @pytest.mark.usefixtures("number")
    def test_where_nothing_came_is_no_gap_and_the_legend_tells_them_apart(
        self, sign_in: SignIn
    ) -> None:
        CallbackFactory.create(function="Termin", held=True)
        text = page(sign_in("viewer"))
        assert [text.count(f'data-how="{how}"') for how in ("gap", "nothing")] == [1, 3]
        assert "Orange: no route, and what comes is held. Grey: no route, and nothing came." in text

    @pytest.mark.usefixtures("number")
    def test_only_rows_with_gaps_can_be_shown(self, sign_in: SignIn) -> None:
        ServiceNumberFactory.create(number="4930", name="Berlin")
        CallbackFactory.create(function="Termin")
        text = page(sign_in("viewer"), "?gaps")
        assert "Hotline" in text
        assert "Berlin" not in text

    def test_without_a_gap_that_is_said(self, sign_in: SignIn) -> None:
        assert "There is no gap" in page(sign_in("viewer"), "?gaps")

    @pytest.mark.parametrize(
        ("role", "status"), [("Back office", 200), ("Viewer", 200), ("nobody", 403)]
    )
    def test_it_opens_for_those_who_may_see_routes(
        self, role: str, status: int, sign_in: SignIn
    ) -> None:
        assert sign_in(role).get(reverse("matrix")).status_code == status

    def test_many_numbers_and_functions_take_few_queries(
        self, sign_in: SignIn, django_assert_max_num_queries: Any
    ) -> None:
        numbers = ServiceNumber.objects.bulk_create(
            ServiceNumber(number=f"49894613{n:04}", name=f"Line {n}") for n in range(200)
        )
        FunctionRoute.objects.bulk_create(
            FunctionRoute(name=f"f{f}", function=f"f{f}", service_number=number)
            for number in numbers[:40]
            for f in range(15)
        )
        browser = sign_in("Administrators")
        with django_assert_max_num_queries(15):
            text = page(browser)
        assert text.count('class="jb-cell"') == 201 * 16
