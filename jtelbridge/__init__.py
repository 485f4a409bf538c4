"""The project: wiring only, no logic."""

from jtelbridge.celery import app as celery_app

__all__ = ["celery_app"]
