"""Every page in a real browser: as each role, in both languages, in both themes."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests import seeding
from tests.browser import accessibility, standard
from tests.browser.visitor import Visitor
from tests.factories import PASSWORD, UserFactory
from tests.pages import pages

pytestmark = pytest.mark.browser

ADMINISTRATOR, CLERK, VIEWER = "jonas.weber", "selin.aydin", "karl.sommer"
LONG = pytest.mark.faults  # the same pages once more, in other words
WALKS = (
    (ADMINISTRATOR, "de"),
    (ADMINISTRATOR, "en"),
    (CLERK, "de"),
    (VIEWER, "de"),
    pytest.param(CLERK, "en", marks=LONG),
    pytest.param(VIEWER, "en", marks=LONG),
)


@pytest.mark.parametrize("visitor", ["stranger"], indirect=True)
@pytest.mark.parametrize(("person", "language"), WALKS)
def test_every_page_keeps_to_the_standard(visitor: Visitor, person: str, language: str) -> None:
    seeding.everything()
    browser = visitor.signs_in(User.objects.get(username=person))
    visitor.speaks(language)
    look = in_german if language == "de" else in_english
    found: list[str] = []
    for page in pages(browser):
        visitor.opens(page)
        found += (f"{page}  {fault}" for fault in look(visitor, page, person))
    assert not found, "\n".join(found)


def in_german(visitor: Visitor, page: str, person: str) -> list[str]:
    """The longer words, so widths are looked at here; colours know no role."""
    return [
        *standard.faults(visitor),
        *standard.too_wide(visitor),
        *standard.english(visitor),
        *accessibility.violations(
            visitor.chrome,
            colours=person == ADMINISTRATOR,
            frame=page == reverse("admin:index"),  # the menu is the same on every page
        ),
    ]


def in_english(visitor: Visitor, _page: str, _person: str) -> list[str]:
    """The same elements in other words: axe has seen them in German."""
    return standard.faults(visitor)


@pytest.mark.parametrize("visitor", ["stranger"], indirect=True)
@pytest.mark.parametrize("language", ["de", "en"])
def test_signing_in_leads_to_the_overview(visitor: Visitor, language: str) -> None:
    visitor.speaks(language)
    user = UserFactory.create(is_superuser=True)
    visitor.opens(reverse("admin:login"))
    assert not standard.faults(visitor) + accessibility.violations(visitor.chrome)
    visitor.types("[name=username]", user.username)
    visitor.types("[name=password]", PASSWORD)
    visitor.presses("[type=submit]")
    visitor.waits_until(f"location.pathname === '{reverse('admin:index')}'")
    assert not visitor.complaints()
