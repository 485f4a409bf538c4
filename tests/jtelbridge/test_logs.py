"""What a database says of a row it refuses stays out of the logs: it quotes the row."""

import io
import json
import logging
from logging.config import DictConfigurator
from typing import Any

import pytest
from django.db import IntegrityError

from jtelbridge.logs import logging_config

REFUSAL = (
    'null value in column "client_id" violates not-null constraint\n'
    "DETAIL:  Failing row contains (1, Erika\n\nMustermann, 0171 2345678)."
)


@pytest.fixture
def written() -> tuple[logging.Logger, io.StringIO]:
    """A logger as the program has them, and what it writes."""
    config = logging_config("INFO")["formatters"]["json"]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    configurator: Any = DictConfigurator({"version": 1})
    handler.setFormatter(configurator.configure_formatter(config))
    logger = logging.getLogger("of this test")
    logger.handlers = [handler]
    return logger, stream


def store() -> None:
    raise IntegrityError(REFUSAL)


def work() -> None:
    try:
        store()
    except IntegrityError as refused:
        raise RuntimeError("while storing") from refused


def test_a_traceback_quotes_no_row(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = written
    try:
        work()
    except RuntimeError:
        logger.exception("not stored")
    line = json.loads(stream.getvalue())
    assert "not-null constraint" in line["exception"]
    assert "RuntimeError: while storing" in line["exception"]
    assert "Mustermann" not in stream.getvalue()


def test_nor_does_a_sentence_with_the_error_in_it(
    written: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, stream = written
    logger.error("Task failed: %r", IntegrityError(REFUSAL))
    assert "not-null constraint" in stream.getvalue()
    assert "Mustermann" not in stream.getvalue()
