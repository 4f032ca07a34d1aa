"""kill -9 while alarms pass on to the next duty centre: each passed on once, with one step, and none stays behind."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from fengsui.simulators.alarm_host import AlarmTarget, SimulatedAlarmHost
from tests.end_to_end.conftest import wait_until
from tests.end_to_end.test_recovery import PASSWORD, alarm_port, first_people, is_ready, process, settings_file
from tests.node.conftest import until
from tests.node.test_alarms_killed import enter, listed, token
from tests.node.test_task_photos_killed import made
from tests.rounds import rounds

pytestmark = [pytest.mark.end_to_end, pytest.mark.rounds, pytest.mark.timeout(400)]
ALARMS, LIVES = rounds(250, 900), rounds(2, 5)
HERE, NEXT = "520102", "520103"


def passes(data: Path) -> int:
    """Records of the audit log, which come first."""
    return sum(path.read_bytes().count(b'"alarm.pass"') for path in (data / "audit").rglob("*") if path.is_file())


async def test_each_alarm_passes_on_once_whenever_the_node_dies(tmp_path: Path) -> None:
    config, http, _ = settings_file(tmp_path)
    api, log, chance, data = f"http://127.0.0.1:{http}", tmp_path / "node.log", random.Random(1220), tmp_path / "data"
    run = ["run", "--config", str(config), "--data", str(data)]
    host = SimulatedAlarmHost("A00", AlarmTarget(port=alarm_port(config), retry_s=0.5))
    for life in range(LIVES + 1):
        with process(log, *run, **({} if life else first_people(PASSWORD))) as node:
            await asyncio.to_thread(wait_until, lambda: is_ready(api), seconds=120, what=f"the node is ready; log: {log}")
            if life == 0:
                async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=60, headers=await token(api, "duty")) as lead:
                    one, other = [
                        (await made(lead, "/duty/centres", {"name": area, "area": area, "seats": 1}))["id"] for area in (HERE, NEXT)
                    ]
                    await made(lead, f"/duty/centres/{one}/next", {"centre": other, "minutes": 1}, "PUT")
                await enter(api, [host])
                for number in range(1, ALARMS + 1):
                    await host.report(f"Nri1/BA{number:03}")
                await host.close()
            if life < LIVES:
                before = passes(data)
                await asyncio.to_thread(wait_until, lambda before=before: passes(data) > before, seconds=120, what="some pass on")
                await asyncio.sleep(chance.random() * 0.2)  # anywhere between a record, its row and its news
                node.send_signal(signal.SIGKILL)
                assert node.wait(20) == -signal.SIGKILL
                continue

            async def all_passed() -> bool:
                return all(alarm["work"]["passed_to"] for alarm in await listed(api, queue="open"))

            await until(all_passed, what="none stays behind")
            found = await listed(api, queue="open")
            node.terminate()
            node.wait(30)
    assert len(found) == ALARMS and {len(alarm["work"]["passed_to"]) for alarm in found} == {1}
    with closing(sqlite3.connect(data / "node.db")) as db:
        rows = Counter(id for (id,) in db.execute("SELECT alarm_id FROM alarm_passes"))
        steps = Counter(id for (id,) in db.execute("SELECT alarm_id FROM alarm_steps WHERE act = 'pass'"))
    assert rows == steps == Counter(alarm["id"] for alarm in found), "a row and a step each"
