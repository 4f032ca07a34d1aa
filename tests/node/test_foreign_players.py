"""Recorded footage in players of others: ffmpeg plays the node's addresses, under the same right and as long as it lasts."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
import websockets

from fengsui.features.access.media_tickets import media_ticket
from fengsui.settings import Secrets
from tests.node.conftest import RunningNode, powered, simulated_camera, until
from tests.node.duty_room import HERE, centre_of
from tests.node.test_audit import records
from tests.node.test_footage import order, ruled, safe_for, state_of
from tests.node.test_live import listed
from tests.node.test_playback import CHEN, closed_code, decoded, fragments, player_of

__all__ = ["ruled"]


@dataclass
class Recorded:
    """A camera with two stretches of footage, and who may see them."""

    node: RunningNode
    code: str
    since: datetime
    until: datetime
    chen: httpx.AsyncClient
    number: str

    async def open(self, **more: object) -> httpx.Response:
        body = {"from": self.since.isoformat(), "to": self.until.isoformat(), **more}
        return await self.chen.post(f"/cameras/{self.code}/playback", json=body)


@asynccontextmanager
async def recorded_twice(node: RunningNode, seconds: float = 5) -> AsyncIterator[Recorded]:
    """Two stretches of so many seconds with a gap between them."""
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    await centre_of(node)
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        plan = f"/cameras/{code}/recording-plan"
        assert (await node.client.put(plan, json={"mode": "always"})).status_code == 200
        await safe_for(node, code, seconds)
        since = datetime.fromisoformat((await state_of(node, code))["since"])
        assert (await node.client.put(plan, json={"mode": "off"})).status_code == 200
        stopped = datetime.now(UTC)

        async def stands_still() -> bool:
            return datetime.now(UTC) > stopped + timedelta(seconds=5) and not (await state_of(node, code))["recording"]

        await until(stands_still, what="a gap")
        assert (await node.client.put(plan, json={"mode": "always"})).status_code == 200
        safe = await safe_for(node, code, seconds)
        chen = await node.client_of("chen-qi", CHEN)
        ticket = await order(chen, code, since, datetime.now(UTC) + timedelta(hours=1))
        assert ticket.status_code == 201, ticket.text
        yield Recorded(node, code, since, safe, chen, ticket.json()["number"])
        await chen.aclose()


async def asked_for(url: str, since: datetime) -> tuple[list[int], bytes]:
    """All that our own player is shown: when each picture is of, µs since 1970, and the file."""
    times: list[int] = []
    film = b""
    async with player_of(url) as player:
        at: datetime | int = since
        while True:
            answer, media = await player.ask("all", at, "on" if times else "seek", 64)
            times += [one["from_us"] + time_us for one in fragments(answer) for time_us in one["times_us"]]
            film += media
            if answer["ended"]:
                return times, film
            at = answer["next_us"]


async def command(*words: str) -> bytes:
    """What a program says."""
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    async with asyncio.timeout(120):
        said, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return said


async def pictures_in(address: str | Path) -> int:
    """Decoded by ffmpeg."""
    words = ["-v", "error", "-select_streams", "v", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0"]
    return int((await command("ffprobe", *words, str(address))).split()[0].strip(b","))


async def stream_of(address: str | Path) -> str:
    """The hash of the pictures' bytes."""
    said = await command("ffmpeg", "-v", "error", "-i", str(address), "-map", "0:v", "-c", "copy", "-f", "h264", "-")
    return hashlib.sha256(said).hexdigest()


async def refused_as(client: httpx.AsyncClient, address: str) -> str:
    """The code of a refusal; empty: it opens."""
    answer = await client.get(address)
    return "" if answer.status_code == 200 else str(answer.json()["code"])


