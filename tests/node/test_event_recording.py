"""Recording on event on a whole node: from a device's alarm, or a person's word, to footage that begins before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fengsui.features.audit import Act
from fengsui.features.completeness import model
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.identity import Registrar
from fengsui.wire.gb28181.alarm import AlarmMethod, AlarmNotification
from fengsui.wire.gb28181.manscdp import encode
from fengsui.wire.sip.headers import BEIJING
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until, with_media
from tests.node.duty_room import HERE, centre_of, with_pack
from tests.node.test_audit import records
from tests.node.test_footage import footage_files, pictures_of, state_of
from tests.node.test_live import listed

BEFORE_S, AFTER_S = 4, 6
GOP_S = 2.0
"""Of the simulated camera's film, and a moment on its way."""


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node with the demonstration's policy pack, that soon ends what nobody reads."""
    settings = with_media(with_pack(tmp_path / "node", register=tmp_path / "cases.txt"), grace_s=5)
    async with running_node(tmp_path / "node", settings) as node:
        yield node


async def armed(node: RunningNode, code: str) -> dict[str, Any]:
    """Sets the plan, and awaits that all of the time before an event is held."""
    await until(lambda: listed(node, code), what="the camera is listed")
    plan = {"mode": "event", "before_s": BEFORE_S, "after_s": AFTER_S}
    answer = await node.client.put(f"/cameras/{code}/recording-plan", json=plan)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = {}

    async def is_held() -> bool:
        found.update(await state_of(node, code))
        held = found["held_since"]
        long_enough = timedelta(seconds=BEFORE_S + 1)
        return held is not None and datetime.now(UTC) - datetime.fromisoformat(held) > long_enough

    await until(is_held, seconds=60, what="the time before is held")
    return found


async def state_is(node: RunningNode, code: str, wanted: str, seconds: float = 40) -> dict[str, Any]:
    async def so() -> bool:
        return bool((await state_of(node, code))["state"] == wanted)

    await until(so, seconds=seconds, what=f"the camera is {wanted}")
    return await state_of(node, code)


async def spans_of(node: RunningNode, code: str, *, until_: datetime) -> list[tuple[datetime, datetime]]:
    """Footage in the index, once it knows it up to then."""

    def found() -> list[tuple[datetime, datetime]]:
        known = node.node.engine.footage(f"{code}/main", 0, 2**62)
        return [(datetime.fromtimestamp(begin / 1e6, UTC), datetime.fromtimestamp(end / 1e6, UTC)) for begin, end in known]

    await until(lambda: found() and found()[-1][1] >= until_, what="the index knows")
    return found()


async def test_what_came_before_an_event_is_recorded_and_what_follows_the_last_one(ruled: RunningNode, tmp_path: Path) -> None:
    node, camera = ruled, simulated_camera(ruled.registrar)
    code = camera.identity.code
    async with powered(camera):
        found = await armed(node, code)
        assert (found["state"], found["due"], found["recording"], found["safe_until"]) == ("armed", False, False, None)
        assert (found["before_s"], found["after_s"], found["held_short"]) == (BEFORE_S, AFTER_S, False)
        assert node.node.engine.footage(f"{code}/main", 0, 2**62) == [] and not footage_files(tmp_path / "node")
        recording = node.node.footage.recording
        first = datetime.now(UTC)
        period = recording.trigger(code, "alarm", first.timestamp())
        assert period is not None and period.since == pytest.approx(first.timestamp() - BEFORE_S, abs=0.1)
        assert recording.trigger("52010200001320009999", "alarm", first.timestamp()) is None, "not recorded on event"
        told = await state_of(node, code)
        assert (told["state"], told["event"]["cause"], told["due"]) == ("event", "alarm", True), told
        await until(lambda: datetime.now(UTC) - first > timedelta(seconds=AFTER_S / 2), what="the first one lasts")
        again = datetime.now(UTC)
        recording.trigger(code, "alarm", again.timestamp())
        assert datetime.fromisoformat((await state_of(node, code))["event"]["at"]) == pytest.approx(
            first, abs=timedelta(seconds=0.1)
        ), "one period, told by what happened first"
        ended = await state_is(node, code, "armed")
        assert ended["event"] is None and not ended["due"]

        async def rests() -> bool:
            return not (await state_of(node, code))["recording"]

        await until(rests, what="the recorder has ended it with its last group of pictures")
        end = again + timedelta(seconds=AFTER_S)
        ((begun, over),) = await spans_of(node, code, until_=end)
        assert timedelta(seconds=BEFORE_S) <= first - begun <= timedelta(seconds=BEFORE_S + 2 + 2 * GOP_S), first - begun
        assert end <= over <= end + timedelta(seconds=GOP_S + 1), over - end

        quiet = datetime.now(UTC)
        await until(lambda: datetime.now(UTC) - quiet > timedelta(seconds=BEFORE_S + 4), what="nothing happens")
        second = datetime.now(UTC)
        recording.trigger(code, "alarm", second.timestamp() - 3_600)  # its device's clock is wrong
        await state_is(node, code, "armed")
        spans = await spans_of(node, code, until_=second + timedelta(seconds=AFTER_S))
        assert len(spans) == 2 and spans[0] == (begun, over), "nothing of the time between"
        assert second - spans[1][0] >= timedelta(seconds=BEFORE_S)
    assert sum(pictures_of(file) for file in footage_files(tmp_path / "node")) > 5 * (BEFORE_S + AFTER_S)


