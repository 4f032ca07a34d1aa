"""kill -9 again and again while cameras tell alarms and repeat what is not answered: each alarm is there exactly once."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from pathlib import Path

import httpx
import pytest

from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.identity import Registrar
from fengsui.wire.gb28181.alarm import AlarmDetail, AlarmNotification
from tests.end_to_end.conftest import wait_until
from tests.end_to_end.test_recovery import CODE, PASSWORD, first_people, is_ready, process, settings_file
from tests.node.conftest import powered, simulated_camera, until
from tests.node.test_alarms_killed import listed, token
from tests.rounds import rounds

pytestmark = [pytest.mark.end_to_end, pytest.mark.rounds, pytest.mark.timeout(400)]
CAMERAS, EACH, LIVES = 6, rounds(15, 30), rounds(2, 3)


async def taken(camera: SimulatedDevice, alarm: AlarmNotification) -> bool:
    try:
        return (await camera.send(alarm)).status == 200
    except (TimeoutError, OSError):
        return False


async def tell(camera: SimulatedDevice, number: int) -> int:
    """Until it is answered with 200; how often it was told anew."""
    code = camera.identity.code
    alarm = AlarmNotification(
        number, code, 2, 5, "2026-11-29T08:00:00", f"{number}", detail=AlarmDetail("6")
    )  # the same each time, and its clock stands still
    async with asyncio.timeout(200):  # a node that starts beside eight others takes its time
        again = 0
        while not await taken(camera, alarm):
            await asyncio.sleep(0.1)  # it is away, or says later
            again += 1
    return again


async def are_listed(api: str) -> bool:
    async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=60, headers=await token(api, "duty")) as client:
        found = (await client.get("/cameras")).json()["items"]
    return len(found) == CAMERAS


async def test_each_alarm_of_a_camera_is_there_exactly_once_whenever_the_node_dies(tmp_path: Path) -> None:
    config, http, sip = settings_file(tmp_path)
    api, log, chance = f"http://127.0.0.1:{http}", tmp_path / "node.log", random.Random(28181)
    run = ["run", "--config", str(config), "--data", str(tmp_path / "data")]
    registrar = Registrar("127.0.0.1", sip, CODE, CODE[:10], "joining")
    cameras = [simulated_camera(registrar, at, transport="UDP" if at % 2 else "TCP") for at in range(1, CAMERAS + 1)]
    answered, repeated = 0, 0
    news, runs = asyncio.Event(), asyncio.Event()

    async def report(camera: SimulatedDevice) -> None:
        nonlocal answered, repeated
        for number in range(1, EACH + 1):
            await runs.wait()  # what is new waits until the mark of this life is looked at
            repeated += await tell(camera, number)
            answered += 1
            news.set()

    async def until_answered(count: int) -> None:
        while answered < count and not any(task.done() and task.exception() for task in tasks):
            news.clear()
            await news.wait()

    tasks: list[asyncio.Task[None]] = []
    marks = sorted(chance.sample(range(10, CAMERAS * EACH - 10), LIVES))
    async with powered(*cameras):
        for life, mark in enumerate((*marks, CAMERAS * EACH)):
            with process(log, *run, **({} if life else first_people(PASSWORD))) as node:
                await asyncio.to_thread(wait_until, lambda: is_ready(api), seconds=120, what=f"the node is ready; log: {log}")
                if life == 0:
                    await asyncio.gather(*(camera.registered.wait() for camera in cameras))
                    # Who sees an alarm is part of its source: one that comes before its camera is listed counts apart.
                    await until(lambda: are_listed(api), seconds=120, what="the cameras are listed")
                    tasks = [asyncio.create_task(report(one)) for one in cameras]
                runs.set()
                await until_answered(mark)
                await asyncio.sleep(chance.random() * 0.02)  # anywhere between a message, its commit and its answer
                if life < LIVES:
                    runs.clear()
                    node.send_signal(signal.SIGKILL)
                    assert node.wait(20) == -signal.SIGKILL
                    assert answered < CAMERAS * EACH, "it dies in the midst of it"
                    continue
                await asyncio.gather(*tasks)
                found, waiting = await listed(api), await listed(api, queue="open")
                node.terminate()
                node.wait(30)
    wanted = Counter((one.identity.code, number) for one in cameras for number in range(1, EACH + 1))
    assert Counter((one["device"], int(one["text"])) for one in found) == wanted, "each exactly once"
    # Those of one input count with its first: each camera is in the queue once, with all that came after it.
    queued = Counter({one["device"]: one["work"]["folded"] + 1 for one in waiting})
    assert len(waiting) == CAMERAS and queued == Counter({one.identity.code: EACH for one in cameras})
    assert repeated, "some were told again, or nothing was tried"
