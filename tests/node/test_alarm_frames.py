"""What hosts write otherwise than the book, and more of it than is right: nothing is lost, and nobody else is held up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fengsui.wire.dc09.envelope import framed
from tests.node.alarm_hosts import datagram, entered, told
from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.test_alarms import ACCOUNT, alarms, port_of


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


@pytest.mark.parametrize(
    ("token", "rest", "wanted"),
    [
        ("SIA-DCS", "#4321|Nph+8613900000000/HA001]", ("HA", "001", True, 1, "")),
        ("SIA-DCS", "#4321|Nri1/BA005/x]", ("BA", "005", True, 2, "x")),
        ("SIA-DCS", "#4321|NBA005]_8:20:00,03-02-2026", ("BA", "005", True, 2, "")),
        ("SIA-DCS", "#4321|Q\x00" + "柜" * 300 + "]", ("", "", False, 1, ("#4321|Q" + "柜" * 300)[:256])),
        ("ADM-CID", "#4321|1121 02]", ("", "", False, 1, "#4321|1121 02")),
    ],
)
async def test_a_known_host_that_writes_otherwise_is_acknowledged_and_its_alarm_shown(
    node: RunningNode, token: str, rest: str, wanted: tuple[str, str, bool, int, str]
) -> None:
    await entered(node, ACCOUNT)
    frame = framed(f'"{token}"0001L0#{ACCOUNT}[{rest}'.encode())
    assert told(await datagram(port_of(node), frame)) == ("ACK", "0001", ACCOUNT)
    (alarm,) = await alarms(node)
    assert (alarm["code"], alarm["zone"], alarm["known"], alarm["priority"], alarm["text"]) == wanted
