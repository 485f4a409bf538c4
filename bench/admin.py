"""Pages of the back office over a long history: server time and queries of each.

In process, through all middleware, as a member of the back office, and with nothing remembered
from the page before: what the first reader of every five seconds waits for. The pages take turns.
"""

import json
import tempfile
from pathlib import Path

from bench.rig.backlog import caller, fill
from bench.rig.report import headline, last_line, percentile, quick, table
from tests.processes import Installation

CALLBACKS = 100_000 if quick() else 1_000_000
ROUNDS = 10 if quick() else 50
SERVICES = 40
SEARCHED = CALLBACKS // 2
SECONDS_APART = 15.6  # half a year of them

# Half of a service's callers come to the first of the numbers; what is old is closed.
LIFE = {
    "at": f"now() - (n - i) * {SECONDS_APART} * interval '1 second'",
    "service": f"'4989461341' || lpad((i % {SERVICES} * (i / 41 % 10) / 10)::text, 2, '0')",
    "service_name": "'Service ' || right(service, 2)",
    "function": "(ARRAY['callback', 'invoice', 'fault', ''])[1 + i % 4]",
    "status": """CASE WHEN i > n - 50 THEN 'pending' WHEN i % 100 = 98 THEN 'failed'
        WHEN i % 1000 = 999 THEN 'held' WHEN i % 100 IN (96, 97) THEN 'dismissed'
        ELSE 'synced' END""",
    "took": "0.4 + (i % 997) / 500.0",
    "closed": "i % 100 < 90 AND i < n * 0.99",
    "signature": "CASE status WHEN 'failed' THEN 'CODE:Field' || i % 7 || '__c' ELSE '' END",
    "reason": """CASE status WHEN 'failed' THEN 'A text is longer than its field in Salesforce.'
        ELSE '' END""",
}
ATTEMPTS = """
    INSERT INTO callbacks_syncattempt
        (callback_id, lease_no, started_at, duration_ms, outcome, code, detail)
    SELECT id, 1, received_at, 318, status, '', '' FROM callbacks_callback
    WHERE status IN ('synced', 'failed')
"""
NUMBERS = f"""
    INSERT INTO callbacks_servicenumber (number, name, adopted, merge_minutes)
    SELECT '4989461341' || lpad(i::text, 2, '0'), 'Service ' || i, true, 0
    FROM generate_series(0, {SERVICES - 1}) AS i
"""
MEASURE = f"""
import json, time
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

clerk = User.objects.create_user("clerk", is_staff=True)
clerk.groups.add(Group.objects.get(name="Back office"))
browser = Client(SERVER_NAME="localhost")
browser.force_login(clerk)
some = list(Callback.objects.filter(status="failed").values_list("pk", flat=True)[:{ROUNDS}])

def opened(page):
    cache.clear()
    began = time.perf_counter()
    answer = browser.get(page)
    assert answer.status_code == 200, (page, answer.status_code)
    return 1000 * (time.perf_counter() - began)

pages = {{
    "dashboard": lambda n: "/admin/",
    "news": lambda n: "/admin/now/",
    "list": lambda n: "/admin/callbacks/callback/",
    "search": lambda n: "/admin/callbacks/callback/?q=%2B{caller(SEARCHED)}",
    "failed_groups": lambda n: "/admin/callbacks/failedsync/",
    "detail": lambda n: f"/admin/callbacks/callback/{{some[n % len(some)]}}/change/",
}}
queries, took = {{}}, {{name: [] for name in pages}}
for name, page in pages.items():
    opened(page(0))  # templates are read
    with CaptureQueriesContext(connection) as asked:
        opened(page(1))
    queries[name] = len(asked)
for n in range({ROUNDS}):
    for name, page in pages.items():
        took[name].append(opened(page(n)))
print(json.dumps([queries, took]))
"""


def furnish(installation: Installation) -> None:
    installation.execute(NUMBERS)
    fill(installation, CALLBACKS, columns=LIFE)
    installation.execute(ATTEMPTS)
    installation.execute("VACUUM ANALYZE")


def main() -> None:
    headline(f"Pages of the admin over {CALLBACKS:,} callbacks, {ROUNDS} times each")
    with (
        tempfile.TemporaryDirectory() as folder,
        Installation.running_on(Path(folder), postgres=True) as installation,
    ):
        furnish(installation)
        queries, took = json.loads(installation.python(MEASURE).splitlines()[-1])
    report(queries, took)


def report(queries: dict[str, float], took: dict[str, list[float]]) -> None:
    half = {name: percentile(times, 0.50) for name, times in took.items()}
    most = {name: percentile(times, 0.95) for name, times in took.items()}
    rows = [[name, half[name], most[name], queries[name]] for name in took]
    table(["page", "p50_ms", "p95_ms", "queries"], rows)
    last_line({"callbacks": CALLBACKS, "p95_ms": most, "queries": queries})


if __name__ == "__main__":
    main()
