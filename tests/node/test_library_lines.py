"""What a peer sends to the HTTP port fills no log: the server's own warnings are ours, limited and counted."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from fengsui.app.logging import LIBRARY_LINES, set_up_logging
from fengsui.settings import LogSection
from tests.node.conftest import running_node, settings_for

KEPT = 20


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The node's own logging, on a stderr that is read; afterwards as it was."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    set_up_logging(json_lines=True, settings=LogSection(lines_per_event=KEPT))
    yield said
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


async def nonsense(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\x00 nonsense\r\n\r\n")
    await reader.read()
    writer.close()


async def test_nonsense_by_http_is_told_within_the_limit(tmp_path: Path, logs: io.StringIO) -> None:
    count, before = 10 * KEPT, LIBRARY_LINES.labels("uvicorn")._value.get()
    async with running_node(tmp_path, settings_for()) as node:
        for _ in range(count):
            await nonsense(node.node.settings.http.port)
        assert LIBRARY_LINES.labels("uvicorn")._value.get() >= before + count
    lines = [json.loads(line) for line in logs.getvalue().splitlines() if line.strip()]
    told = [one for one in lines if one["event"].startswith("Invalid HTTP request")]
    assert 0 < len(told) <= 3 * KEPT, "a window is ten seconds; a slow machine may see a second and a third"
    assert all(one["library"] == "uvicorn.error" and one["level"] == "warning" for one in told)


def test_an_error_of_a_library_keeps_its_traceback(logs: io.StringIO) -> None:
    try:
        raise ZeroDivisionError("of a library")
    except ZeroDivisionError:
        logging.getLogger("asyncio").exception("Exception in %s", "a callback")
    line = json.loads(logs.getvalue().splitlines()[-1])
    assert line["said"] == "Exception in a callback" and "ZeroDivisionError" in line["exception"]
