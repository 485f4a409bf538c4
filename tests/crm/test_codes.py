"""Every code that we know: whose trouble it is, and what becomes of the row.

The table repeats the catalogue of Salesforce's guides on purpose: to change a class is a decision.
"""

from uuid import uuid4

import pytest

from callbacks.models import Callback
from callbacks.models.queue import Failed, PutOff
from crm.backoff import ROW_BASE
from crm.client import SalesforceClient
from crm.draft import Draft, Target
from crm.errors import CrmError, CrmMisconfigured, Trouble, from_response, meaning_of
from crm.exchange import Refused
from crm.meanings import MEANINGS, OURS
from crm.outcomes import SLOW_FAILURES, Judge
from tests.crm.calls import code_of
from tests.orgsim.process import Org

NEEDS_PERSON, PASSES = Trouble.ROW_NEEDS_PERSON, Trouble.ROW_PASSES
ORG, UNKNOWN = Trouble.ORG, Trouble.UNKNOWN

OF_RECORDS = {
    # Passes by itself, in a smaller batch.
    "UNABLE_TO_LOCK_ROW": PASSES,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": PASSES,
    "PROCESSING_HALTED": PASSES,
    "TOO_MANY_APEX_REQUESTS": PASSES,
    "SERVICE_UNAVAILABLE": PASSES,
    "QUERY_TIMEOUT": PASSES,
    "QUERY_TOO_COMPLICATED": PASSES,
    "REQUEST_RUNNING_TOO_LONG": PASSES,
    "EXCEEDED_ID_LIMIT": PASSES,
    "LIMIT_EXCEEDED": PASSES,
    "UNKNOWN_EXCEPTION": PASSES,
    "APEX_ERROR": PASSES,
    # Needs a person: the route, the rule, or the admin of the org.
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": NEEDS_PERSON,
    "FIELD_FILTER_VALIDATION_EXCEPTION": NEEDS_PERSON,
    "REQUIRED_FIELD_MISSING": NEEDS_PERSON,
    "STRING_TOO_LONG": NEEDS_PERSON,
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": NEEDS_PERSON,
    "INVALID_FIELD": NEEDS_PERSON,
    "INVALID_FIELD_FOR_INSERT_UPDATE": NEEDS_PERSON,
    "INVALID_TYPE_ON_FIELD_IN_RECORD": NEEDS_PERSON,
    "NUMBER_OUTSIDE_VALID_RANGE": NEEDS_PERSON,
    "INVALID_EMAIL_ADDRESS": NEEDS_PERSON,
    "FIELD_INTEGRITY_EXCEPTION": NEEDS_PERSON,
    "MALFORMED_ID": NEEDS_PERSON,
    "JSON_PARSER_ERROR": NEEDS_PERSON,
    "INVALID_INPUT": NEEDS_PERSON,
    "INVALID_CROSS_REFERENCE_KEY": NEEDS_PERSON,
    "ENTITY_IS_DELETED": NEEDS_PERSON,
    "INACTIVE_OWNER_OR_USER": NEEDS_PERSON,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": NEEDS_PERSON,
    "OP_WITH_INVALID_USER_TYPE_EXCEPTION": NEEDS_PERSON,
    "INSUFFICIENT_ACCESS_OR_READONLY": NEEDS_PERSON,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": NEEDS_PERSON,
    "CANNOT_EXECUTE_FLOW_TRIGGER": NEEDS_PERSON,
    "DUPLICATES_DETECTED": NEEDS_PERSON,
    "DUPLICATE_VALUE": NEEDS_PERSON,
    # The org's, if a look confirms it.
    "DUPLICATE_EXTERNAL_ID": ORG,
    "REQUEST_LIMIT_EXCEEDED": ORG,
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": ORG,
    "SERVER_UNAVAILABLE": ORG,
    "STORAGE_LIMIT_EXCEEDED": ORG,
    "INVALID_SESSION_ID": ORG,
    "INVALID_AUTH_HEADER": ORG,
    "API_DISABLED_FOR_ORG": ORG,
    "API_CURRENTLY_DISABLED": ORG,
    "CLIENT_NOT_ACCESSIBLE_FOR_USER": ORG,
    "INSUFFICIENT_ACCESS": ORG,
    "FUNCTIONALITY_NOT_ENABLED": ORG,
    "TXN_SECURITY_NO_ACCESS": ORG,
    "NOT_FOUND": ORG,
    "INVALID_TYPE": ORG,
    "UNSUPPORTED_API_VERSION": ORG,
    "MALFORMED_QUERY": ORG,
    "METHOD_NOT_ALLOWED": ORG,
    "UNSUPPORTED_MEDIA_TYPE": ORG,
}
OF_SIGN_INS = (
    *("invalid_grant", "invalid_client_id", "invalid_client", "invalid_client_credentials"),
    *("invalid_request", "invalid_app_access", "invalid_scope", "invalid_assertion"),
    *("inactive_user", "inactive_org", "rate_limit_exceeded", "unauthorized_client"),
    *("unsupported_grant_type", "unsupported_response_type"),
)
NOT_TO_BLAME = {"ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED"}