async def test_only_the_times_of_events_are_due_and_what_is_missing_of_one_has_its_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "COUNTS_S", 2.0)
    monkeypatch.setattr("fengsui.features.completeness.lapses.LOOK_S", 0.25)
    monkeypatch.setattr("fengsui.features.completeness.lapses.LATE_S", 4.0)
    monkeypatch.setattr("fengsui.features.completeness.actions.FRESH_S", 0.0)
    settings = with_media(settings_for(keepalive_interval_s=1, keepalive_missed_limit=3), grace_s=5)
    registrar = Registrar("127.0.0.1", settings.signalling.port, SERVER, SERVER[:10], "node-password")
    camera = simulated_camera(registrar)
    code = camera.identity.code
    async with running_node(tmp_path / "node", settings) as node:
        completeness, recording = node.node.footage.completeness, node.node.footage.recording

        async def today() -> tuple[float, list[model.Gap]]:
            """All due of two days: midnight may pass while a test runs."""
            await until(lambda: not node.node.engine.footage_counters().looking, what="the index has all footage")
            days = await completeness.days_of(code, 2)
            named = [completeness.asked_day(one.day) for one in days]
            gaps = [gap for day in named for gap in await completeness.gaps_of(code, day) or ()]
            return sum(one.due_s for one in days), gaps

        async with powered(camera):
            await armed(node, code)
            assert await today() == (0.0, []), "nothing happened, nothing is due"
            at = datetime.now(UTC)
            recording.trigger(code, "alarm", at.timestamp())
            await state_is(node, code, "armed")
            await spans_of(node, code, until_=at + timedelta(seconds=AFTER_S))
            due_s, gaps = await today()
            assert due_s == pytest.approx(BEFORE_S + AFTER_S, abs=0.5) and gaps == []
        await until(lambda: node.node.devices.is_online(code) is False, what="it is offline")
        cut = datetime.now(UTC)
        await until(lambda: datetime.now(UTC) - cut > timedelta(seconds=12), what="nothing is held any more")
        assert (await state_of(node, code))["state"] == "waiting"
        recording.trigger(code, "alarm", datetime.now(UTC).timestamp())
        await until(lambda: recording.period(code) is None, what="it is over")
        await until(lambda: (datetime.now(UTC) - cut).total_seconds() > 20, what="it was looked at")
        due_s, gaps = await today()
        assert due_s == pytest.approx(2 * (BEFORE_S + AFTER_S), abs=1)
        missing_s = sum(gap.until - gap.since for gap in gaps)
        assert missing_s == pytest.approx(BEFORE_S + AFTER_S, abs=1), gaps
        assert {part.cause for gap in gaps for part in gap.parts} <= {"device", "line"}, gaps


async def test_an_alarm_of_the_device_is_recorded_and_none_of_another_device(ruled: RunningNode) -> None:
    node, camera, other = ruled, simulated_camera(ruled.registrar), simulated_camera(ruled.registrar, 2)
    code = camera.identity.code
    clock = f"{datetime.now(BEIJING):%Y-%m-%dT%H:%M:%S}"

    async def tell(by: SimulatedDevice, method: AlarmMethod, of: str = code) -> None:
        alarm = AlarmNotification(7, of, priority=1, method=int(method), time=clock)
        assert (await by.send_octets(encode(alarm))).status == 200

    recording = node.node.footage.recording
    async with powered(camera, other):
        await armed(node, code)
        await until(lambda: listed(node, other.identity.code), what="the other one is listed")
        await tell(camera, AlarmMethod.DEVICE_FAULT)
        await tell(other, AlarmMethod.VIDEO)
        await tell(other, AlarmMethod.VIDEO, other.identity.code)
        await until(lambda: not node.node.footage.alarms._waiting.qsize(), what="they were looked at")
        assert recording.period(code) is None and recording.period(other.identity.code) is None
        await tell(camera, AlarmMethod.VIDEO)
        told = await state_is(node, code, "event")
        assert told["event"]["cause"] == "alarm"
        await state_is(node, code, "armed")
        await tell(camera, AlarmMethod.DEVICE, f"{SERVER[:10]}1340000001")  # an alarm input of its only camera
        await state_is(node, code, "event")


