"""What a desk does with alarms: taken by one, verified, closed with an outcome; what waits too long is told."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from fengsui.features.audit.folder import segments
from fengsui.settings import NodeSettings
from fengsui.wire.dc09.sending import request
from tests.node.alarm_hosts import Line, burglary, entered, line_to, sender_of, told
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.test_alarm_work_model import LONG_S

ACCOUNT, AREA = "4321", "520102"


def with_clocks(settings: NodeSettings, **clocks: float) -> NodeSettings:
    """`claim_s` and so on, the same for each priority."""
    bounds = {name: (seconds,) * 3 for name, seconds in clocks.items()}
    return settings.model_copy(update={"alarm_hosts": settings.alarm_hosts.model_copy(update=bounds)})


@pytest.fixture
async def node(tmp_path: Path, store_url: str) -> AsyncIterator[RunningNode]:
    """On a database of each kind."""
    async with running_node(tmp_path, with_clocks(settings_for(store_url), claim_s=LONG_S, verify_s=LONG_S)) as running:
        yield running


def port_of(node: RunningNode) -> int:
    return node.node.settings.alarm_hosts.port


async def operator(node: RunningNode, name: str, area: str = AREA) -> httpx.AsyncClient:
    return await node.client_of(name, {"post": "operator", "area": area})


async def reported(line: Line, sequence: int, *, zone: str = "005", code: str = "BA") -> None:
    """One event of a host, acknowledged."""
    frame = request(sender_of(ACCOUNT), "SIA-DCS", sequence, f"#{ACCOUNT}|Nri2/{code}{zone}")
    assert told(await line.ask(frame))[0] == "ACK"


async def queue(client: httpx.AsyncClient, of: str = "open", **asked: Any) -> list[dict[str, Any]]:
    """All of its pages."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = await client.get("/alarms", params={"queue": of, "cursor": cursor, **asked})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["items"]
        if page["next"] is None:
            assert page["total"] == len(found)
            return found
        cursor = page["next"]


