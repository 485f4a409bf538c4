"""Callbacks straight into the database, each of a caller of its own: for what is slow to POST."""

from tests.processes import Installation

STATEMENT = """
    INSERT INTO callbacks_callback (
        id, client_id, kind, dialect, received_at, caller_text, caller_number, callback_text,
        callback_number, service_number, service_name, function, time_flag, payload, raw_body,
        raw_query, content_type, idempotency_key, key_reused, status, due_at, isolation, case_id,
        synced_at
    )
    SELECT
        gen_random_uuid(), (SELECT MIN(id) FROM callbacks_acdclient), 'callback', 'base',
        now() - (n - i) * interval '1 second', '+' || caller, caller, '', '', '498946134180',
        'Service Hotline', 'callback', '',
        jsonb_build_object(
            'CallerID', caller, 'ServiceNumber', '498946134180', 'ServiceName', 'Service Hotline',
            'Function', 'callback', 'UserData', 'request ' || i,
            'UserData2', 'Question about an invoice'
        ),
        ''::bytea, '', 'application/json', 'bench ' || i, false, status,
        now() + due_in * interval '1 second', isolation,
        CASE status WHEN 'synced' THEN '500' || lpad(i::text, 15, '0') ELSE '' END,
        CASE status WHEN 'synced' THEN now() END
    FROM (
        SELECT i, {last} AS n, {caller} AS caller, {status} AS status, {due_in} AS due_in,
            {isolation} AS isolation
        FROM generate_series({first}, {last}) AS i
    ) AS numbered
"""


def caller(number: int) -> str:
    """Of the callback with this number, E.164 without +."""
    return f"4919{910_000_000 + number}"


def fill(
    installation: Installation,
    count: int,
    *,
    first: int = 1,
    status: str = "'pending'",
    due_in: str = "0",
    isolation: str = "0",
) -> None:
    """So many callbacks, numbered from `first`; the others are SQL expressions over number i."""
    installation.execute(
        STATEMENT.format(
            first=first,
            last=first + count - 1,
            caller="'4919' || (910000000 + i)",
            status=status,
            due_in=due_in,
            isolation=isolation,
        )
    )
    installation.execute("VACUUM ANALYZE callbacks_callback")
