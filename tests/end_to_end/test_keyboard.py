"""From the door to a picture, its page and its PTZ without a mouse; what has the focus is seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_first_picture import frames_of

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]
FOCUS = """() => {
  const at = document.activeElement, marked = document.querySelector('.tree.keyed .row.at');
  const rim = element => {
    const style = getComputedStyle(element);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
  };
  const around = at.closest('.ant-input-affix-wrapper, .ant-select, .ant-input-number');
  const seen = rim(at) || (marked !== null && rim(marked)) || (around !== null && rim(around));
  return { id: at.dataset.testid ?? at.closest('[data-testid]')?.dataset.testid ?? at.textContent, seen };
}"""


def tab_to(page: Page, wanted: str, limit: int = 60) -> None:
    """Presses Tab until the element with this test id has the focus; each stop is seen."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS)
        assert found["seen"], f"nobody sees that {found['id']} has the focus"
        if found["id"] == wanted:
            return
    pytest.fail(f"Tab does not reach {wanted}")


def test_from_tree_to_wall_to_camera_by_keys_alone(demo: Demo, page: Page) -> None:
    with demo.client() as client:
        items = client.get("/cameras", params={"limit": 100, "status": "online"}).json()["items"]
    dome = next(item for item in items if "PTZ" in item["name"])
    page.goto(demo.node["console"])
    page.get_by_test_id("sign-in-name").wait_for()
    page.keyboard.type(demo.user["name"])
    page.keyboard.press("Tab")
    page.keyboard.type(demo.user["password"])
    page.keyboard.press("Enter")
    page.get_by_test_id(f"camera-{dome['code']}").wait_for(timeout=60_000)
    page.keyboard.press("4")
    tab_to(page, "camera-tree")
    page.keyboard.press("Home")
    tree = page.get_by_test_id("camera-tree")
    for _ in range(100):
        at = tree.get_attribute("aria-activedescendant")
        if page.locator(f"#{at} [data-testid='camera-{dome['code']}']").count():
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_until(lambda: frames_of(page, 0) >= 5, seconds=60, what="the picture moves")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    wait_until(lambda: page.evaluate(FOCUS)["id"].startswith("tile-"), seconds=60, what="the wall has the keys")
    page.keyboard.press("ArrowDown")
    wait_until(lambda: page.evaluate(FOCUS)["id"] in ("tile-2", "tile-3"), seconds=60, what="a row down")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    wait_until(lambda: page.evaluate(FOCUS)["id"] == "tile-0", seconds=60, what="up and to the left")
    tab_to(page, "tile-0-details")
    page.keyboard.press("Enter")
    page.get_by_test_id("ptz-left").wait_for()
    tab_to(page, "ptz-left")
    with page.expect_request("**/ptz") as begun:
        page.keyboard.down("Enter")
    assert begun.value.post_data_json["action"] == "left"
    with page.expect_request("**/ptz") as ended:
        page.keyboard.up("Enter")
    assert ended.value.post_data_json["action"] == "stop"


def test_the_waiting_list_is_reached_and_left_by_keys(demo: Demo, page: Page) -> None:
    page.goto(demo.node["console"])
    page.get_by_test_id("sign-in-name").wait_for()
    keeper = demo.user_named("system")
    page.keyboard.type(keeper["name"])
    page.keyboard.press("Tab")
    page.keyboard.type(keeper["password"])
    page.keyboard.press("Enter")
    page.get_by_test_id("own-account").wait_for(timeout=60_000)
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == "/waiting":
            break
    page.keyboard.press("Enter")
    page.get_by_text("没有待接入的设备").wait_for()


def test_dialogs_begin_where_one_types_and_give_the_focus_back(demo: Demo, page: Page) -> None:
    sign_in(page, demo)
    for room, button, first in (
        ("tickets", "open-ticket", "ticket-purpose"),
        ("emergencies", "open-emergency", "emergency-area"),
        ("duty", "add-centre", "centre-name"),
    ):
        page.goto(f"{demo.node['console']}{room}")
        page.get_by_test_id(button).focus()
        page.keyboard.press("Enter")
        wait_until(lambda first=first: page.evaluate(FOCUS)["id"] == first, seconds=60, what=f"{first} has the focus")
        page.keyboard.press("Escape")
        wait_until(lambda button=button: page.evaluate(FOCUS)["id"] == button, seconds=60, what=f"{button} has it again")