async def act(client: httpx.AsyncClient, alarm: dict[str, Any], verb: str, status: int = 200, /, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"/alarms/{alarm['id']}/{verb}", json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def on_record(node: RunningNode, act: str) -> int:
    return sum(one.path.read_bytes().count(f'"{act}"'.encode()) for one in segments(node.node.audit.files.folder))


async def test_an_alarm_is_taken_verified_and_closed_and_each_step_stands(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    li = await operator(node, "li-si")
    async with line_to(port_of(node)) as line:
        await reported(line, 1)
    (alarm,) = await queue(li)
    work = alarm["work"]
    assert (work["state"], work["owner"], work["result"], work["active"]) == ("open", None, None, True)
    assert (await act(li, alarm, "verify", 409, result="real"))["code"] == "alarm.not_taken"
    assert (await act(li, alarm, "close", 409, outcome="handled"))["code"] == "alarm.not_taken"
    taken = (await act(li, alarm, "acknowledge", version=work["version"]))["work"]
    assert taken["state"] == "claimed" and taken["owner"]["name"] == "li-si"
    assert [one["id"] for one in await queue(li, "mine")] == [alarm["id"]]
    assert (await act(li, alarm, "verify", 409, result="real", version=work["version"]))["code"] == "alarm.changed"
    assert (await act(li, alarm, "close", 422, outcome="handled"))["code"] == "alarm.not_verified"
    assert (await act(li, alarm, "verify", 422, result="false"))["code"] == "alarm.no_reason"
    seen = (await act(li, alarm, "verify", result="false", reason="animal", note="一只猫"))["work"]
    assert (seen["state"], seen["result"], seen["reason"], seen["note"]) == ("verified", "false", "animal", "一只猫")
    done = (await act(li, alarm, "close", outcome="no_action"))["work"]
    assert (done["state"], done["outcome"], done["due_at"]) == ("closed", "no_action", None)
    assert await queue(li) == [] and (await act(li, alarm, "acknowledge", 409))["code"] == "alarm.closed"
    steps = (await li.get(f"/alarms/{alarm['id']}/steps")).json()["items"]
    assert [(one["act"], one["was"], one["became"]) for one in steps] == [
        ("claim", "open", "claimed"),
        ("verify", "claimed", "verified"),
        ("close", "verified", "closed"),
    ]
    assert {one["who"] for one in steps} == {"li-si"} and "一只猫" in steps[1]["detail"]
    times = [datetime.fromisoformat(one["at"]) for one in steps]
    assert times == sorted(times) and times[-1] <= datetime.now(UTC)
    for name in ("alarm.claim", "alarm.verify", "alarm.close"):
        assert on_record(node, name) >= 1, name
    await li.aclose()


async def test_of_two_desks_that_take_it_at_once_one_has_it(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    desks = [await operator(node, f"desk-{number}") for number in range(4)]
    async with line_to(port_of(node)) as line:
        for zone in range(1, 11):
            await reported(line, zone, zone=f"{zone:03}")
    for alarm in await queue(desks[0]):
        answers = await asyncio.gather(*(one.post(f"/alarms/{alarm['id']}/acknowledge", json={}) for one in desks))
        assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]
        assert {one.json()["code"] for one in answers if one.status_code == 409} == {"alarm.taken"}
    mine = [await queue(one, "mine") for one in desks]
    assert sum(map(len, mine)) == 10
    owner = next(number for number, some in enumerate(mine) if some)
    alarm, other = mine[owner][0], desks[owner - 1]
    assert (await act(other, alarm, "verify", 409, result="real"))["code"] == "alarm.taken"
    assert (await act(desks[owner], alarm, "release"))["work"]["owner"] is None
    assert (await act(other, alarm, "acknowledge"))["work"]["owner"] is not None
    for one in desks:
        await one.aclose()


async def test_the_most_urgent_stands_first_then_whichever_waits_longest(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    async with line_to(port_of(node)) as line:
        for sequence, (code, zone) in enumerate((("BA", "001"), ("AT", "002"), ("PA", "003"), ("BA", "004"), ("FA", "005")), 1):
            await reported(line, sequence, code=code, zone=zone)
        await reported(line, 9, code="OP", zone="001")  # for the record
    li = await operator(node, "li-si")
    found = await queue(li, limit=2)
    assert [(one["priority"], one["zone"]) for one in found] == [(1, "003"), (1, "005"), (2, "001"), (2, "004"), (3, "002")]
    assert len((await li.get("/alarms")).json()["items"]) == 6
    await li.aclose()


async def test_what_comes_of_the_same_source_counts_with_the_open_one(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    li = await operator(node, "li-si")
    async with line_to(port_of(node)) as line:
        line.writer.write(b"".join(burglary(sender_of(ACCOUNT), sequence) for sequence in range(1, 51)))
        for _ in range(50):
            assert told(await line.answer())[0] == "ACK"
        (alarm,) = await queue(li)
        assert alarm["work"]["folded"] == 49
        whole = (await li.get("/alarms", params={"limit": 100})).json()["items"]
        assert len(whole) == 50 and [one["folded_into"] for one in whole].count(alarm["id"]) == 49, "each is kept"
        folded = next(one for one in whole if one["folded_into"])
        assert folded["work"] is None and (await act(li, folded, "acknowledge", 409))["code"] == "alarm.not_work"
        await reported(line, 60, code="BH")  # it is over: that closes nothing
        (alarm,) = await queue(li)
        assert alarm["work"]["state"] == "open" and not alarm["work"]["active"]
        await reported(line, 61)
        (alarm,) = await queue(li)
        assert alarm["work"]["active"] and alarm["work"]["folded"] == 50, "and now it is not"
        await act(li, alarm, "acknowledge")
        await act(li, alarm, "verify", result="false", reason="animal")
        await reported(line, 62)
        fresh = next(one for one in await queue(li) if one["id"] != alarm["id"])
        assert fresh["work"]["state"] == "open", "what comes after the verdict is not under it"
        await act(li, alarm, "close", outcome="no_action")
        assert [one["id"] for one in await queue(li)] == [fresh["id"]]
    await li.aclose()


async def test_a_host_that_has_the_number_of_one_that_was_removed_counts_with_nothing_of_it(node: RunningNode) -> None:
    old = await entered(node, ACCOUNT)
    li = await operator(node, "li-si")
    async with line_to(port_of(node)) as line:
        await reported(line, 1)
        (first,) = await queue(li)
        assert (await node.client.delete(f"/alarm-hosts/{old['id']}")).status_code == 204
        await entered(node, "8765")
        for sequence, code in enumerate(("BH", "BA"), 2):
            frame = request(sender_of("8765"), "SIA-DCS", sequence, f"#8765|Nri2/{code}005")
            assert told(await line.ask(frame))[0] == "ACK"
        assert {one["account"]: one["work"]["folded"] for one in await queue(li)} == {ACCOUNT: 0, "8765": 0}
        assert (await li.get(f"/alarms/{first['id']}")).json()["work"]["active"], "another host told something to be over"
        (again,) = (one for one in (await node.client.get("/alarm-hosts")).json()["items"])
        assert (await node.client.delete(f"/alarm-hosts/{again['id']}")).status_code == 204
        await entered(node, ACCOUNT, site="云岩银行")
        await reported(line, 4)
        assert [(one["account"], one["site"]) for one in await queue(li)] == [
            *((ACCOUNT, "南明银行"), ("8765", "南明银行"), (ACCOUNT, "云岩银行")),
        ]
    await li.aclose()


async def test_a_verdict_covers_what_its_desk_had_seen_and_no_more(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    await entered(node, ACCOUNT)
    li = await operator(node, "li-si")
    async with line_to(port_of(node)) as line:
        await reported(line, 1)
        await reported(line, 2)
        (alarm,) = await queue(li)
        await act(li, alarm, "acknowledge")
        await reported(line, 3)  # while the desk makes up its mind
        refused = await act(li, alarm, "verify", 409, result="false", reason="animal", folded=alarm["work"]["folded"])
        assert refused["code"] == "alarm.repeated" and "×3" in refused["detail"] and "×2" in refused["detail"]
        (alarm,) = await queue(li)
        assert (alarm["work"]["state"], alarm["work"]["folded"]) == ("claimed", 2)
        # One that is stored between the reading and the writing counts as well.
        audit = node.node.audit
        record = audit.record

        async def late(*said: Any, **more: Any) -> None:
            monkeypatch.undo()
            await reported(line, 4)
            await record(*said, **more)

        monkeypatch.setattr(audit, "record", late)
        refused = await act(li, alarm, "verify", 409, result="false", reason="animal", folded=2)
        assert refused["code"] == "alarm.repeated", refused
        await act(li, alarm, "verify", result="false", reason="animal", folded=3)
        await reported(line, 5)
        steps = (await li.get(f"/alarms/{alarm['id']}/steps")).json()["items"]
        assert [one["detail"] for one in steps if one["act"] == "verify"] == ["false; animal; ×4"], "what it judged"
        await act(li, alarm, "close", outcome="no_action", folded=3)
        assert [one["work"]["folded"] for one in await queue(li)] == [0], "the fifth stands by itself"
    await li.aclose()


async def test_what_may_be_anything_counts_with_nothing_and_order_is_kept(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    li = await operator(node, "li-si")
    async with line_to(port_of(node)) as line:
        for sequence, said in enumerate(("[HOLDUP A", "[HOLDUP B"), 1):
            assert told(await line.ask(request(sender_of(ACCOUNT), "SIA-DCS", sequence, said)))[0] == "ACK"
        assert [(one["code"], one["work"]["folded"]) for one in await queue(li)] == [("", 0), ("", 0)]
        # One frame: an alarm, again, and its end.
        frame = request(sender_of(ACCOUNT), "SIA-DCS", 9, f"#{ACCOUNT}|Nri2/BA005/BA005/BH005")
        assert told(await line.ask(frame))[0] == "ACK"
    newest = (await li.get("/alarms", params={"limit": 3})).json()["items"]
    assert [one["code"] for one in newest] == ["BH", "BA", "BA"]
    (alarm,) = [one for one in await queue(li) if one["code"] == "BA"]
    assert alarm["work"]["folded"] == 1 and not alarm["work"]["active"]
    await li.aclose()


async def test_who_may_only_look_around_is_not_told_what_a_desk_does(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    li, wang = await operator(node, "li-si"), await node.client_of("maker", {"post": "system-administrator", "area": AREA})
    async with line_to(port_of(node)) as line:
        await reported(line, 1)
    (alarm,) = await queue(li)
    own = (await act(li, alarm, "acknowledge"))["work"]["owner"]["id"]
    assert (await act(li, alarm, "hand-over", 422, to=own))["code"] == "alarm.unknown_colleague", "that would win time"
    for path in (f"/alarms/{alarm['id']}", f"/alarms/{alarm['id']}/steps"):
        assert (await wang.get(path)).status_code == 403, path
    assert await queue(wang) == []
    await li.aclose()
    await wang.aclose()


async def test_alarms_stand_in_the_queue_after_a_start_and_fold_as_before(tmp_path: Path, store_url: str) -> None:
    settings = settings_for(store_url)
    async with running_node(tmp_path, settings) as node:
        await entered(node, ACCOUNT)
        async with line_to(port_of(node)) as line:
            await reported(line, 1)
        li = await operator(node, "li-si")
        (alarm,) = await queue(li)
        await act(li, alarm, "acknowledge")
        await li.aclose()
    async with running_node(tmp_path, settings) as node:
        async with line_to(port_of(node)) as line:
            await reported(line, 2)
        folded, first = (await node.get("/alarms"))["items"]
        assert (first["id"], folded["folded_into"], folded["work"]) == (alarm["id"], alarm["id"], None)
        work = first["work"]
        assert (work["state"], work["owner"]["name"], work["folded"]) == ("claimed", "li-si", 1)


async def test_what_waits_too_long_is_told_and_whoever_lets_it_wait_loses_it(tmp_path: Path, store_url: str) -> None:
    settings = with_clocks(settings_for(store_url), claim_s=0.3, claim_at_most_s=0.8, verify_s=0.3)
    async with running_node(tmp_path, settings) as node:
        await entered(node, ACCOUNT)
        li, wang = await operator(node, "li-si"), await operator(node, "wang-wu")
        async with line_to(port_of(node)) as line:
            await reported(line, 1)

        async def escalated(least: int) -> dict[str, Any]:
            async with asyncio.timeout(30):
                while True:
                    (found,) = await queue(li)
                    if found["work"]["escalated"] >= least:
                        return found
                    await asyncio.sleep(0.05)

        assert (await escalated(1))["work"]["state"] == "open"
        alarm = await escalated(2)
        assert alarm["work"]["due_at"] is None
        taken = (await act(li, alarm, "acknowledge"))["work"]
        assert (taken["escalated"], taken["escalated_most"]) == (0, 2), "that it was stays with it"
        await escalated(1)  # taken, and not verified
        taken = (await act(wang, alarm, "acknowledge"))["work"]
        assert taken["owner"]["name"] == "wang-wu", "it waited too long with the other"
        assert (await act(wang, alarm, "verify", result="unclear"))["work"]["escalated_most"] == 2
        steps = (await li.get(f"/alarms/{alarm['id']}/steps")).json()["items"]
        assert [one["act"] for one in steps].count("overdue") >= 3
        assert [one["who"] for one in steps if one["act"] == "overdue"].count("") >= 3, "by the node"
        await until(lambda: on_record(node, "alarm.overdue") >= 3, what="it is on record")
        await li.aclose()
        await wang.aclose()


async def test_what_waits_too_long_stands_before_the_supervisor_until_one_takes_note_by_name(
    tmp_path: Path, store_url: str
) -> None:
    settings = with_clocks(settings_for(store_url), claim_s=0.3, claim_at_most_s=LONG_S, verify_s=0.3)
    async with running_node(tmp_path, settings) as node:
        await entered(node, ACCOUNT)
        li, chief = await operator(node, "li-si"), await node.client_of("chief", {"post": "duty-supervisor", "area": AREA})
        other = await node.client_of("other", {"post": "duty-supervisor", "area": "520103"})
        async with line_to(port_of(node)) as line:
            await reported(line, 1)

        async def late() -> dict[str, Any]:
            found: list[dict[str, Any]] = []

            async def told() -> bool:
                found[:] = await queue(chief, "late")
                return found != []

            await until(told, what="the supervisor is told")
            return found[0]

        alarm = await late()
        assert (alarm["work"]["escalated"], alarm["work"]["noted_by"]) == (1, "")
        assert (await act(li, alarm, "note", 403))["code"] == "access.not_allowed"
        assert (await act(other, alarm, "note", 404))["code"] == "alarm.unknown" and await queue(other, "late") == []
        assert (await act(chief, alarm, "note"))["work"]["noted_by"] == "chief"
        assert await queue(chief, "late") == [] and len(await queue(chief)) == 1, "it waits as before"
        before = on_record(node, "alarm.note")
        assert (await act(chief, alarm, "note"))["work"]["noted_by"] == "chief" and on_record(node, "alarm.note") == before
        await act(li, alarm, "acknowledge")
        again = await late()  # taken, and not verified: its clock ran out anew
        assert (again["work"]["noted_by"], again["work"]["owner"]["name"]) == ("", "li-si")
        await act(li, alarm, "verify", result="real")
        assert (await act(chief, alarm, "note", 409))["code"] == "alarm.not_late" and await queue(chief, "late") == []
        steps = (await li.get(f"/alarms/{alarm['id']}/steps")).json()["items"]
        assert [one["who"] for one in steps if one["act"] == "note"] == ["chief"]
        for one in (li, chief, other):
            await one.aclose()


async def test_it_is_handed_over_to_whoever_takes_duty_there_and_to_nobody_else(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    li, wang = await operator(node, "li-si"), await operator(node, "wang-wu")
    far = await operator(node, "far-away", "520103")
    ids = {one["name"]: one["id"] for one in (await node.client.get("/users")).json()["items"]}
    async with line_to(port_of(node)) as line:
        await reported(line, 1)
    (alarm,) = await queue(li)
    await act(li, alarm, "acknowledge")
    for stranger in (ids["far-away"], 99_999):
        assert (await act(li, alarm, "hand-over", 422, to=stranger))["code"] == "alarm.unknown_colleague"
    assert (await act(li, alarm, "hand-over", to=ids["wang-wu"]))["work"]["owner"] == {"id": ids["wang-wu"], "name": "wang-wu"}
    assert (await act(li, alarm, "verify", 409, result="real"))["code"] == "alarm.taken"
    assert await queue(far) == [] and (await act(far, alarm, "acknowledge", 404))["code"] == "alarm.unknown"
    assert (await far.get(f"/alarms/{alarm['id']}/steps")).status_code == 404
    for one in (li, wang, far):
        await one.aclose()


async def test_another_desk_is_told_of_each_step(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    li, wang = await operator(node, "li-si"), await operator(node, "wang-wu")
    lines: list[str] = []

    async def follow() -> None:
        async with wang.stream("GET", "/events", timeout=60) as feed:
            async for line in feed.aiter_lines():
                lines.append(line)

    task = asyncio.create_task(follow())
    await until(lambda: bool(lines), what="it follows")
    async with line_to(port_of(node)) as line:
        await reported(line, 1)
    (alarm,) = await queue(li)
    await act(li, alarm, "acknowledge")
    await until(lambda: any('"state":"claimed"' in one.replace(" ", "") for one in lines), what="the other desk is told")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await li.aclose()
    await wang.aclose()


async def test_a_queue_of_many_is_read_by_its_indexes(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        queries = {
            "queue": {"queue": "open"},
            "next page": {"queue": "open", "cursor": "2-1"},
            "mine": {"queue": "mine"},
            "device": {"device": "52010200001320000001"},
            "time": {"from": "2026-11-29T00:00:00Z", "to": "2026-11-29T00:01:00Z"},
        }
        asked: dict[str, list[str]] = {}
        for name, query in queries.items():
            with statements(node) as seen:
                assert (await node.client.get("/alarms", params=query)).status_code == 200
            asked[name] = [one for one in seen if "FROM alarms" in one and "max(alarms.id)" not in one]  # what rules follow by
        with sqlite3.connect(node.node.data / "node.db") as database:
            for name, some in asked.items():
                assert some, name
                for one in some:
                    plan = " ".join(row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {one}", [None] * one.count("?")))
                    assert "USING" in plan and "INDEX" in plan, (name, plan)


@contextmanager
def statements(node: RunningNode) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    engine = node.node.store.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
