"""Finding a moment in footage on a whole node: the curve of activity and changes of a place, under a use ticket and on record."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import httpx
import pytest

from fengsui.features.audit import AuditUnavailable
from fengsui.media import H264Encoder
from fengsui.simulators.footage import Clip, Picture
from tests.node.conftest import RunningNode, powered, running_node, simulated_camera, until, with_media
from tests.node.duty_room import centre_of, with_pack
from tests.node.test_audit import records
from tests.node.test_footage import order, safe_for, state_of
from tests.node.test_live import listed
from tests.node.test_masks import add_box
from tests.node.test_playback import CHEN, Player, closed_code, fragments, opened, player_of

FPS, TURN_S, GROUP_S = 10, 10, 2
COMES, GOES = 3, TURN_S * FPS + 3
"""Pictures: something stands there for about `TURN_S` seconds, and is gone for as long."""
WIDTH, HEIGHT = 320, 180
REGION = [{"x": 0.4, "y": 0.35}, {"x": 0.6, "y": 0.35}, {"x": 0.6, "y": 0.65}, {"x": 0.4, "y": 0.65}]
ELSEWHERE = [{"x": 0.02, "y": 0.02}, {"x": 0.2, "y": 0.02}, {"x": 0.2, "y": 0.2}, {"x": 0.02, "y": 0.2}]


@cache
def place() -> Clip:
    """A paved place: something comes from the left, stands in its middle for a while, and goes to the right."""
    encoder = H264Encoder(WIDTH, HEIGHT, float(FPS), 800)
    grey = bytes([128]) * (WIDTH * HEIGHT // 4)
    paving = bytes(90 + 40 * (x // 14 % 2) + 25 * (y // 10 % 2) for y in range(HEIGHT) for x in range(WIDTH))
    pictures = []
    for at in range(2 * TURN_S * FPS):
        luma = bytearray(paving)
        left = min(140, (at - COMES) * 10) if at < GOES else 140 + (at - GOES) * 12
        if at >= COMES and left <= WIDTH - 40:
            for y in range(72, 108):
                luma[y * WIDTH + left : y * WIDTH + left + 40] = bytes(30 + 60 * ((x + y) // 6 % 2) for x in range(40))
        key = at % (GROUP_S * FPS) == 0
        pictures.append(Picture(encoder.encode(bytes(luma), grey, grey, key), key))
    return Clip("h264", Fraction(FPS), tuple(pictures))


@dataclass(frozen=True, slots=True)
class Room:
    """A node with half a minute of that place, and an investigator without a ticket."""

    node: RunningNode
    code: str
    since: datetime
    until: datetime
    chen: httpx.AsyncClient

    @property
    def times(self) -> dict[str, str]:
        return {"from": self.since.isoformat(), "to": self.until.isoformat()}

    async def ticket(self) -> str:
        made = await order(self.chen, self.code, self.since, datetime.now(UTC) + timedelta(hours=1))
        assert made.status_code == 201, made.text
        return str(made.json()["number"])

    async def curve(self, **other: Any) -> httpx.Response:
        return await self.chen.get(f"/cameras/{self.code}/activity", params={**self.times, **other})

    async def search(self, region: list[dict[str, float]] = REGION, **other: Any) -> httpx.Response:
        return await self.chen.post(f"/cameras/{self.code}/changes", json={**self.times, "region": region, **other})

    async def searched(self, search: str) -> dict[str, Any]:
        """What it has found once it is over."""

        async def is_over() -> bool:
            return (await self.chen.get(f"/changes/{search}")).json()["state"] not in ("waiting", "running")

        await until(is_over, seconds=90, what="the search is over")
        found: dict[str, Any] = (await self.chen.get(f"/changes/{search}")).json()
        return found


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    settings = with_media(with_pack(tmp_path / "node", register=tmp_path / "cases.txt"), grace_s=5)
    async with running_node(tmp_path / "node", settings) as node:
        camera = simulated_camera(node.registrar, film=place())
        code = camera.identity.code
        await centre_of(node)
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            safe = await safe_for(node, code, 3 * TURN_S)
            since = datetime.fromisoformat((await state_of(node, code))["since"])
            await until(lambda: bool(node.node.engine.footage(f"{code}/main", 0, 2**62)), what="the index knows")
            chen = await node.client_of("chen-qi", CHEN)
            yield Room(node, code, since, safe, chen)
            await chen.aclose()


def seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


async def luma_at(player: Player, at: str) -> float:
    """Mean brightness of the place in the key frame of then: what stands there is darker."""
    answer, media = await player.ask("peek", datetime.fromisoformat(at) + timedelta(milliseconds=1))
    [fragment] = fragments(answer)
    assert abs(fragment["from_us"] / 1e6 - seconds(at)) < 0.001, "the time that was told is the picture's own"
    return mean_of(media)


def mean_of(media: bytes) -> float:
    """Of where something stands, half of the time."""
    with av.open(io.BytesIO(media), "r") as film:
        frame = next(film.decode(video=0)).reformat(format="gray")
    plane = frame.planes[0]
    rows = [bytes(plane)[y * plane.line_size + 140 : y * plane.line_size + 180] for y in range(72, 108)]
    return sum(map(sum, rows)) / (36 * 40)


async def test_the_curve_of_activity_is_had_under_a_ticket_and_shows_when_something_moved(room: Room) -> None:
    without = await room.curve()
    assert (without.status_code, without.json()["rule"]) == (403, "A1"), without.text
    number = await room.ticket()
    beyond = await room.curve(**{"from": (room.since - timedelta(hours=1)).isoformat()})
    assert (beyond.status_code, beyond.json()["rule"]) == (403, "A2")
    assert (await room.curve(**{"from": room.times["to"], "to": room.times["from"]})).json()["code"] == "playback.period"
    too_long = {"from": (room.since - timedelta(days=9)).isoformat()}
    assert [(await ask(**too_long)).json()["code"] for ask in (room.curve, partial(room.search, REGION))] == ["playback.period"] * 2
    week = {"from": (room.since - timedelta(days=7)).isoformat()}
    assert [(await ask(**week)).json()["rule"] for ask in (room.curve, partial(room.search, REGION))] == ["A2"] * 2, "no ticket"
    assert (await room.curve(parts=0)).status_code == (await room.curve(parts=20_000)).status_code == 422

    answer = await room.curve(parts=60)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert len(told["levels"]) == 60 and max(told["levels"]) >= 25, told["levels"]
    assert all(-1 <= level <= 100 for level in told["levels"])
    busy = [(seconds(one["from"]), seconds(one["to"])) for one in told["busy"]]
    assert busy and all(room.since.timestamp() <= since < until_ for since, until_ in busy), busy
    empty = {"from": (room.since + timedelta(days=-2)).isoformat(), "to": (room.since + timedelta(days=-1)).isoformat()}
    assert (await room.curve(**empty)).status_code == 403, "whatever is there or not"
    asked = [one for one in records(room.node) if one.act == "footage.activity"]
    assert {one.result for one in asked} == {"allowed", "refused"} and asked[-1].object == room.code
    assert [one.ticket for one in asked if one.result == "allowed"] == [number]

    await add_box(room.node, room.code)
    masked = await room.curve()
    assert (masked.status_code, masked.json()["rule"]) == (403, "A40"), "the curve would tell of what is hidden"
    assert (await room.search()).json()["rule"] == "A40"


async def test_a_change_of_a_place_is_found_between_neighbouring_key_frames_and_shown_by_peeks(room: Room) -> None:
    refused = await room.search()
    assert (refused.status_code, refused.json()["rule"]) == (403, "A1"), refused.text
    number = await room.ticket()
    thin = await room.search(region=[{"x": 0.1, "y": 0.1}, {"x": 0.9, "y": 0.1}, {"x": 0.5, "y": 0.1}])
    assert (thin.status_code, thin.json()["code"]) == (422, "finding.region")
    begun = await room.search()
    assert begun.status_code == 202 and begun.json()["use_ticket"] == number, begun.text
    found = await room.searched(begun.json()["search"])
    assert (found["state"], found["done"]) == ("done", 1.0) and found["looked"] > 0, found
    lasting = [one for one in found["items"] if one["kind"] == "lasting"]
    assert len(lasting) >= 2, found["items"]
    opened_ = (await opened(room.chen, room.code, room.since, room.until)).json()
    async with player_of(opened_["url"]) as player:
        first, _ = await player.ask("all", room.since, count=2)
        stands = []
        for one in lasting:
            assert seconds(one["after"]) - seconds(one["before"]) < 2 * GROUP_S + 1, "neighbours"
            before, after = await luma_at(player, one["before"]), await luma_at(player, one["after"])
            assert abs(before - after) > 30, (one, before, after)
            stands.append(before < after)
        assert all(one != other for one, other in pairwise(stands)), "it goes, comes, goes"
        on, _ = await player.ask("all", first["next_us"], "on", 1)
        assert fragments(on)[0]["from_us"] == fragments(first)[-1]["to_us"], "what is played goes on where it was"
        assert (await room.chen.delete(f"/playback/{opened_['session']}")).status_code == 204
        assert await closed_code(player.socket) == 4403
    await until(lambda: any(one.act == "playback.stop" for one in records(room.node)), what="its end is recorded")
    shown = [one.detail for one in records(room.node) if one.act == "playback.show" and "peek " in one.detail]
    assert sum(one.count("peek ") for one in shown) == 2 * len(lasting), shown

    elsewhere = await room.searched((await room.search(region=ELSEWHERE)).json()["search"])
    assert elsewhere["state"] == "done" and not [one for one in elsewhere["items"] if one["kind"] == "lasting"], elsewhere
    acts = [(one.act, one.ticket, one.detail) for one in records(room.node) if one.act.startswith("footage.changes")]
    assert ("footage.changes", number, "region 0.400,0.350 0.600,0.350 0.600,0.650 0.400,0.650") in acts
    assert [one for one in acts if one[0] == "footage.changes.end" and one[2].startswith("done; ")]


async def test_a_search_is_ones_own_and_ends_with_the_right_to_the_footage(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    number = await room.ticket()
    stays = asyncio.Event()

    async def never_done(*order_: object) -> AsyncGenerator[Mapping[str, Any], None]:
        yield {"at_us": order_[2], "looked": 1}
        stays.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(room.node.node.footage.searches, "worker", never_done)
    search = (await room.search()).json()["search"]
    await asyncio.wait_for(stays.wait(), 10)
    running = (await room.chen.get(f"/changes/{search}")).json()
    assert (running["state"], running["looked"]) == ("running", 1)
    other = await room.node.client_of("wang-wu", CHEN)
    assert (await order(other, room.code, room.since, datetime.now(UTC) + timedelta(hours=1))).status_code == 201
    for answer in (await other.get(f"/changes/{search}"), await other.delete(f"/changes/{search}")):
        assert (answer.status_code, answer.json()["code"]) == (404, "finding.unknown_search")
    reached = [one for one in records(room.node) if one.person == "wang-wu" and one.result == "refused"]
    assert [one.act for one in reached] == ["footage.changes", "footage.changes.end"]

    again = (await room.search()).json()["search"]
    assert (await room.chen.get(f"/changes/{search}")).status_code == 404, "a person has one search"
    assert (await room.chen.delete(f"/changes/{again}")).status_code == 204
    assert (await room.chen.get(f"/changes/{again}")).status_code == 404
    last = (await room.search()).json()["search"]
    assert (await room.chen.delete(f"/tickets/{number}")).status_code == 204

    def ends() -> list[str]:
        told = [one.detail for one in records(room.node) if one.act == "footage.changes.end" and one.result == "allowed"]
        return [one.partition("; ")[0] for one in told]

    await until(lambda: len(ends()) == 3, seconds=20, what="it ends with the ticket")
    assert ends() == ["ended: another one", "ended: by hand", "ended: the right has ended"]
    await room.ticket()
    assert (await room.chen.get(f"/changes/{last}")).status_code == 404, "what it found went with the right"
    await other.aclose()


async def test_a_search_ends_when_nothing_can_be_recorded(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await room.ticket()

    async def never_done(*order_: object) -> AsyncGenerator[Mapping[str, Any], None]:
        yield {"at_us": order_[2], "looked": 1}
        await asyncio.Event().wait()

    monkeypatch.setattr(room.node.node.footage.searches, "worker", never_done)
    search = (await room.search()).json()["search"]
    playback = (await opened(room.chen, room.code, room.since, room.until)).json()["session"]

    def full(entries: Any) -> None:
        raise AuditUnavailable(what="the disk is full")

    def ends() -> list[str]:
        return [one.detail for one in records(room.node) if one.act == "footage.changes.end"]

    with monkeypatch.context() as patched:
        patched.setattr(room.node.node.audit.files, "commit", full)
        assert (await room.chen.delete(f"/playback/{playback}")).status_code == 204, "of which the log is to know"
        runs = room.node.node.footage.searches._runs
        await until(lambda: search not in runs, what="it ends, and what it found is forgotten")
    await until(lambda: bool(ends()), what="its end is on record once the log can be written")
    assert ends()[0].startswith("ended: what is found cannot be recorded")


async def test_a_worker_that_ends_early_is_told_and_the_next_search_goes_on(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await room.ticket()
    monkeypatch.setattr(room.node.node.footage.searches, "_index", Path("/nowhere/footage-index.db"))
    failed = await room.searched((await room.search()).json()["search"])
    assert (failed["state"], failed["items"]) == ("failed", [])
    monkeypatch.undo()
    assert (await room.searched((await room.search()).json()["search"]))["state"] == "done"
