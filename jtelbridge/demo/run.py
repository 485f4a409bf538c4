import sys
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from jtelbridge.demo import leftovers
from jtelbridge.demo.announce import when_ready
from jtelbridge.demo.fleet import Fleet
from jtelbridge.demo.plan import Plan
from jtelbridge.demo.seed import seed


def run(port: int, org_port: int) -> None:
    refuse_real_installation()
    plan = Plan(Path(settings.BASE_DIR), Path(settings.VAR_DIR), port, org_port)
    if leftovers.end(plan.mark):
        say("Ended an earlier demo that was still running.")
    with leftovers.hold(plan.folder / "demo.lock"):
        plan.published.unlink(missing_ok=True)
        leftovers.refuse_taken_port("PORT", port)
        leftovers.refuse_taken_port("ORG_PORT", org_port)
        say("Preparing the database, then starting the org, web, worker and beat …")
        call_command("migrate", verbosity=0)
        credentials = seed(plan.state)
        connections.close_all()  # the processes to come are forks of this one
        try:
            trouble = Fleet(plan, partial(when_ready, plan, credentials)).run()
        finally:
            plan.published.unlink(missing_ok=True)
    say(trouble or "Stopped.")
    sys.exit(1 if trouble else 0)


def refuse_real_installation() -> None:
    """Its callbacks would be told that their Cases exist, by an org that does not."""
    if not settings.EMBEDDED_DATABASE:
        sys.exit("demo: DATABASE_URL is set; the demo brings its own: DATABASE_URL= make demo")
    if settings.SALESFORCE_URL.startswith("https:"):
        sys.exit("demo: SALESFORCE_URL names a real org; run the demo in a clone of its own")


def say(text: str) -> None:
    print(f"demo: {text}", flush=True)  # noqa: T201 - what the command is for
