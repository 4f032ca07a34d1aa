"""What a device recorded of a camera before that came back elsewhere: opened by those whose it was in the time asked for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.features.completeness.model import Gap
from fengsui.features.playback.actions import LOOK_S
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, LoopingClip
from fengsui.simulators.identity import DeviceIdentity
from fengsui.simulators.street import recorder
from tests.node.conftest import powered, until
from tests.node.moved_room import CHANNEL, ELSEWHERE, moving, whole_day
from tests.node.test_device_recordings import listing, play, told, watching
from tests.node.test_footage import order
from tests.node.test_live import listed

OTHER_RECORDER = "52010000001180000010"


async def fetch(client: httpx.AsyncClient, since: datetime, end: datetime) -> httpx.Response:
    body = {"from": since.isoformat(), "to": end.isoformat()}
    return await client.post(f"/cameras/{CHANNEL}/device-recordings/fetch", json=body)


async def fills(client: httpx.AsyncClient, day: datetime) -> Any:
    answer = await client.get(f"/cameras/{CHANNEL}/recording-fills", params={"day": f"{day + timedelta(hours=8):%Y-%m-%d}"})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def refused(client: httpx.AsyncClient, since: datetime, end: datetime) -> None:
    """Neither listed, played nor fetched."""
    for answer in (
        await listing(client, CHANNEL, since, end),
        await play(client, CHANNEL, since, end),
        await fetch(client, since, end),
    ):
        assert (answer.status_code, answer.json().get("rule")) == (403, "A7"), answer.text


async def lasts(client: httpx.AsyncClient, since: datetime, end: datetime) -> None:
    """It is played, and goes on when the right to it was looked at."""
    opened = await play(client, CHANNEL, since, end)
    assert opened.status_code == 201, opened.text
    async with watching(opened.json()):

        async def went_on() -> bool:
            return datetime.fromisoformat((await told(client, opened.json()))["at"]) >= since + timedelta(seconds=LOOK_S * 3)

        await until(went_on, what="it plays on")


def past() -> tuple[datetime, datetime]:
    """A minute of an hour ago."""
    since = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    return since, since + timedelta(minutes=1)


@pytest.mark.timeout(240)
async def test_a_device_recording_is_decided_by_where_the_camera_was_in_that_time(tmp_path: Path) -> None:
    async with moving(tmp_path / "node") as film:
        await film.move()
        since, end = past()
        await refused(film.wu, since, end)
        assert (await listing(film.chen, CHANNEL, since, end)).json()["items"], "whoever could see it can"
        await lasts(film.chen, since, end)
        assert (await fetch(film.chen, since, end)).status_code == 202
        assert await fills(film.chen, since)
        assert not [one for one in await fills(film.wu, since) if datetime.fromisoformat(one["from"]) < film.end]

        soon = datetime.now(UTC) + timedelta(seconds=1)
        assert (await listing(film.wu, CHANNEL, soon, soon + timedelta(minutes=1))).status_code == 200, "what comes is theirs"
        assert (await listing(film.chen, CHANNEL, soon, soon + timedelta(minutes=1))).json()["rule"] == "A7"
        for one in (film.chen, film.wu):
            assert (await listing(one, CHANNEL, since, soon)).json()["rule"] == "A7", "what reaches into both takes both"
            assert (await play(one, CHANNEL, since, soon)).json()["rule"] == "A7"


@pytest.mark.timeout(240)
async def test_what_another_device_recorded_before_is_theirs_alone_who_hold_both_places(tmp_path: Path) -> None:
    async with moving(tmp_path / "node") as film:
        clip = Clip.load(FOOTAGE_FOLDER / "street.10fps.h264")
        identity, shown = DeviceIdentity(OTHER_RECORDER, "乙校", keepalive_s=1.0), {"main": lambda: LoopingClip(clip)}
        other = recorder(
            film.node.registrar, identity, ELSEWHERE, 8, "乙校", lambda _: shown, [CHANNEL], disk=lambda _: whole_day(clip)
        )
        await film.leave()
        async with powered(other), asyncio.timeout(120):
            await until(lambda: listed(film.node, CHANNEL), what="it is listed as another's")
            assert (await film.node.get(f"/cameras/{CHANNEL}"))["area"] == ELSEWHERE
            since, end = past()
            for one in (film.chen, film.wu):
                await refused(one, since, end)
            chief = await film.node.client_of("he-shi", {"post": "investigator", "area": ""})
            assert (await order(chief, CHANNEL, since, end)).status_code == 201
            assert (await listing(chief, CHANNEL, since, end)).status_code == 200, "whoever holds both places"
            refusal = await fetch(chief, since, end)
            assert (refusal.status_code, refusal.json()["code"]) == (422, "filling.period"), (
                "else it would be the old place's alone"
            )

            filling = film.node.node.footage.filling
            gap = Gap(since.timestamp(), end.timestamp(), (), f"{CHANNEL}/main")
            await filling.note({CHANNEL: [gap]})  # of the time before, heard only now

            async def is_over() -> bool:
                return [one["why"] for one in await fills(chief, since) if one["state"] == "done"] == ["nothing"]

            await until(is_over, what="the node does not fetch it by itself either")
            assert not other.downloads
            await chief.aclose()
