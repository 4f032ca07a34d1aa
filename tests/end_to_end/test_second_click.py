"""A button that was pressed twice acts once: it is busy until the node has answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, Route

from tests.end_to_end.conftest import Demo, sign_in, wait_until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]


@contextmanager
def slow_node(page: Page, path: str) -> Iterator[tuple[list[str], Callable[[], None]]]:
    """Changes at this path wait: which came, and a way to let them go on."""
    held: list[Route] = []
    came: list[str] = []

    def hold(route: Route) -> None:
        if route.request.method == "GET":
            route.continue_()
            return
        came.append(f"{route.request.method} {route.request.post_data}")
        held.append(route)

    def release() -> None:
        while held:
            held.pop().continue_()

    page.route(f"**{path}", hold)
    yield came, release
    release()
    page.unroute(f"**{path}")


def pressed_twice(page: Page, button: Locator, path: str) -> None:
    """Twice by the mouse and once more by the keyboard, while the node has not answered."""
    with slow_node(page, path) as (came, release):
        button.dblclick()
        wait_until(lambda: page.evaluate("true") and came, seconds=60, what="it was asked for")
        assert "loading" in (button.get_attribute("class") or ""), "it shows that it works"
        button.press("Enter")
        assert page.evaluate("true") and len(came) == 1, came
        release()
        wait_until(lambda: "loading" not in (button.get_attribute("class") or ""), seconds=60, what="it is free again")
        assert len(came) == 1, came


def test_a_unit_and_a_token_are_made_once(demo: Demo, page: Page) -> None:
    sign_in(page, demo, "security", at="users")
    page.locator(".ant-segmented-item", has_text="单位").click()
    page.get_by_test_id("unit-name").fill("两次点击科")
    page.get_by_role("combobox", name="所在区域").click()
    page.locator(".ant-select-tree-title:visible").first.click()
    pressed_twice(page, page.get_by_test_id("add-unit"), "/api/v1/organisations")
    with demo.client("security") as client:
        units = client.get("/organisations").json()["items"]
        made = [one for one in units if one["name"] == "两次点击科"]
        assert len(made) == 1
        client.delete(f"/organisations/{made[0]['id']}")

    page.context.clear_cookies()
    sign_in(page, demo, "duty", at="account")
    page.get_by_test_id("token-name").fill("两次点击")
    page.get_by_test_id("token-proof").fill(demo.user_named("duty")["password"])
    button = page.get_by_test_id("add-token")
    pressed_twice(page, button, "/api/v1/account/tokens")
    page.get_by_test_id("token-text").wait_for()
    page.keyboard.press("Escape")
    listed = page.locator(".account .line", has_text="两次点击")
    listed.first.wait_for()
    assert listed.count() == 1
    listed.get_by_role("button", name="删除").click()
    with slow_node(page, "/api/v1/account/tokens/*") as (came, release):
        sure = page.locator(".ant-popconfirm-buttons:visible .ant-btn-primary")
        sure.dblclick()
        wait_until(lambda: page.evaluate("true") and came, seconds=60, what="it was asked for")
        assert len(came) == 1
        release()
        listed.wait_for(state="detached")
        assert len(came) == 1, "a question that was answered twice is answered once"
