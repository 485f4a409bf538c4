import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready

from jtelbridge import embedded_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jtelbridge.settings")
# Its answers are dropped, and it loads every screen of the back office into the worker.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

embedded_broker.install()
app = Celery("jtelbridge")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def spare_what_stays(**_: Any) -> None:
    """What was imported never goes away; to look through it again and again costs a fifth."""
    gc.collect()
    gc.freeze()
