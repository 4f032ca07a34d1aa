"""A rule about alarms, from its dry run to what it did: on the page, at the alarm and among the incidents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.end_to_end.alarm_desk import SITE, entered, report
from tests.end_to_end.conftest import Demo, enter, running_demo, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_duty import added_people, at_desk
from tests.end_to_end.test_on_patrol import crewed, shot

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
ACCOUNT, FENCE, GATE, SIDE = "5296", "仓库围栏", "后门", "侧门"
NAME = "学校围栏立案"


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A demo of its own: rules act on whatever else is reported."""
    with running_demo() as running:
        points = [{"zone": "1", "name": FENCE, "kind": "detector"}, {"zone": "2", "name": GATE, "kind": "detector"}]
        points.append({"zone": "3", "name": SIDE, "kind": "detector"})
        entered(running, ACCOUNT, points)
        yield running


def alarm_at(demo: Demo, point: str) -> dict[str, Any] | None:
    with demo.client() as client:
        items: list[dict[str, Any]] = client.get("/alarms", params={"limit": 500}).json()["items"]
        return next((one for one in items if one["point"] == point), None)


def with_cameras(demo: Demo) -> list[str]:
    """The rule shows two cameras as well, the first at a preset."""
    with demo.client("duty") as duty:
        seen = duty.get("/camera-names", params={"limit": 50}).json()["items"]
        cameras = [one["code"] for one in sorted(seen, key=lambda one: one["ptz_type"] != 1)[:2]]
        rule = next(one for one in duty.get("/alarm-rules").json()["items"] if one["name"] == NAME)
        order = {name: rule[name] for name in ("name", "area", "on", "position", "when", "version")}
        shown = [{"camera": cameras[0], "preset": 1}, {"camera": cameras[1]}]
        answer = duty.put(f"/alarm-rules/{rule['id']}", json={**order, "then": [*rule["then"], {"do": "show", "cameras": shown}]})
        assert answer.status_code == 200, answer.text
    return cameras


def written(page: Page) -> Locator:
    return page.get_by_test_id("rules").locator("li", has_text=NAME)


def test_a_rule_is_tried_written_and_then_acts(demo: Demo, browser: Browser) -> None:
    report(demo, ACCOUNT, "Nri1/BA001")
    wait_until(lambda: alarm_at(demo, FENCE), seconds=30, what="the alarm is on disk")
    with at_desk(browser, demo, "duty") as page:
        enter(page, "rules")
        page.get_by_test_id("add-rule").click()
        expect(page.get_by_test_id("save-rule")).to_be_disabled()
        page.get_by_test_id("rule-name").fill(NAME)
        sites = page.get_by_test_id("rule-sites").locator("input")
        sites.fill(SITE)
        sites.press("Enter")
        page.get_by_test_id("do-raise").check()
        page.get_by_test_id("do-incident").check()
        page.get_by_test_id("rule-incident-text").fill("围栏报警")
        page.get_by_test_id("try-rule").click()
        expect(page.get_by_test_id("tried")).to_be_visible()
        tried = page.get_by_test_id("tried-alarms").locator("li", has_text=FENCE)
        expect(tried).to_have_count(1)
        expect(tried).to_contain_text("立警情：入侵、盗窃")
        assert faults(page) == []
        page.get_by_test_id("save-rule").click()
        expect(written(page)).to_contain_text(SITE)
        assert faults(page) == []

        shown = with_cameras(demo)
        report(demo, ACCOUNT, "Nri1/BA002")

        def incident() -> dict[str, Any] | None:
            with demo.client() as client:
                items: list[dict[str, Any]] = client.get("/incidents").json()["items"]
            return next((one for one in items if one["text"] == "围栏报警"), None)

        made: dict[str, Any] = wait_until(incident, seconds=30, what="the rule opened an incident")
        met = alarm_at(demo, GATE)
        assert met is not None
        assert (met["priority"], made["alarms"], made["state"]) == (1, [met["id"]], "new")
        before = alarm_at(demo, FENCE)
        assert before is not None and before["priority"] == 2, "it is about what comes after it"
        enter(page, "alarms")
        page.locator(".queue-row", has_text=GATE).first.click()
        expect(page.get_by_test_id("alarm-steps").get_by_test_id("step-rule")).to_have_count(3)
        expect(page.get_by_test_id("alarm-steps")).to_contain_text(NAME)
        ruled = page.get_by_test_id("alarm-ruled")
        expect(ruled).to_have_attribute("data-camera", shown[0])
        expect(ruled.get_by_test_id("alarm-preset")).to_have_text("预置位 1")
        for key, camera in ((".", shown[1]), (",", shown[0])):
            page.keyboard.press(key)
            expect(ruled).to_have_attribute("data-camera", camera)
        expect(ruled.get_by_test_id("ruled-picture")).to_have_attribute("data-frames", re.compile("^[1-9]"), timeout=30_000)
        assert faults(page) == []

        enter(page, "rules")
        written(page).get_by_role("switch").click()
        expect(written(page)).to_have_class("off")
        written(page).get_by_role("button").last.click()
        page.locator(".ant-popconfirm-buttons .ant-btn-primary").click()
        expect(written(page)).to_have_count(0)


