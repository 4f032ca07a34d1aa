"""Main and sub-stream of a camera recorded at once, each by a plan of its own, on a whole node."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fengsui.features.audit import Act
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, LoopingClip
from fengsui.simulators.identity import Channel, DeviceIdentity, Registrar
from fengsui.wire.gb28181.catalog import CatalogueItem
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, until, with_media
from tests.node.duty_room import centre_of, with_pack
from tests.node.test_audit import records
from tests.node.test_event_recording import AFTER_S, BEFORE_S, GOP_S
from tests.node.test_footage import state_of
from tests.node.test_lifts import MovedClock
from tests.node.test_live import listed

CODE = f"{SERVER[:10]}1320000001"


def two_stream_camera(registrar: Registrar, *, streams: tuple[int, ...] = (0, 1)) -> SimulatedDevice:
    """A camera with the street by day in two sizes."""
    main, sub = (Clip.load(FOOTAGE_FOLDER / f"street{size}.10fps.h264") for size in ("", "-sub"))
    item = CatalogueItem(CODE, "双码流", "Fengsui", "SIM-2", civil_code="520102", status="ON", stream_numbers=streams)
    identity = DeviceIdentity(CODE, item.name, keepalive_s=1.0)
    sources: dict[str, Callable[[], LoopingClip]] = {"main": lambda: LoopingClip(main), "sub": lambda: LoopingClip(sub)}
    return SimulatedDevice(identity, registrar, [Channel(item, sources)], [])


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node with the demonstration's policy pack, that soon ends what nobody reads."""
    settings = with_media(with_pack(tmp_path / "node", register=tmp_path / "cases.txt"), grace_s=5)
    async with running_node(tmp_path / "node", settings) as node:
        yield node


