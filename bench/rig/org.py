"""An installation on PostgreSQL that talks to a simulated org, all as real processes."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.orgsim.process import Org
from tests.orgsim.process import running as running_org
from tests.processes import Installation


@contextmanager
def installation_with_org() -> Iterator[tuple[Installation, Org]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_org(Path(folder) / "org.sqlite3") as org,
        Installation.running_on(
            Path(folder),
            postgres=True,
            ACD_REQUESTS_PER_SECOND="100000",
            SALESFORCE_URL=org.url,
            SALESFORCE_CLIENT_ID=org.client_id,
            SALESFORCE_CLIENT_SECRET=org.client_secret,
        ) as installation,
    ):
        yield installation, org
