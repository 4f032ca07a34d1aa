"""Playback on a whole node: what a simulated camera sent is played back under a use ticket, and ends with it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import pytest
import websockets

from tests.node.conftest import RunningNode, powered, simulated_camera, until
from tests.node.duty_room import HERE, centre_of
from tests.node.test_audit import records
from tests.node.test_footage import order, ruled, safe_for, state_of
from tests.node.test_live import listed

__all__ = ["ruled"]
STILL = b"\xff\xd8\xff a still that is hashed, and not kept"
CHEN: dict[str, object] = {"post": "investigator", "area": HERE}


@dataclass
class Player:
    """What a browser's player is to the media port."""

    socket: websockets.ClientConnection
    asked: int = 0

    async def ask(self, way: str, at: datetime | int, how: str = "seek", count: int = 4) -> tuple[dict[str, Any], bytes]:
        self.asked += 1
        micros = at if isinstance(at, int) else int(at.timestamp() * 1e6)
        await self.socket.send(f"{self.asked} {way} {micros} {how} {count}")
        answer: dict[str, Any] = json.loads(await self.socket.recv())
        assert (answer["number"], answer["way"]) == (self.asked, way)
        media = await self.socket.recv() if answer["bytes"] else b""
        assert isinstance(media, bytes) and len(media) == answer["bytes"] == sum(one.get("bytes", 0) for one in answer["pieces"])
        return answer, media


@asynccontextmanager
async def player_of(url: str) -> AsyncIterator[Player]:
    async with websockets.connect(url, max_size=None) as socket:
        yield Player(socket)


def fragments(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in answer["pieces"] if one["kind"] == "fragment"]


def decoded(media: bytes) -> list[float]:
    """Seconds of media time of each picture, in order; raises for what cannot be decoded."""
    with av.open(io.BytesIO(media), "r") as opened:
        opened.streams.video[0].codec_context.options = {"err_detect": "explode"}
        return [
            float(one.pts * one.time_base) for one in opened.decode(video=0) if one.pts is not None and one.time_base is not None
        ]


async def opened(client: Any, code: str, since: datetime, until_: datetime) -> Any:
    return await client.post(f"/cameras/{code}/playback", json={"from": since.isoformat(), "to": until_.isoformat()})


async def closed_code(socket: websockets.ClientConnection) -> int:
    with pytest.raises(websockets.ConnectionClosed) as closed:
        while True:
            await socket.recv()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


