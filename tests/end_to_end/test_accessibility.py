"""axe-core: nothing serious or critical. Here the door; every page in test_looks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.end_to_end.conftest import Demo, sign_in

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]
AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
LEFT_OUT = "['.screen-mark', '.ant-select-dropdown [role=listbox]']"
"""The mark of who watches lies faint over pictures on purpose, and screen readers pass it by. The list that antd keeps for them
beside an opened choice has no name of its own; the field that controls it has one."""
RUN = f"async () => (await axe.run({{ exclude: {LEFT_OUT} }}, {{ resultTypes: ['violations'] }})).violations"
GRAVE = {"serious", "critical"}
AT_REST = """async () => {
  const ends = one => one.playState === 'running' && (one.effect?.getComputedTiming().endTime ?? Infinity) < 5000;
  const moving = () => document.getAnimations().filter(ends);
  const until = performance.now() + 10_000;
  for (let frames = 0; frames < 2 && performance.now() < until; frames = moving().length ? 0 : frames + 1) {
    await Promise.allSettled(moving().map(one => one.finished));
    await new Promise(done => requestAnimationFrame(done));
  }
}"""


def at_rest(page: Page) -> None:
    """Colours, sheets and drawers have come to where they stay; what drifts, or turns for ever, is not waited for."""
    page.evaluate(AT_REST)


def faults(page: Page) -> list[str]:
    """What axe finds on the page at rest, one line each."""
    at_rest(page)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(RUN)
    return [
        f"{fault['id']} ({fault['impact']}): {node['target']} {node['html'][:160]} {json.dumps(node['any'][:1])[:300]}"
        for fault in found
        if fault["impact"] in GRAVE
        for node in fault["nodes"][:4]
    ]


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_door_shuts_nobody_out(demo: Demo, page: Page, language: str, theme: str) -> None:
    page.add_init_script(
        f"localStorage.setItem('fengsui.language', '{language}'); localStorage.setItem('fengsui.theme', '{theme}')"
    )
    page.goto(demo.node["console"])
    page.get_by_test_id("sign-in-name").wait_for()
    assert faults(page) == []
    sign_in(page, demo)
    assert faults(page) == [], "the wall while nothing plays"
    page.get_by_test_id("lock-now").click()
    page.get_by_test_id("unlock-proof").wait_for()
    assert faults(page) == []
