"""What the codes of refusals mean to the people in the back office: one table, data only.

Codes: Salesforce's REST API guide ("Status Codes and Error Responses"), its enum `StatusCode`, and
its list of OAuth errors. Codes in `OURS` are our own, for what never became an answer.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_noop as _


class Trouble(StrEnum):
    ROW_PASSES = "row_passes"  # again later, in a smaller batch
    ROW_NEEDS_PERSON = "row_needs_person"
    ORG = "org"  # suspected of everything we send: a probe confirms it, no row pays for it
    UNKNOWN = "unknown"  # treated as the row's own, slowly


@dataclass(frozen=True)
class Meaning:
    """In English; translated where it is shown (`gettext(meaning.reason)`)."""

    trouble: Trouble
    reason: str
    next_step: str


_OUTSIDE = _("Nothing to do here: it goes on by itself. If it lasts, look at the network.")
_ROUTE = _("Correct the field mapping of the route, then requeue the callback.")
_ADMIN = _("Ask your Salesforce administrator; afterwards requeue the callback.")
_APP = _("Ask your Salesforce administrator to check the external client app and its user.")

_TOO_LARGE = Meaning(Trouble.ROW_PASSES, _("Salesforce refused a request for its size."), _OUTSIDE)

# Our own codes, for what never became an answer that could be read.
OURS: dict[str, Meaning] = {
    "NOT_CONFIGURED": Meaning(
        Trouble.ORG,
        _("No Salesforce org is configured."),
        _("Set SALESFORCE_URL and the credentials, then restart."),
    ),
    "QUOTA_RESERVE": Meaning(
        Trouble.ORG,
        _("Today's Salesforce calls are used up to the reserve that is left to others."),
        _("Nothing to do: it goes on as calls become free, looking every ten minutes."),
    ),
    "INVISIBLE_CASE": Meaning(
        Trouble.UNKNOWN,
        _("Salesforce has a Case for this callback, but does not show it to our user."),
        _("Give our user the permission View All on Case, then requeue the callback."),
    ),
    "MAPPING": Meaning(
        Trouble.ROW_NEEDS_PERSON,
        _("A template of the route cannot be used."),
        _ROUTE,
    ),
    "MAPPING_FIELD": Meaning(
        Trouble.ROW_NEEDS_PERSON,
        _("The route names something that Salesforce does not have, or hides from our user."),
        _("Correct its name in the route, or give our user access to it, then requeue."),
    ),
    "MAPPING_VALUE": Meaning(
        Trouble.ROW_NEEDS_PERSON,
        _("What a template of the route gives cannot be used for its field in Salesforce."),
        _ROUTE,
    ),
    "TARGET_MISSING": Meaning(
        Trouble.ROW_NEEDS_PERSON,
        _("Salesforce does not have the kind of record that the route wants, or hides it."),
        _("Correct the kind of record in the route, or give our user access, then requeue."),
    ),
    "TARGET_KEY_FIELD": Meaning(
        Trouble.ROW_NEEDS_PERSON,
        _("The kind of record that the route wants has no field that keeps our key unique."),
        _("Add a unique external-id field to it and name it in the route, then requeue."),
    ),
    "NO_CONNECTION": Meaning(
        Trouble.ORG,
        _("Salesforce cannot be reached from here."),
        _("Check SALESFORCE_URL, the name server and the firewall. It goes on by itself."),
    ),
    "TLS_FAILED": Meaning(
        Trouble.ORG,
        _("The secure connection to Salesforce was refused."),
        _("Check SALESFORCE_URL and whether a proxy replaces certificates."),
    ),
    "NO_ANSWER": Meaning(Trouble.ORG, _("Salesforce did not answer in time."), _OUTSIDE),
    "BROKEN_ANSWER": Meaning(
        Trouble.ORG,
        _("The connection to Salesforce broke before the answer was complete."),
        _OUTSIDE,
    ),
    "UNREADABLE_ANSWER": Meaning(
        Trouble.ORG,
        _("Something that is not Salesforce's interface answered in its place."),
        _("Wait for maintenance to end. If it lasts, check SALESFORCE_URL."),
    ),
    "REDIRECTED": Meaning(
        Trouble.ORG,
        _("Salesforce sent us to another address, and we do not follow."),
        _("Set SALESFORCE_URL to the org's present My Domain."),
    ),
    "NOT_AN_ORG": Meaning(
        Trouble.ORG,
        _("There is no Salesforce org at the configured address."),
        _("Set SALESFORCE_URL to the org's My Domain, such as https://acme.my.salesforce.com."),
    ),
    "UNSAFE_ADDRESS": Meaning(
        Trouble.ORG,
        _("Salesforce named an address for its interface that we do not trust."),
        _("Check SALESFORCE_URL, and what the org gives as its instance URL."),
    ),
    "BAD_PRIVATE_KEY": Meaning(
        Trouble.ORG,
        _("The private key for signing in to Salesforce cannot be used."),
        _("Check that SALESFORCE_PRIVATE_KEY_FILE holds an RSA key in PEM form."),
    ),
    "TOO_MANY_SIGN_INS": Meaning(
        Trouble.ORG,
        _("Salesforce ends our sessions as fast as we sign in, so we wait a minute."),
        _("Ask your Salesforce administrator for the session policy of the integration user."),
    ),
    "ANOTHER_ORG": Meaning(
        Trouble.ORG,
        _("The credentials lead to another Salesforce org than before, so nothing is sent."),
        _("Check SALESFORCE_URL. If the change is meant, confirm the new org."),
    ),
    "SESSION_CHANGED": Meaning(
        Trouble.ORG, _("Salesforce asked for a new sign-in in the middle of the work."), _OUTSIDE
    ),
    "FIELD_MISSING": Meaning(
        Trouble.ORG,
        _("A field of ours is missing in Salesforce, or our user may not fill it."),
        _("Deploy the field and assign the permission set; see “Setting up Salesforce”."),
    ),
    "KEY_FIELD_MISSING": Meaning(
        Trouble.ORG,
        _("The field for the callback key is missing in Salesforce, or our user may not fill it."),
        _("Deploy the field and assign the permission set; see “Setting up Salesforce”."),
    ),
    "KEY_FIELD_NOT_UNIQUE": Meaning(
        Trouble.ORG,
        _("The field for the callback key is not unique, so a Case could be made twice."),
        _("Make the field unique and an external id; see “Setting up Salesforce”."),
    ),
    "CASE_CHANGED_SINCE": Meaning(
        Trouble.ROW_NEEDS_PERSON,
        _("The answer was lost, and somebody has changed the Case since. That stays as it is."),
        _("Look at the Case. Requeue to set the values all the same, or dismiss the callback."),
    ),
    "ROUTE_CHANGED": Meaning(
        Trouble.ROW_NEEDS_PERSON,
        _("It was sent as another kind of record before; whether that arrived cannot be told."),
        _("Look for the record in Salesforce. Requeue to do what the route says now, or dismiss."),
    ),
    "COMMENT_IN_DOUBT": Meaning(
        Trouble.UNKNOWN,
        _("It cannot be told whether the comment is on its Case already."),
        _("Look at the comments of the Case. Requeue if it is missing, else dismiss the callback."),
    ),
    "REQUEST_TOO_LARGE": _TOO_LARGE,
    "UNSENDABLE": Meaning(
        Trouble.ROW_NEEDS_PERSON,
        _("This callback holds characters that cannot be sent to Salesforce."),
        _("Dismiss the callback and call back by hand; please report it."),
    ),
}

_CATALOGUE: tuple[tuple[str, Meaning], ...] = (
    ("EXCEEDED_ID_LIMIT LIMIT_EXCEEDED", _TOO_LARGE),
    (
        "UNABLE_TO_LOCK_ROW ALL_OR_NONE_OPERATION_ROLLED_BACK PROCESSING_HALTED",
        Meaning(
            Trouble.ROW_PASSES,
            _("Salesforce was busy with the same or a related record."),
            _("Nothing to do: it is tried again by itself."),
        ),
    ),
    (
        (
            "TOO_MANY_APEX_REQUESTS SERVICE_UNAVAILABLE QUERY_TIMEOUT QUERY_TOO_COMPLICATED "
            "REQUEST_RUNNING_TOO_LONG"
        ),
        Meaning(
            Trouble.ROW_PASSES,
            _("Salesforce was too busy to store the Case."),
            _("Nothing to do: it is tried again by itself."),
        ),
    ),
    (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION FIELD_FILTER_VALIDATION_EXCEPTION",
        Meaning(
            Trouble.ROW_NEEDS_PERSON,
            _("A validation rule in Salesforce refused the Case."),
            _("Read Salesforce's words below; change the route's field mapping or the rule."),
        ),
    ),
    (
        "REQUIRED_FIELD_MISSING",
        Meaning(
            Trouble.ROW_NEEDS_PERSON,
            _("Salesforce wants a field that this callback does not fill."),
            _("Add the field named below to the route's field mappings, then requeue."),
        ),
    ),
    (
        "STRING_TOO_LONG",
        Meaning(
            Trouble.ROW_NEEDS_PERSON,
            _("A text is longer than its field in Salesforce."),
            _("Shorten the template of the field named below, then requeue the callback."),
        ),
    ),
    (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        Meaning(
            Trouble.ROW_NEEDS_PERSON,
            _("A value is not in the list that Salesforce allows for its field."),
            _("Use one of the list's API names in the route's field mapping, then requeue."),
        ),
    ),
    (
        "INVALID_FIELD INVALID_FIELD_FOR_INSERT_UPDATE",
        Meaning(
            Trouble.ROW_NEEDS_PERSON,
            _("Salesforce does not let us fill a field: it is missing, or hidden from our user."),
            _("Check the field's name in the route, and the permission set of our user."),
        ),
    ),
    (
        (
            "INVALID_TYPE_ON_FIELD_IN_RECORD NUMBER_OUTSIDE_VALID_RANGE INVALID_EMAIL_ADDRESS "
            "FIELD_INTEGRITY_EXCEPTION MALFORMED_ID JSON_PARSER_ERROR INVALID_INPUT"
        ),
        Meaning(
            Trouble.ROW_NEEDS_PERSON,
            _("Salesforce cannot use a value in the form in which we sent it."),
            _ROUTE,
        ),
    ),
    (
        (
            "INVALID_CROSS_REFERENCE_KEY ENTITY_IS_DELETED INACTIVE_OWNER_OR_USER "
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY OP_WITH_INVALID_USER_TYPE_EXCEPTION"
        ),
        Meaning(
            Trouble.ROW_NEEDS_PERSON,
            _("The Case would refer to a record that is gone, inactive or hidden from our user."),
            _("Check the owner, record type and other ids in the route, then requeue."),
        ),
    ),
    (
        "INSUFFICIENT_ACCESS_OR_READONLY",
        Meaning(
            Trouble.ROW_NEEDS_PERSON, _("Our user may not store this Case in Salesforce."), _ADMIN
        ),
    ),
    (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY CANNOT_EXECUTE_FLOW_TRIGGER",
        Meaning(
            Trouble.ROW_NEEDS_PERSON,
            _("An automation in Salesforce (a flow or a trigger) failed on the Case."),
            _ADMIN,
        ),
    ),
    (
        "DUPLICATES_DETECTED",
        Meaning(
            Trouble.ROW_NEEDS_PERSON,
            _("A duplicate rule in Salesforce refused the Case."),
            _ADMIN,
        ),
    ),
    (
        "DUPLICATE_VALUE",  # of another field: with our own key the Case is there
        Meaning(
            Trouble.ROW_NEEDS_PERSON,
            _("Another record in Salesforce has the same value in a field that must be unique."),
            _ROUTE,
        ),
    ),
    (
        "DUPLICATE_EXTERNAL_ID",
        Meaning(
            Trouble.ORG,
            _("Several Cases in Salesforce carry the same callback key."),
            _("Make the key field unique again; see “Setting up Salesforce”."),
        ),
    ),
    (
        "REQUEST_LIMIT_EXCEEDED",
        Meaning(
            Trouble.ORG,
            _("Salesforce takes no more calls from the whole org for now."),
            _("It goes on by itself when calls are free again; find out who else uses them up."),
        ),
    ),
    (
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE SERVER_UNAVAILABLE inactive_org",
        Meaning(
            Trouble.ORG,
            _("Salesforce is under maintenance."),
            _("Nothing to do: it goes on by itself. See https://status.salesforce.com."),
        ),
    ),
    (
        "STORAGE_LIMIT_EXCEEDED",
        Meaning(
            Trouble.ORG,
            _("The Salesforce org has no storage left for new Cases."),
            _("Ask your Salesforce administrator to free or buy data storage."),
        ),
    ),
    (
        "INVALID_SESSION_ID INVALID_AUTH_HEADER",
        Meaning(
            Trouble.ORG,
            _("Salesforce ended our session again right after we signed in."),
            _("Check that our user is active, not frozen, and may use the API from this address."),
        ),
    ),
    (
        (
            "API_DISABLED_FOR_ORG API_CURRENTLY_DISABLED CLIENT_NOT_ACCESSIBLE_FOR_USER "
            "INSUFFICIENT_ACCESS FUNCTIONALITY_NOT_ENABLED"
        ),
        Meaning(
            Trouble.ORG,
            _("Salesforce does not let our user use its interface."),
            _("Ask your Salesforce administrator for the permission “API Enabled” for our user."),
        ),
    ),
    (
        "TXN_SECURITY_NO_ACCESS",
        Meaning(
            Trouble.ORG,
            _("A security policy in Salesforce blocks what our user does."),
            _("Ask your Salesforce administrator to except our user from the policy."),
        ),
    ),
    (
        (
            "NOT_FOUND INVALID_TYPE UNSUPPORTED_API_VERSION MALFORMED_QUERY METHOD_NOT_ALLOWED "
            "UNSUPPORTED_MEDIA_TYPE"
        ),
        Meaning(
            Trouble.ORG,
            _("Salesforce does not know, or hides from our user, what we ask for."),
            _("Run “manage.py check_salesforce”; check API version and permission set."),
        ),
    ),
    (
        "invalid_client_id invalid_client invalid_client_credentials",
        Meaning(
            Trouble.ORG,
            _("Salesforce refused the client id or its secret."),
            _("Check both. A new external client app is known only after some minutes."),
        ),
    ),
    (
        (
            "invalid_grant invalid_request invalid_app_access inactive_user unsupported_grant_type "
            "invalid_scope invalid_assertion unauthorized_client unsupported_response_type"
        ),
        Meaning(Trouble.ORG, _("Salesforce refused to let us sign in."), _APP),
    ),
    (
        "rate_limit_exceeded",
        Meaning(
            Trouble.ORG,
            _("Salesforce saw too many sign-ins of our user and takes no more for an hour."),
            _("Find out which other programs sign in as the same user."),
        ),
    ),
    (
        "UNKNOWN_EXCEPTION APEX_ERROR",
        Meaning(
            Trouble.ROW_PASSES,
            _("Something inside Salesforce failed, and it does not say what."),
            _("It is tried again. If it lasts, give the text below to Salesforce's support."),
        ),
    ),
)

MEANINGS: dict[str, Meaning] = OURS | {
    code: meaning for codes, meaning in _CATALOGUE for code in codes.split()
}
NO_MEANING_OF_ORG = Meaning(
    Trouble.ORG,
    _("Salesforce refuses our calls for a reason that we do not know."),
    _("Run “manage.py check_salesforce”, or show the code to your Salesforce administrator."),
)
NO_MEANING = Meaning(
    Trouble.UNKNOWN,
    _("Salesforce refused the Case for a reason that we do not know."),
    _("Read Salesforce's words below, or show them to your Salesforce administrator."),
)
