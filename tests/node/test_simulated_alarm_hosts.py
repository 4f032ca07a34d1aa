"""Hosts that report by the book reach the node whatever is in the way, and those of another make are understood as well."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from siadc09.account import Account
from siadc09.message import Message, parse_frame
from siadc09.xdata import Data

from fengsui.simulators.alarm_host import AlarmTarget, NotHandled, SimulatedAlarmHost
from tests.node.alarm_hosts import KEY, datagram, entered
from tests.node.conftest import RunningNode, running_node, settings_for


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


async def simulate(node: RunningNode, *words: str) -> tuple[int | None, str]:
    """The command as its users start it: exit code and what it prints."""
    port = str(node.node.settings.alarm_hosts.port)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fengsui", "simulate", "alarm-host", "--port", port, *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_the_command_reports_for_several_hosts(node: RunningNode, transport: str) -> None:
    for account in ("0A09", "0A0A"):
        await entered(node, account, key=KEY)
    words = ("--account", "0A09", "--count", "2", "--key", KEY.hex(), "--alarms", "40", "--rate", "400", "--transport", transport)
    code, said = await simulate(node, *words)
    assert code == 0 and "40/40 acknowledged, 0 not handled" in said, said
    found = (await node.client.get("/alarms", params={"limit": 100})).json()["items"]
    assert sorted(int(one["zone"]) for one in found) == list(range(1, 41))
    assert {one["account"] for one in found} == {"0A09", "0A0A"}


async def test_the_command_goes_round_its_zones_and_codes(node: RunningNode) -> None:
    await entered(node, "0A09", key=KEY)
    words = ("--account", "0A09", "--key", KEY.hex(), "--alarms", "4", "--rate", "50", "--code", "PA,BA", "--zones", "2")
    code, said = await simulate(node, *words)
    assert code == 0, said
    found = (await node.client.get("/alarms")).json()["items"]
    assert [(one["code"], int(one["zone"])) for one in reversed(found)] == [("PA", 1), ("BA", 2)] * 2


async def test_the_command_speaks_contact_id_by_a_wrong_clock_and_falls_silent(node: RunningNode) -> None:
    await entered(node, "0A09", key=KEY)
    words = ("--account", "0A09", "--key", KEY.hex(), "--protocol", "cid", "--code", "120,130", "--zones", "2", "--rate", "4")
    late = ("--clock-skew-s", "900", "--clock-drift-s", "7200000", "--beat-s", "0.05", "--silent-after-s", "0.9", "--alarms", "6")
    code, said = await simulate(node, *words, *late)
    told = re.search(r"(\d)/6 acknowledged, 0 not .* (\d) unsent in silence, (\d+) beats, clock put right (\d+) times", said)
    assert code == 0 and told is not None, said
    taken, unsent, beats, corrected = map(int, told.groups())
    assert taken >= 1 and unsent >= 1 and taken + unsent == 6 and beats >= 1, said
    assert corrected > 1, "a clock that gains is put right again and again"
    found = (await node.client.get("/alarms")).json()["items"]
    assert [(one["code"], int(one["zone"])) for one in reversed(found)] == [("120", 1), ("130", 2)] * (taken // 2) + [
        ("120", 1)
    ] * (taken % 2), found
    code, said = await simulate(node, "--protocol", "cid", "--code", "BA")
    assert code == 2 and "three digits" in said


async def test_the_command_tells_what_nobody_handles(node: RunningNode) -> None:
    code, said = await simulate(node, "--account", "0A09", "--alarms", "3", "--rate", "100")
    assert code == 1 and "0/3 acknowledged, 3 not handled" in said, said


async def test_a_host_whose_clock_is_wrong_is_put_right_and_then_taken(node: RunningNode) -> None:
    await entered(node, "4321", key=KEY)
    target = AlarmTarget(port=node.node.settings.alarm_hosts.port, retry_s=30)  # it is not sent again before the NAK comes
    host = SimulatedAlarmHost("4321", target, KEY, clock_skew=timedelta(hours=-8))
    await host.report("Nri1/BA005")
    await host.close()
    assert host.corrected == 1 and abs(host.clock_skew) < timedelta(seconds=30)
    (alarm,) = (await node.client.get("/alarms")).json()["items"]
    assert abs(datetime.fromisoformat(alarm["sent_at"]) - datetime.now(UTC)) < timedelta(seconds=60)


async def test_a_host_with_another_key_is_told(node: RunningNode) -> None:
    await entered(node, "4321", key=KEY)
    host = SimulatedAlarmHost("4321", AlarmTarget(port=node.node.settings.alarm_hosts.port), bytes(16))
    with pytest.raises(NotHandled):
        await host.report("Nri1/BA005")
    await host.close()


@pytest.mark.parametrize("key", [None, KEY], ids=["clear", "encrypted"])
@pytest.mark.parametrize(
    ("token", "data", "wanted"),
    [
        ("SIA-DCS", b"#4321|Nri2/FA005", ("sia", "FA", "2", "005", 1)),
        ("ADM-CID", b"#4321|1110 02 005", ("cid", "110", "02", "005", 1)),
    ],
)
async def test_frames_of_another_make_are_taken_and_its_receiver_reads_the_answer(
    node: RunningNode, key: bytes | None, token: str, data: bytes, wanted: tuple[str, str, str, str, int]
) -> None:
    await entered(node, "4321", key=key)
    account = Account(acct=0x4321, pref=0, key=key)
    message = Message(account, {"idtoken": token, "seqno": 17, "data": Data(data), "timestamp": datetime.now(UTC)})
    answer = await datagram(node.node.settings.alarm_hosts.port, message.encode())
    theirs = parse_frame(b"\n" + answer + b"\r", keys=key)
    assert (theirs.idtoken, theirs.seq, theirs.account.acct, bool(theirs.encrypted)) == ("ACK", 17, 0x4321, key is not None)
    (alarm,) = (await node.client.get("/alarms")).json()["items"]
    assert tuple(alarm[name] for name in ("code_table", "code", "section", "zone", "priority")) == wanted
