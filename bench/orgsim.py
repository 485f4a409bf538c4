"""Whether the simulated org could be the bottleneck of what is measured against it."""

import statistics
import tempfile
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.rig.report import headline, last_line, quick, table
from tests.orgsim.process import Org, running

KEY = "Jtel_Callback_ID__c"
CALLS = 20 if quick() else 200
ROWS = 200


def batch() -> dict[str, Any]:
    """Create 200 Cases and read them back, as our own conversation does."""
    keys = [str(uuid.uuid4()) for _ in range(ROWS)]
    wanted = ",".join(f"'{key}'" for key in keys)
    soql = f"SELECT Id, CaseNumber FROM Case WHERE {KEY} IN ({wanted})"
    records = [
        {"attributes": {"type": "Case"}, KEY: key, "Subject": "Callback", "Description": "d" * 300}
        for key in keys
    ]
    data = "/services/data/v62.0"
    create = {"method": "POST", "url": f"{data}/composite/sobjects", "referenceId": "create"}
    read = {"method": "GET", "url": f"{data}/query?q={quote(soql)}", "referenceId": "read"}
    return {"compositeRequest": [create | {"body": {"records": records}}, read]}


def own_ms(org: Org, authorization: dict[str, str]) -> float:
    """CPU of the org's process for one call, in milliseconds."""
    before = org.state()["cpu_s"]
    url = f"{org.url}/services/data/v62.0/composite"
    org.session.post(url, json=batch(), headers=authorization, timeout=30).raise_for_status()
    return float(org.state()["cpu_s"] - before) * 1000


def main() -> None:
    headline(f"The simulated org: {CALLS} calls that create {ROWS} Cases and read them back")
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "org.sqlite3") as org:
        authorization = {"Authorization": f"Bearer {org.token()}"}
        costs = sorted(own_ms(org, authorization) for _ in range(CALLS))
        figures = {
            "own_ms_per_200": statistics.median(costs),
            "own_ms_per_200_p95": costs[int(len(costs) * 0.95)],
            "start_cpu_s": float(org.state()["started_after_cpu_s"]),
        }
    table(["figure", "value"], [[name, value] for name, value in figures.items()])
    last_line(figures)


if __name__ == "__main__":
    main()
