"""However much a process logs, it says of callers no number, and no secret of anybody."""

import requests

from tests.orgsim.process import Org
from tests.processes import Installation, until

CALLER = "4989555010"
ROUTES = """
from callbacks.models import FunctionRoute
FunctionRoute.objects.update(wait_ms=10_000)
FunctionRoute.objects.create(name="Later", function="LATER")
FunctionRoute.objects.create(name="Which", function="WHICH", action="find_case", budget_ms=10_000)
"""


def test_even_when_debugging(installation: Installation, org: Org) -> None:
    org.create("Case", Subject="Heating is out", SuppliedPhone=f"+{CALLER}")
    installation.talk_to(org)
    installation.settings["LOG_LEVEL"] = "DEBUG"
    installation.python(ROUTES)
    web, worker = installation.start_web(workers=1), installation.start_worker()
    asked = requests.get(
        f"{installation.url}/api/v1/callers",
        {"CallerID": CALLER, "Function": "WHICH"},
        auth=installation.client,
        timeout=30,
    )
    assert asked.json()["CaseSubject"] == "Heating is out"
    assert installation.post({"CallerID": CALLER}).json()["Status"] == "synced"
    key = installation.post({"CallerID": CALLER, "Function": "LATER"}).json()["CallbackID"]
    until(lambda: installation.get(key)["Status"] == "synced")
    said = web.log.read_text("utf-8") + worker.log.read_text("utf-8")
    secret = installation.client[1]
    for word in (CALLER, CALLER[2:], "89 555010", secret, org.client_secret, "Bearer "):
        assert word not in said, word