async def plan(node: RunningNode, **body: Any) -> dict[str, Any]:
    """Sets the camera's plans."""
    answer = await node.client.put(f"/cameras/{CODE}/recording-plan", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def both_are(node: RunningNode, own: str, other: str, seconds: float = 60) -> dict[str, Any]:
    """Awaits these states; the whole of what is told."""

    async def so() -> bool:
        told = await state_of(node, CODE)
        return told["state"] == own and told["other"] is not None and told["other"]["state"] == other

    await until(so, seconds=seconds, what=f"the streams are {own} and {other}")
    return await state_of(node, CODE)


def spans(node: RunningNode, stream: str) -> list[tuple[datetime, datetime]]:
    """Where there is footage."""
    known = node.node.engine.footage(f"{CODE}/{stream}", 0, 2**62)
    return [(datetime.fromtimestamp(begin / 1e6, UTC), datetime.fromtimestamp(end / 1e6, UTC)) for begin, end in known]


async def grows(node: RunningNode, stream: str, *, by_s: float = 4) -> None:
    """Awaits footage of so many seconds from now on."""
    end = datetime.now(UTC) + timedelta(seconds=by_s)

    def so() -> bool:
        found = spans(node, stream)
        return bool(found) and found[-1][1] >= end

    await until(so, seconds=60, what=f"{stream} is recorded")


async def test_both_streams_are_recorded_and_neither_touches_the_other(ruled: RunningNode) -> None:
    node = ruled
    async with powered(two_stream_camera(node.registrar)):
        await until(lambda: listed(node, CODE), what="the camera is listed")
        assert (await plan(node, mode="always"))["other"] is None
        await grows(node, "main")
        assert spans(node, "sub") == []
        told = await plan(node, mode="always", other={"mode": "always"})
        assert (told["stream"], told["other"]["stream"], told["other"]["mode"]) == ("main", "sub", "always")
        await both_are(node, "recording", "recording")
        await grows(node, "sub")
        sizes = [node.node.engine.recording_status(f"{CODE}/{stream}").bytes for stream in ("main", "sub")]
        assert sizes[0] > 2 * sizes[1] > 0, "two pictures, not one twice"
        await plan(node, mode="always", other={"mode": "off"})
        await until(lambda: node.node.engine.footage_counters().streams == 1, what="the sub-stream rests")
        assert (await state_of(node, CODE))["other"] is None
        rested = spans(node, "sub")[-1][1]
        await grows(node, "main")
        assert len(spans(node, "main")) == 1, "nothing is missing of the main stream"
        await plan(node, mode="always", other={"mode": "always"})
        await grows(node, "sub")
        told = await plan(node, mode="always")
        assert told["other"]["mode"] == "always", "who does not name the other stream does not touch it"
        assert len(spans(node, "main")) == 1 and spans(node, "sub")[0][1] <= rested + timedelta(seconds=GOP_S)
        told = await plan(node, mode="always", stream="sub")
        assert (told["stream"], told["other"]) == ("sub", None), "its plan took the other's stream"
        await until(lambda: node.node.engine.footage_counters().streams == 1, what="the main stream rests")
        await plan(node, mode="always", stream="sub", other={"mode": "always"})
        await both_are(node, "recording", "recording")
        assert (await plan(node, mode="off"))["other"] is None
        await until(lambda: node.node.engine.footage_counters().streams == 0, what="nothing is recorded")
    details = [one.detail for one in records(node) if one.act == Act.RECORDING_PLAN]
    assert any("other mode=off→always" in one for one in details), details


async def test_the_main_stream_on_event_beside_the_sub_stream_always_and_both_behind_a_restart(tmp_path: Path) -> None:
    settings = with_media(settings_for(), grace_s=5)
    registrar = Registrar("127.0.0.1", settings.signalling.port, SERVER, SERVER[:10], "node-password")
    event = {"mode": "event", "before_s": BEFORE_S, "after_s": AFTER_S}
    async with powered(two_stream_camera(registrar)):
        async with running_node(tmp_path / "node", settings) as node:
            await until(lambda: listed(node, CODE), what="the camera is listed")
            await plan(node, stream="sub", mode="always", other=event)
            told = await both_are(node, "recording", "armed")
            assert (told["other"]["before_s"], told["other"]["due"], told["event"]) == (BEFORE_S, False, None)
        async with running_node(tmp_path / "node", settings) as node:
            await both_are(node, "recording", "armed", seconds=90)
            assert spans(node, "main") == []
            pieces = (await node.node.footage.recording.pieces(0.0))[CODE]
            assert {piece.plan.stream for piece in pieces} == {"sub"}, "days are reckoned by the plan itself"
            began = datetime.now(UTC)
            assert node.node.footage.recording.trigger(CODE, "alarm", began.timestamp()) is not None
            told = await both_are(node, "recording", "event")
            assert (told["event"], told["other"]["event"]["cause"]) == (None, "alarm")
            await both_are(node, "recording", "armed")
            await until(lambda: len(spans(node, "main")) == 1, what="the event is in the index")
            await grows(node, "sub")
            (_, over), *_ = spans(node, "main")
            assert over <= began + timedelta(seconds=AFTER_S + 2 * GOP_S + 1)
            both = {"mode": "event", "before_s": BEFORE_S, "after_s": AFTER_S}
            await plan(node, **both, stream="main", other=both)
            await both_are(node, "armed", "armed")
            node.node.footage.recording.trigger(CODE, "alarm", datetime.now(UTC).timestamp())
            await both_are(node, "event", "event")
            events = (await node.client.get(f"/cameras/{CODE}/recording-events")).json()["items"]
            assert len(events) == 2, "an event is one, whether one stream is recorded for it or both"


async def test_a_plan_for_the_other_stream_that_cannot_be_is_refused_and_changes_nothing(ruled: RunningNode) -> None:
    node = ruled
    path = f"/cameras/{CODE}/recording-plan"
    async with powered(two_stream_camera(node.registrar, streams=(0,))):
        await until(lambda: listed(node, CODE), what="the camera is listed")
        for body, code in (
            ({"mode": "always", "other": {"mode": "always"}}, "recording.other"),
            ({"mode": "off", "other": {"mode": "always"}}, "recording.other"),
            ({"mode": "always", "other": {"mode": "schedule"}}, "recording.hours"),
        ):
            answer = await node.client.put(path, json=body)
            assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
        assert (await node.client.put(path, json={"mode": "always", "other": {"mode": "now"}})).status_code == 422
        assert (await state_of(node, CODE))["mode"] == "off"


@pytest.mark.parametrize("set_by", [timedelta(hours=1), timedelta(hours=-1)], ids=["forward", "back"])
async def test_by_hand_lasts_as_long_as_was_asked_for_when_the_clock_is_set(tmp_path: Path, set_by: timedelta) -> None:
    clock = MovedClock()
    settings = with_media(with_pack(tmp_path / "node", register=tmp_path / "cases.txt"), grace_s=5)
    async with running_node(tmp_path / "node", settings, clock) as node, powered(two_stream_camera(node.registrar)):
        await until(lambda: listed(node, CODE), what="the camera is listed")
        shift = await node.client.post("/duty/shift", json={"centre": await centre_of(node), "seat": 1})
        assert shift.status_code == 201, shift.text
        began = clock.monotonic_s()
        answer = await node.client.post(f"/cameras/{CODE}/record-now", json={"reason": "a fight", "seconds": 14})
        assert answer.status_code == 201, answer.text
        await until(lambda: bool(spans(node, "main")), seconds=13, what="it is recorded")
        clock.later = set_by
        told = await state_of(node, CODE)
        assert told["state"] == "event", "it goes on"
        left = datetime.fromisoformat(told["event"]["until"]) - clock.now()
        assert timedelta(0) < left <= timedelta(seconds=14), "told by the clock as it is now"

        async def over() -> bool:
            return bool((await state_of(node, CODE))["state"] == "off")

        await until(over, seconds=40, what="it is over")
        assert 14 <= clock.monotonic_s() - began <= 14 + 6
        await until(lambda: node.node.engine.footage_counters().streams == 0, what="nothing is recorded")
