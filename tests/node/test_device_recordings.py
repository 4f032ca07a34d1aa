"""What a device has recorded itself: listed and played under a use ticket, as devices really answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fengsui.features.live import recorders
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.faults import Faults
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip
from fengsui.simulators.recordings import DeviceDisk, RecordedFile
from tests.node.conftest import RunningNode, powered, simulated_camera, until
from tests.node.duty_room import HERE, centre_of
from tests.node.test_audit import records
from tests.node.test_footage import order, ruled
from tests.node.test_live import listed

__all__ = ["ruled"]
CHEN: dict[str, object] = {"post": "investigator", "area": HERE}
CLIP = Clip.load(FOOTAGE_FOLDER / "street.10fps.h264")
START = float(int(time.time()) // 3600 * 3600 - 4 * 3600)
"""An hour of today, or of last night."""


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(START + seconds, UTC)


def keeper(
    node: RunningNode, files: Sequence[RecordedFile], faults: Faults | None = None, *, transport: str = "UDP"
) -> SimulatedDevice:
    """A camera with a card in it."""
    camera = simulated_camera(node.registrar, faults=faults, transport=transport)
    [channel] = camera.channels.values()
    channel.disk = DeviceDisk(CLIP, lambda: files)
    return camera


def minutes(*spans: tuple[float, float]) -> list[RecordedFile]:
    return [RecordedFile(START + since * 60, START + until_ * 60) for since, until_ in spans]


async def investigator(node: RunningNode, code: str, since: datetime, until_: datetime) -> Any:
    """Chen Qi with a use ticket for that time."""
    chen = await node.client_of("chen-qi", CHEN)
    answer = await order(chen, code, since, until_)
    assert answer.status_code == 201, answer.text
    return chen


async def listing(client: Any, code: str, since: datetime, until_: datetime) -> Any:
    return await client.get(f"/cameras/{code}/device-recordings", params={"from": since.isoformat(), "to": until_.isoformat()})


def spans(answer: Any) -> list[tuple[float, float]]:
    """In minutes from START."""
    assert answer.status_code == 200, answer.text
    times = [[datetime.fromisoformat(one[end]).timestamp() - START for end in ("from", "to")] for one in answer.json()["items"]]
    return [(since / 60, until_ / 60) for since, until_ in times]


async def test_a_devices_recordings_are_listed_under_a_ticket_that_covers_the_time(ruled: RunningNode) -> None:
    node = ruled
    await centre_of(node)
    camera = keeper(node, minutes((0, 30), (30, 60), (70, 75), (80, 81), (90, 120)))
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        chen = await node.client_of("chen-qi", CHEN)
        without = await listing(chen, code, at(0), at(7200))
        assert (without.status_code, without.json()["rule"]) == (403, "A1"), without.text
        assert (await order(chen, code, at(0), at(7200))).status_code == 201
        beyond = await listing(chen, code, at(-60), at(7200))
        assert (beyond.status_code, beyond.json()["rule"]) == (403, "A2")
        backwards = await listing(chen, code, at(60), at(0))
        assert (backwards.status_code, backwards.json()["code"]) == (422, "playback.period")

        answer = await listing(chen, code, at(0), at(7200))
        assert spans(answer) == [(0, 30), (30, 60), (70, 75), (80, 81), (90, 120)], "in three messages"
        assert {key: answer.json()[key] for key in ("told", "came", "unreadable", "whole")} == {
            "told": 5, "came": 5, "unreadable": 0, "whole": True
        }  # fmt: skip
        assert {one["kind"] for one in answer.json()["items"]} == {"time"}
        part = await listing(chen, code, at(600), at(1200))
        assert spans(part) == [(10, 20)], "no more of a file than the ticket was asked about"
        nothing = await listing(chen, code, at(61 * 60), at(69 * 60))
        assert (spans(nothing), nothing.json()["whole"]) == ([], True)
        told = [one for one in records(node) if one.act == "footage.device"]
        assert {one.result for one in told} == {"allowed", "refused"}
        assert all(one.object == code and one.ticket for one in told if one.result == "allowed")


async def test_what_of_a_list_did_not_come_is_told(ruled: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorders, "NEXT_S", 1.0)
    monkeypatch.setattr(recorders, "FIRST_S", 2.0)
    node = ruled
    await centre_of(node)
    camera = keeper(node, minutes((0, 5), (10, 15), (20, 25), (30, 35), (40, 45)), Faults(records_lost=1))
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        chen = await investigator(node, code, at(0), at(7200))
        lost = await listing(chen, code, at(0), at(7200))
        assert spans(lost) == [(0, 5), (10, 15), (20, 25), (30, 35)]
        assert (lost.json()["told"], lost.json()["came"], lost.json()["whole"]) == (5, 4, False)
        camera.identity.faults = Faults(records_claimed=3)
        claimed = await listing(chen, code, at(0), at(7200))
        assert (len(spans(claimed)), claimed.json()["told"], claimed.json()["whole"]) == (5, 8, False)
        camera.identity.faults = Faults(records_lost=9)
        silent = await listing(chen, code, at(0), at(7200))
        assert (silent.status_code, silent.json()["code"]) == (504, "signalling.no_answer")
        camera.identity.faults = Faults()
        assert len(spans(await listing(chen, code, at(0), at(7200)))) == 5, "what went wrong before harms nothing"


async def test_a_time_of_two_days_is_asked_for_in_parts(ruled: RunningNode) -> None:
    node = ruled
    await centre_of(node)
    day = timedelta(days=1)
    camera = keeper(node, [RecordedFile(START - 86_400 * 2 + 60, START - 60)])
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        chen = await investigator(node, code, at(0) - 2 * day, at(0))
        answer = await listing(chen, code, at(0) - 2 * day, at(0))
        assert answer.status_code == 200, answer.text
        [one] = answer.json()["items"]
        assert (datetime.fromisoformat(one["from"]), datetime.fromisoformat(one["to"])) == (
            at(60) - 2 * day, at(-60)
        ), "what the parts cut is one again"  # fmt: skip
        assert (answer.json()["told"], answer.json()["whole"]) == (2, True)
