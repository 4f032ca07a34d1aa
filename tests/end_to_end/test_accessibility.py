"""axe-core over every page in both languages and both themes: nothing serious or critical."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.end_to_end.conftest import Demo, sign_in
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_recovery import show

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]
AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
LEFT_OUT = "['.screen-mark', '.ant-select-dropdown [role=listbox]']"
"""The mark of who watches lies faint over pictures on purpose, and screen readers pass it by. The list that antd keeps for them
beside an opened choice has no name of its own; the field that controls it has one."""
RUN = f"async () => (await axe.run({{ exclude: {LEFT_OUT} }}, {{ resultTypes: ['violations'] }})).violations"
GRAVE = {"serious", "critical"}


AT_REST = """async () => {
  for (let round = 0; round < 20; round += 1) {
    const ends = (one) => one.playState === "running" && Number.isFinite(one.effect.getComputedTiming().endTime);
    const moving = document.getAnimations().filter(ends);
    if (moving.length === 0) return;
    await Promise.allSettled(moving.map((one) => one.finished));
  }
}"""


def at_rest(page: Page) -> None:
    """Colours, sheets and drawers have come to where they stay; what turns for ever is not waited for."""
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
def test_no_page_shuts_anybody_out(demo: Demo, page: Page, language: str, theme: str) -> None:
    with demo.client() as client:
        items = client.get("/cameras", params={"limit": 100, "status": "online"}).json()["items"]
    dome = next(item for item in items if "PTZ" in item["name"])
    page.add_init_script(
        f"localStorage.setItem('fengsui.language', '{language}'); localStorage.setItem('fengsui.theme', '{theme}')"
    )
    page.goto(demo.node["console"])
    page.get_by_test_id("sign-in-name").wait_for()
    found = {"sign-in": faults(page)}
    sign_in(page, demo)
    found["wall, empty"] = faults(page)
    show(page, [cameras_with_patches(demo, "H.264")[0], dome["code"]])
    found["wall"] = faults(page)
    rooms = {
        "duty": [
            f"cameras/{dome['code']}",
            "situation",
            "cameras",
            "duty",
            "patrols",
            "patrols/log",
            "emergencies",
            "tickets",
            "case-numbers",
        ],
        "system": ["cameras", "devices", f"devices/{dome['device']}", "waiting", "node", "gallery", "account", "nowhere"],
        "security": ["users", "policy", "approvals"],
        "audit": ["audit"],
    }
    for name, room in ((name, room) for name, theirs in rooms.items() for room in theirs):
        if room == rooms[name][0] and name != "duty":
            page.context.clear_cookies()
            sign_in(page, demo, name)
        page.goto(demo.node["console"] + room)
        page.wait_for_load_state("networkidle") if room == "nowhere" else page.locator(
            "main :is(button, td, dd):visible"
        ).first.wait_for()
        if room.startswith("cameras/"):
            page.get_by_test_id("ptz-left").wait_for()
        found[room] = faults(page)
    assert {room: lines for room, lines in found.items() if lines} == {}
