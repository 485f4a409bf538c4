"""Expectations of OAuth, versions and limits."""

from __future__ import annotations

import re

import requests

from .client import PATIENCE_S, Client, V
from .expectation import expected, holds, same


def refused(org: Client, **form: str) -> requests.Response:
    """Ask for a token in a wrong way."""
    return requests.post(f"{org.url}/services/oauth2/token", data=form, timeout=PATIENCE_S)


@expected("D", "REST guide, versions: no sign-in is needed")
def versions_are_listed_to_anybody(org: Client) -> None:
    answer = requests.get(f"{org.url}/services/data", timeout=PATIENCE_S)
    same(answer.status_code, 200)
    same(set(answer.json()[-1]), {"label", "url", "version"})
    holds("62.0" in {v["version"] for v in answer.json()}, answer.json())


@expected("D", "REST guide, headers_api_usage: on every answer but the version list")
def the_use_of_the_day_is_in_a_header(org: Client) -> None:
    told = org.get("/limits").headers.get("Sforce-Limit-Info", "")
    holds(re.fullmatch(r"api-usage=\d+/\d+.*", told), told)
    versions = requests.get(f"{org.url}/services/data", timeout=PATIENCE_S)
    holds("Sforce-Limit-Info" not in versions.headers, dict(versions.headers))


@expected("D", "REST guide, resources_limits")
def limits_tell_what_remains_of_the_day(org: Client) -> None:
    day = org.get("/limits").json()["DailyApiRequests"]
    holds({"Max", "Remaining"} <= set(day), day)


@expected("M", "sources contradict each other")
def signing_in_does_not_count_as_an_api_call(org: Client) -> None:
    before = used(org)
    for _ in range(5):
        refused(org, grant_type="client_credentials", client_id="nobody", client_secret="x")
    holds(used(org) - before < 5, used(org) - before)


def used(org: Client) -> int:
    """Read the use of the day, which an org updates late."""
    told = org.get("/limits").headers["Sforce-Limit-Info"]
    return int(told.split("=")[1].split("/")[0])


@expected("D", "help, remoteaccess_oauth_flow_errors")
def a_refused_sign_in_is_an_object_not_a_list(org: Client) -> None:
    answer = refused(org, grant_type="client_credentials", client_id="nobody", client_secret="x")
    same(answer.status_code, 400)
    holds({"error", "error_description"} >= set(answer.json()) >= {"error"}, answer.json())


@expected("3", "fidelic conformance, auth-003; nango.dev")
def an_unknown_grant_type_is_named_so(org: Client) -> None:
    same(refused(org, grant_type="nonsense").json()["error"], "unsupported_grant_type")


@expected("R", "restforce fixtures")
def a_wrong_token_is_an_invalid_session(org: Client) -> None:
    url, wrong = f"{org.url}{V}/limits", {"Authorization": "Bearer nonsense"}
    answer = requests.get(url, headers=wrong, timeout=PATIENCE_S)
    same(answer.status_code, 401)
    same(answer.json()[0]["errorCode"], "INVALID_SESSION_ID")


@expected("M", "remembered of the platform")
def a_bad_scheme_is_an_invalid_header(org: Client) -> None:
    url, wrong = f"{org.url}{V}/limits", {"Authorization": "Basic YTpi"}
    answer = requests.get(url, headers=wrong, timeout=PATIENCE_S)
    same((answer.status_code, answer.json()[0]["errorCode"]), (401, "INVALID_AUTH_HEADER"))


@expected("3", "vantagepoint.io on retired versions")
def a_retired_version_is_gone(org: Client) -> None:
    same(org.get("/services/data/v29.0/limits").status_code, 410)


@expected("3", "fidelic conformance, errors-012")
def a_version_that_never_was_is_not_found(org: Client) -> None:
    answer = org.get("/services/data/v1.0/limits")
    same((answer.status_code, answer.json()[0]["errorCode"]), (404, "NOT_FOUND"))


@expected("D", "REST guide, errorcodes")
def a_path_to_nowhere_is_not_found(org: Client) -> None:
    answer = org.get("/nothing")
    same((answer.status_code, answer.json()[0]["errorCode"]), (404, "NOT_FOUND"))


@expected("D", "REST guide, errorcodes")
def a_wrong_method_is_not_allowed(org: Client) -> None:
    answer = org.ask("PUT", "/sobjects/Case", {})
    same((answer.status_code, answer.json()[0]["errorCode"]), (405, "METHOD_NOT_ALLOWED"))


@expected("3", "measured by users: URI and headers end near 16,384 bytes, with a page of Jetty")
def a_head_of_more_than_16384_bytes_gets_a_page(org: Client) -> None:
    answer = org.get("/query?q=" + "x" * 17_000)
    holds(answer.status_code in {414, 431}, answer.status_code)
    holds("json" not in answer.headers.get("Content-Type", ""), dict(answer.headers))


@expected("3", "api-evangelist on the platform's limits")
def no_answer_says_when_to_come_back(org: Client) -> None:
    holds("Retry-After" not in org.get("/nothing").headers, "Retry-After")
