"""Callbacks straight into the database, each of a caller of its own: for what is slow to POST."""

from collections.abc import Mapping

from tests.processes import Installation

# Columns as SQL expressions over number i of n, and over what stands before them here.
NUMBERED = {
    "caller": "'4919' || (910000000 + i)",
    "at": "now() - (n - i) * interval '1 second'",
    "service": "'498946134180'",
    "service_name": "'Service Hotline'",
    "function": "'callback'",
    "status": "'pending'",
    "due_in": "0",
    "isolation": "0",
    "took": "0",
    "closed": "false",
    "signature": "''",
    "reason": "''",
}
USUAL: Mapping[str, str] = {}
STATEMENT = """
    INSERT INTO callbacks_callback (
        id, client_id, kind, dialect, received_at, caller_text, caller_number, callback_text,
        callback_number, service_number, service_name, function, time_flag, payload, raw_body,
        raw_query, content_type, idempotency_key, key_reused, status, due_at, isolation, case_id,
        case_number, synced_at, case_closed_at, failure_signature, failure_reason
    )
    SELECT
        gen_random_uuid(), (SELECT MIN(id) FROM callbacks_acdclient), 'callback', 'base',
        at, '+' || caller, caller, '', '', service, service_name, function, '',
        jsonb_build_object(
            'CallerID', caller, 'ServiceNumber', service, 'ServiceName', service_name,
            'Function', function, 'UserData', 'request ' || i,
            'UserData2', 'Question about an invoice'
        ),
        ''::bytea, '', 'application/json', 'bench ' || i, false, status,
        now() + due_in * interval '1 second', isolation,
        CASE status WHEN 'synced' THEN '500' || lpad(i::text, 15, '0') ELSE '' END,
        CASE status WHEN 'synced' THEN lpad(i::text, 8, '0') ELSE '' END,
        CASE status WHEN 'synced' THEN at + took * interval '1 second' END,
        CASE WHEN closed THEN at + interval '1 hour' END,
        signature, reason
    FROM (SELECT i, {last} AS n FROM generate_series({first}, {last}) AS i) AS numbers
    {columns}
"""


def caller(number: int) -> str:
    """Of the callback with this number, E.164 without +."""
    return f"4919{910_000_000 + number}"


def fill(
    installation: Installation, count: int, *, first: int = 1, columns: Mapping[str, str] = USUAL
) -> None:
    """So many callbacks, numbered from `first`; columns as in NUMBERED."""
    chosen = "\n".join(
        f"    CROSS JOIN LATERAL (SELECT {expression} AS {name}) AS with_{name}"
        for name, expression in {**NUMBERED, **columns}.items()
    )
    statement = STATEMENT.format(first=first, last=first + count - 1, columns=chosen)
    installation.execute(statement)
    installation.execute("VACUUM ANALYZE callbacks_callback")
