"""A hundred lives of one node that records, each ended by kill -9: `FENGSUI_SOAK_KILLS` (100)."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.node.test_footage_killed import killed_while_recording

KILLS = min(1_000, int(os.environ.get("FENGSUI_SOAK_KILLS", "100")))


@pytest.mark.soak
@pytest.mark.timeout(60 * KILLS)
def test_nothing_that_was_told_as_recorded_is_lost_however_often_the_node_is_killed(tmp_path: Path) -> None:
    chance = random.Random(28181)
    killed_while_recording(tmp_path, KILLS, lambda: chance.uniform(0.1, 4.0))
