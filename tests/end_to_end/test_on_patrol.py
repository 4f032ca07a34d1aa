"""Somebody on patrol with a phone: a task comes, is taken without a network, and the desk has every step once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.end_to_end.conftest import Demo, running_demo, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_duty import added_people

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
BEGAN, NEARER = {"longitude": 106.700, "latitude": 26.570}, {"longitude": 106.706, "latitude": 26.574}
PLACE = {"place": "南明小学东门", "longitude": 106.710, "latitude": 26.576}


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """With somebody who is appointed to go on patrol."""
    with running_demo() as running:
        added_people(running, {"lin.jie": ("林杰", "patrol")})
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone held upright that says where it is."""
    phone = browser.new_context(
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
        locale="zh-CN",
        geolocation=BEGAN,
        permissions=["geolocation"],
    )
    yield phone
    phone.close()


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def crewed(demo: Demo, call_sign: str = "南明 12") -> int:
    """A unit with the phone's account in it."""
    with demo.client() as desk:
        made = desk.post("/units", json={"call_sign": call_sign, "kind": "foot"})
        assert made.status_code == 201, made.text
        unit: int = made.json()["id"]
        [lin] = [one for one in desk.get(f"/units/{unit}/crew-candidates").json()["items"] if one["name"] == "lin.jie"]
        assert desk.put(f"/units/{unit}/crew", json={"users": [lin["user_id"]]}).status_code == 200
        return unit


def unit_of(demo: Demo, id: int) -> dict[str, Any]:
    with demo.client() as desk:
        return next(one for one in desk.get("/units").json()["items"] if one["id"] == id)


def test_a_task_is_taken_on_the_street_and_nothing_is_lost_or_done_twice(demo: Demo, context: BrowserContext) -> None:
    phone = context.new_page()
    user = demo.user_named("lin.jie")
    phone.goto(demo.node["console"])
    phone.get_by_test_id("sign-in-name").fill(user["name"])
    phone.get_by_test_id("sign-in-password").fill(user["password"])
    phone.get_by_test_id("sign-in-submit").tap()
    expect(phone.get_by_test_id("patrol-none")).to_contain_text("您还没有编入巡防力量")
    unit = crewed(demo)
    expect(phone.get_by_test_id("patrol-unit")).to_have_text("南明 12")
    expect(phone.get_by_test_id("patrol-telling")).to_have_attribute("data-telling", "off")
    assert unit_of(demo, unit)["longitude"] is None, "nothing is told before the switch"
    phone.get_by_test_id("patrol-tells").tap()
    expect(phone.get_by_test_id("patrol-telling")).to_have_attribute("data-telling", "sent")
    assert unit_of(demo, unit)["longitude"] == BEGAN["longitude"]
    shot(phone, "patrol-free")

    with demo.client() as desk:
        one = desk.post("/incidents", json={"type": "disturbance", "text": "两名家长争执", "priority": 1, **PLACE}).json()
        order = {"unit": unit, "order": "到东门查看,分开双方", "need_feedback": True}
        sent = desk.post(f"/incidents/{one['id']}/tasks", json=order)
        assert sent.status_code == 201, sent.text
        task = sent.json()["id"]
        expect(phone.get_by_test_id("patrol-order")).to_have_text("到东门查看,分开双方")
        expect(phone.get_by_test_id("patrol-place")).to_contain_text("南明小学东门")
        expect(phone.get_by_test_id("patrol-map")).to_have_attribute("data-place", "true")
        phone.locator('[data-testid="patrol-map"] .map[data-ready="true"][data-idle="true"]').wait_for()
        assert phone.evaluate("document.documentElement.scrollWidth") == 390, "nothing lies beside the screen"
        assert faults(phone) == []
        shot(phone, "patrol-task")
        phone.get_by_test_id("patrol-accept").tap()
        wait_until(lambda: desk.get(f"/tasks/{task}").json()["state"] == "accepted", seconds=30, what="the desk sees it accepted")
        context.set_geolocation(NEARER)
        wait_until(lambda: unit_of(demo, unit)["longitude"] == NEARER["longitude"], seconds=30, what="the unit moves")

        context.set_offline(True)
        phone.get_by_test_id("patrol-on-the-way").tap()
        phone.get_by_test_id("patrol-arrive").tap()
        expect(phone.get_by_test_id("patrol-kept")).to_have_attribute("data-count", "2")
        expect(phone.get_by_test_id("patrol-kept")).to_contain_text("已接受")
        expect(phone.get_by_test_id("patrol-away")).to_be_visible()
        assert desk.get(f"/tasks/{task}").json()["state"] == "accepted", "the desk is told nothing that it does not have"
        shot(phone, "patrol-offline")
        taken = BytesIO()
        Image.new("RGB", (2_400, 1_800), "teal").save(taken, "JPEG")
        phone.get_by_test_id("patrol-photo").set_input_files(
            {"name": "gate.jpg", "mimeType": "image/jpeg", "buffer": taken.getvalue()}
        )
        expect(phone.get_by_test_id("patrol-photos-kept")).to_contain_text("1 张照片还没有送到")
        shot(phone, "patrol-photo")
        context.set_offline(False)
        expect(phone.get_by_test_id("patrol-kept")).to_have_count(0)
        expect(phone.get_by_test_id("patrol-away")).to_have_count(0)
        expect(phone.get_by_test_id("patrol-photos-sent")).to_contain_text("1 张照片")
        [photo] = desk.get(f"/tasks/{task}").json()["photos"]
        assert desk.get(f"/tasks/{task}/photos/{photo}").headers["content-type"] == "image/jpeg"
        assert desk.get(f"/tasks/{task}").json()["state"] == "arrived"
        expect(phone.get_by_test_id("patrol-done")).to_be_disabled()
        phone.get_by_test_id("patrol-found").fill("双方已离开")
        shot(phone, "patrol-found")
        phone.get_by_test_id("patrol-done").tap()
        expect(phone.get_by_test_id("patrol-free")).to_be_visible()
        wait_until(lambda: desk.get(f"/tasks/{task}").json()["feedback"] == "双方已离开", seconds=30, what="the desk has the words")
        lines = [line for line in desk.get(f"/incidents/{one['id']}").json()["lines"] if line["kind"] == "unit"]
        assert [line["facts"]["step"] for line in lines if line["facts"]["step"] != "photo"] == [
            *("sent", "accept", "on-the-way", "arrive", "done")
        ]
        assert [line["by"]["name"] for line in lines[1:]] == ["lin.jie"] * 5
        assert all("pressed_at" in line["facts"] for line in lines[1:])
    phone.get_by_test_id("patrol-duty").tap()
    expect(phone.get_by_test_id("patrol-telling")).to_have_attribute("data-telling", "off")
    assert unit_of(demo, unit)["status"] == "out_of_service"


