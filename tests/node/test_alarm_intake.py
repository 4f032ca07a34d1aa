"""Another system reports, signed: on disk, then taken over, once however often; all else is refused and stored nowhere."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from fengsui.alarm_settings import AlarmIntakeSection
from tests.node.alarm_sources import FIRE, NAME, registered, report, signed
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_alarms import alarms, on_disk
from tests.node.test_lifts import MovedClock
from tests.node.test_live import listed

CAMERA = "52010200001320000001"
GUIDE = Path(__file__).parents[2] / "docs/guide/interlocks.md"


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("fengsui_alarm_intake_total", {"outcome": outcome}) or 0.0


async def source(node: RunningNode) -> dict[str, Any]:
    (found,) = (await node.get("/alarm-sources"))["items"]  # type: ignore[misc]
    return found  # type: ignore[return-value]


async def test_a_signed_report_is_on_disk_then_taken_over_then_before_the_desk(node: RunningNode) -> None:
    secret = await registered(node)
    at = datetime.now(UTC).replace(microsecond=0)
    said = {**FIRE, "time": at.isoformat(), "longitude": 106.713, "latitude": 26.578, "event": "smoke"}
    answer = await report(node, secret, said)
    assert answer.status_code == 202, answer.text
    assert on_disk(node) == 1
    (alarm,) = await alarms(node, queue="open")
    wanted = {
        **{"id": answer.json()["alarm"], "protocol": "https", "account": NAME, "site": "消防平台", "area": "520102"},
        **{"zone": "L3-07", "point": "三楼库房", "category": "fire", "priority": 1, "text": "感烟", "code_table": "http"},
        **{"longitude": 106.713, "latitude": 26.578, "told_priority": None, "event_type": "smoke", "change": "new"},
    }
    assert {name: alarm[name] for name in wanted} == wanted
    assert datetime.fromisoformat(alarm["sent_at"]) == at
    assert alarm["work"]["state"] == "open"
    told = await source(node)
    assert (told["taken"], told["refused"], told["heard_at"] is not None) == (1, 0, True)


async def test_what_is_sent_again_is_one_alarm_and_answered_as_at_first_however_late(tmp_path: Path) -> None:
    clock = MovedClock()
    async with running_node(tmp_path, settings_for(), clock) as node:
        secret = await registered(node)
        first = await report(node, secret, FIRE)
        assert first.status_code == 202
        assert (await report(node, secret, FIRE)).json() == first.json()
        both = await asyncio.gather(*(report(node, secret, {**FIRE, "id": "FA-2", "point": "9"}) for _ in range(2)))
        assert [one.status_code for one in both] == [202, 202] and both[0].json() == both[1].json()
        clock.later += timedelta(minutes=20)
        again = await report(node, secret, FIRE, at=clock.now().timestamp())
        assert (again.status_code, again.json()) == (202, first.json()), "an id does not run out"
        other = await report(node, secret, {**FIRE, "text": "an other fire"}, at=clock.now().timestamp())
        assert (other.status_code, other.json()["code"]) == (409, "alarm_intake.id_used")
        assert on_disk(node) == 2
        assert (await source(node))["refused"] == 1
    async with running_node(tmp_path, settings_for(), clock) as node:
        told = await source(node)
        assert (told["taken"], told["repeated"], told["refused"]) == (2, 3, 1), "kept over a restart"
        assert (await report(node, secret, FIRE, at=clock.now().timestamp())).json() == first.json()


@pytest.mark.parametrize("what", ["secret", "source", "body", "none", "old", "ahead", "time"])
async def test_what_is_not_proven_is_counted_and_stored_nowhere(node: RunningNode, what: str) -> None:
    secret = await registered(node)
    now, before = datetime.now(UTC).timestamp(), (counted("unproven"), counted("refused"))
    if what in ("old", "ahead"):
        answer = await report(node, secret, FIRE, at=now + (-310 if what == "old" else 310))
    elif what == "secret":
        answer = await report(node, secret[:-1] + ("A" if secret[-1] != "A" else "B"), FIRE)
    elif what == "source":
        answer = await report(node, secret, FIRE, name="nobody")
    else:
        headers = signed(secret, b"{}") if what == "body" else {}
        if what == "time":  # of a right signature
            headers = {**signed(secret, b"{}"), "X-Fengsui-Timestamp": str(int(now) + 1)}
        answer = await node.client.post(f"/alarm-intake/{NAME}", content=b"{ }" if what == "body" else b"{}", headers=headers)
    untimely = what in ("old", "ahead")
    assert (answer.status_code, answer.json()["code"]) == (401, f"alarm_intake.{'untimely' if untimely else 'unproven'}")
    assert (counted("unproven") - before[0], counted("refused") - before[1]) == ((0, 1) if untimely else (1, 0))
    assert on_disk(node) == 0
    told = await source(node)
    assert told["unproven"] == (0 if untimely or what == "source" else 1)
    assert (await report(node, secret, FIRE)).status_code == 202


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"type": "intrusion"}, 422, "kind_not_allowed"),
        ({"area": "520103"}, 422, "elsewhere"),
        ({"priority": 5}, 422, "malformed"),
        ({"type": "ufo"}, 422, "malformed"),
        ({"time": "2026-11-29T08:00:00"}, 422, "malformed"),
        ({"time": "0001-01-01T00:00:00+14:00"}, 422, "malformed"),
        ({"longitude": 106.7}, 422, "malformed"),
        ({"longitude": 1e999, "latitude": 0}, 422, "malformed"),
        ({"cameras": [CAMERA] * 9}, 422, "malformed"),
        ({"id": ""}, 422, "malformed"),
        ({"unknown": 1}, 422, "malformed"),
        ({"text": "x" * 70_000}, 413, "too_large"),
    ],
)
async def test_what_may_not_be_said_is_refused_with_the_reason(
    node: RunningNode, change: dict[str, Any], status: int, code: str
) -> None:
    secret = await registered(node, kinds=["fire", "gas"])
    answer = await report(node, secret, {**FIRE, **change})
    assert (answer.status_code, answer.json()["code"]) == (status, f"alarm_intake.{code}")
    assert on_disk(node) == 0
    if status == 422:
        assert (await source(node))["fault"] == f"alarm_intake.{code}"


async def test_octets_of_any_kind_are_an_answer(node: RunningNode) -> None:
    secret = await registered(node)
    for body in (b"", b"null", b"[]", b"\xff\xfe", b'{"id": "\\ud800", "type": "fire"}', b"[" * 20_000, b'{"id": NaN}'):
        assert (await report(node, secret, body)).status_code == 422
    odd = await report(node, secret, {**FIRE, "text": "a\x00b\u202ec", "place": "\x1b[2J"})
    assert odd.status_code == 202
    assert [(one["text"], one["point"]) for one in await alarms(node)] == [("abc", "[2J")]


async def test_a_source_is_no_more_urgent_than_it_may_be(node: RunningNode) -> None:
    secret = await registered(node, most_urgent=2)
    await report(node, secret, {**FIRE, "priority": 1})
    await report(node, secret, {**FIRE, "id": "2", "point": "2", "priority": 3})
    await report(node, secret, {**FIRE, "id": "3", "point": "3", "type": "test"})
    assert [(one["priority"], one["told_priority"]) for one in await alarms(node)] == [(4, None), (3, 3), (2, 1)]


async def test_one_point_counts_together_and_two_places_do_not(node: RunningNode) -> None:
    secret = await registered(node)
    nowhere = {"type": "fire"}
    at = {**nowhere, "longitude": 106.713, "latitude": 26.578}
    reports = [
        FIRE,
        FIRE,
        at,
        at,
        {**at, "latitude": 26.6},
        {**nowhere, "place": "东门"},
        {**nowhere, "place": "西门"},
        nowhere,
        nowhere,
    ]
    for number, one in enumerate(reports):
        assert (await report(node, secret, {**one, "id": str(number)})).status_code == 202
    found = await alarms(node, queue="open")
    assert sorted(one["work"]["folded"] for one in found) == [0, 0, 0, 0, 0, 1, 1]
    assert (await report(node, secret, {**FIRE, "id": "over", "change": "restored"})).status_code == 202
    now = {one["zone"]: one["work"]["active"] for one in await alarms(node, queue="open") if one["zone"]}
    assert now == {"L3-07": False}
    assert all(one["work"]["active"] for one in await alarms(node, queue="open") if not one["zone"])


async def test_cameras_are_opened_with_it_where_its_source_may_name_them(node: RunningNode) -> None:
    secret = await registered(node)
    async with powered(simulated_camera(node.registrar)):
        await until(lambda: listed(node, CAMERA), what="the catalogue is read")
        answer = await report(node, secret, {**FIRE, "cameras": [CAMERA, "52010200001320000999"]})
        assert answer.json()["left_out"] == ["52010200001320000999"]
        (alarm,) = await alarms(node)
        assert alarm["camera"] == CAMERA
        await node.put(CAMERA, "520103")
        answer = await report(node, secret, {**FIRE, "id": "2", "cameras": [CAMERA]})
        assert answer.json()["left_out"] == [CAMERA], "it lies elsewhere now"
        assert [one["camera"] for one in await alarms(node)] == ["", CAMERA]


async def test_a_source_that_reports_too_often_is_told_to_wait(tmp_path: Path) -> None:
    settings = settings_for().model_copy(update={"alarm_intake": AlarmIntakeSection(max_per_source_per_s=0.5)})
    async with running_node(tmp_path, settings) as node:
        secret = await registered(node)
        answers = [await report(node, secret, {**FIRE, "id": str(number)}) for number in range(7)]
        refused = [one for one in answers if one.status_code != 202]
        assert [one.status_code for one in answers[:5]] == [202] * 5, "ten seconds' worth at once"
        assert refused and {(one.status_code, one.headers["retry-after"]) for one in refused} == {(429, "2")}
        assert on_disk(node) == 7 - len(refused)


async def test_without_a_commit_nothing_is_taken_over(tmp_path: Path) -> None:
    settings = settings_for().model_copy(update={"alarm_intake": AlarmIntakeSection(answer_s=1)})
    async with running_node(tmp_path, settings) as node:
        secret = await registered(node)
        lock = sqlite3.connect(node.node.data / "node.db", isolation_level=None, check_same_thread=False)
        await asyncio.to_thread(lock.execute, "BEGIN IMMEDIATE")  # nobody else writes
        try:
            answer = await report(node, secret, FIRE)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")
            assert answer.json()["code"] == "alarm_intake.not_stored" and on_disk(node) == 0
        finally:
            lock.execute("ROLLBACK")
            lock.close()
        again = await report(node, secret, FIRE)
        assert again.status_code == 202
        assert on_disk(node) == 1
        (alarm,) = await alarms(node)
        assert alarm["id"] == again.json()["alarm"]


async def test_a_secret_is_told_once_and_the_next_ends_it(node: RunningNode) -> None:
    secret = await registered(node)
    found = await source(node)
    assert secret not in str(found) and "secret" not in str(found)
    twice = await node.client.post("/alarm-sources", json={"name": NAME, "title": "x"})
    assert twice.status_code == 409
    renewed = (await node.client.post(f"/alarm-sources/{found['id']}/secret")).json()["secret"]
    assert renewed != secret
    assert (await report(node, secret, FIRE)).status_code == 401
    assert (await report(node, renewed, FIRE)).status_code == 202
    assert (await node.client.delete(f"/alarm-sources/{found['id']}")).status_code == 204
    assert (await report(node, renewed, {**FIRE, "id": "2"})).status_code == 401
    assert on_disk(node) == 1, "what it reported stays"
    database = (node.node.data / "node.db").read_bytes() + (node.node.data / "node.db-wal").read_bytes()
    assert secret.encode() not in database and renewed.encode() not in database


async def test_a_source_changed_past_the_node_is_not_believed(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        secret = await registered(node, area="520102")
    with sqlite3.connect(tmp_path / "node.db") as database:
        database.execute("UPDATE alarm_sources SET area = '52'")
    async with running_node(tmp_path, settings_for()) as node:
        assert (await source(node))["distrusted"]
        assert (await report(node, secret, FIRE)).status_code == 401
        assert (await node.client.post(f"/alarm-sources/{(await source(node))['id']}/secret")).status_code == 404
        assert on_disk(node) == 0


def examples() -> dict[str, str]:
    """Of the guide, by language."""
    return dict(re.findall(r"```(python|sh)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL))


async def test_the_guides_examples_report_as_they_stand_there(node: RunningNode, tmp_path: Path) -> None:
    secret = await registered(node)
    base = f"http://127.0.0.1:{node.node.settings.http.port}"
    file = tmp_path / "report.py"
    file.write_text(examples()["python"], encoding="utf-8")
    environment = {**os.environ, "NODE": base, "SOURCE": NAME, "SECRET": secret}
    for command in ([sys.executable, str(file), base, NAME, secret], ["bash", "-euc", examples()["sh"]]):
        run = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, timeout=60)
        assert run.returncode == 0 and b'"alarm":' in run.stdout, run
    assert [one["point"] for one in await alarms(node)] == ["三楼东侧", "三楼库房"]