async def test_footage_is_played_under_a_ticket_and_ends_with_it(ruled: RunningNode, tmp_path: Path) -> None:
    node, camera = ruled, simulated_camera(ruled.registrar)
    code = camera.identity.code
    await centre_of(node)
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
        safe = await safe_for(node, code, 8)
        since = datetime.fromisoformat((await state_of(node, code))["since"])
        chen = await node.client_of("chen-qi", CHEN)

        without = await opened(chen, code, since, safe)
        assert (without.status_code, without.json()["rule"], without.json()["code"]) == (403, "A1", "ACC-TICKET"), without.text
        ticket = await order(chen, code, since, datetime.now(UTC) + timedelta(hours=1))
        assert ticket.status_code == 201, ticket.text
        beyond = await opened(chen, code, since - timedelta(hours=1), safe)
        assert (beyond.status_code, beyond.json()["rule"]) == (403, "A2")
        backwards = await opened(chen, code, safe, since)
        assert (backwards.status_code, backwards.json()["code"]) == (422, "playback.period")
        endless = await opened(chen, code, since - timedelta(days=3), safe)
        assert (endless.status_code, endless.json()["code"]) == (422, "playback.period")

        answer = await opened(chen, code, since, safe)
        assert answer.status_code == 201, answer.text
        playback = answer.json()
        assert playback["use_ticket"] == ticket.json()["number"]
        async with player_of(playback["url"]) as player:
            first, media = await player.ask("all", since, count=2)
            [init, *rest] = [one for one in first["pieces"] if one["kind"] != "gap"]
            assert init["kind"] == "init" and "avc1" in init["mime"] and init["width"] > 0
            shown = fragments(first)
            assert [one["kind"] for one in rest] == ["fragment"] * len(shown) and shown
            times = [(one["from_us"] + at) / 1e6 for one in shown for at in one["times_us"]]
            assert times == sorted(times) and times[0] >= since.timestamp() and times[-1] <= safe.timestamp()
            media_times = decoded(media)
            assert len(media_times) == len(times)
            origin = int(since.timestamp() * 1e6) / 1e6
            assert max(abs(one - (of - origin)) for one, of in zip(media_times, times, strict=True)) < 0.001, (
                "media time is the clock's"
            )

            on, more = await player.ask("all", first["next_us"], "on", 1)
            assert fragments(on)[0]["from_us"] == shown[-1]["to_us"] and decoded(more)[0] > media_times[-1]

            middle = shown[1]["from_us"] + 300_000
            sought, _ = await player.ask("all", middle, count=1)
            assert fragments(sought)[0]["from_us"] == shown[1]["from_us"], "the group of pictures that it lies in"
            keys, key_media = await player.ask("keys", since, count=3)
            assert len(decoded(key_media)) == len(fragments(keys)) == 3
            back, back_media = await player.ask("back", safe, count=3)
            starts = [one["from_us"] for one in fragments(back)]
            assert starts == sorted(starts, reverse=True) and len(starts) == 3
            assert decoded(back_media) == sorted(decoded(back_media)), "they pass forward, though time goes back"
            at = times[0] + 0.04
            still = {"content": STILL, "params": {"at": datetime.fromtimestamp(at, UTC).isoformat()}}
            kept = await chen.post(f"/playback/{playback['session']}/snapshot", **still)
            assert kept.status_code == 201, kept.text
            tag, place = base64.b64decode(kept.json()["tag"]), kept.json()["tag_at"]
            tagged = STILL[:place] + tag + STILL[place:]
            assert kept.json()["sha256"] == hashlib.sha256(tagged).hexdigest()
            other = {**still, "params": {"at": (safe + timedelta(seconds=1)).isoformat()}}
            assert (await chen.post(f"/playback/{playback['session']}/snapshot", **other)).json()["code"] == "playback.period"
            other = {**still, "content": b"no picture"}
            assert (await chen.post(f"/playback/{playback['session']}/snapshot", **other)).json()["code"] == "playback.no_picture"
            over, nothing = await player.ask("all", safe, count=4)
            assert over["ended"] and not nothing

        await until(lambda: any(one.act == "playback.stop" for one in records(node)), what="its end is recorded")
        acts = [(one.act, one.result, one.ticket) for one in records(node) if one.act.startswith("playback.")]
        number = ticket.json()["number"]
        assert acts.count(("playback.open", "refused", "-")) >= 1 and ("playback.open", "allowed", number) in acts
        assert ("playback.stop", "allowed", number) == acts[-1]
        [still] = [one for one in records(node) if one.act == "playback.snapshot" and one.result == "allowed"]
        assert (still.ticket, still.object, still.range) == (number, code, f"main {at:.3f}")
        assert hashlib.sha256(tagged).hexdigest() in still.detail
        for word in (code, number, "crime-investigation", datetime.fromtimestamp(at, UTC).isoformat()[:19]):
            assert word.encode() in tag, word
        ends = ticket.json()["expires_at"].partition(".")[0].removesuffix("Z")
        assert (
            ends.encode() in tag
            and f"ticket until {ends}Z" in still.detail
            and still.purpose == "crime-investigation"
            and still.legal_basis
        ), still
        told = [one.detail for one in records(node) if one.act == "playback.show"]
        assert all(any(f"{way} " in one for one in told) for way in ("all", "keys", "back")), told

        # A ticket of a live picture opens no footage, nor another time; and who closes the use ticket ends what runs.
        again = (await opened(chen, code, since, safe)).json()
        third = (await opened(chen, code, since, safe)).json()["session"]
        assert [(await chen.delete(f"/playback/{third}")).status_code for _ in range(2)] == [204, 404]
        assert (await chen.delete("/playback/0123")).json()["code"] == "playback.unknown_session"
        other = again["url"].replace(f"/{int(since.timestamp() * 1e6)}-", "/1-")
        assert other != again["url"]
        async with websockets.connect(other) as refused:
            assert json.loads(await refused.recv())["code"] == "media.ticket_other_source"
        async with player_of(again["url"]) as player:
            assert fragments((await player.ask("all", since))[0])
            assert (await chen.delete(f"/tickets/{number}")).status_code == 204
            assert await closed_code(player.socket) == 4403
        await until(lambda: [one for one in records(node) if one.act == "playback.stop" and "right" in one.detail], what="recorded")
        late = await opened(chen, code, since, safe)
        assert late.status_code == 403
        await chen.aclose()
