"""Recording on a whole node: over real sockets from a simulated camera to files that any player opens."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import av
import pytest

from fengsui.clock import SystemClock
from fengsui.errors import StorageFault
from fengsui.features.audit import Act
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until, with_media
from tests.node.duty_room import CASE, HERE, centre_of, with_pack
from tests.node.test_audit import records
from tests.node.test_lifts import MovedClock
from tests.node.test_live import listed

GRACE_S = 5


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node with the demonstration's policy pack, that soon ends what nobody reads."""
    settings = with_media(with_pack(tmp_path / "node", register=tmp_path / "cases.txt"), grace_s=GRACE_S)
    async with running_node(tmp_path / "node", settings) as node:
        yield node


async def state_of(node: RunningNode, code: str) -> dict[str, Any]:
    """The camera's plan and how far it is carried out."""
    found: dict[str, Any] = (await node.client.get(f"/cameras/{code}/recording-plan")).json()
    return found


async def safe_for(node: RunningNode, code: str, seconds: float) -> datetime:
    """Awaits footage on disk up to so many seconds after the plan was set; up to when."""

    async def is_safe() -> bool:
        state = await state_of(node, code)
        if state["safe_until"] is None:
            return False
        return datetime.fromisoformat(state["safe_until"]) >= datetime.fromisoformat(state["since"]) + timedelta(seconds=seconds)

    await until(is_safe, seconds=90, what=f"{seconds} s are on disk")
    return datetime.fromisoformat((await state_of(node, code))["safe_until"])


def footage_files(data: Path) -> list[Path]:
    """What the node wrote."""
    return sorted((data / "footage").rglob("*.mp4"))


def pictures_of(path: Path) -> int:
    """Decoded by ffmpeg's libraries; raises for what they cannot decode."""
    with av.open(str(path)) as opened:
        opened.streams.video[0].codec_context.options = {"err_detect": "explode"}
        return sum(1 for _ in opened.decode(video=0))


async def order(client: Any, code: str, since: datetime, until_: datetime) -> Any:
    """A use ticket for this time of this camera."""
    rules = (await client.get("/ticket-purposes")).json()["items"]
    crime = next(one for one in rules if one["code"] == "crime-investigation")
    bounds = {"cameras": [code], "since": since.isoformat(), "until": until_.isoformat()}
    body = {"purpose": crime["code"], "case_number": CASE, "legal_basis": crime["basis"][0], "bounds": bounds}
    return await client.post("/tickets", json=body)


async def test_a_camera_is_recorded_without_anybody_watching_and_found_under_a_ticket(ruled: RunningNode, tmp_path: Path) -> None:
    node, camera = ruled, simulated_camera(ruled.registrar)
    code = camera.identity.code
    await centre_of(node)
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        assert (await state_of(node, code))["mode"] == "off"
        chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
        refused = await chen.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})
        assert refused.status_code == 403
        answer = await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})
        assert answer.status_code == 200, answer.text
        safe = await safe_for(node, code, 2 * GRACE_S)
        assert node.node.engine.counters().readers == 0 and (await state_of(node, code))["recording"]

        since = datetime.fromisoformat((await state_of(node, code))["since"])
        asked = {"from": since.isoformat(), "to": safe.isoformat()}
        without = await chen.get(f"/cameras/{code}/recordings", params=asked)
        assert (without.status_code, without.json()["rule"]) == (403, "A1"), without.text
        assert (await order(chen, code, since, datetime.now(UTC))).status_code == 201
        await until(lambda: bool(node.node.engine.footage(f"{code}/main", 0, 2**62)), what="the index knows")
        found = await chen.get(f"/cameras/{code}/recordings", params=asked)
        assert found.status_code == 200, found.text
        spans = found.json()["items"]
        lasted = sum((datetime.fromisoformat(one["to"]) - datetime.fromisoformat(one["from"])).total_seconds() for one in spans)
        assert len(spans) == 1 and lasted > GRACE_S, spans
        early = {**asked, "from": (since - timedelta(hours=1)).isoformat()}
        beyond = await chen.get(f"/cameras/{code}/recordings", params=early)
        assert (beyond.status_code, beyond.json()["rule"]) == (403, "A2")
        ancient = await chen.get(f"/cameras/{code}/recordings", params={"to": "0001-01-01T00:30:00Z"})
        assert (ancient.status_code, ancient.json()["rule"]) == (403, "A2"), "an hour before the first year is no fault of ours"
        backwards = await chen.get(f"/cameras/{code}/recordings", params={"from": asked["to"], "to": asked["from"]})
        assert (backwards.status_code, backwards.json()["code"]) == (422, "recording.span")

        assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "off"})).status_code == 200
        await until(lambda: node.node.engine.footage_counters().streams == 0, what="nothing is recorded")
        await until(lambda: node.node.live.running == 0, seconds=60, what="nobody wants the stream any more")
        await chen.aclose()
    records = (await node.client.get("/audit", params={"act": "footage.list"})).json()["items"]
    assert {one["result"] for one in records} >= {"allowed", "refused"}, records
    [file] = footage_files(tmp_path / "node")
    assert pictures_of(file) >= 10 * GRACE_S


