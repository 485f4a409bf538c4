"""One JSON object a line on standard error. Callers of the log give masked values."""

import logging.config
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import orjson
import structlog

# PostgreSQL's refusals quote the row, numbers and names included; what follows is told, if chained.
_QUOTED_ROW = re.compile(r"DETAIL:.*?(?=\n\n(?:The above|During handling)|\Z)", re.DOTALL)


def without_rows(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    for name in ("event", "exception"):
        if "DETAIL:" in str(event.get(name, "")):
            event[name] = _QUOTED_ROW.sub("DETAIL: […]", str(event[name]))
    return event


shared: list[Any] = [
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_config(level: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    without_rows,
                    structlog.processors.JSONRenderer(),
                ],
                "foreign_pre_chain": [*shared, structlog.stdlib.add_logger_name],
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR"},  # refusals are logged where they are decided
            "celery.worker.strategy": {"level": "WARNING"},  # a bell is no news
            "celery.app.trace": {"level": "WARNING"},
            "urllib3": {"level": "INFO"},  # below that it writes addresses, and with them numbers
        },
    }


def configure(config: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: the standard library's loggers, then structlog's short way out."""
    logging.config.dictConfig(config)
    level = logging.getLevelName(config["root"]["level"])
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            without_rows,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(file=sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def _dumps(event: dict[str, Any], **_: Any) -> bytes:
    return orjson.dumps(event, default=str)