def outcome_of(code: str, message: str = "", *, org_is_well: bool = True) -> Failed | PutOff:
    judge = Judge(isolation=1, chance=lambda: 1.0)
    judge.org_is_well = org_is_well
    row = Callback(id=uuid4(), lease_no=3, failures=1)
    outcome = judge.told(Draft(row, Target("Case", "K__c"), {}), Refused(code, message)).outcome
    assert isinstance(outcome, Failed | PutOff)
    return outcome


def test_the_tables_here_and_in_the_catalogue_name_the_same_codes() -> None:
    assert {*OF_RECORDS, *OF_SIGN_INS} == MEANINGS.keys() - OURS.keys()


@pytest.mark.parametrize(("code", "trouble"), OF_RECORDS.items())
def test_a_code_is_of_its_class(code: str, trouble: Trouble) -> None:
    assert meaning_of(code, "").trouble is trouble


@pytest.mark.parametrize("code", [c for c, t in OF_RECORDS.items() if t is NEEDS_PERSON])
def test_what_needs_a_person_fails_at_once_with_all_that_it_has_to_say(code: str) -> None:
    outcome = outcome_of(code, "The org's words.")
    assert isinstance(outcome, Failed)
    assert (outcome.trouble, outcome.code) == ("row_needs_person", code)
    assert outcome.reason
    assert outcome.next_step
    assert outcome.signature == f"{code} The org's words."


@pytest.mark.parametrize("code", [c for c, t in OF_RECORDS.items() if t is PASSES])
def test_what_passes_comes_again_in_smaller_company(code: str) -> None:
    outcome = outcome_of(code)
    assert isinstance(outcome, PutOff)
    assert outcome.isolation == 2
    assert outcome.failures == (0 if code in NOT_TO_BLAME else 1)
    assert outcome.delay_seconds <= ROW_BASE * 2


@pytest.mark.parametrize("code", [*(c for c, t in OF_RECORDS.items() if t is ORG), "NEVER_SEEN"])
def test_what_one_row_alone_hears_comes_again_slowly(code: str) -> None:
    outcome = outcome_of(code)
    assert isinstance(outcome, PutOff)
    assert (outcome.failures, outcome.isolation) == (1, 2)
    assert outcome.delay_seconds == ROW_BASE * 2 ** (SLOW_FAILURES + 1)


@pytest.mark.parametrize("code", [c for c, t in OF_RECORDS.items() if t is ORG])
def test_what_is_the_orgs_costs_the_row_nothing(code: str) -> None:
    outcome = outcome_of(code, org_is_well=False)
    assert isinstance(outcome, PutOff)
    assert (outcome.failures, outcome.isolation) == (0, 1)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("CANNOT_EXECUTE_FLOW_TRIGGER", "The flow failed: UNABLE_TO_LOCK_ROW: unable to obtain"),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CaseTrigger: Record Currently Unavailable: x"),
        ("ANY", "Too many batch retries in the presence of Apex triggers and partial failures."),
    ],
)
def test_a_lock_in_other_words_passes(code: str, message: str) -> None:
    outcome = outcome_of(code, message)
    assert isinstance(outcome, PutOff)
    assert (outcome.isolation, outcome.delay_seconds) == (2, ROW_BASE * 2)


@pytest.mark.parametrize("code", OF_SIGN_INS)
def test_a_refused_sign_in_is_the_orgs(org: Org, client: SalesforceClient, code: str) -> None:
    assert meaning_of(code, "").trouble is ORG
    error = from_response(400, {"error": code, "error_description": "no"})
    assert isinstance(error, CrmError)
    assert error.meaning.next_step


def test_a_sign_in_refused_for_an_unknown_reason_says_so(
    org: Org, client: SalesforceClient
) -> None:
    params = {"status": 400, "body": "json", "code": "something_new"}
    org.arm({"action": "status", "match": {"op": "token"}, "params": params})
    assert code_of(client.identity) == "something_new"
    assert CrmMisconfigured("something_new").meaning.trouble is ORG
