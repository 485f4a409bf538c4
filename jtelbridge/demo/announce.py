"""Waits until everything answers, then says how to use it: to people and to programs."""

import json
import time
from http.client import HTTPConnection, HTTPException

from jtelbridge.demo.files import write_private
from jtelbridge.demo.plan import ORG_CLIENT, Plan
from jtelbridge.demo.seed import ADMIN, HOTLINE, Credentials

PATIENCE_SECONDS = 60


def when_ready(plan: Plan, credentials: Credentials) -> bool:
    """Whether it became ready in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    waits = [(plan.org_port, "/__sim__/state"), (plan.port, "/readyz")]
    while not all(answers(port, path) for port, path in waits):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    write_private(plan.published, as_json(plan, credentials))
    print(as_text(plan, credentials), flush=True)  # noqa: T201 - what the command is for
    return True


def answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200  # noqa: PLR2004 - HTTP's OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def as_json(plan: Plan, credentials: Credentials) -> dict[str, object]:
    return {
        "url": plan.url,
        "org_url": plan.org_url,
        "admin": {"username": ADMIN, "password": credentials.admin_password},
        "client": {"id": credentials.client_id, "secret": credentials.client_secret},
        "org": ORG_CLIENT,
    }


def as_text(plan: Plan, credentials: Credentials) -> str:
    return f"""
Ready.

  Admin          {plan.url}/admin/
                 user {ADMIN}, password {credentials.admin_password}
  Simulated org  {plan.org_url}/__sim__/records/Case
                 {ORG_CLIENT["client_id"]}, {ORG_CLIENT["client_secret"]}
  ACD client     {credentials.client_id}, {credentials.client_secret}

A caller presses the key; paste this:

{curl(plan, credentials)}

Ctrl-C stops everything. For programs, all of this is in {plan.published}.
"""


def curl(plan: Plan, credentials: Credentials) -> str:
    request = {
        "CallerID": "49199123456789",
        "ServiceNumber": HOTLINE,
        "ServiceName": "Service Hotline",
        "Function": "callback",
        "UserData": "Question about an invoice",
    }
    return (
        f"curl -sS -w '\\n' {plan.url}/api/v1/callbacks"
        f" -H 'Authorization: Bearer {credentials.client_secret}'"
        f" -H 'Content-Type: application/json' -d '{json.dumps(request)}'"
    )