async def test_somebody_has_a_camera_recorded_at_once_on_record_and_it_ends_by_itself(ruled: RunningNode) -> None:
    node, camera = ruled, simulated_camera(ruled.registrar)
    code = camera.identity.code
    centre = await centre_of(node)
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        path = f"/cameras/{code}/record-now"
        chen = await node.client_of("chen-qi", {"post": "operator", "area": HERE})
        closed = await chen.post(path, json={"reason": "a fight"})
        assert (closed.status_code, closed.json()["rule"]) == (403, "A5"), closed.text
        shift = await node.client.post("/duty/shift", json={"centre": centre, "seat": 1})
        assert shift.status_code == 201, shift.text
        for body in ({}, {"reason": "  "}, {"reason": "x", "seconds": 4}, {"reason": "x", "seconds": 3_601}):
            assert (await node.client.post(path, json=body)).status_code == 422
        unknown = await node.client.post("/cameras/52010200001320009999/record-now", json={"reason": "x"})
        assert unknown.status_code == 404
        assert (await state_of(node, code))["state"] == "off"
        began = datetime.now(UTC)
        answer = await node.client.post(path, json={"reason": "a fight at the gate", "seconds": 8})
        assert answer.status_code == 201, answer.text
        told = answer.json()
        assert (told["mode"], told["event"]["cause"]) == ("off", "person")
        assert datetime.fromisoformat(told["event"]["until"]) == pytest.approx(
            began + timedelta(seconds=8), abs=timedelta(seconds=1)
        )
        await state_is(node, code, "event")
        await state_is(node, code, "off")
        spans = await spans_of(node, code, until_=began + timedelta(seconds=7))
        assert len(spans) == 1 and spans[0][1] <= began + timedelta(seconds=8 + GOP_S + 1)
        await until(lambda: node.node.live.running == 0, seconds=60, what="nobody wants the stream any more")
        acts = [(one.result, one.ticket[:2], one.detail) for one in records(node) if one.act == Act.RECORDING_NOW]
        assert ("allowed", "DT", "8 s: a fight at the gate") in acts, acts
        assert [one for one in acts if one[0] == "refused"], acts

        assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
        await state_is(node, code, "recording")
        assert (await node.client.post(path, json={"reason": "again"})).json()["state"] == "recording", "it is anyway"
        await chen.aclose()


async def test_an_event_goes_on_behind_a_change_of_plan_a_new_call_and_a_restart(tmp_path: Path) -> None:
    settings = with_media(settings_for(keepalive_interval_s=1, keepalive_missed_limit=3), grace_s=5)
    registrar = Registrar("127.0.0.1", settings.signalling.port, SERVER, SERVER[:10], "node-password")
    code = simulated_camera(registrar).identity.code
    async with running_node(tmp_path / "node", settings) as node:
        async with powered(simulated_camera(registrar)):
            await armed(node, code)
            assert node.node.footage.recording.trigger(code, "alarm", datetime.now(UTC).timestamp()) is not None
            await state_is(node, code, "event")
            longer = {"mode": "event", "before_s": BEFORE_S, "after_s": 600}
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json=longer)).status_code == 200
            assert (await state_of(node, code))["event"] is not None, "what began goes on"
            node.node.footage.recording.trigger(code, "alarm", datetime.now(UTC).timestamp())
        await state_is(node, code, "waiting", seconds=60)
        async with powered(simulated_camera(registrar)):
            await state_is(node, code, "event", seconds=90)
    async with running_node(tmp_path / "node", settings) as node, powered(simulated_camera(registrar)):
        told = await state_is(node, code, "event", seconds=90)
        assert told["event"]["cause"] == "alarm"
        back = datetime.now(UTC)
        await spans_of(node, code, until_=back)
        assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "off"})).status_code == 200
        ended = await state_is(node, code, "off")
        assert ended["event"] is None, "what nobody wants any more is over"
        await until(lambda: node.node.engine.footage_counters().streams == 0, what="nothing is recorded")
