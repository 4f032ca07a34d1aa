"""Clips that end in their midst: what was handed over by then is on record, and one that is in trouble is no other's."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from fengsui.errors import StorageFault
from fengsui.features.clips import Clips
from fengsui.features.clips import actions as clips
from tests.node.clip_room import Filmed, clip_node, ends, filmed
from tests.node.conftest import until

SEGMENT, WINDOW = 536, 4096
"""So little is on its way to a browser that takes nothing, and the rest of a clip is with the media core."""


@pytest.fixture
async def footage(tmp_path: Path) -> AsyncIterator[Filmed]:
    """More than the ways between hold."""
    async with clip_node(tmp_path / "node") as node, filmed(node, 20) as found:
        yield found


@contextlib.contextmanager
def browser(url: str) -> Iterator[socket.socket]:
    """Has asked for the file, has the begin of its head, and takes no more."""
    address = urlsplit(url)
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
        line.settimeout(20)
        line.connect((address.hostname or "", address.port or 0))
        line.sendall(f"GET {address.path}?{address.query} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert line.recv(12) == b"HTTP/1.1 200"
        yield line


async def address(footage: Filmed, request: str) -> str:
    """Where the file is taken."""
    answer = await footage.take(request)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"])


def said(footage: Filmed) -> list[str]:
    return [one.detail for one in ends(footage.node)]


async def test_what_was_handed_over_of_a_clip_is_on_record_when_the_node_stops(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node, filmed(node, 20) as footage:
        request = await footage.permit()
        taken, waiting = await address(footage, request), await address(footage, request)
        with browser(taken):
            await node.node.stop()
            assert waiting and sorted(said(footage))[1:] == ["the node stops", "the node stops"]
            told = sorted(said(footage))[0]
            assert " (the node stops): " in told and "sha256 " in told, told


async def test_whoever_goes_away_has_what_is_on_record(footage: Filmed) -> None:
    with browser(await address(footage, await footage.permit())):
        pass
    await until(lambda: said(footage), what="what was handed over is on record")
    assert said(footage)[0].startswith("left: ") and ends(footage.node)[0].ticket == footage.number


async def test_trouble_about_one_clip_is_no_others(footage: Filmed, monkeypatch: pytest.MonkeyPatch) -> None:
    request = await footage.permit()
    first, second = await address(footage, request), await address(footage, request)
    room: Clips = footage.node.node.footage.clips
    troubled, other = room._going.values()
    decide = room._why

    async def fails(going: Any) -> str:
        if going is troubled:
            raise KeyError("something nobody expected")
        return await decide(going)

    monkeypatch.setattr(room, "_why", fails)
    monkeypatch.setattr(clips, "UNDECIDED_S", 3.0)
    with browser(first), browser(second):
        await until(lambda: troubled.cut == "the right to it could not be decided", what="nothing goes on undecided")
        assert other.session in room._going and not other.cut
        assert (await footage.chen.delete("/session")).status_code == 204
        assert other.cut == "signed out"
        monkeypatch.setattr(clips, "CUT_S", 0.0)
        await until(lambda: not room._going, what="a clip that is cut off holds no place for ever")


async def test_a_database_that_is_away_is_asked_once_for_all(footage: Filmed, monkeypatch: pytest.MonkeyPatch) -> None:
    request = await footage.permit()
    await address(footage, request)
    await address(footage, request)
    room: Clips = footage.node.node.footage.clips
    asked: list[str] = []

    async def away(going: Any) -> str:
        asked.append(going.session)
        raise StorageFault(what="away")

    monkeypatch.setattr(room, "_why", away)
    await room._look()
    assert len(asked) == 1 and all(one.undecided_s is not None for one in room._going.values())
