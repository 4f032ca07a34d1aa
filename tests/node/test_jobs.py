"""A dispatch system sends jobs: each is an incident once; what it tells of them stands in the time line; our states go back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.alarm_settings import DispatchLinksSection
from fengsui.features.alarm_intake import IntakeMalformed
from fengsui.features.dispatch_links.job_bodies import read_job
from fengsui.features.dispatch_links.model import JobSaid
from fengsui.features.incidents import IncidentKind
from tests.node.alarm_sources import signed
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.dispatch_peer import Peer, serving

NAME = "city-110"
JOB: dict[str, Any] = {"number": "JQ-88", "type": "fire", "place": "甲秀楼", "text": "有烟", "priority": 1}


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving(Peer()) as found:
        yield found


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    section = DispatchLinksSection(first_wait_s=0.05, longest_wait_s=0.2, job_files=True)
    async with running_node(tmp_path, settings_for().model_copy(update={"dispatch_links": section})) as running:
        yield running


async def entered(node: RunningNode, **more: Any) -> str:
    order = {"name": NAME, "title": "市局 110", "area": "520102", "jobs": True, **more}
    answer = await node.client.post("/alarm-sources", json=order)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["secret"])


async def send(node: RunningNode, secret: str, said: dict[str, Any], key: str = "") -> httpx.Response:
    """By somebody who is not signed in."""
    body = json.dumps(said).encode()
    headers = signed(secret, body) | ({"Idempotency-Key": key} if key else {})
    async with httpx.AsyncClient(base_url=node.client.base_url, timeout=30) as stranger:
        return await stranger.post(f"/job-intake/{NAME}", content=body, headers=headers)


async def incidents(node: RunningNode) -> list[dict[str, Any]]:
    return (await node.get("/incidents"))["items"]


async def lines(node: RunningNode, id: int) -> list[dict[str, Any]]:
    return (await node.get(f"/incidents/{id}"))["lines"]


async def test_a_job_is_an_incident_once_however_often_it_is_sent(node: RunningNode) -> None:
    secret = await entered(node, most_urgent=2)
    answers = await asyncio.gather(*(send(node, secret, JOB, "K1") for _ in range(3)))
    assert [one.status_code for one in answers] == [202] * 3, answers[0].text
    assert answers[0].json() == answers[1].json() == answers[2].json()
    (one,) = await incidents(node)
    wanted = {"type": "fire", "place": "甲秀楼", "text": "有烟", "priority": 2, "state": "new", "area": "520102", "owner": None}
    assert {name: one[name] for name in wanted} == wanted
    assert (one["opened_by"], one["number"], one["id"]) == ("市局 110", answers[0].json()["number"], answers[0].json()["incident"])
    other = await send(node, secret, {**JOB, "text": "无烟"}, "K1")
    assert (other.status_code, other.json()["code"]) == (409, "alarm_intake.id_used")
    (told,) = (await node.get("/alarm-sources"))["items"]
    assert (told["jobs"], told["taken"], told["repeated"], told["refused"]) == (True, 1, 2, 1)


async def test_what_they_tell_stands_in_its_time_line_and_moves_nothing(node: RunningNode) -> None:
    secret = await entered(node)
    made = (await send(node, secret, JOB)).json()
    for state in ("dispatched", "arrived", "closed"):
        for _ in range(2):
            answer = await send(node, secret, {"number": "JQ-88", "state": state, "text": f"{state}!"}, f"JQ-88.{state}")
            assert (answer.status_code, answer.json()["number"]) == (202, made["number"])
    found = await lines(node, made["incident"])
    assert [line["facts"].get("state") for line in found] == [None, "dispatched", "arrived", "closed"]
    assert "已到场" in found[2]["text"] and "arrived!" in found[2]["text"] and found[2]["facts"]["from"] == NAME
    (one,) = await incidents(node)
    assert one["state"] == "new", "it closes by a person's word alone"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"place": ""}, 422, "alarm_intake.malformed"),
        ({"caller": "王某"}, 422, "alarm_intake.malformed"),
        ({"number": "a b"}, 422, "alarm_intake.malformed"),
        ({"state": "gone"}, 422, "alarm_intake.malformed"),
        ({"longitude": 106.7}, 422, "alarm_intake.malformed"),
        ({"area": "520103"}, 422, "alarm_intake.elsewhere"),
        ({"yours": "IN20261130-0001"}, 404, "dispatch_link.unknown_job"),
    ],
)
async def test_what_is_no_job_is_refused(node: RunningNode, change: dict[str, Any], status: int, code: str) -> None:
    secret = await entered(node)
    local = {"type": "fire", "place": "别处", "area": "520102"}
    assert (await node.client.post("/incidents", json=local)).status_code == 201, "an incident that they were not told of"
    answer = await send(node, secret, {**JOB, **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(await incidents(node)) == 1


async def test_only_who_may_send_jobs_does_and_only_signed(node: RunningNode) -> None:
    secret = await entered(node)
    assert (await send(node, secret[:-2] + "xx", JOB)).json()["code"] == "alarm_intake.unproven"
    body = json.dumps({"id": "1", "type": "fire"}).encode()
    answer = await node.client.post(f"/alarm-intake/{NAME}", content=body, headers=signed(secret, body))
    assert answer.json()["code"] == "alarm_intake.kind_not_allowed"
    ping = b'{"ping":true}'
    answer = await node.client.post(f"/job-intake/{NAME}", content=ping, headers=signed(secret, ping))
    assert (answer.status_code, answer.json()["incident"]) == (202, 0)
    order = {"name": "fire-office", "title": "消防", "area": "520102"}
    of_alarms = (await node.client.post("/alarm-sources", json=order)).json()["secret"]
    body = json.dumps(JOB).encode()
    answer = await node.client.post("/job-intake/fire-office", content=body, headers=signed(of_alarms, body))
    assert answer.json()["code"] == "alarm_intake.kind_not_allowed"
    both = {**order, "name": "both", "jobs": True, "kinds": ["fire"]}
    assert (await node.client.post("/alarm-sources", json=both)).status_code == 422
    assert await incidents(node) == []


async def test_our_states_go_back_to_whoever_sent_the_job(node: RunningNode, peer: Peer) -> None:
    secret = await entered(node)
    link = {"name": NAME, "title": "市局 110", "url": peer.url, "area": "520102", "news": ["opened", "changed", "closed"]}
    peer.secret = (await node.client.post("/dispatch-links", json=link)).json()["secret"]
    made = (await send(node, secret, JOB)).json()
    await until(lambda: len(peer.taken) == 1, what="they are told that it is here")
    assert (peer.jobs[0]["number"], peer.jobs[0]["yours"], peer.jobs[0]["state"]) == (made["number"], "JQ-88", "received")
    assert (await node.client.post(f"/incidents/{made['incident']}/state", json={"step": "take"})).status_code == 200
    ours = {"number": "JQ-88", "yours": made["number"], "state": "arrived"}
    assert (await send(node, secret, ours)).status_code == 202
    assert (await node.client.post(f"/incidents/{made['incident']}/close", json={"disposition": "handled"})).status_code == 200
    await until(lambda: len(peer.taken) == 3, what="they are told of its end")
    assert [said["state"] for said in peer.jobs] == ["received", "received", "closed"], "their own words are not sent back to them"


async def test_a_state_of_theirs_finds_an_incident_of_ours(node: RunningNode, peer: Peer) -> None:
    secret = await entered(node)
    link = {"name": NAME, "title": "市局 110", "url": peer.url, "area": "520102", "news": ["opened"]}
    peer.secret = (await node.client.post("/dispatch-links", json=link)).json()["secret"]
    ours = (await node.client.post("/incidents", json={"type": "fire", "place": "甲秀楼", "area": "520102"})).json()
    await until(lambda: len(peer.taken) == 1, what="they are told")
    said = {"number": "OTHER-1", "yours": ours["number"], "state": "dispatched"}
    answer = await send(node, secret, said)
    assert (answer.status_code, answer.json()["number"]) == (202, ours["number"])
    assert any(line["facts"].get("state") == "dispatched" for line in await lines(node, ours["id"]))
    assert len(await incidents(node)) == 1


async def test_jobs_come_as_files_and_what_became_of_them_lies_beside_them(node: RunningNode, tmp_path: Path) -> None:
    await entered(node)
    folder = node.node.data / "jobs-in" / NAME
    await until(lambda: (folder / "refused").is_dir(), what="there is a folder for the source")
    for name, said in (("1", JOB), ("2", {**JOB, "caller": "王某"}), ("3", JOB)):
        (folder / f"{name}.part").write_text(json.dumps(said), "utf-8")
        (folder / f"{name}.part").replace(folder / f"{name}.json")
    (folder / "4.json").symlink_to(node.node.data / "anything")
    (folder / "5.part").write_text("half of a j", "utf-8")
    await until(lambda: (folder / "refused/4.json").is_symlink(), what="all are dealt with")
    (one,) = await incidents(node)
    assert sorted(path.name for path in (folder / "done").iterdir()) == ["1.json", "1.json.txt", "3.json", "3.json.txt"]
    assert (
        (folder / "done/1.json.txt").read_text("utf-8") == (folder / "done/3.json.txt").read_text("utf-8") == f"{one['number']}\n"
    )
    assert "caller" in (folder / "refused/2.json.txt").read_text("utf-8")
    assert "王某" not in (folder / "refused/2.json.txt").read_text("utf-8")
    assert (folder / "5.part").exists()


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200)


@given(
    number=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=64),
    kind=st.sampled_from(IncidentKind),
    place=WORDS,
    text=WORDS,
    priority=st.integers(1, 4),
    degrees=st.none() | st.tuples(st.floats(-180, 180), st.floats(-90, 90)),
)
def test_a_right_job_is_read_as_it_was_written(
    number: str, kind: IncidentKind, place: str, text: str, priority: int, degrees: tuple[float, float] | None
) -> None:
    said = {"number": number, "type": kind.value, "place": place, "text": text, "priority": priority}
    said |= {"longitude": degrees[0], "latitude": degrees[1]} if degrees else {}
    found = read_job(json.dumps(said).encode())
    assert (found.number, found.kind, found.place, found.text, found.priority) == (
        number,
        kind,
        place.strip(),
        text.strip(),
        priority,
    )
    assert (found.longitude, found.latitude) == (degrees or (None, None))


@given(
    st.binary(max_size=300)
    | st.recursive(st.none() | st.booleans() | st.floats() | WORDS, st.lists).map(lambda x: json.dumps(x).encode())
)
def test_anything_else_is_refused_in_words_that_repeat_nothing(raw: bytes) -> None:
    try:
        assert isinstance(read_job(raw), JobSaid)
    except IntakeMalformed as error:
        assert error.text_zh and len(str(error)) < 1000
