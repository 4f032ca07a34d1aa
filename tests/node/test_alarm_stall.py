"""A database that stalls for ten seconds while many hosts report: they wait and send again, and each alarm is there once."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import Counter
from pathlib import Path

import pytest

from fengsui.simulators.alarm_host import AlarmTarget, SimulatedAlarmHost
from tests.node.alarm_hosts import entered
from tests.node.conftest import running_node, settings_for, until
from tests.node.test_alarms import on_disk, port_of

HOSTS, EVENTS, STALLS_S = 20, 3, 10.5
"""Longer than SQLite waits for whoever else writes."""


@pytest.mark.timeout(120)
async def test_a_database_that_stalls_for_ten_seconds_loses_and_doubles_nothing(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        accounts = [f"{0xA00 + at:X}" for at in range(HOSTS)]
        for account in accounts:
            await entered(node, account)
        hosts = [
            SimulatedAlarmHost(account, AlarmTarget(port=port_of(node), transport=("UDP", "TCP")[at % 2], retry_s=2.0))
            for at, account in enumerate(accounts)
        ]

        async def reports(host: SimulatedAlarmHost) -> None:
            for event in range(EVENTS):
                await host.report(f"Nri1/BA{event + 1:03}")
            await host.close()

        lock = sqlite3.connect(node.node.data / "node.db", isolation_level=None, check_same_thread=False)
        await asyncio.to_thread(lock.execute, "BEGIN IMMEDIATE")  # nobody else writes
        began_s = time.monotonic()
        reporting = [asyncio.create_task(reports(host)) for host in hosts]
        try:
            await until(lambda: time.monotonic() - began_s > STALLS_S, what="the stall lasts")
            assert on_disk(node) == 0 and {host.sequence for host in hosts} == {1}, "nobody was told that theirs is stored"
            assert sum(host.sent for host in hosts) > HOSTS, "and they sent again"
        finally:
            lock.execute("ROLLBACK")
            lock.close()
        await asyncio.gather(*reporting)
        assert on_disk(node) == HOSTS * EVENTS
        with sqlite3.connect(f"file:{node.node.data / 'node.db'}?mode=ro", uri=True) as database:
            found = Counter(database.execute("SELECT account, number FROM alarms").fetchall())
        assert found == Counter({(account, f"{event + 1:03}"): 1 for account in accounts for event in range(EVENTS)})
