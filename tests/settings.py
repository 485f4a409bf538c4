"""The project's settings in the surroundings of a test: nothing from outside, folders of its own."""

import os
import tempfile
import warnings
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the embedded server's package warns of a missing XDG folder
    from tests.postgres import server_url

for name in [name for name in os.environ if name.startswith("SALESFORCE_")]:
    del os.environ[name]

# One run is one folder and one name; its parallel workers inherit both.
os.environ.setdefault("TEST_RUN", f"{os.getpid()}")
_folder = Path(tempfile.mkdtemp(prefix=f"jtelbridge-{os.environ['TEST_RUN']}-"))
ON_POSTGRES = os.environ.get("TEST_DATABASE") == "postgres"

os.environ |= {
    "VAR_DIR": str(_folder),
    "DATABASE_URL": server_url() if ON_POSTGRES else f"sqlite:///{_folder / 'tests.sqlite3'}",
    "CELERY_BROKER_URL": "filesystem://localhost",
    "SECRET_KEY": "only-for-tests-" + "x" * 35,
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "CSRF_TRUSTED_ORIGINS": "",
    "DEBUG": "false",
    "LOG_LEVEL": "WARNING",
    "SIGHTINGS_SECONDS": "0",  # written when a test says so
    "SALESFORCE_URL": "",
    **dict.fromkeys(("EMAIL_URL", "ALERT_EMAILS", "ALERT_WEBHOOK_URL"), ""),
}

from jtelbridge.settings import *  # noqa: E402, F403
from jtelbridge.settings import DATABASES  # noqa: E402

DATABASES["default"]["TEST"] = (
    {"NAME": f"test_jtelbridge_{os.environ['TEST_RUN']}"}
    if ON_POSTGRES
    else {
        "NAME": str(_folder / "test.sqlite3")
    }  # a file: threads of a test share it as processes do
)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Every test client starts the middleware anew; looking for the static files each time took a
# quarter of the whole suite.
WHITENOISE_AUTOREFRESH = True
