"""A commander watches one incident by a link, on a wall and on a phone, and sees it close."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.conftest import Demo, running_demo, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_duty import added_people

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
PLACE = {"place": "南明小学东门", "longitude": 106.710, "latitude": 26.576}
SIZES = {"wall": (1920, 1080), "tablet": (820, 1180), "phone": (390, 844)}


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """With a commander who is not on duty."""
    with running_demo() as running:
        added_people(running, {"he.wei": ("何伟", "commander")})
        yield running


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def signed_in(demo: Demo, page: Page, name: str, path: str) -> None:
    user = demo.user_named(name)
    page.goto(f"{demo.node['console'].rstrip('/')}{path}")
    page.get_by_test_id("sign-in-name").fill(user["name"])
    page.get_by_test_id("sign-in-password").fill(user["password"])
    page.get_by_test_id("sign-in-submit").click()


def test_a_commander_watches_an_incident_until_it_is_closed(demo: Demo, browser: Browser) -> None:
    with demo.client() as desk:

        def seen() -> list[dict[str, Any]]:
            return [one for one in desk.get("/alarms").json()["items"] if one["camera"]]

        wait_until(lambda: bool(seen()), seconds=60, what="an alarm with a camera")
        order = {"type": "intrusion", "text": "后门被撬", "priority": 1, **PLACE, "alarms": [seen()[0]["id"]]}
        incident = desk.post("/incidents", json=order).json()["id"]
        unit = desk.post("/units", json={"call_sign": "南明 12", "kind": "car"}).json()["id"]
        desk.post(f"/units/{unit}/position", json={"longitude": 106.702, "latitude": 26.572})
        assert desk.post(f"/incidents/{incident}/tasks", json={"unit": unit, "order": "查看后门"}).status_code == 201

        leader = browser.new_page(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
        signed_in(demo, leader, "duty", f"/incidents?id={incident}")
        card = leader.get_by_test_id("watches")
        card.get_by_test_id("watch-who").click()
        leader.get_by_title("he.wei").click()
        shot(leader, "watch-given")
        leader.get_by_test_id("watch-give").click()
        expect(card.get_by_test_id("watch-of-he.wei")).to_be_visible()
        expect(leader.get_by_test_id("line-watch")).to_contain_text("he.wei")
        assert faults(leader) == []
        leader.close()

        commander = browser.new_page(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
        signed_in(demo, commander, "he.wei", f"/incidents/{incident}/watch")
        expect(commander.get_by_test_id("watch-0")).to_have_attribute("data-state", "playing", timeout=30_000)
        expect(commander.get_by_test_id("watch-map")).to_have_attribute("data-units", "1")
        expect(commander.get_by_test_id("line-watch")).to_be_visible()
        for name, (width, height) in SIZES.items():
            commander.set_viewport_size({"width": width, "height": height})
            expect(commander.get_by_test_id("watch-only")).to_be_visible()
            assert commander.evaluate("document.documentElement.scrollWidth") <= width, name
            shot(commander, f"watch-{name}")
        page = commander.get_by_test_id("watch")
        assert page.locator("input, textarea, [data-testid^=task-accept], [data-testid^=task-cancel]").count() == 0
        assert faults(commander) == []
        watch = desk.get(f"/incidents/{incident}/watches").json()["items"][0]["id"]
        assert desk.delete(f"/incidents/{incident}/watches/{watch}").status_code == 204
        expect(commander.get_by_test_id("watch-over")).to_be_visible()
        expect(commander.get_by_test_id("watch-0")).to_have_count(0)
        shot(commander, "watch-over")
