"""The web server: granian, whose workers are forked from a process that has loaded the program.

What is loaded by then is in memory once for all of them. As `granian`, with its options:
`python -m jtelbridge.web --workers 2 …`.
"""

import os

from django.conf import settings
from granian.cli import entrypoint

from jtelbridge.wsgi import application

__all__ = ["application"]

# By default half of them may wait for Salesforce: both figures have to come from one place.
os.environ.setdefault("GRANIAN_BLOCKING_THREADS", str(settings.WEB_THREADS))

if __name__ == "__main__":
    entrypoint()  # type: ignore[no-untyped-call]
