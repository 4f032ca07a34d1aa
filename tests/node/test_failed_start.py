"""A start that fails, or a room that ends badly, gives back everything: the next start in this process finds it free."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest

from fengsui.app import Node
from fengsui.app.web import Web
from fengsui.errors import PortTaken
from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, demonstration, to_text
from fengsui.features.audit import Audit
from fengsui.features.devices import Devices
from fengsui.features.duty import Duty
from fengsui.features.live import Live
from fengsui.settings import NodeSettings
from tests.node.conftest import settings_for
from tests.ports import free_port


class Planted(Exception):
    """What a room raises here."""


def new_node(folder: Path, settings: NodeSettings) -> Node:
    """Not started."""
    os.environ[FIRST_PEOPLE] = to_text(demonstration({one.name: "first-password" for one in DEMONSTRATION}))
    return Node(settings, folder)


def our_threads() -> set[str]:
    """Of the engine and the SIP door."""
    return {one.read_text().strip() for one in Path("/proc/self/task").glob("*/comm")} & {"sip-front", "media-0", "media-web"}


async def starts(folder: Path, settings: NodeSettings) -> None:
    """On these ports and this folder: nobody holds them."""
    node = new_node(folder, settings)
    await node.start()
    await node.stop()


async def raises(*_: object) -> None:
    """In place of a room's start or stop."""
    raise Planted


@pytest.mark.parametrize("room", [Audit, Devices, Duty, Live, Web], ids=lambda room: room.__name__)
async def test_a_start_that_fails_gives_everything_back(room: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_for()
    before = asyncio.all_tasks()
    with monkeypatch.context() as patch:
        patch.setattr(room, "start", raises)
        with pytest.raises(Planted):
            await new_node(tmp_path, settings).start()
    assert not our_threads()
    assert {task for task in asyncio.all_tasks() - before if not task.done()} == set()
    await starts(tmp_path, settings)


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["UDP", "TCP"])
@pytest.mark.parametrize("door", ["sip", "media"])
async def test_a_taken_port_is_named_and_free_for_us_once_it_is_free(kind: socket.SocketKind, door: str, tmp_path: Path) -> None:
    settings = settings_for()
    port = settings.signalling.port if door == "sip" else settings.media.rtp_port
    with socket.socket(socket.AF_INET, kind) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(kind is socket.SOCK_STREAM))
        other.bind(("127.0.0.1", port))
        if kind is socket.SOCK_STREAM:
            other.listen()
        with pytest.raises(PortTaken, match=str(port)):
            await new_node(tmp_path, settings).start()
    await starts(tmp_path, settings)


async def test_a_port_of_sip_over_tls_that_is_taken_leaves_the_other_free(tmp_path: Path) -> None:
    settings = settings_for(tls_port=free_port())
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", settings.signalling.tls_port))
        other.listen()
        with pytest.raises(PortTaken):
            await new_node(tmp_path, settings).start()
    await starts(tmp_path, settings)


@pytest.mark.parametrize("room", [Devices, Live], ids=lambda room: room.__name__)
async def test_a_room_that_ends_badly_keeps_no_other_from_its_end(
    room: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for()
    with monkeypatch.context() as patch:
        patch.setattr(room, "stop", raises)
        await starts(tmp_path, settings)
    await starts(tmp_path, settings)