def signed_in(demo: Demo, phone: Page) -> None:
    """On the phone page, with a unit."""
    user = demo.user_named("lin.jie")
    phone.goto(f"{demo.node['console'].rstrip('/')}/patrol")
    phone.get_by_test_id("sign-in-name").fill(user["name"])
    phone.get_by_test_id("sign-in-password").fill(user["password"])
    phone.get_by_test_id("sign-in-submit").tap()
    phone.get_by_test_id("patrol-unit").wait_for()


def held(page: Page, test_id: str) -> None:
    """Pressed for as long as it takes."""
    button = page.get_by_test_id(test_id)
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()


def calls(desk: httpx.Client) -> list[dict[str, Any]]:
    found = desk.get("/alarms", params={"queue": "open"}).json()["items"]
    return [one for one in found if one["protocol"] == "phone"]


def test_help_is_called_for_without_a_network_and_arrives_once(demo: Demo, context: BrowserContext) -> None:
    phone = context.new_page()
    signed_in(demo, phone)
    with demo.client() as desk:
        held(phone, "help")
        expect(phone.get_by_test_id("help")).to_have_attribute("data-held", "true")
        phone.mouse.up()
        expect(phone.get_by_test_id("help")).to_have_attribute("data-held", "false")
        expect(phone.get_by_test_id("help-soon")).to_have_count(0)  # a touch is no call
        held(phone, "help")
        phone.get_by_test_id("help-undo").wait_for()
        phone.mouse.up()
        shot(phone, "help-soon")
        phone.get_by_test_id("help-undo").tap()
        expect(phone.get_by_test_id("help")).to_be_visible()
        context.set_offline(True)
        held(phone, "help")
        expect(phone.get_by_test_id("help-soon")).to_contain_text("秒后发出求助")
        phone.mouse.up()
        expect(phone.get_by_test_id("help-sending")).to_have_attribute("data-failed", "true", timeout=15_000)
        shot(phone, "help-not-yet")
        assert calls(desk) == [], "neither what was taken back nor what has not arrived"
        context.set_offline(False)
        expect(phone.get_by_test_id("help-delivered")).to_contain_text("求助已送达")
        [alarm] = calls(desk)
        assert (alarm["zone"], alarm["point"], alarm["priority"]) == ("南明 12", "林杰 lin.jie", 1)
        assert alarm["longitude"] == NEARER["longitude"], "off duty a phone tells no place: where the unit was last"
        shot(phone, "help-delivered")
        assert faults(phone) == []
        assert desk.post(f"/alarms/{alarm['id']}/acknowledge", json={}).status_code == 200
        expect(phone.get_by_test_id("help-delivered")).to_have_attribute("data-taken", "true")