def test_people_are_told_wherever_they_are_until_they_have_read_it(demo: Demo, browser: Browser) -> None:
    added_people(demo, {"lin.jie": ("林杰", "patrol")})
    crewed(demo)
    phone = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="zh-CN")
    street = phone.new_page()
    user = demo.user_named("lin.jie")
    street.goto(demo.node["console"])
    street.get_by_test_id("sign-in-name").fill(user["name"])
    street.get_by_test_id("sign-in-password").fill(user["password"])
    street.get_by_test_id("sign-in-submit").tap()
    expect(street.get_by_test_id("patrol-unit")).to_have_text("南明 12")
    with at_desk(browser, demo, "duty") as page:
        enter(page, "rules")
        page.get_by_test_id("add-rule").click()
        page.get_by_test_id("rule-name").fill("告知值班长")
        sites = page.get_by_test_id("rule-sites").locator("input")
        sites.fill(SITE)
        sites.press("Enter")
        page.get_by_test_id("do-notify").check()
        page.get_by_test_id("rule-units").check()
        page.get_by_test_id("rule-notify-text").fill("先到后门")
        assert faults(page) == []
        page.get_by_test_id("save-rule").click()
        expect(page.get_by_test_id("rules").locator("li", has_text="告知值班长")).to_be_visible()
        shot(page, "notify-rule")
        enter(page, "situation")
        report(demo, ACCOUNT, "Nri1/BA003")
        told = page.locator(".told-one", has_text=SIDE)
        on_phone = street.locator(".told-one", has_text=SIDE)
        for one in (told, on_phone):
            expect(one).to_contain_text("先到后门")
            expect(one).to_contain_text("告知值班长")
        expect(on_phone.get_by_role("link")).to_have_count(0)
        assert street.evaluate("document.documentElement.scrollWidth") == 390
        for one in (page, street):
            assert faults(one) == []
        shot(page, "notice-desk")
        shot(street, "notice-phone")
        on_phone.get_by_role("button", name="已阅知").tap()
        expect(on_phone).to_have_count(0)
        page.keyboard.press("!")
        expect(page.get_by_test_id("alarm-chosen")).to_have_attribute("data-alarm", str(met(demo, SIDE)))
        expect(page.get_by_test_id("alarm-told")).to_contain_text(re.compile("已通知 1/[2-9] 人已阅知"))
        page.get_by_test_id("alarm-told").locator("summary").click()
        expect(page.get_by_test_id("alarm-told")).to_contain_text("南明 12")
        shot(page, "notice-alarm")
        assert faults(page) == []
        told.get_by_role("button", name="已阅知").focus()
        page.keyboard.press("Enter")
        expect(told).to_have_count(0)
        expect(page.get_by_test_id("alarm-told")).to_contain_text("2/")
    phone.close()


def met(demo: Demo, point: str) -> int:
    found = alarm_at(demo, point)
    assert found is not None
    return int(found["id"])
