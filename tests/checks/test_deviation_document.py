"""Every line of the document on deviations of media is true: its policy, its fixture and its tests are there."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import get_args

import pytest

from fengsui.features.devices.schemas import DeviceChange
from fengsui.simulators.commands import simulate

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in (ROOT / "docs" / "design" / "media-deviations.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not line.startswith(("| Deviation", "|---"))
]
SHEET = 38
"""Deviations at least: those of the fact sheet's §6.7, and those that were seen beside them."""


def options() -> set[str]:
    """Of `fengsui simulate camera`."""
    (camera,) = [one for one in simulate.registered_commands if one.name == "camera"]
    assert camera.callback is not None
    return {f"--{name.replace('_', '-')}" for name in inspect.signature(camera.callback).parameters}


def test_the_table_is_read() -> None:
    assert len(ROWS) >= SHEET and {len(row) for row in ROWS} == {5}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_a_deviation_has_a_name_a_fixture_and_a_test(row: list[str]) -> None:
    _, name, done, fixture, tests = row
    policy = re.fullmatch(r"\*\*`(\w+)`\*\*", name)
    if policy is None:
        assert re.fullmatch(r"`[a-z]+(-[a-z]+)*`", name), "a rule has a name"
        assert len(done) > 30, "and the reason why there is no choice"
    else:
        values = get_args(get_args(DeviceChange.model_fields[policy[1]].annotation)[0])
        assert values and all(f"`{value}`" in done for value in values), f"every value of {policy[1]} is explained: {values}"
        assert done.startswith(f"`{values[0]}`"), "the default comes first"
    places = re.findall(r"`([^`]+)`", fixture)
    assert places or fixture == "in the test"
    for place in places:
        assert place in options() if place.startswith("--") else (ROOT / place).exists(), place
    found = re.findall(r"`([^`]+)::(\w+)`", tests)
    assert found and tests.count("`") == 2 * len(found)
    for path, test in found:
        assert re.search(rf"^\s*(async )?(def|fn) {test}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), test