def test_a_task_that_is_called_off_meanwhile_is_told_and_not_done(demo: Demo, context: BrowserContext) -> None:
    phone = context.new_page()
    signed_in(demo, phone)
    if phone.get_by_test_id("patrol-status").inner_text() == "停用":
        phone.get_by_test_id("patrol-duty").tap()
    expect(phone.get_by_test_id("patrol-status")).to_have_text("可派")
    with demo.client() as desk:
        unit = next(one["id"] for one in desk.get("/units").json()["items"] if one["call_sign"] == "南明 12")
        one = desk.post("/incidents", json={"type": "disturbance", **PLACE}).json()
        task = desk.post(f"/incidents/{one['id']}/tasks", json={"unit": unit, "order": "查看后门"}).json()["id"]
        phone.get_by_test_id("patrol-accept").wait_for()
        context.set_offline(True)
        phone.get_by_test_id("patrol-accept").tap()
        expect(phone.get_by_test_id("patrol-kept")).to_have_attribute("data-count", "1")
        assert desk.post(f"/tasks/{task}/cancel", json={"reason": "误报"}).status_code == 200
        context.set_offline(False)
        expect(phone.get_by_test_id("patrol-refused")).to_contain_text("任务已取消")
        shot(phone, "patrol-refused")
        expect(phone.get_by_test_id("patrol-kept")).to_have_count(0)
        expect(phone.get_by_test_id("patrol-free")).to_be_visible()
        assert desk.get(f"/tasks/{task}").json()["state"] == "cancelled"


def test_the_place_is_seen_live_as_long_as_the_task_runs(demo: Demo, context: BrowserContext) -> None:
    unit, phone = crewed(demo, "南明 13"), context.new_page()
    with demo.client() as desk:

        def seen() -> list[int]:
            return [one["id"] for one in desk.get("/alarms").json()["items"] if one["camera"]]

        wait_until(lambda: bool(seen()), seconds=60, what="an alarm with a camera")
        order = {"type": "intrusion", "text": "后门", "priority": 1, **PLACE, "alarms": seen()[:1]}
        made = desk.post("/incidents", json=order)
        assert made.status_code == 201, made.text
        sent = desk.post(f"/incidents/{made.json()['id']}/tasks", json={"unit": unit, "order": "查看后门"})
        assert sent.status_code == 201, sent.text
        signed_in(demo, phone)
        expect(phone.get_by_test_id("place-pictures-later")).to_be_visible()
        phone.get_by_test_id("patrol-accept").tap()
        phone.get_by_test_id("place-picture").scroll_into_view_if_needed()
        expect(phone.get_by_test_id("place-picture")).to_have_attribute("data-state", "playing", timeout=30_000)
        assert phone.evaluate("document.documentElement.scrollWidth") == 390, "nothing lies beside the screen"
        assert faults(phone) == []
        shot(phone, "patrol-picture")
        phone.get_by_test_id("patrol-task").scroll_into_view_if_needed()
        shot(phone, "patrol-picture-task")
        assert desk.post(f"/tasks/{sent.json()['id']}/cancel", json={"reason": "误报"}).status_code == 200
        expect(phone.get_by_test_id("patrol-free")).to_be_visible()
        expect(phone.get_by_test_id("place-picture")).to_have_count(0)
