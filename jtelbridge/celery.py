import os

from celery import Celery

from jtelbridge import embedded_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jtelbridge.settings")

embedded_broker.install()
app = Celery("jtelbridge")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
