"""Start the simulated org: `python -m tests.orgsim --port 8001 --db PATH`."""

import argparse
import asyncio
import contextlib
import os
import sqlite3
from pathlib import Path

from .app import application
from .control import Control
from .org import METADATA, USERNAME, Org, Settings
from .seed import sow
from .server import Listener, NotLoopbackError, Tls, serve
from .wire import Wires


def arguments() -> argparse.Namespace:
    """Read the command line; credentials may come by environment."""
    parser = argparse.ArgumentParser(prog="orgsim", description="A simulated Salesforce org.")
    parser.add_argument("--port", type=int, default=8001, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--db", type=Path, required=True, help="the SQLite file of the org")
    parser.add_argument("--seed-demo", action="store_true", help="people to call back")
    credential(parser, "--client-id", "demo-client")
    credential(parser, "--client-secret", "demo-secret")
    credential(parser, "--username", USERNAME)
    credential(parser, "--password", None)
    parser.add_argument("--jwt-key", type=Path, help="PEM public key of the JWT bearer flow")
    parser.add_argument("--certificate", type=Path, help="PEM: speak TLS, with --private-key")
    parser.add_argument("--private-key", type=Path, help="PEM, without a passphrase")
    parser.add_argument(
        "--metadata", type=Path, default=METADATA, help="SFDX source with custom fields"
    )
    parser.add_argument("--contact-requests", action="store_true", help="have ContactRequest")
    parser.add_argument("--daily-limit", type=int, help="API calls in 24 hours")
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="end with the process that started it"
    )
    return parser.parse_args()


def credential(parser: argparse.ArgumentParser, option: str, default: str | None) -> None:
    """Add an option whose default comes from `ORGSIM_…`."""
    variable = "ORGSIM_" + option.removeprefix("--").replace("-", "_").upper()
    parser.add_argument(option, default=os.environ.get(variable, default), help=f"or {variable}")


def settings(given: argparse.Namespace) -> Settings:
    """Make settings of the arguments."""
    return Settings(
        db=given.db,
        metadata=given.metadata,
        client_id=given.client_id,
        client_secret=given.client_secret,
        username=given.username,
        password=given.password,
        jwt_key=given.jwt_key.read_bytes() if given.jwt_key else None,
        contact_requests=given.contact_requests,
    )


def tls_of(given: argparse.Namespace) -> Tls | None:
    """Give the certificate to speak TLS with, if one was given."""
    if not given.certificate:
        return None
    return Tls(given.certificate, given.private_key or given.certificate)


def announce(url: str) -> None:
    """Say where the org is; whoever started it waits for this line."""
    print(f"simulated org at {url}", flush=True)  # noqa: T201 - its one line of output


def opened(given: Settings) -> Org:
    """Open the org; a field that became unique over doubled values is refused, as in an org."""
    try:
        return Org(given)
    except sqlite3.IntegrityError as wrong:
        raise SystemExit(f"orgsim: the data does not fit the metadata: {wrong}") from None


def main() -> None:
    """Start the org and serve it."""
    given, wires = arguments(), Wires()
    try:
        listener = Listener(given.host, given.port, wires, tls_of(given))
    except (NotLoopbackError, OSError) as wrong:
        raise SystemExit(f"orgsim: cannot listen: {wrong}") from None
    if not given.metadata.is_dir():
        raise SystemExit(f"orgsim: no metadata at {given.metadata}: see --metadata")
    given.db.parent.mkdir(parents=True, exist_ok=True)
    org = opened(settings(given))
    if given.seed_demo:
        sow(org)
    if given.daily_limit:
        org.behaviour.daily_limit = given.daily_limit
    app = application(org, wires, Control(org, listener))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(app, listener, announce, with_stdin=given.until_stdin_closes))


if __name__ == "__main__":
    main()
