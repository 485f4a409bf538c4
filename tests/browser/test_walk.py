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

# An administrator, a clerk, a viewer.
ADMINISTRATOR = "jonas.weber"
PEOPLE = (ADMINISTRATOR, "selin.aydin", "karl.sommer")


@pytest.mark.parametrize("visitor", ["stranger"], indirect=True)
@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("person", PEOPLE)
def test_every_page_keeps_to_the_standard(visitor: Visitor, person: str, language: str) -> None:
    seeding.everything()
    browser = visitor.signs_in(User.objects.get(username=person))
    visitor.speaks(language)
    found: list[str] = []
    for page in pages(browser):
        visitor.opens(page)
        colours = (person, language) == (ADMINISTRATOR, "de")  # know neither role nor language
        found += (f"{page}  {fault}" for fault in faults(visitor, language, page, colours))
    assert not found, "\n".join(found)


def faults(visitor: Visitor, language: str, page: str, colours: bool) -> list[str]:
    """The menu is the same on every page."""
    is_german, is_first = language == "de", page == reverse("admin:index")
    return [
        *standard.faults(visitor),
        *(standard.english(visitor) if is_german else ()),
        *accessibility.violations(visitor.chrome, colours=colours, frame=is_first),
    ]


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
