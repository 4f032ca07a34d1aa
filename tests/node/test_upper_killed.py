"""kill -9 while the upper node is away, and again when it is told: each alarm is there once, and each time line says so once."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from fengsui.simulators.alarm_host import AlarmTarget, SimulatedAlarmHost
from tests.end_to_end.conftest import wait_until
from tests.end_to_end.test_recovery import PASSWORD, alarm_port, first_people, is_ready, process, settings_file
from tests.node.test_alarms_killed import enter, token
from tests.node.test_task_photos_killed import made

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]
ALARMS, ACTS = 6, ("upper", "upper-took")
HASTY = "claim_s = [0.2, 0.2, 0.2]\nclaim_at_most_s = [0.4, 0.4, 0.4]\n[dispatch_links]\nfirst_wait_s = 0.2\nlongest_wait_s = 0.5\n"


def counted(data: Path, table: str, where: str) -> int:
    with closing(sqlite3.connect(data / "node.db")) as db:
        return int(db.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0])


async def test_what_waits_to_the_last_is_at_the_upper_node_once_whoever_dies(tmp_path: Path) -> None:
    api, run, data, logs, config = list[str](), list[list[str]](), list[Path](), list[Path](), list[Path]()
    for name in ("lower", "upper"):
        (tmp_path / name).mkdir()
        found, http, _ = settings_file(tmp_path / name)
        data.append(tmp_path / name / "data")
        run.append(["run", "--config", str(found), "--data", str(data[-1])])
        api.append(f"http://127.0.0.1:{http}")
        logs.append(tmp_path / f"{name}.log")
        config.append(found)
    with config[0].open("a", encoding="utf-8") as file:
        file.write(HASTY)
    people = first_people(PASSWORD)

    async def ready(which: int) -> None:
        await asyncio.to_thread(wait_until, lambda: is_ready(api[which]), seconds=200, what=f"{logs[which]} is ready")

    async def so(what: str, look: Callable[[], bool]) -> None:
        await asyncio.to_thread(wait_until, look, seconds=120, what=what)

    with process(logs[1], *run[1], **people) as upper:
        await ready(1)
        async with httpx.AsyncClient(base_url=f"{api[1]}/api/v1", timeout=60, headers=await token(api[1], "system")) as keeper:
            secret = (await made(keeper, "/alarm-sources", {"name": "nanming", "title": "南明区节点"}))["secret"]
        upper.terminate()
        upper.wait(30)
    host = SimulatedAlarmHost("A00", AlarmTarget(port=alarm_port(config[0]), retry_s=0.5))
    with process(logs[0], *run[0], **people) as lower:
        await ready(0)
        url = f"{api[1]}/api/v1/alarm-intake/nanming"
        async with httpx.AsyncClient(base_url=f"{api[0]}/api/v1", timeout=60, headers=await token(api[0], "system")) as keeper:
            await made(
                keeper, "/dispatch-links", {"name": "city", "title": "市级", "url": url, "news": ["upper"], "secret": secret}
            )
        await enter(api[0], [host])
        for number in range(1, ALARMS + 1):
            await host.report(f"Nri1/BA{number:03}")
        await host.close()
        await so("some go up", lambda: counted(data[0], "alarm_steps", "act = 'upper'") > 0)
        lower.send_signal(signal.SIGKILL)  # the upper node is away
        assert lower.wait(20) == -signal.SIGKILL
    with process(logs[1], *run[1]):
        await ready(1)
        with process(logs[0], *run[0]) as lower:
            await so("the first is there", lambda: counted(data[1], "alarm_intakes", "1") > 0)
            lower.send_signal(signal.SIGKILL)  # what they said of it may not have come back
            assert lower.wait(20) == -signal.SIGKILL
        with process(logs[0], *run[0]) as lower:
            await so("all are there", lambda: counted(data[0], "alarm_steps", "act = 'upper-took'") >= ALARMS)
            lower.terminate()
            lower.wait(30)
    with closing(sqlite3.connect(data[0] / "node.db")) as db:
        ids = Counter(id for (id,) in db.execute("SELECT id FROM alarms"))
        steps = [Counter(id for (id,) in db.execute("SELECT alarm_id FROM alarm_steps WHERE act = ?", [act])) for act in ACTS]
    assert len(ids) == ALARMS and steps == [ids, ids], "a step each for going up, and for what they said"
    assert (counted(data[0], "link_outbox", "1"), counted(data[1], "alarms", "1")) == (0, ALARMS)
    assert counted(data[1], "alarm_intakes", "1") == ALARMS