@pytest.mark.timeout(400)
async def test_ffmpeg_plays_the_playlist_with_the_pictures_that_were_recorded(ruled: RunningNode, tmp_path: Path) -> None:
    async with recorded_twice(ruled) as one, httpx.AsyncClient() as anybody:
        answer = await one.open(ticket=one.number)
        assert answer.status_code == 201, answer.text
        playback = answer.json()
        assert (playback["source"], playback["codec"], playback["webrtc"]) == ("node", "h264", None)
        assert playback["codec_string"].startswith("avc1.") and playback["use_ticket"] == one.number
        assert datetime.fromisoformat(playback["expires_at"]) > datetime.now(UTC)
        own = (await one.open()).json()
        times, film = await asked_for(own["url"], one.since)
        (tmp_path / "own.mp4").write_bytes(film)

        text = (await anybody.get(playback["hls"])).text
        assert text.startswith("#EXTM3U") and text.endswith("#EXT-X-ENDLIST\n")
        assert text.count("#EXT-X-DISCONTINUITY") == 1 and text.count("#EXT-X-MAP") == 1
        dates = [datetime.fromisoformat(date) for date in re.findall(r"PROGRAM-DATE-TIME:(\S+)", text)]
        resumed = next(after for before, after in pairwise(times) if after - before > 1_000_000)
        expected = [times[0] / 1e6, resumed / 1e6]
        assert [round(date.timestamp(), 2) for date in dates] == pytest.approx(expected, abs=0.01)
        assert await pictures_in(playback["hls"]) == len(times), "every picture, over the gap"
        assert await stream_of(playback["hls"]) == await stream_of(tmp_path / "own.mp4"), "the very bytes"

        # A segment is of what the ticket is for, and the addresses carry it.
        children = re.findall(r"(?:URI=\")?((?:seg/|init\.mp4)[^\"\n]+)", text)
        assert len(children) >= 3 and all("ticket=" in child for child in children)
        base = playback["hls"].partition("index.m3u8")[0]
        ticket = playback["hls"].partition("ticket=")[2]
        beyond = f"{base}seg/1-{times[-1]}.m4s?ticket={ticket}"
        assert await refused_as(anybody, beyond) == "media.bad_request"
        assert await refused_as(anybody, playback["hls"].partition("?")[0]) == "media.ticket_missing"
        foreign = own["hls"].replace(f"/{int(one.since.timestamp() * 1e6)}-", "/1-")
        assert foreign != own["hls"] and await refused_as(anybody, foreign) == "media.ticket_other_source"
        assert await refused_as(anybody, f"{base}index.m3u8?ticket={'x' + ticket}") == "media.ticket_forged"

        # Who closes it ends it; what was shown is on record.
        assert await refused_as(anybody, f"{base}{children[-1]}") == ""
        assert (await one.chen.delete(f"/playback/{playback['session']}")).status_code == 204
        await until(lambda: refused_after(anybody, playback["hls"]), what="it ends")
        assert await refused_as(anybody, f"{base}{children[-1]}") == "media.ticket_revoked"

        def shown() -> list[str]:
            return [one.detail for one in records(ruled) if one.act == "playback.show" and one.ticket]

        await until(lambda: sum(int(detail.split()[0]) for detail in shown()) >= 3 * len(times), what="shown, on record")


async def refused_after(client: httpx.AsyncClient, address: str) -> bool:
    return await refused_as(client, address) == "media.ticket_revoked"


@pytest.mark.timeout(400)
async def test_a_playlist_ends_with_the_right_and_not_with_the_address(ruled: RunningNode) -> None:
    async with recorded_twice(ruled) as one, httpx.AsyncClient() as anybody:
        playback = (await one.open()).json()
        name = playback["hls"].partition("/hls/")[2].partition("/index.m3u8")[0]
        base = playback["hls"].partition("?")[0]

        def minted(session: str, seconds: float) -> str:
            key = Secrets(ruled.node.data).key("media-tickets")
            ticket = media_ticket(key, source=name, session=session, expires_unix=int(time.time() + seconds), address="")
            return f"{base}?ticket={ticket}"

        assert await refused_as(anybody, minted(playback["session"], -5)) == "media.ticket_expired"
        short = minted(playback["session"], 4)
        assert await refused_as(anybody, short) == ""
        other = short.replace("/hls/", "/es/").replace("/index.m3u8", "")

        async def has_expired() -> bool:
            return await refused_as(anybody, other) == "media.ticket_expired"

        await until(has_expired, what="the address has expired elsewhere")
        assert await refused_as(anybody, short) == "", "who has begun with it plays on"
        async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(local_address="127.0.0.9")) as elsewhere:
            assert await refused_as(elsewhere, short) == "media.ticket_expired", "who was sent it does not"
        assert (await one.chen.delete(f"/tickets/{one.number}")).status_code == 204
        await until(lambda: ended(anybody, short), what="the use ticket ends it")
        assert await refused_as(anybody, playback["hls"]) == "media.ticket_revoked"
        await until(
            lambda: [one for one in records(ruled) if one.act == "playback.stop" and "right" in one.detail], what="recorded"
        )


async def ended(client: httpx.AsyncClient, address: str) -> bool:
    return await refused_as(client, address) != ""


@pytest.mark.timeout(400)
async def test_the_named_ticket_alone_opens_it(ruled: RunningNode) -> None:
    async with recorded_twice(ruled, seconds=2) as one:
        early = await order(one.chen, one.code, one.since - timedelta(hours=2), one.since - timedelta(hours=1))
        assert early.status_code == 201, early.text
        beyond = await one.open(ticket=early.json()["number"])
        assert (beyond.status_code, beyond.json()["rule"]) == (403, "A2"), "one's own that does not cover it"
        wang = await ruled.client_of("wang-ba", {"post": "investigator", "area": HERE})
        theirs = await order(wang, one.code, one.since, datetime.now(UTC) + timedelta(hours=1))
        for number in (theirs.json()["number"], "U0000-0"):
            foreign = await one.open(ticket=number)
            assert (foreign.status_code, foreign.json()["code"], foreign.json()["rule"]) == (403, "playback.use_ticket", "A1")
            assert number in foreign.json()["en"]
        second = await order(one.chen, one.code, one.since, datetime.now(UTC) + timedelta(hours=1))
        for number in (one.number, second.json()["number"]):
            assert (await one.open(ticket=number)).json()["use_ticket"] == number
        assert (await one.open(source="nowhere")).status_code == 422
        refused = [one for one in records(ruled) if one.act == "playback.open" and one.result == "refused"]
        assert len(refused) >= 2
        await wang.aclose()


