"""A DC-09 host reports over a real socket: it is on disk, acknowledged, and seen; everything else is answered by the book."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from fengsui.features.audit.folder import segments
from fengsui.wire.dc09.content import TIME
from fengsui.wire.dc09.envelope import framed
from fengsui.wire.dc09.sending import request
from tests.node.alarm_hosts import KEY, burglary, datagram, entered, line_to, order, sender_of, told
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_lifts import MovedClock

ACCOUNT, OTHER_KEY = "4321", bytes(reversed(range(16)))


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


def port_of(node: RunningNode) -> int:
    return node.node.settings.alarm_hosts.port


async def alarms(node: RunningNode, **asked: Any) -> list[dict[str, Any]]:
    answer = await node.client.get("/alarms", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("fengsui_alarm_frames_total", {"outcome": outcome}) or 0.0


def on_disk(node: RunningNode) -> int:
    """As another process reads it: committed, and nothing else."""
    with sqlite3.connect(f"file:{node.node.data / 'node.db'}?mode=ro", uri=True) as database:
        return int(database.execute("SELECT count(*) FROM alarms").fetchone()[0])


@pytest.mark.parametrize("way", ["tcp", "udp"])
@pytest.mark.parametrize("key", [None, KEY], ids=["clear", "encrypted"])
async def test_an_alarm_is_on_disk_then_acknowledged_then_seen(node: RunningNode, way: str, key: bytes | None) -> None:
    host = await entered(node, ACCOUNT, key=key)
    assert host["encrypted"] is (key is not None) and host["area"] == "520102"
    sent_at = datetime.now(UTC).replace(microsecond=0)
    frame = burglary(sender_of(ACCOUNT, key), 42, sent_at=sent_at, text="柜台")
    if way == "udp":
        answer = await datagram(port_of(node), frame)
        stored = on_disk(node)
    else:
        async with line_to(port_of(node)) as line:
            answer = await line.ask(frame)
            stored = on_disk(node)
    assert stored == 1, "nothing is acknowledged before its commit"
    assert told(answer, key) == ("*ACK" if key else "ACK", "0042", ACCOUNT)
    (alarm,) = await alarms(node)
    assert await node.get(f"/alarms/{alarm['id']}") == alarm
    wanted = {
        **{"account": ACCOUNT, "site": "南明银行", "area": "520102", "section": "2", "zone": "005", "user": ""},
        **{"point": "金库门", "point_kind": "detector", "code_table": "sia", "code": "BA", "known": True, "change": "new"},
        **{"category": "intrusion", "priority": 2, "text": "柜台", "sequence": "0042", "encrypted": key is not None, "repeats": 0},
    }
    assert {name: alarm[name] for name in wanted} == wanted
    assert datetime.fromisoformat(alarm["sent_at"]) == sent_at
    assert abs(datetime.fromisoformat(alarm["received_at"]) - datetime.now(UTC)) < timedelta(seconds=30)


async def test_what_is_sent_again_joins_and_is_acknowledged_again(node: RunningNode) -> None:
    await entered(node, ACCOUNT, key=KEY)
    sender, began = sender_of(ACCOUNT, KEY), datetime.now(UTC)
    async with line_to(port_of(node)) as line:
        for later_s in range(3):  # padding and time of sending are others each time
            answer = await line.ask(burglary(sender, 7, sent_at=began + timedelta(seconds=later_s)))
            assert told(answer, KEY) == ("*ACK", "0007", ACCOUNT)
        await line.ask(burglary(sender, 8))
        await line.ask(burglary(sender, 7, zone="006"))
    found = await alarms(node)
    assert [(one["sequence"], one["zone"], one["repeats"]) for one in found] == [
        ("0007", "006", 0),
        ("0008", "005", 0),
        ("0007", "005", 2),
    ]


async def test_many_frames_at_once_are_each_there_once_and_in_order(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    frames = [burglary(sender_of(ACCOUNT), 1 + at // 2, zone=f"{1 + at // 2:03}") for at in range(600)]  # each one twice
    async with line_to(port_of(node)) as line:
        line.writer.write(b"".join(frames))
        answers = [told(await line.answer())[1] for _ in frames]
    assert sorted(answers) == sorted(f"{1 + at // 2:04}" for at in range(600)), "each is acknowledged as often as it came"
    found, cursor, page = [], "", {"items": []}
    while True:
        last, page = page, (await node.client.get("/alarms", params={"limit": 70, "cursor": cursor})).json()
        found += [int(one["zone"]) for one in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert found == list(range(300, 0, -1))
    some = last["items"][::9]
    chosen = await node.client.get("/alarms", params={"id": [*(one["id"] for one in some), 2**40]})
    assert chosen.json()["items"] == some, "these alone, as they are; what is not there is left out"
    refused = await node.client.get("/alarms", params={"id": list(range(1, 102))})
    assert refused.status_code == 422


async def test_a_zone_is_found_with_zeros_before_it_or_without(node: RunningNode) -> None:
    points = [{"zone": "07", "name": "后门"}, {"zone": "1A", "name": "按钮", "kind": "button"}, {"zone": "70", "name": "窗"}]
    await entered(node, ACCOUNT, points=points)
    async with line_to(port_of(node)) as line:
        for sequence, zone in enumerate(("7", "007", "1a", "70", "700", ""), 1):
            assert told(await line.ask(burglary(sender_of(ACCOUNT), sequence, zone=zone)))[0] == "ACK"
    assert [one["point"] for one in await alarms(node)] == ["", "", "窗", "按钮", "后门", "后门"]


async def test_one_frame_may_tell_several_events(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    frame = request(sender_of(ACCOUNT), "SIA-DCS", 1, f"#{ACCOUNT}|Nri1/BA003/ri2/FA004/BR003")
    assert told(await datagram(port_of(node), frame)) == ("ACK", "0001", ACCOUNT)
    assert told(await datagram(port_of(node), frame)) == ("ACK", "0001", ACCOUNT)
    found = [
        (one["code"], one["section"], one["zone"], one["change"], one["priority"], one["repeats"]) for one in await alarms(node)
    ]
    assert found == [("BR", "2", "003", "restored", 2, 1), ("FA", "2", "004", "new", 1, 1), ("BA", "1", "003", "new", 2, 1)]
    assert [one["code"] for one in await alarms(node, priority=1)] == ["FA"]
    assert [one["code"] for one in await alarms(node, change="restored")] == ["BR"]


async def test_contact_id_tells_users_and_a_heartbeat_is_no_alarm(node: RunningNode) -> None:
    host = await entered(node, ACCOUNT)
    assert host["heard_at"] is None
    async with line_to(port_of(node)) as line:
        assert told(await line.ask(request(sender_of(ACCOUNT), "NULL", 0))) == ("ACK", "0000", ACCOUNT)
        assert await alarms(node) == []
        assert told(await line.ask(request(sender_of(ACCOUNT), "ADM-CID", 9, f"#{ACCOUNT}|1121 02 005"))) == (
            "ACK",
            "0009",
            ACCOUNT,
        )
    (alarm,) = await alarms(node)
    assert (alarm["code"], alarm["category"], alarm["priority"], alarm["zone"], alarm["user"]) == ("121", "panic", 1, "", "005")
    assert alarm["point"] == "", "user 5 is not zone 5"
    (shown,) = (await node.get("/alarm-hosts"))["items"]  # type: ignore[misc]
    assert shown["heard_at"] is not None  # type: ignore[index]


async def test_a_host_changed_past_the_node_is_listed_and_can_be_removed_and_entered_anew(tmp_path: Path) -> None:
    settings = settings_for()
    async with running_node(tmp_path, settings) as node:
        await entered(node, ACCOUNT, key=KEY)
        await entered(node, "4322")
    with sqlite3.connect(tmp_path / "node.db") as database:
        changed = "sealed_key = '', protocol = 'xyz', made_at = 1e300, supervision_s = -5, area = '99'"
        database.execute(f"UPDATE alarm_hosts SET {changed} WHERE account = '{ACCOUNT}'")
    async with running_node(tmp_path, settings) as node:
        first, other = (await node.client.get("/alarm-hosts")).json()["items"]
        assert (first["account"], first["distrusted"], first["heard_at"]) == (ACCOUNT, True, None)
        assert (other["account"], other["distrusted"]) == ("4322", False)
        pages = [(await node.client.get("/alarm-hosts", params={"limit": 1, "cursor": at})).json() for at in ("", ACCOUNT)]
        assert [(page["items"][0]["account"], page["next"]) for page in pages] == [(ACCOUNT, ACCOUNT), ("4322", None)]
        assert (await node.client.post("/alarm-hosts", json=order(ACCOUNT, key=KEY))).status_code == 409, "not over it"
        assert (await node.client.delete(f"/alarm-hosts/{first['id']}")).status_code == 204
        assert [one["account"] for one in (await node.client.get("/alarm-hosts")).json()["items"]] == ["4322"]
        log = b"".join(one.path.read_bytes() for one in segments(node.node.audit.files.folder))
        assert b"its row was changed past the node" in log
        await entered(node, ACCOUNT, key=KEY)
        frame = burglary(sender_of(ACCOUNT, KEY), 1)
        assert told(await datagram(port_of(node), frame), KEY)[0] == "*ACK" and on_disk(node) == 1


@pytest.mark.parametrize(
    ("what", "outcome", "answers"),
    [
        ("wrong checksum", "malformed", None),
        ("no frame", "malformed", None),
        ("wrong key", "unreadable", "DUH"),
        ("in clear though it has a key", "unreadable", "DUH"),
        ("another token", "unreadable", "DUH"),
        ("41 s old", "untimely", "NAK"),
        ("ahead by 60 s", "untimely", "NAK"),
        ("an answer", "answer", None),
        ("unknown account", "unknown", "DUH"),
    ],
)
@pytest.mark.parametrize("way", ["tcp", "udp"])
async def test_what_is_not_right_is_answered_by_the_book_counted_and_never_stored(
    node: RunningNode, what: str, outcome: str, answers: str | None, way: str
) -> None:
    await entered(node, ACCOUNT, key=KEY)
    now, right = datetime.now(UTC), sender_of(ACCOUNT, KEY)
    frame = {
        "wrong checksum": lambda: b"\nFFFF" + burglary(right, 1)[5:],
        "no frame": lambda: b"\n" + b"A" * 60 + b"\r",
        "wrong key": lambda: burglary(sender_of(ACCOUNT, OTHER_KEY), 1),
        "in clear though it has a key": lambda: burglary(sender_of(ACCOUNT), 1),
        "another token": lambda: request(right, "SES-SS", 1, "x", sent_at=now),
        "41 s old": lambda: burglary(right, 1, sent_at=now - timedelta(seconds=42)),
        "ahead by 60 s": lambda: burglary(right, 1, sent_at=now + timedelta(seconds=60)),
        "an answer": lambda: framed(f'"DUH"0001L0#{ACCOUNT}[]_{now:{TIME}}'.encode()),
        "unknown account": lambda: burglary(sender_of("77AB"), 1),
    }[what]()
    before = counted(outcome)
    if way == "udp":
        answer = await datagram(port_of(node), frame, limit_s=30 if answers else 0.6)
    else:
        async with line_to(port_of(node)) as line:
            line.writer.write(frame)
            answer = b"" if answers is None and await line.is_silent(right) else await line.answer()
    assert counted(outcome) == before + 1
    assert (told(answer)[0] if answer else None) == answers
    assert on_disk(node) == 0
    assert told(await datagram(port_of(node), burglary(right, 1)), KEY)[0] == "*ACK", "the same number is taken when it is right"


async def test_a_replay_is_one_alarm(node: RunningNode) -> None:
    await entered(node, ACCOUNT, key=KEY)
    frame = burglary(sender_of(ACCOUNT, KEY), 5)
    assert told(await datagram(port_of(node), frame), KEY)[0] == "*ACK"
    assert told(await datagram(port_of(node), frame), KEY)[0] == "*ACK"
    assert [one["repeats"] for one in await alarms(node)] == [1]


async def test_what_cannot_be_stored_gets_no_acknowledgement(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    frame = burglary(sender_of(ACCOUNT), 3)
    lock = sqlite3.connect(node.node.data / "node.db", isolation_level=None, check_same_thread=False)
    await asyncio.to_thread(lock.execute, "BEGIN IMMEDIATE")  # nobody else writes
    try:
        async with line_to(port_of(node)) as line:
            line.writer.write(frame)
            assert await line.is_silent(sender_of(ACCOUNT))
            lock.execute("ROLLBACK")
            assert told(await line.answer()) == ("ACK", "0003", ACCOUNT), "it waited, and was not lost"
    finally:
        lock.close()
    assert on_disk(node) == 1


async def test_an_unknown_account_waits_and_is_known_once_it_is_entered(node: RunningNode) -> None:
    frame = burglary(sender_of("77ab"), 1)
    for _ in range(2):
        assert told(await datagram(port_of(node), frame)) == ("DUH", "0001", "77ab")
    (waiting,) = (await node.get("/waiting-alarm-hosts"))["items"]  # type: ignore[misc]
    assert {**waiting, "first_seen_at": "", "last_seen_at": ""} == {  # type: ignore[dict-item]
        **{"account": "77AB", "address": "127.0.0.1", "transport": "UDP", "encrypted": False, "attempts": 2},
        **{"first_seen_at": "", "last_seen_at": ""},
    }
    host = await entered(node, "77AB")
    assert (await node.get("/waiting-alarm-hosts"))["items"] == []
    assert told(await datagram(port_of(node), frame)) == ("ACK", "0001", "77ab")
    assert (await node.client.delete(f"/alarm-hosts/{host['id']}")).status_code == 204
    assert told(await datagram(port_of(node), frame)) == ("DUH", "0001", "77ab")
    assert len(await alarms(node)) == 1, "its alarm stays"


def database_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("node.db*"))


async def test_keys_are_told_to_nobody_and_hosts_outlive_a_restart(tmp_path: Path) -> None:
    settings = settings_for()
    async with running_node(tmp_path, settings) as node:
        host = await entered(node, ACCOUNT, key=KEY)
        again = await node.client.post("/alarm-hosts", json=order(ACCOUNT))
        assert (again.status_code, again.json()["code"]) == (409, "alarm_host.known")
        told_by_api = [str(host), (await node.client.get("/alarm-hosts")).text, (await node.client.get("/alarm-points")).text]
        assert told(await datagram(port_of(node), burglary(sender_of(ACCOUNT, KEY), 1)), KEY)[0] == "*ACK"
    async with running_node(tmp_path, settings) as node:
        answer = await datagram(port_of(node), burglary(sender_of(ACCOUNT, KEY), 1))
        assert told(answer, KEY)[0] == "*ACK"
        assert on_disk(node) == 1, "sent again to the node that was restarted, it joins"
        log = b"".join(one.path.read_bytes() for one in segments(node.node.audit.files.folder))
    database = database_of(tmp_path)
    for text in (KEY.hex(), KEY.hex().upper()):
        assert not any(text in said for said in told_by_api)
        assert text.encode() not in log and text.encode() not in database
    assert KEY not in database


async def test_what_was_on_disk_joins_however_long_the_node_stood_still(tmp_path: Path) -> None:
    settings, clock = settings_for(), MovedClock()
    async with running_node(tmp_path, settings, clock) as node:
        await entered(node, ACCOUNT)
        assert told(await datagram(port_of(node), burglary(sender_of(ACCOUNT), 1)))[0] == "ACK"
    clock.later += timedelta(hours=3)
    async with running_node(tmp_path, settings, clock) as node:
        assert told(await datagram(port_of(node), burglary(sender_of(ACCOUNT), 1)))[0] == "ACK"
        assert on_disk(node) == 1, "its acknowledgement may have been lost when the node ended"
        clock.later += timedelta(minutes=6)
        assert told(await datagram(port_of(node), burglary(sender_of(ACCOUNT), 1)))[0] == "ACK"
        assert on_disk(node) == 2, "minutes later it is another one: numbers begin anew with the host"


async def test_every_database_keeps_alarms_alike(store_url: str, tmp_path: Path) -> None:
    settings = settings_for(store_url)
    text = "a\x00b\u202e" + "柜" * 300
    async with running_node(tmp_path, settings) as node:
        await entered(node, ACCOUNT, key=KEY)
        sender = sender_of(ACCOUNT, KEY)
        async with line_to(port_of(node)) as line:
            for sequence in (1, 2, 2, 1):
                assert told(await line.ask(burglary(sender, sequence, zone="A" * 40, text=text)), KEY)[0] == "*ACK"
            assert told(await line.ask(burglary(sender_of("9999"), 3)))[0] == "DUH"
    async with running_node(tmp_path, settings) as node:
        found = await alarms(node, account=ACCOUNT.lower(), area="52", limit=1)
        assert [(one["sequence"], one["repeats"]) for one in found] == [("0002", 1)]
        assert found[0]["text"] == ("ab" + "柜" * 300)[:256] and found[0]["zone"] == "A" * 32
        assert [one["account"] for one in (await node.get("/waiting-alarm-hosts"))["items"]] == ["9999"]  # type: ignore[attr-defined]
        (host,) = (await node.get("/alarm-hosts"))["items"]  # type: ignore[misc]
        assert host["heard_at"] is not None and [one["zone"] for one in host["points"]] == ["5"]  # type: ignore[index]
        assert (await node.client.delete(f"/alarm-hosts/{host['id']}")).status_code == 204  # type: ignore[index]
        assert (await node.get("/alarm-points"))["items"] == []


async def test_a_host_changed_past_the_node_is_not_believed(tmp_path: Path) -> None:
    settings = settings_for()
    async with running_node(tmp_path, settings) as node:
        await entered(node, ACCOUNT, key=KEY)
    with sqlite3.connect(tmp_path / "node.db") as database:
        database.execute("UPDATE alarm_hosts SET sealed_key = ''")
    async with running_node(tmp_path, settings) as node:
        before = counted("distrusted")
        assert await datagram(port_of(node), burglary(sender_of(ACCOUNT), 1), limit_s=0.6) == b""
        assert counted("distrusted") == before + 1 and on_disk(node) == 0
        assert (await node.get("/waiting-alarm-hosts"))["items"] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key": "0123456789"}, "request.invalid"),
        ({"key": "00" * 15}, "alarm_host.unusable"),
        ({"key": "00" * 20}, "alarm_host.unusable"),
        ({"key": "zz" * 16}, "alarm_host.unusable"),
        ({"points": [{"zone": "5", "name": "a"}, {"zone": "005", "name": "b"}]}, "alarm_host.unusable"),
        ({"points": [{"zone": "0", "name": "a"}]}, "alarm_host.unusable"),
        ({"points": [{"zone": "1", "name": "a", "camera": "5" * 20}]}, "camera.unknown"),
        ({"area": "999999"}, "alarm_host.unusable"),
        ({"account": "XYZ"}, "request.invalid"),
    ],
)
async def test_a_host_that_cannot_be_is_refused_with_a_reason(node: RunningNode, change: dict[str, Any], code: str) -> None:
    answer = await node.client.post("/alarm-hosts", json={**order(ACCOUNT), **change})
    assert 400 <= answer.status_code < 500
    assert answer.json()["code"] == code, answer.text
    assert str(change.get("key", "no key")) not in answer.text
    assert (await node.get("/alarm-hosts"))["items"] == []


async def test_who_is_on_duty_elsewhere_sees_nothing_of_it(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    assert told(await datagram(port_of(node), burglary(sender_of(ACCOUNT), 1)))[0] == "ACK"
    (alarm,) = await alarms(node)
    clients = {
        area: await node.client_of(f"operator-{area}", {"post": "operator", "area": area}) for area in ("520102", "520103", "5201")
    }
    keeper = await node.client_of("keeper", {"post": "system-administrator", "area": "520103"})
    for area, client in clients.items():
        seen = area != "520103"
        assert [one["id"] for one in (await client.get("/alarms")).json()["items"]] == ([alarm["id"]] if seen else [])
        assert (await client.get(f"/alarms/{alarm['id']}")).status_code == (200 if seen else 404)
        assert len((await client.get("/alarm-points")).json()["items"]) == int(seen)
        assert (await client.get("/alarm-hosts")).status_code == 403
    (host,) = (await node.get("/alarm-hosts"))["items"]  # type: ignore[misc]
    assert (await keeper.get("/alarm-hosts")).json()["items"] == []
    assert (await keeper.get("/waiting-alarm-hosts")).json()["items"] == []
    assert (await keeper.delete(f"/alarm-hosts/{host['id']}")).status_code == 403  # type: ignore[index]
    assert (await keeper.post("/alarm-hosts", json=order("5555", area="520102"))).status_code == 403
    for client in (*clients.values(), keeper):
        await client.aclose()


async def test_frames_in_pieces_and_with_noise_between_are_read(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    one, two = burglary(sender_of(ACCOUNT), 1), burglary(sender_of(ACCOUNT), 2)
    async with line_to(port_of(node)) as line:
        for part in (b"noise" + one[:20], one[20:] + two[:1], two[1:] + b"\x00\xff"):
            line.writer.write(part)
            await line.writer.drain()
            await asyncio.sleep(0)
        assert [told(await line.answer())[1] for _ in range(2)] == ["0001", "0002"]


async def test_who_says_no_more_is_answered_before_the_connection_ends(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    async with line_to(port_of(node)) as line:
        line.writer.write(burglary(sender_of(ACCOUNT), 1))
        line.writer.write_eof()
        assert told(await line.answer())[0] == "ACK"
        assert await line.answer() == b"", "the node closes then"


def ended(why: str) -> float:
    name = "fengsui_alarm_refused_connections_total" if why == "refused" else "fengsui_alarm_ended_connections_total"
    return REGISTRY.get_sample_value(name, {} if why == "refused" else {"why": why}) or 0.0


@pytest.mark.parametrize(
    ("why", "bounds"),
    [
        ("refused", {"max_connections_per_address": 1}),
        ("slow", {"frame_s": 0.3, "idle_s": 600}),
        ("idle", {"frame_s": 600, "idle_s": 0.3}),
    ],
)
async def test_connections_are_bounded_in_number_and_time(tmp_path: Path, why: str, bounds: dict[str, float]) -> None:
    settings = settings_for()
    settings = settings.model_copy(update={"alarm_hosts": settings.alarm_hosts.model_copy(update=bounds)})
    before = {one: ended(one) for one in ("refused", "slow", "idle")}
    async with running_node(tmp_path, settings) as node:
        await entered(node, ACCOUNT)
        async with line_to(port_of(node)) as line:
            assert told(await line.ask(burglary(sender_of(ACCOUNT), 1)))[0] == "ACK"
            if why == "refused":
                async with line_to(port_of(node)) as second:
                    with suppress(ConnectionResetError):
                        assert await second.answer() == b""
                assert told(await line.ask(burglary(sender_of(ACCOUNT), 2)))[0] == "ACK", "the first one stays"
            else:
                line.writer.write(b"\nE29B003C" if why == "slow" else b"")  # half a frame, or nothing
                assert await line.answer() == b""
        assert {one: ended(one) - before[one] for one in before} == {one: float(one == why) for one in before}
        await until(lambda: not node.node.alarms.door.open, what="its place is free")
        async with line_to(port_of(node)) as line:
            assert told(await line.ask(burglary(sender_of(ACCOUNT), 3)))[0] == "ACK"


async def test_the_console_is_told_of_a_new_alarm(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    near = await node.client_of("near", {"post": "operator", "area": "520102"})
    far = await node.client_of("far", {"post": "operator", "area": "520103"})
    lines: dict[str, list[str]] = {"near": [], "far": []}

    async def follow(name: str, client: Any) -> None:
        async with client.stream("GET", "/events", timeout=60) as feed:
            async for line in feed.aiter_lines():
                lines[name].append(line)

    tasks = [asyncio.create_task(follow(*pair)) for pair in (("near", near), ("far", far))]
    await until(lambda: all(lines.values()), what="both follow")
    frame = burglary(sender_of(ACCOUNT), 1)
    for _ in range(2):
        await datagram(port_of(node), frame)
    await until(lambda: "event: alarm.received" in lines["near"], what="who is on duty there is told")
    await until(lambda: sum(line == "event: alive" for line in lines["far"]) >= 2, what="the other feed goes on")
    assert lines["near"].count("event: alarm.received") == 1, "sent again, it is not told again"
    assert "event: alarm.received" not in lines["far"]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await near.aclose()
    await far.aclose()


async def test_the_door_may_stay_shut(tmp_path: Path) -> None:
    settings = settings_for()
    port = settings.alarm_hosts.port
    shut = settings.model_copy(update={"alarm_hosts": settings.alarm_hosts.model_copy(update={"port": 0})})
    async with running_node(tmp_path, shut):
        with pytest.raises(ConnectionRefusedError):
            async with line_to(port):
                pass
