"""CAP 1.2 over real sockets: taken as alarms, updated and cancelled; and an incident told to others as one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fengsui.features.alarm_intake.cap_reports import priority_of, read_cap
from fengsui.wire.cap.message import parse
from fengsui.wire.cap.words import Certainty, MessageType, ResponseType, Status, Urgency
from tests.node.alarm_sources import registered, report
from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.test_alarms import alarms, on_disk
from tests.wire.cap_messages import CAP_ALERT
from tests.wire.test_cap import by_the_schema

FIRST = b"alarm@city.example,city-2026-000418,2026-03-02T08:16:40+08:00"


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


def following(kind: bytes, number: bytes, of: bytes = FIRST) -> bytes:
    """A message about another one."""
    found = CAP_ALERT.replace(b">Alert<", b">" + kind + b"<").replace(b"000418", number)
    return found.replace(b"<info>", b"<references>" + of + b"</references><info>")


async def test_an_alert_is_an_alarm_once_and_an_update_counts_with_it(node: RunningNode) -> None:
    secret = await registered(node)
    first = await report(node, secret, CAP_ALERT, path="/cap")
    assert first.status_code == 202, first.text
    assert on_disk(node) == 1
    assert (await report(node, secret, CAP_ALERT, path="/cap")).json() == first.json()
    (alarm,) = await alarms(node, queue="open")
    wanted: dict[str, Any] = {
        **{"protocol": "cap", "code_table": "cap", "category": "fire", "priority": 1, "told_priority": 1, "repeats": 0},
        **{"point": "East tunnel", "text": "Smoke alarm, east tunnel", "event_type": "Smoke in tunnel"},
        **{"latitude": 26.578, "longitude": 106.713},
    }
    assert {name: alarm[name] for name in wanted} == wanted
    assert (await report(node, secret, following(b"Update", b"000419"), path="/cap")).status_code == 202
    later = following(b"Update", b"000420", FIRST.replace(b"000418", b"000419"))
    assert (await report(node, secret, later, path="/cap")).status_code == 202, "of one that was an update itself"
    (still,) = await alarms(node, queue="open")
    assert (still["id"], still["work"]["folded"], still["work"]["active"]) == (alarm["id"], 2, True)
    other = CAP_ALERT.replace(b"000418", b"000500")
    assert (await report(node, secret, other, path="/cap")).status_code == 202
    cancel = following(b"Cancel", b"000421").split(b"<info>")[0] + b"</alert>"
    assert (await report(node, secret, cancel, path="/cap")).status_code == 202, "a Cancel says nothing more"
    found = {one["id"]: one["work"]["active"] for one in await alarms(node, queue="open")}
    assert found[alarm["id"]] is False and list(found.values()).count(True) == 1, "the other event goes on"


async def test_what_is_only_tried_ends_what_was_tried_and_nothing_real(node: RunningNode) -> None:
    secret = await registered(node)
    assert (await report(node, secret, CAP_ALERT, path="/cap")).status_code == 202
    cancel = following(b"Cancel", b"000421").replace(b">Actual<", b">Exercise<")
    assert (await report(node, secret, cancel, path="/cap")).status_code == 202
    (alarm,) = [one for one in await alarms(node, queue="open") if one["priority"] == 1]
    assert alarm["work"]["active"] is True and alarm["work"]["folded"] == 0
    assert (await report(node, secret, following(b"Cancel", b"000422"), path="/cap")).status_code == 202
    (alarm,) = [one for one in await alarms(node, queue="open") if one["priority"] == 1]
    assert alarm["work"]["active"] is False


async def test_a_message_that_is_more_urgent_than_before_stands_for_itself(node: RunningNode) -> None:
    secret = await registered(node)
    mild = CAP_ALERT.replace(b">Severe<", b">Minor<")
    assert (await report(node, secret, mild, path="/cap")).status_code == 202
    assert (await report(node, secret, following(b"Update", b"000419"), path="/cap")).status_code == 202
    assert [one["priority"] for one in await alarms(node, queue="open")] == [1, 3]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        CAP_ALERT[:-20],
        CAP_ALERT.replace(b"<alert", b"<!DOCTYPE alert><alert"),
        CAP_ALERT.replace(b">Alert<", b">Ack<").replace(b"<info>", b"<references>" + FIRST + b"</references><info>"),
    ],
)
async def test_what_is_no_such_message_is_refused(node: RunningNode, body: bytes) -> None:
    secret = await registered(node)
    answer = await report(node, secret, body, path="/cap")
    assert (answer.status_code, answer.json()["code"]) == (422, "alarm_intake.malformed")
    assert (await report(node, secret + "x", CAP_ALERT, path="/cap")).status_code == 401
    assert on_disk(node) == 0


@pytest.mark.parametrize(
    ("said", "priority"),
    [
        ("Immediate Extreme Observed", 1),
        ("Expected Extreme Possible", 1),
        ("Immediate Severe Likely", 1),
        ("Immediate Severe Possible", 2),
        ("Expected Severe Observed", 2),
        ("Immediate Moderate Observed", 2),
        ("Immediate Unknown Unknown", 2),
        ("Expected Moderate Observed", 3),
        ("Future Minor Likely", 3),
        ("Immediate Extreme Unlikely", 4),
        ("Past Extreme Observed", 4),
    ],
)
def test_priority_is_by_the_table_of_the_guide(said: str, priority: int) -> None:
    urgency, severity, certainty = (one.encode() for one in said.split())
    message = CAP_ALERT.replace(b"Immediate", urgency).replace(b"Severe", severity).replace(b"Likely", certainty)
    assert priority_of(parse(message).infos[0]) == priority
    for status in (Status.EXERCISE, Status.TEST, Status.SYSTEM, Status.DRAFT):
        tried = read_cap(message.replace(b">Actual<", b">" + status.encode() + b"<"))
        assert tried.told_priority == 4 and tried.text.startswith(f"[{status}]")


async def test_an_incident_is_a_message_that_others_can_read(node: RunningNode) -> None:
    order: dict[str, Any] = {"type": "fire", "place": "南明 <银行> & 金库", "area": "520102", "text": "浓烟"}
    order |= {"longitude": 106.713, "latitude": 26.578}
    made = (await node.client.post("/incidents", json=order)).json()
    path = f"/incidents/{made['id']}/cap"
    answer = await node.client.get(path)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/cap+xml"
    by_the_schema(answer.content)
    alert = parse(answer.content)
    (info,) = alert.infos
    assert (alert.kind, alert.own.identifier, alert.status) == (MessageType.ALERT, made["number"], Status.ACTUAL)
    assert info.headline.endswith("南明 <银行> & 金库") and info.areas[0].middle == (26.578, 106.713)
    assert (await node.client.get(path)).content == answer.content, "the same version is the same message"
    for step in ("take", "verify", "confirm"):
        assert (await node.client.post(f"/incidents/{made['id']}/state", json={"step": step})).status_code == 200
    update = parse((await node.client.get(path)).content)
    assert (update.kind, update.references, update.infos[0].certainty) == (MessageType.UPDATE, (alert.own,), Certainty.OBSERVED)
    closing = {"disposition": "false-alarm", "cause": "equipment"}
    closed = await node.client.post(f"/incidents/{made['id']}/close", json=closing)
    assert closed.status_code == 200, closed.text
    cancel = parse((await node.client.get(path)).content)
    assert (cancel.kind, cancel.references) == (MessageType.CANCEL, (alert.own,))
    assert (cancel.infos[0].urgency, cancel.infos[0].responses) == (Urgency.PAST, (ResponseType.ALL_CLEAR,))
    assert (await node.client.get("/incidents/99/cap")).status_code == 404
