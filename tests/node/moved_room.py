"""A camera with footage that left the catalogue and came back in another county, and whose it was and is: for tests of rights."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, LoopingClip
from fengsui.simulators.identity import DeviceIdentity
from fengsui.simulators.recordings import FILE_S, DeviceDisk, RecordedFile
from fengsui.simulators.street import recorder
from fengsui.wire.gb28181.catalog import CatalogueItem
from tests.node.clip_room import clip_node
from tests.node.conftest import RunningNode, powered, until
from tests.node.duty_room import HERE, centre_of
from tests.node.test_footage import order, safe_for, state_of
from tests.node.test_live import listed

RECORDER = "52010000001180000009"
"""Of the whole city: it may say in which of its counties a camera is."""
CHANNEL = "52010000001320000701"
ELSEWHERE = "520103"


def whole_day(clip: Clip) -> DeviceDisk:
    """A day without the gaps that a recorder of the street has: whatever the hour, the hour before is there."""

    def files() -> list[RecordedFile]:
        now = time.time()
        last = int(now // FILE_S)
        return [RecordedFile(number * FILE_S, min((number + 1) * FILE_S, now)) for number in range(last - 47, last + 1)]

    return DeviceDisk(clip, files)


def city_recorder(node: RunningNode) -> SimulatedDevice:
    """It records a day itself."""
    clip = Clip.load(FOOTAGE_FOLDER / "street.10fps.h264")
    identity, shown = DeviceIdentity(RECORDER, "甲校", keepalive_s=1.0), {"main": lambda: LoopingClip(clip)}
    return recorder(node.registrar, identity, HERE, 7, "甲校", lambda _: shown, disk=lambda _: whole_day(clip))


async def withdrawn(client: httpx.AsyncClient) -> list[str]:
    answer = await client.get("/withdrawn-cameras")
    assert answer.status_code == 200, answer.text
    return [one["code"] for one in answer.json()["items"]]


@dataclass(slots=True)
class Moving:
    """`chen` and `zhou`, who approves, of where the camera was; `wu` and `wang` of where it comes to; `both`, `judge` of the two.
    All but those who approve have a use ticket from two hours ago until an hour from now.
    """

    node: RunningNode
    nvr: SimulatedDevice
    since: datetime
    end: datetime
    """Footage that is whole seconds older than the move."""
    people: Mapping[str, httpx.AsyncClient]

    def __getattr__(self, name: str) -> httpx.AsyncClient:
        return self.people[name]

    async def leave(self) -> None:
        """Its recorder lists it no more."""
        name = (await self.node.get(f"/cameras/{CHANNEL}"))["reported_name"]
        await self.nvr.notify(CatalogueItem(CHANNEL, name, event="DEL"))

        async def is_withdrawn() -> bool:
            return await withdrawn(self.node.client) == [CHANNEL]

        await until(is_withdrawn, what="its recorder lists it no more")

    async def come_back(self, area: str = ELSEWHERE) -> None:
        """It is listed in another county."""
        await self.nvr.notify(CatalogueItem(CHANNEL, "甲校", civil_code=area, status="ON", event="ADD"))
        await until(lambda: listed(self.node, CHANNEL), what="it is listed elsewhere")
        assert (await self.node.get(f"/cameras/{CHANNEL}"))["area"] == area

    async def move(self) -> None:
        """Both, once the last second of `end` is over."""

        async def is_over() -> bool:
            return datetime.now(UTC) > self.end + timedelta(seconds=1)

        await until(is_over, what="the footage is older than the move")
        await self.leave()
        await self.come_back()


@contextlib.asynccontextmanager
async def moving(folder: Path, recorder_of: Callable[[RunningNode], SimulatedDevice] = city_recorder) -> AsyncIterator[Moving]:
    """A camera in `HERE` with some seconds of footage on disk, which has not moved yet."""
    async with clip_node(folder) as node:
        await centre_of(node)
        nvr = recorder_of(node)
        async with powered(nvr), contextlib.AsyncExitStack() as clients:
            await until(lambda: listed(node, CHANNEL), what="the recorder's cameras are listed")
            await until(lambda: node.node.cameras.reading.subscriptions.is_subscribed(RECORDER), what="it reports its changes")
            plan = await node.client.put(f"/cameras/{CHANNEL}/recording-plan", json={"mode": "always"})
            assert plan.status_code == 200, plan.text
            end = await safe_for(node, CHANNEL, 4)
            since = datetime.fromisoformat((await state_of(node, CHANNEL))["since"])
            people: dict[str, httpx.AsyncClient] = {}

            async def appoint(name: str, account: str, post: str, *areas: str) -> None:
                posts: list[dict[str, Any]] = [
                    {"post": post, "area": area, **({"rank": "unit-head"} if post == "commander" else {})} for area in areas
                ]
                people[name] = await clients.enter_async_context(contextlib.aclosing(await node.client_of(account, *posts)))
                if post == "investigator":
                    now, hour = datetime.now(UTC), timedelta(hours=1)
                    answer = await order(people[name], CHANNEL, now - 2 * hour, now + hour)
                    assert answer.status_code == 201, answer.text

            await appoint("chen", "chen-qi", "investigator", HERE)
            await appoint("zhou", "zhou-ba", "commander", HERE)
            await appoint("wu", "wu-jiu", "investigator", ELSEWHERE)
            await appoint("wang", "wang-shi", "commander", ELSEWHERE)
            await appoint("both", "feng-yi", "investigator", HERE, ELSEWHERE)
            await appoint("judge", "wei-er", "commander", HERE, ELSEWHERE)
            yield Moving(node, nvr, since, end, people)
