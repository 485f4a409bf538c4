"""Pages for people."""

import requests

from tests.orgsim.process import Org

from .api import Api


def page(org: Org, path: str) -> requests.Response:
    """Open a page as a browser does, without a sign-in."""
    return org.session.get(org.url + path, timeout=20)


def test_a_case_is_found_at_salesforces_own_address(api: Api, org: Org) -> None:
    contact = api.made("Contact", LastName="Meier", FirstName="Eva")
    case = api.case(Subject="Call <b>me</b>", Origin="Phone", ContactId=contact)
    shown = page(org, f"/lightning/r/Case/{case}/view")
    assert shown.status_code == 200
    assert "Case 00001001" in shown.text
    assert "Call &lt;b&gt;me&lt;/b&gt;" in shown.text
    assert f'<a href="/lightning/r/Contact/{contact}/view">Eva Meier</a>' in shown.text
    assert ">Callbacks</a>" in shown.text


def test_short_addresses_lead_to_the_same_page(api: Api, org: Org) -> None:
    case = api.case()
    for path in (f"/{case}", f"/{case[:15]}", f"/lightning/r/{case}/view"):
        assert page(org, path).url == f"{org.url}/lightning/r/Case/{case}/view"


def test_the_newest_cases_are_listed_first(api: Api, org: Org) -> None:
    api.case(Subject="older")
    api.case(Subject="newer")
    listed = page(org, "/")
    assert listed.url.endswith("/lightning/o/Case/list")
    assert listed.text.index("newer") < listed.text.index("older")


def test_every_page_says_that_it_is_simulated(api: Api, org: Org) -> None:
    case = api.case()
    for path in ("/", f"/{case}", "/lightning/o/Contact/list", "/lightning/o/Nothing/list"):
        assert "not Salesforce" in page(org, path).text


def test_what_is_not_there_is_not_found(api: Api, org: Org) -> None:
    for path in ("/lightning/r/Case/5008d0000000zzzAAA/view", "/5008", "/lightning/r/x/view"):
        assert page(org, path).status_code == 404


def test_people_can_take_and_close_a_case(api: Api, org: Org) -> None:
    case = api.case(Origin="Phone")
    url = f"{org.url}/lightning/r/Case/{case}/view"
    assert "Close it" in page(org, f"/{case}").text
    closed = org.session.post(url, data={"do": "close"}, timeout=20)
    assert (closed.status_code, closed.url) == (200, url)
    [record] = org.records("Case")
    assert (record["IsClosed"], record["OwnerId"]) == (True, "0058d0000000003AAA")
    nobody = url.replace(case, "5008d0000000zzzAAA")
    assert org.session.post(nobody, data={"do": "close"}, timeout=20).status_code == 404
