"""What is believed and cannot be tried by a program: for a person with an org to settle."""

from .expectation import Expectation


def unable(_org: object) -> None:
    """Stand for an attempt that only a person can make."""


BY_HAND = [
    Expectation(sentence, "M", source, unable, by_hand=True)
    for sentence, source in (
        ("a frozen user's sign-in is refused with invalid_grant", "freeze the integration user"),
        ("a frozen user's token is an invalid session", "freeze it while a token lives"),
        ("one revoked token ends the other sessions of the user", "sign in twice, revoke once"),
        (
            "phone search compares digits, and bridges neither country code nor leading 0",
            "enter one number in five formats, wait for the index, search each",
        ),
        ("ContactId of a person account is its contact's id", "switch person accounts on"),
        ("a record in the recycle bin does not hold its unique key", "delete a Case, send again"),
        ("the losers of a merge are in queryAll and name their master", "merge two Cases"),
        ("a merge that keeps the merged Cases leaves IsDeleted false", "keep them in the settings"),
        (
            "a record type that the user was not given is an INVALID_CROSS_REFERENCE_KEY",
            "take a record type from the integration user, send its id",
        ),
        ("an undeleted field has its values again", "delete a custom field, undelete it"),
        ("a rolled-back create burns a Case number", "compare the numbers around it"),
    )
]
