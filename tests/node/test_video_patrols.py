"""Video patrols on a running node: planned, gone round on duty with proof, handed on, missed, counted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from fengsui.features.video_patrols import queries
from tests.node.conftest import RunningNode, powered, running_node, simulated_camera, until
from tests.node.duty_room import CAMERA, HERE, MovedClock, centre_of, operator, people_of, with_pack
from tests.node.test_audit import records
from tests.node.test_live import listed
from tests.node.test_video_patrol_model import jpeg

LEAD = {"post": "duty-supervisor", "area": HERE}


@asynccontextmanager
async def room(folder: Path, clock: MovedClock | None = None, url: str = "") -> AsyncIterator[RunningNode]:
    """A node with one camera."""
    settings = with_pack(folder / "node")
    settings = settings.model_copy(update={"store": settings.store.model_copy(update={"url": url})})
    async with running_node(folder / "node", settings, clock=clock) as node, powered(simulated_camera(node.registrar)):
        await until(lambda: listed(node, CAMERA), what="the camera is listed")
        yield node


@pytest.fixture
async def node(tmp_path: Path, store_url: str) -> AsyncIterator[RunningNode]:
    """On SQLite, and on PostgreSQL."""
    async with room(tmp_path, url=store_url) as made:
        yield made


def order(centre: int, stops: int = 1, **facts: object) -> dict[str, Any]:
    """Rounds by hand, unless times are given."""
    at = [{"camera": CAMERA, "look_for": f"第 {number} 处有无积水", "watch_s": 3} for number in range(1, stops + 1)]
    return {"centre": centre, "name": "河岸夜巡", "stops": at, "times": [], "weekdays": [], "tolerance_s": 600, **facts}


async def made(client: httpx.AsyncClient, path: str, body: Any = None, status: int = 201) -> dict[str, Any]:
    """What must succeed."""
    answer = await client.post(path, json=body)
    assert answer.status_code == status, (path, answer.text)
    found: dict[str, Any] = answer.json()
    return found


async def refused(client: httpx.AsyncClient, path: str, body: Any = None) -> str:
    answer = await client.post(path, json=body)
    assert answer.status_code >= 400 and answer.json()["remedy_zh"], (path, answer.text)
    return str(answer.json()["code"])


@contextmanager
def reading(url: str) -> Iterator[None]:
    """A player on the media port."""

    async def read() -> None:
        async with websockets.connect(url, max_size=None) as socket:
            async for _ in socket:
                pass

    task = asyncio.create_task(read())
    try:
        yield
    finally:
        task.cancel()


async def watch_until(client: httpx.AsyncClient, stop: str, session: dict[str, Any], wanted_s: float) -> float:
    """A player that reports all the time; what the node counts of it."""
    began = asyncio.get_running_loop().time()

    async def told() -> float:
        played = asyncio.get_running_loop().time() - began
        answer = await made(client, f"{stop}/watch", {"session": session["session"], "played_s": played}, 200)
        return float(answer["watched_s"]) if answer["watched_s"] >= wanted_s else 0.0

    found = await until(told, what="the node counts what was watched")
    assert isinstance(found, float)
    return found


async def opened(client: httpx.AsyncClient) -> dict[str, Any]:
    return await made(client, f"/cameras/{CAMERA}/live", {"codecs": ["h264", "h265"]})


async def test_plans_are_set_by_supervisors_in_versions(node: RunningNode) -> None:
    centre = await centre_of(node)
    lead, li = await node.client_of("zhang-san", LEAD), await node.client_of("li-si", operator())
    far = await node.client_of("sun-ba", {"post": "duty-supervisor", "area": "5203"})
    assert await refused(li, "/video-patrols/plans", order(centre)) == "access.not_allowed"
    assert await refused(far, "/video-patrols/plans", order(centre)) == "access.out_of_scope"
    unknown = order(centre, stops=1)
    unknown["stops"][0]["camera"] = "52010200001320000999"
    assert await refused(lead, "/video-patrols/plans", unknown) == "camera.unknown"
    assert await refused(lead, "/video-patrols/plans", order(centre, times=["25:00"], weekdays=[1])) == "patrol.unusable"
    first = await made(lead, "/video-patrols/plans", order(centre))
    assert (first["id"], first["version"], first["set_by"], first["manages"]) == (1, 1, "zhang-san", True)
    change = {**order(centre, stops=2), "version": 1}
    changed = await lead.put("/video-patrols/plans/1", json=change)
    assert (changed.status_code, changed.json()["version"], len(changed.json()["stops"])) == (200, 2, 2)
    stale = await lead.put("/video-patrols/plans/1", json=change)
    assert (stale.status_code, stale.json()["code"]) == (409, "patrol.plan_changed")
    (seen,) = (await li.get("/video-patrols/plans")).json()["items"]
    assert (seen["version"], seen["manages"]) == (2, False)
    assert (await far.get("/video-patrols/plans")).json()["items"] == []
    assert (await far.get("/video-patrols/plans/1/versions")).json()["code"] == "access.out_of_scope"
    assert (await lead.delete("/video-patrols/plans/1")).status_code == 204
    assert (await li.get("/video-patrols/plans")).json()["items"] == []
    versions = (await li.get("/video-patrols/plans/1/versions")).json()["items"]
    assert [(one["version"], one["ended"]) for one in versions] == [(3, True), (2, False), (1, False)]
    again = await made(lead, "/video-patrols/plans", order(centre))
    assert again["id"] == 2, "a number is never given twice"
    told = [one.range for one in records(node) if (one.act, one.result) == ("patrol.plan", "allowed")]
    assert told == ["VP1-1", "VP1-2", "VP1-3", "VP2-1"]
    for client in (lead, li, far):
        await client.aclose()


async def test_a_stop_is_confirmed_by_who_has_looked_and_findings_stand_in_the_log(node: RunningNode) -> None:
    centre = await centre_of(node)
    li = await node.client_of("li-si", operator())
    await made(node.client, "/video-patrols/plans", order(centre, stops=3))
    assert await refused(li, "/video-patrols/plans/1/rounds") == "patrol.not_on_duty"
    await made(li, "/duty/shift", {"centre": centre, "seat": 1})
    begun = await made(li, "/video-patrols/plans/1/rounds")
    path, number = f"/video-patrols/rounds/{begun['round']['id']}", begun["round"]["id"]
    assert (begun["round"]["state"], begun["round"]["mine"], begun["round"]["by_hand"]) == ("under-way", True, True)
    assert await refused(li, "/video-patrols/plans/1/rounds") == "patrol.already"
    stop = f"{path}/stops/1"
    assert await refused(li, f"{stop}/outcome", {"outcome": "confirmed"}) == "patrol.not_watched"
    finding = {"outcome": "finding", "kind": "water", "text": "路口积水约 10 厘米"}
    assert await refused(li, f"{stop}/outcome", finding) == "patrol.not_opened"
    assert await refused(li, f"{stop}/watch", {"session": "f" * 16, "played_s": 99}) == "live.unknown_session"
    session = await opened(li)
    first = await made(li, f"{stop}/watch", {"session": session["session"], "played_s": 0}, 200)
    assert (first["watched_s"], first["needed_s"]) == (0.0, 3)
    assert abs(datetime.fromisoformat(first["at"]) - datetime.now(UTC)) < timedelta(seconds=20)
    claimed = await made(li, f"{stop}/watch", {"session": session["session"], "played_s": 500}, 200)
    assert claimed["watched_s"] == 0.0, "nobody reads the picture, whatever the player says"
    with reading(session["ws_fmp4"]):
        watched = await watch_until(li, stop, session, 3.0)
        assert watched < 30
        assert (await made(li, f"{stop}/outcome", {"outcome": "confirmed"}, 200))["round"]["seen"] == 1
        assert await refused(li, f"{stop}/outcome", {"outcome": "confirmed"}) == "patrol.stop_settled"
        second = f"{path}/stops/2"
        await watch_until(li, second, session, 0.5)
        assert (await li.post(f"{second}/snapshot", content=b"no picture")).json()["code"] == "patrol.unusable_snapshot"
        picture = jpeg(1280, 720)
        kept = await li.post(f"{second}/snapshot", content=picture)
        assert kept.status_code == 201, kept.text
        digest = kept.json()["digest"]
        assert await refused(li, f"{second}/outcome", {**finding, "snapshot": "0" * 64}) == "patrol.unknown_snapshot"
        await made(li, f"{second}/outcome", {**finding, "snapshot": digest}, 200)
    third = f"{path}/stops/3/outcome"
    assert (await li.post(third, json={"outcome": "not-possible"})).status_code == 422, "it is said why"
    ended = await made(li, third, {"outcome": "not-possible", "text": "画面遮挡"}, 200)
    assert (ended["round"]["state"], ended["round"]["in_time"], ended["round"]["findings"]) == ("done", True, 1)
    assert "playing" in ended["results"][2]["node_state"], "the node's own word stands beside it"
    assert await refused(li, f"{path}/begin") == "patrol.round_over"

    shown = await li.get(f"/cameras/{CAMERA}/patrol-snapshot?digest={digest}")
    assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, picture, "image/jpeg")
    far = await node.client_of("sun-ba", {"post": "operator", "area": "5203"})
    assert (await far.get(f"/cameras/{CAMERA}/patrol-snapshot?digest={digest}")).json()["code"] == "access.out_of_scope"
    assert (await far.get(path)).json()["code"] == "access.out_of_scope"

    entries = (await li.get(f"/duty/centres/{centre}/log")).json()["items"]
    assert [one["kind"] for one in entries] == ["patrol", "patrol"]
    assert "完成" in entries[0]["text"] and "发现 1 处" in entries[0]["text"] and "积水约 10 厘米" in entries[1]["text"]
    await made(li, "/video-patrols/on-foot", {"place": "河岸步道", "at": datetime.now(UTC).isoformat(), "text": "栏杆完好"})
    old = {"place": "河岸步道", "at": (datetime.now(UTC) - timedelta(days=2)).isoformat(), "text": "栏杆完好"}
    assert await refused(li, "/video-patrols/on-foot", old) == "patrol.wrong_moment"
    lines = (await li.get(f"/video-patrols/centres/{centre}/log")).json()["items"]
    assert [(one["kind"], one["place"], one["round"]) for one in lines] == [
        ("foot", "河岸步道", 0),
        ("round", "", number),
        ("finding", "", number),
    ]
    assert (lines[2]["snapshot"], lines[2]["finding"], lines[2]["camera"]) == (digest, "water", CAMERA)
    name = (await node.get(f"/cameras/{CAMERA}"))["name"]
    walked, ended_en, found_en = (one["text_en"] for one in lines)
    assert re.fullmatch(r"Patrol on foot \d\d:\d\d, 河岸步道: 栏杆完好", walked), walked
    assert ended_en.startswith("Video patrol “河岸夜巡” done: confirmed 1, findings 1, not possible 1; watched "), ended_en
    assert found_en == f"Video patrol “河岸夜巡”, stop 2, {name}: water. 路口积水约 10 厘米"
    await made(li, "/duty/log", {"kind": "patrol", "text": "手写一条"})
    entries = (await li.get(f"/duty/centres/{centre}/log")).json()["items"]
    assert [one["text_en"] for one in entries] == ["", walked, ended_en, found_en], "what people write stays as it is"
    said = [(one.object, one.detail) for one in records(node) if (one.act, one.result) == ("patrol.stop", "allowed")]
    assert len(said) == 5 and all(target == CAMERA for target, _ in said), "two were opened, three have an outcome"
    assert any(detail.startswith("confirmed, watched ") for _, detail in said)
    assert digest in next(one.detail for one in records(node) if one.act == "patrol.snapshot" and one.result == "allowed")
    for client in (li, far):
        await client.aclose()


async def test_a_round_passes_with_the_seat_and_goes_on_where_it_stood(node: RunningNode) -> None:
    centre = await centre_of(node, seats=2)
    li, wang = await node.client_of("li-si", operator()), await node.client_of("wang-wu", operator())
    people = people_of(await node.get("/users"))
    await made(node.client, "/video-patrols/plans", order(centre, stops=2))
    shift = (await made(li, "/duty/shift", {"centre": centre, "seat": 1}))["id"]
    begun = await made(li, "/video-patrols/plans/1/rounds")
    path = f"/video-patrols/rounds/{begun['round']['id']}"
    await made(li, f"{path}/stops/1/outcome", {"outcome": "not-possible", "text": "画面遮挡"}, 200)
    left = await li.post("/duty/shift/sign-off", json={"reason": "下班"})
    assert left.json()["code"] == "duty.matters_open" and "河岸夜巡" in left.json()["zh"]
    offered = await li.post("/duty/shift/hand-over", json={"successor": people["wang-wu"]})
    assert offered.status_code == 200
    (matter,) = (await wang.get(f"/duty/shifts/{shift}/handover")).json()["handover"]["matters"]
    assert matter == f"video-patrol:{begun['round']['id']}"
    bare = {"matters": [], "orders": 0, "entry": 0}
    assert await refused(wang, f"/duty/shifts/{shift}/accept", bare) == "duty.not_accepted"
    await made(wang, f"/duty/shifts/{shift}/accept", {**bare, "matters": [matter]})
    assert await refused(li, f"{path}/stops/2/outcome", {"outcome": "not-possible", "text": "画面遮挡"}) == "patrol.not_on_duty"
    assert await refused(wang, f"{path}/stops/2/outcome", {"outcome": "not-possible", "text": "遮挡"}) == "patrol.others_round"
    seen = (await wang.get("/video-patrols/due")).json()["open"]
    assert [(one["alone"], one["mine"], one["seen"]) for one in seen] == [(True, False, 1)]
    taken = await made(wang, f"{path}/begin", status=200)
    assert (taken["round"]["name"], taken["round"]["seen"], taken["results"][0]["name"]) == ("wang-wu", 1, "li-si")
    await made(li, "/duty/shift", {"centre": centre, "seat": 2})
    assert await refused(li, f"{path}/begin") == "patrol.others_round"
    broken = await made(wang, f"{path}/break-off", {"reason": "处置警情"}, 200)
    assert (broken["round"]["state"], broken["round"]["reason"]) == ("broken-off", "处置警情")
    (entry,) = (await wang.get(f"/duty/centres/{centre}/log")).json()["items"]
    assert "中止:处置警情" in entry["text"] and "未看 1 点" in entry["text"]
    for client in (li, wang):
        await client.aclose()


async def test_due_rounds_come_by_themselves_and_missed_ones_are_told(tmp_path: Path, store_url: str) -> None:
    clock = MovedClock()
    async with room(tmp_path, clock, store_url) as node:
        centre = await centre_of(node)
        li, lead = await node.client_of("li-si", operator()), await node.client_of("zhang-san", LEAD)
        inspector = await node.client_of("chen-qi", {"post": "inspector", "area": HERE})
        zone = node.node.settings.node.time_zone
        due = (clock.now() + timedelta(minutes=40)).astimezone(zone).replace(second=0, microsecond=0)
        plan = order(centre, times=[f"{due:%H:%M}"], weekdays=[1, 2, 3, 4, 5, 6, 7])
        await made(lead, "/video-patrols/plans", plan)
        ahead = (await li.get("/video-patrols/due")).json()
        assert [datetime.fromisoformat(one["due"]) for one in ahead["coming"]] == [due] and ahead["open"] == []
        clock.later += timedelta(minutes=41)
        await node.node.video_patrols.rounds.look()
        (waits,) = (await li.get("/video-patrols/due")).json()["open"]
        assert (waits["state"], waits["by_hand"]) == ("planned", False)
        assert await refused(li, f"/video-patrols/rounds/{waits['id']}/begin") == "patrol.not_on_duty"
        await node.node.video_patrols.rounds.look()
        assert len((await li.get("/video-patrols/due")).json()["open"]) == 1, "it is due once"
        clock.later += timedelta(minutes=10)
        await node.node.video_patrols.rounds.look()
        assert (await li.get("/video-patrols/due")).json()["open"] == []
        assert (await li.get("/video-patrols/due")).json()["untold"] == [], "for who supervises"
        (missed,) = (await lead.get("/video-patrols/due")).json()["untold"]
        assert missed["state"] == "missed"
        (told,) = [one for one in records(node) if one.act == "patrol.missed"]
        assert told.role == "node" and "河岸夜巡" in told.detail
        note = f"/video-patrols/rounds/{missed['id']}/note"
        assert await refused(li, note) == "access.not_allowed"
        assert (await made(lead, note, status=200))["round"]["noted_by"] == "zhang-san"
        assert await refused(lead, note) == "patrol.round_over"
        assert (await lead.get("/video-patrols/due")).json()["untold"] == []
        (line,) = (await inspector.get(f"/video-patrols/centres/{centre}/log")).json()["items"]
        assert (line["kind"], line["text"], line["entry"]) == ("missed", "河岸夜巡", 0)
        (month,) = (await inspector.get("/video-patrols/figures")).json()["items"]
        assert (month["planned"], month["missed"], month["in_time"], month["share"]) == (1, 1, 0, 0.0)

        clock.later += timedelta(days=1)
        await node.node.video_patrols.rounds.look()
        async with node.node.store.reading() as tx:
            rounds = await queries.rounds_of(tx, centre, 0, 9)
        assert [one.state for one in rounds] == ["missed", "missed"], "what was due while nobody looked is counted too"
        for client in (li, lead, inspector):
            await client.aclose()


async def test_a_round_goes_on_over_a_restart_and_is_given_up_when_nobody_does(tmp_path: Path) -> None:
    clock = MovedClock()
    async with room(tmp_path, clock) as node:
        centre = await centre_of(node)
        await made(node.client, "/video-patrols/plans", order(centre, stops=2))
        li = await node.client_of("li-si", operator())
        await made(li, "/duty/shift", {"centre": centre, "seat": 1})
        begun = (await made(li, "/video-patrols/plans/1/rounds"))["round"]["id"]
        await made(li, f"/video-patrols/rounds/{begun}/stops/1/outcome", {"outcome": "not-possible", "text": "画面遮挡"}, 200)
        await li.aclose()
    async with running_node(tmp_path / "node", with_pack(tmp_path / "node"), clock=clock) as node:
        rounds = node.node.video_patrols.rounds
        (one,) = rounds.open_of(centre)
        assert (one.id, one.name, rounds.results_of(one)[0].text) == (begun, "li-si", "画面遮挡")
        clock.later += timedelta(hours=3)
        await rounds.look()
        assert rounds.open_of(centre) == []
        (told,) = [one for one in records(node) if one.act == "patrol.break-off"]
        assert told.role == "node" and "li-si" in told.detail


async def test_snapshots_go_when_their_time_is_over(tmp_path: Path) -> None:
    clock = MovedClock()
    async with room(tmp_path, clock) as node:
        centre = await centre_of(node)
        li = await node.client_of("li-si", operator())
        await made(node.client, "/video-patrols/plans", order(centre))
        await made(li, "/duty/shift", {"centre": centre, "seat": 1})
        begun = (await made(li, "/video-patrols/plans/1/rounds"))["round"]["id"]
        stop, session = f"/video-patrols/rounds/{begun}/stops/1", await opened(li)
        await made(li, f"{stop}/watch", {"session": session["session"], "played_s": 0}, 200)
        kept = await li.post(f"{stop}/snapshot", content=jpeg(640, 360))
        assert kept.status_code == 201, kept.text
        files = list((tmp_path / "node" / "patrol-snapshots").rglob("*.jpg"))
        assert [one.stem for one in files] == [kept.json()["digest"]]
        await node.node.video_patrols.snapshots.look()
        assert files[0].exists()
        clock.later += timedelta(days=91)
        await node.node.video_patrols.snapshots.look()
        assert not files[0].exists()
        assert any(one.act == "patrol.snapshot.remove" and kept.json()["digest"] in one.detail for one in records(node))
        await li.aclose()