async def test_a_footage_folder_that_is_gone_and_what_is_lost_by_it_stand_on_the_nodes_page(tmp_path: Path) -> None:
    settings = with_pack(tmp_path / "node", register=tmp_path / "cases.txt")
    async with running_node(tmp_path / "node", settings) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code

        async def faults() -> set[str]:
            return {one["code"] for one in (await node.client.get("/node")).json()["faults"]}

        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            await safe_for(node, code, 1)
            assert not {one for one in await faults() if "footage" in one}
            shutil.rmtree(tmp_path / "node" / "footage")

            async def both() -> bool:
                return await faults() >= {"node.footage_folder", "node.footage_lost"}

            await until(both, seconds=60, what="folder and loss are told")
            assert (await state_of(node, code))["lost_fragments"] > 0


async def test_recording_goes_on_when_the_device_comes_back_and_after_a_restart(tmp_path: Path) -> None:
    settings = with_pack(tmp_path / "node", register=tmp_path / "cases.txt")
    async with running_node(tmp_path / "node", settings) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            before = await safe_for(node, code, 2)
        await until(lambda: node.node.engine.counters().sources == 0, seconds=90, what="the camera is missed")
        async with powered(simulated_camera(node.registrar)):

            async def goes_on() -> bool:
                state = await state_of(node, code)
                return datetime.fromisoformat(state["safe_until"]) > before + timedelta(seconds=2)

            await until(goes_on, seconds=90, what="it is recorded again")
    async with running_node(tmp_path / "node", settings) as node, powered(simulated_camera(node.registrar)):
        await until(lambda: node.node.engine.footage_counters().fragments >= 2, seconds=90, what="it is recorded again")
        spans = node.node.engine.footage(f"{code}/main", 0, 2**62)
        assert len(spans) >= 2, "with the gaps between"
    for file in footage_files(tmp_path / "node"):
        assert pictures_of(file) > 0


