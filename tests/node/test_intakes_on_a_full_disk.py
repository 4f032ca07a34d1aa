"""On a full disk nothing that comes over HTTP is acknowledged; sent again once there is room, it is there exactly once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx

from fengsui.alarm_settings import DispatchLinksSection
from tests.node import alarm_sources, test_jobs
from tests.node.conftest import running_node, settings_for, until
from tests.node.panic import link, press
from tests.node.test_alarms import on_disk
from tests.node.test_storage_faults import fill, small_disk

Sent = Callable[[], Awaitable[httpx.Response]]


async def test_presses_jobs_and_alarms_of_other_systems_are_refused_and_come_again() -> None:
    with small_disk() as disk:
        settings = settings_for(f"sqlite:///{disk / 'node.db'}").model_copy(update={"dispatch_links": DispatchLinksSection()})
        async with running_node(disk, settings) as node:
            _, token = await link(node)
            of_jobs = await test_jobs.entered(node)
            of_alarms = await alarm_sources.registered(node)
            sent: dict[str, Sent] = {
                "a press": lambda: press(node, token),
                "a job": lambda: test_jobs.send(node, of_jobs, test_jobs.JOB, "K1"),
                "an alarm": lambda: alarm_sources.report(node, of_alarms, alarm_sources.FIRE),
            }
            ballast = fill(disk)
            for what, send in sent.items():
                for _ in range(2):
                    answer = await send()
                    assert answer.status_code == 503 and answer.json()["remedy_zh"], (what, answer.text)
            assert on_disk(node) == 0
            ballast.unlink()
            for what, send in sent.items():

                async def taken(send: Sent = send) -> bool:
                    return (await send()).is_success

                await until(taken, seconds=60, what=f"{what} is taken once there is room")
                again = await send()
                assert again.is_success, (what, again.text)
            assert on_disk(node) == 2, "the press and the alarm"
            assert len(await test_jobs.incidents(node)) == 1
