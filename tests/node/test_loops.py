"""The node's own loops outlive a surprise, say so, and what was missed meanwhile is looked up."""

from __future__ import annotations

import asyncio

import pytest
import structlog.testing

from fengsui import loops
from fengsui.app.node import Node
from fengsui.features.devices import DeviceWentOffline
from fengsui.features.live.stream import INVITES
from tests.node.conftest import FEW, RunningNode, powered, running_node, settings_for, short_of_room, simulated_camera, until
from tests.node.test_live import listed, open_live, state_of
from tests.node.test_metrics import scraped, total


async def test_a_loop_goes_on_after_a_surprise_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "FIRST_PAUSE_S", 0.01)
    tries: list[list[str]] = []
    done = asyncio.Event()

    async def work() -> None:
        tries.append(loops.pausing())
        if len(tries) < 4:
            raise ZeroDivisionError("a surprise")
        done.set()
        await asyncio.Event().wait()

    before = loops.FAILURES.labels("of a test")._value.get()
    with structlog.testing.capture_logs() as told:
        task = loops.keep("of a test", work)
        await until(lambda: "of a test" in loops.pausing(), what="the pause is told")
        await asyncio.wait_for(done.wait(), 30)
    assert loops.FAILURES.labels("of a test")._value.get() == before + 3
    assert [one["pause_s"] for one in told if one.get("loop") == "of a test"] == [0.01, 0.02, 0.04], "the pauses grow"
    assert not loops.pausing() and tries == [[], [], [], []]
    task.cancel()


async def test_readiness_tells_of_a_loop_that_pauses(node: RunningNode) -> None:
    ready = f"http://127.0.0.1:{node.node.settings.http.port}/readyz"
    assert isinstance(node.node, Node)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loops, "FIRST_PAUSE_S", 60)

        async def work() -> None:
            raise ZeroDivisionError("a surprise")

        task = loops.keep("of a test", work)
        await until(lambda: "of a test" in loops.pausing(), what="it pauses")
    found = await node.client.get(ready)
    assert (found.status_code, found.json()) == (503, {"status": "loop"})
    assert total(await scraped(node), "fengsui_loop_failures_total", loop="of a test") >= 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await node.client.get(ready)).json() == {"status": "ready"}


async def test_registrations_are_answered_after_a_surprise_of_the_store(node: RunningNode) -> None:
    batches = node.node.devices._batches
    store, surprises = batches._store, []

    class Odd:
        def transaction(self) -> object:
            batches._store = store
            surprises.append(1)
            raise ZeroDivisionError("a surprise")

    batches._store = Odd()  # type: ignore[assignment]
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        await until(lambda: camera.registered.is_set(), seconds=60, what="its repetition is answered")
        assert surprises
        await until(lambda: listed(node, camera.identity.code), what="its catalogue is read")


async def test_a_lost_arrival_is_found_again(node: RunningNode) -> None:
    short_of_room(node)
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        reading, devices = node.node.cameras.reading, node.node.devices
        await until(lambda: (found := reading.catalogue_progress(code)) is not None and found.done, what="it is read")
        before = reading.catalogue_progress(code)
        devices._presence.tell_arrival(devices.get(code), restarted=True)
        for number in range(FEW):  # in one turn: nobody takes any of them meanwhile
            node.node.bus.publish(DeviceWentOffline(str(number), "silent"))
        await until(lambda: reading.catalogue_progress(code) is not before, what="its catalogue is asked for again")


async def test_a_stream_survives_a_surprise(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        signalling = node.node.signalling
        invite, surprises = signalling.invite, []

        async def odd(*_: object) -> None:
            signalling.invite = invite  # type: ignore[method-assign]
            surprises.append(1)
            raise ZeroDivisionError("a surprise")

        signalling.invite = odd  # type: ignore[method-assign,assignment]
        await open_live(node, code)

        async def playing() -> bool:
            return (await state_of(node, code))["state"] == "playing"

        await until(playing, seconds=60, what="it plays after all")
        assert surprises


async def test_whoever_comes_while_a_stream_is_let_go_sees_no_failure(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await open_live(node, code)

        async def playing() -> bool:
            return (await state_of(node, code))["state"] == "playing"

        await until(playing, seconds=60, what="it plays")
        stream, asked = node.node.live.stream(code, "main"), camera.invited
        assert stream is not None
        stream.unwant()
        stream.want()
        await until(lambda: camera.invited > asked, seconds=60, what="it is asked for anew")
        await until(playing, seconds=60, what="it plays again")
        assert INVITES.labels("unwanted")._value.get() == 0


async def test_a_stream_that_nobody_was_let_into_is_not_kept(tmp_path: object) -> None:
    settings = settings_for()
    media = settings.media.model_copy(update={"grace_s": 600, "transcode_limit": 0})
    async with running_node(tmp_path, settings.model_copy(update={"media": media})) as node:  # type: ignore[arg-type]
        camera = simulated_camera(node.registrar, footage="street.10fps.h265")
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            refused = await node.client.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})
            assert refused.status_code >= 400, refused.text
            await until(lambda: node.node.live.stream(code, "main") is None, seconds=60, what="the stream ends")