@dataclass
class Taken:
    """What a plain client was sent: the descriptions, the film, and how many pictures are in it."""

    told: list[dict[str, Any]]
    film: bytes
    pictures: int


async def taken_to_the_end(address: str) -> Taken:
    """Until the node closes it cleanly."""
    taken = Taken([], b"", 0)
    async with websockets.connect(address, max_size=None) as socket:
        async for message in socket:
            if isinstance(message, str):
                taken.told.append(json.loads(message))
            else:
                taken.film += message
                taken.pictures += message[4:8] == b"moof"
        assert socket.close_code == 1000
    return taken


async def steer(one: Recorded, playback: Any, **order_: object) -> Any:
    answer = await one.chen.post(playback["control"], json=order_)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.timeout(400)
async def test_a_plain_websocket_client_takes_footage_at_the_nodes_pace(ruled: RunningNode) -> None:
    async with recorded_twice(ruled) as one:
        own = (await one.open()).json()
        times, _ = await asked_for(own["url"], one.since)
        gap_s = max(after - before for before, after in pairwise(times)) / 1e6
        footage_s = (times[-1] - times[0]) / 1e6 - gap_s

        begun = time.monotonic()
        quick = await taken_to_the_end((await one.open(speed=4)).json()["ws_fmp4"])
        took_s = time.monotonic() - begun
        assert quick.pictures == len(times), "every picture"
        assert [told["codec"][:5] for told in quick.told] == ["avc1."] * 2 and quick.told[0]["mime"].startswith("video/mp4")
        assert all(told["speed"] == 4 for told in quick.told), "before and after the gap"
        media = decoded(quick.film)
        assert len(media) == len(times) and media == sorted(media)
        assert media[-1] - media[0] == pytest.approx(footage_s / 4, abs=0.3), (
            "media time runs four times as slow, and leaps the gap"
        )
        assert took_s > footage_s / 4 - 0.5, "at the node's pace"

        keys = await taken_to_the_end((await one.open(speed=16)).json()["ws_fmp4"])
        with av.open(io.BytesIO(keys.film), "r") as opened:
            packets = [packet for packet in opened.demux(video=0) if packet.size]
        assert 0 < len(packets) == keys.pictures < len(times) / 4 and all(packet.is_keyframe for packet in packets)

        def shown() -> list[str]:
            return [one.detail for one in records(ruled) if one.act == "playback.show"]

        await until(lambda: any("keys " in detail for detail in shown()), what="what passed is on record")
        missing = (await one.open()).json()["ws_fmp4"].partition("?")[0]
        async with websockets.connect(missing) as socket:
            assert json.loads(await socket.recv())["code"] == "media.ticket_missing"


@pytest.mark.timeout(400)
async def test_what_passes_is_paused_sought_sped_up_and_cut_with_the_right(ruled: RunningNode) -> None:
    async with recorded_twice(ruled) as one:
        playback = (await one.open(speed=0.125)).json()
        async with websockets.connect(playback["ws_fmp4"], max_size=None) as socket:
            assert "from_us" in json.loads(await socket.recv())
            state = await steer(one, playback, act="pause")
            assert (state["paused"], state["speed"]) == (True, 0.125)
            with pytest.raises(TimeoutError):
                while True:  # what was under way
                    await asyncio.wait_for(socket.recv(), 2)
            wanted = one.until - timedelta(seconds=3)
            await steer(one, playback, act="seek", at=wanted.isoformat())
            told = json.loads(await socket.recv())
            assert 0 <= wanted.timestamp() - told["from_us"] / 1e6 < 12, "the key frame that it hangs on, though it stands still"
            outside = await one.chen.post(
                playback["control"], json={"act": "seek", "at": (one.until + timedelta(hours=1)).isoformat()}
            )
            assert (outside.status_code, outside.json()["code"]) == (422, "playback.order")
            await steer(one, playback, act="speed", speed=32)
            assert (await steer(one, playback, act="play"))["paused"] is False
            async for message in socket:
                assert isinstance(message, str) or message[4:8] in (b"ftyp", b"moof")
            assert socket.close_code == 1000, "to its end"
        acts = [one.detail for one in records(ruled) if one.act == "playback.control" and one.result == "allowed"]
        assert acts[0] == "pause" and acts[-1] == "play" and "speed 32" in acts

        slow = (await one.open(speed=0.125)).json()
        async with websockets.connect(slow["ws_fmp4"], max_size=None) as socket:
            await socket.recv()
            assert (await one.chen.delete(f"/tickets/{one.number}")).status_code == 204
            assert await closed_code(socket) == 4403
        assert (await one.chen.post(slow["control"], json={"act": "play"})).status_code == 403