async def test_a_schedule_records_in_its_hours_alone(tmp_path: Path) -> None:
    """The node's clock is moved to a minute before the hours begin, into them, and behind their end."""
    clock = MovedClock()
    async with running_node(tmp_path / "node", with_media(settings_for(), grace_s=1), clock) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        hour = clock.now().astimezone(node.node.settings.node.time_zone) + timedelta(hours=2)
        later = hour + timedelta(hours=1)
        hours = [{"days": [*range(1, 9)], "from": f"{hour:%H}:00", "to": f"{later:%H}:00"}]
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            path = f"/cameras/{code}/recording-plan"
            for wrong in ({"mode": "schedule"}, {"mode": "always", "hours": hours}):
                refused = await node.client.put(path, json=wrong)
                assert (refused.status_code, refused.json()["code"]) == (422, "recording.hours"), refused.text
            answer = await node.client.put(path, json={"mode": "schedule", "hours": hours})
            assert answer.status_code == 200, answer.text
            assert (answer.json()["hours"], answer.json()["due"], answer.json()["recording"]) == (hours, False, False)
            assert camera.invited == 0, "nobody calls it before its hours"

            clock.later = hour.replace(minute=0, second=30) - SystemClock().now()

            async def in_hours() -> bool:
                state = await state_of(node, code)
                return bool(state["due"] and state["recording"])

            await until(in_hours, seconds=30, what="it is recorded in its hours")
            clock.later = later.replace(minute=1, second=0) - SystemClock().now()
            await until(lambda: node.node.engine.footage_counters().streams == 0, seconds=30, what="its hours are over")
            await until(lambda: node.node.live.running == 0, seconds=30, what="and nobody wants it")
            assert not (await state_of(node, code))["due"]
        told = [one.detail for one in records(node) if one.act == Act.RECORDING_PLAN]
        assert told and f"12345678 {hour:%H}:00" in told[-1], told


async def test_a_plan_ends_with_its_device_on_record_and_does_not_come_back_with_it(tmp_path: Path) -> None:
    async with running_node(tmp_path / "node", with_media(settings_for(), grace_s=1)) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            await safe_for(node, code, 1)
            device = (await node.client.get(f"/cameras/{code}")).json()["device"]
            assert (await node.client.delete(f"/devices/{device}")).status_code == 204
            assert node.node.footage.recording.plan(code) is None
            await until(lambda: node.node.engine.footage_counters().streams == 0, seconds=60, what="nothing is recorded")
            assert (await node.client.get(f"/cameras/{code}/recording-plan")).status_code == 404

        def told() -> bool:
            details = [one.detail for one in records(node) if one.act == Act.RECORDING_PLAN]
            return any("its device was removed" in detail and "mode=always→off" in detail for detail in details)

        await until(told, what="the end is on record")
    async with running_node(tmp_path / "node", with_media(settings_for(), grace_s=1)) as node:
        assert node.node.footage.recording.plan(code) is None, "nor after a restart"
        [piece] = (await node.node.footage.recording.pieces(0.0))[code]
        assert piece.plan.set_at < piece.until < datetime.now(UTC).timestamp(), "what was due until then is still told"
        assert node.node.engine.footage(f"{code}/main", 0, 2**62), "the footage stays"


async def test_a_camera_that_goes_while_its_plan_is_made_has_none_whatever_fails_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_node(tmp_path / "node", with_media(settings_for(), grace_s=1)) as node:
        recording, record = node.node.footage.recording, node.node.audit.record
        first, second = simulated_camera(node.registrar), simulated_camera(node.registrar, 2)
        async with powered(first), powered(second):
            for code in (first.identity.code, second.identity.code):
                await until(partial(listed, node, code), what="the camera is listed")
            code = first.identity.code
            device = (await node.client.get(f"/cameras/{code}")).json()["device"]

            async def removed_meanwhile(who: Any, act: Act, target: str = "", **more: Any) -> None:
                await record(who, act, target, **more)
                if act is Act.RECORDING_PLAN:
                    monkeypatch.setattr(node.node.audit, "record", record)
                    await node.node.devices.remove(device)

            monkeypatch.setattr(node.node.audit, "record", removed_meanwhile)
            refused = await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})
            assert (refused.status_code, recording.plan(code)) == (404, None), refused.text
            assert code not in await recording.pieces(0.0)

            code = second.identity.code
            device = (await node.client.get(f"/cameras/{code}")).json()["device"]
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200

            async def fails(*_: Any) -> None:
                raise StorageFault(what="gone", remedy_zh="", remedy_en="")

            monkeypatch.setattr(node.node.cameras.reading.clashes, "tell", fails)
            with pytest.raises(StorageFault):
                await node.node.devices.remove(device)
            assert recording.plan(code) is None, "its rows are gone, and so is it"
