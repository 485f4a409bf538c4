"""The broker that needs no server: a folder, in which messages appear whole or not at all."""

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import cast

import pytest
from kombu import Connection

from jtelbridge.embedded_broker import Channel

MESSAGES = 3_000


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Channel]:
    folders = dict.fromkeys(["data_folder_in", "data_folder_out"], str(tmp_path / "messages"))
    options = {**folders, "control_folder": str(tmp_path / "control")}
    (tmp_path / "messages").mkdir()
    with Connection("filesystem://localhost", transport_options=options) as connection:
        yield cast("Channel", connection.default_channel)


def test_celery_uses_it(channel: Channel) -> None:
    assert isinstance(channel, Channel)


def test_what_was_put_comes_in_order_and_once(channel: Channel) -> None:
    for number in range(20):
        channel._put("bells", {"number": number})
    assert [channel._get("bells")["number"] for _ in range(20)] == list(range(20))
    with pytest.raises(Empty):
        channel._get("bells")


def test_a_message_half_written_when_its_writer_died_is_passed_over(
    channel: Channel, tmp_path: Path
) -> None:
    channel._put("bells", {"number": 1})
    [whole] = (tmp_path / "messages").iterdir()
    whole.rename(whole.with_suffix(".part")).write_text('{"num')
    with pytest.raises(Empty):
        channel._get("bells")


def test_a_reader_beside_a_writer_never_sees_a_part(channel: Channel) -> None:
    def write() -> None:
        for number in range(MESSAGES):
            channel._put("bells", {"number": number, "filling": "x" * 4_000})

    writer = threading.Thread(target=write)
    writer.start()
    seen = 0
    while seen < MESSAGES:
        try:
            channel._get("bells")
        except Empty:
            continue
        else:
            seen += 1
    writer.join()
