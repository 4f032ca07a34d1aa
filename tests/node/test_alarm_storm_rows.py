"""A storm's alarms go to disk many in one statement: each as it came, in its order, and known again when it comes again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from fengsui.features.alarms import AlarmReceived
from fengsui.features.alarms.arrival_queries import TOGETHER
from fengsui.wire.dc09.sending import request
from tests.node.alarm_hosts import entered, sender_of
from tests.node.conftest import running_node, settings_for
from tests.node.test_alarms import ACCOUNT


async def test_each_of_many_stands_on_disk_as_it_came_and_joins_when_it_comes_again(tmp_path: Path) -> None:
    count = sum(TOGETHER) + 3
    frames = [request(sender_of(ACCOUNT), "SIA-DCS", at + 1, f"#{ACCOUNT}|NBA{at + 1:03d}")[1:-1] for at in range(count)]
    async with running_node(tmp_path, settings_for()) as node:
        await entered(node, ACCOUNT)
        alarms = node.node.alarms
        news = node.node.bus.subscribe(AlarmReceived)
        answers: list[bytes | None] = []
        for turn in (1, 2):
            for frame in frames:  # none has its turn between them: one transaction has all
                alarms.door.reception.take(frame, "192.0.2.1", "UDP", answers.append)
            await alarms.batches.settled()
            assert len(answers) == turn * count and None not in answers
        told = await news.batch()
        with closing(sqlite3.connect(f"file:{node.node.data / 'node.db'}?mode=ro", uri=True)) as read:
            rows = read.execute("SELECT id, sequence, number, state, repeats FROM alarms ORDER BY id").fetchall()
    assert [row[0] for row in rows] == [one.id for one in told]
    assert [row[1:] for row in rows] == [(f"{at + 1:04d}", f"{at + 1:03d}", "open", 1) for at in range(count)]
