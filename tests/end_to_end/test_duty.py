"""Duty in the console: a centre from its roster to a handover, a use ticket, danger to life, and a mask drawn with the mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.end_to_end.conftest import Demo, enter, running_demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_first_picture import cameras_with_patches, frames_of
from tests.end_to_end.test_policy import OTHER_BROWSER

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]
PASSWORD = "a-long-password-of-ones-own"
PEOPLE = {"li.si": ("李四", "operator"), "wang.wu": ("王五", "duty-supervisor"), "chen.qi": ("陈七", "investigator")}
ROOM = "应急值守室"
CASE = "A5201022026110001"


def approve(demo: Demo, request: str) -> None:
    """The other security administrator reads it at another workstation, and approves."""
    user = demo.user_named("security-2")
    with httpx.Client(base_url=demo.api, timeout=20, headers={"User-Agent": OTHER_BROWSER}) as second:
        answer = second.post("/session", json={"name": user["name"], "password": user["password"]})
        second.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        opened = second.get(f"/approvals/{request}").json()
        approved = second.post(f"/approvals/{request}/approve", json={"hash": opened["hash"]})
        assert approved.status_code == 200, approved.text


def added_people(demo: Demo, people: dict[str, tuple[str, str]] = PEOPLE) -> dict[str, int]:
    """More people (full name and post by name), who can sign in; everybody's number by name."""
    with demo.client("security") as office:
        for name, (full_name, post) in people.items():
            order = {"name": name, "full_name": full_name, "personnel_number": name, "appointments": [{"post": post, "area": ""}]}
            dates = {"vetted_on": "2026-01-05", "undertaking_on": "2026-01-05", "training_until": "2099-01-05"}
            made = office.post("/users", json={**order, **dates, "reason": "new in the unit"}).json()
            approve(demo, made["request"]["id"])
            first = httpx.post(f"{demo.api}/session", json={"name": name, "password": made["password"]}).json()
            change = {"old": made["password"], "new": PASSWORD}
            bearer = {"Authorization": f"Bearer {first['token']}"}
            assert httpx.post(f"{demo.api}/session/password", json=change, headers=bearer).status_code == 204
            demo.node["users"].append({"name": name, "password": PASSWORD})
        return {one["name"]: one["id"] for one in office.get("/users").json()["items"]}


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A demo of its own, for shifts and centres outlast a test; with three people more."""
    with running_demo() as running:
        added_people(running)
        yield running


@contextmanager
def at_desk(browser: Browser, demo: Demo, name: str) -> Iterator[Page]:
    """A workstation on which this person has signed in; its browser has another habit of writing dates, in another zone."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="en-US", timezone_id="America/New_York")
    page = context.new_page()
    sign_in(page, demo, name)
    yield page
    context.close()


def card(page: Page) -> Locator:
    """The centre that the test sets up."""
    return page.get_by_test_id(re.compile(r"^centre-\d+$")).filter(has_text=ROOM)


def leaves(page: Page) -> None:
    """Signs off on the duty page."""
    page.get_by_test_id("sign-off").click()
    page.get_by_test_id("reason").fill("下班,无人接班")
    page.get_by_test_id("sure").click()
    page.get_by_test_id("own-shift").wait_for(state="detached")


def takes_over(page: Page) -> None:
    """Accepts each open matter; the demonstration's alarm host rings, and what came meanwhile is accepted too."""

    def taken() -> bool:
        for box in page.locator('.ant-modal:visible [data-testid^="matter-"]:not(:checked)').all():
            box.check()
        button = page.get_by_test_id("take-over")
        if button.is_visible() and button.is_enabled():
            button.click()
        return page.get_by_test_id("own-shift").is_visible()

    wait_until(taken, seconds=60, every_s=0.5, what="the seat is taken over")


def wall(page: Page) -> None:
    enter(page, "wall")


def look(page: Page, code: str) -> None:
    """Opens the camera on the wall's first tile."""
    wall(page)
    page.get_by_test_id("layout-1").click()
    page.get_by_test_id(f"camera-{code}").click()


def plays(page: Page) -> None:
    before = frames_of(page, 0)
    wait_until(lambda: frames_of(page, 0) >= before + 5, seconds=60, what="the picture moves")


def refused(page: Page) -> None:
    """The tile says that a shift or a ticket is needed, and where to begin."""
    page.get_by_test_id("tile-0").get_by_text("去签到").wait_for(timeout=60_000)


def choose(page: Page, field: str, typed: str) -> None:
    """Types a part of what is wanted and takes it with Enter."""
    page.get_by_test_id(field).click()
    page.keyboard.type(typed)
    page.locator(".ant-select-dropdown:visible .ant-select-item-option-active", has_text=typed).wait_for()
    page.keyboard.press("Enter")


def sure(page: Page) -> None:
    page.locator(".ant-popconfirm-buttons:visible .ant-btn-primary").click()


def wall_clock(at: datetime) -> str:
    """As the node's clocks show it; a field takes digits alone."""
    return (at.astimezone(UTC) + timedelta(hours=8)).strftime("%Y%m%d%H%M")


def roster(page: Page, name: str, since: datetime, until: datetime) -> None:
    """Puts somebody at seat 1; whether that day stands on the page depends on the hour."""
    page.get_by_test_id(re.compile(r"^add-.+-1$")).first.click()
    choose(page, "slot-person", name)
    page.get_by_test_id("slot-since").fill(wall_clock(since))
    page.get_by_test_id("slot-until").fill(wall_clock(until))
    page.get_by_test_id("save-slot").click()
    page.get_by_test_id("save-slot").wait_for(state="detached")


def test_a_centre_from_its_roster_over_an_emergency_to_a_handover(demo: Demo, browser: Browser) -> None:
    code = cameras_with_patches(demo, "H.264")[0]
    with ExitStack() as stack:
        chief, li, wang = (stack.enter_context(at_desk(browser, demo, name)) for name in ("duty", "li.si", "wang.wu"))
        li.get_by_test_id("own-shift").wait_for()  # the demo is set so: signing in takes a seat
        look(li, code)
        plays(li)
        enter(li, "duty")
        li.get_by_test_id("at-sign-in").wait_for()  # and says so
        leaves(li)
        wall(li)
        refused(li)
        enter(wang, "duty")
        leaves(wang)

        enter(chief, "duty")
        chief.get_by_test_id("ask-removal").click()
        chief.get_by_test_id("reason").fill("并入市局值守")
        chief.get_by_test_id("sure").click()
        chief.get_by_text("申请已提交").wait_for()
        chief.get_by_test_id("add-centre").click()
        chief.get_by_test_id("centre-name").fill(ROOM)
        chief.get_by_test_id("centre-area").click()
        chief.keyboard.press("Enter")
        chief.get_by_test_id("make-centre").click()

        card(chief).get_by_test_id(re.compile(r"^roster-\d+$")).click()
        change = datetime.now(UTC) + timedelta(minutes=20)
        roster(chief, "李四", change - timedelta(hours=1), change)
        roster(chief, "王五", change, change + timedelta(hours=8))
        assert faults(chief) == []
        chief.get_by_test_id("publish-week").click()
        sure(chief)
        chief.get_by_test_id("roster-versions").wait_for()
        chief.get_by_test_id("week-after").click()
        chief.get_by_test_id("copy-week").click()
        sure(chief)
        chief.get_by_test_id(re.compile(r"^slot-\d+$")).get_by_text("王五").wait_for()

        enter(li, "duty")
        card(li).get_by_test_id("sign-on-1").click()
        li.get_by_test_id("own-shift").wait_for()
        wall(li)
        plays(li)

        enter(chief, "emergencies")
        chief.get_by_test_id("open-emergency").click()
        chief.get_by_test_id("emergency-area").click()
        chief.keyboard.press("Enter")
        chief.get_by_test_id("emergency-danger").click()
        chief.keyboard.press("Enter")
        chief.get_by_test_id("emergency-said").fill("有人落水,立即查看河岸")
        chief.get_by_test_id("emergency-proof").fill(demo.user_named("duty")["password"])
        chief.get_by_test_id("begin-emergency").click()
        chief.get_by_test_id("emergency-frame").wait_for()
        assert faults(chief) == []
        assert "剩余" in chief.get_by_test_id("emergency-bar").inner_text()
        wang.get_by_test_id("emergency-told").get_by_text("duty").wait_for(timeout=60_000)
        assert li.get_by_test_id("emergency-told").count() == 0, "an operator is not told"

        enter(li, "duty")
        li.get_by_test_id("hand-over").click()
        choose(li, "successor", "王五")
        li.get_by_test_id("remarks").fill("留意河岸")
        li.get_by_test_id("offer").click()
        li.get_by_text("等待 王五 wang.wu 接班").wait_for()
        wall(li)
        plays(li)  # until somebody has taken over
        wang.get_by_test_id("offered-shift").click()
        wang.get_by_test_id("accept").click()
        assert wang.get_by_test_id("take-over").is_disabled(), "each open matter is accepted by name"
        wang.get_by_test_id(re.compile("^matter-emergency:")).check()
        assert "留意河岸" in wang.locator(".ant-modal:visible").inner_text()
        takes_over(wang)
        refused(li)
        look(wang, code)
        plays(wang)

        number = chief.get_by_test_id(re.compile(r"^report-\d+$"))
        number.click()
        chief.get_by_test_id("reason").fill("落水者已救起,调看河岸两路,十分钟内结束。")
        chief.get_by_test_id("sure").click()
        number.wait_for(state="detached")
        enter(wang, "emergencies")
        wang.get_by_test_id(re.compile(r"^judge-\d+$")).click()
        wang.get_by_text("理由成立", exact=True).click()
        wang.get_by_test_id("reason").fill("情况属实")
        wang.get_by_test_id("sure").click()
        wang.get_by_text("已评定").wait_for()


def test_a_use_ticket_opens_its_camera_until_it_is_closed(demo: Demo, browser: Browser) -> None:
    code = cameras_with_patches(demo, "H.264")[1]
    with at_desk(browser, demo, "chen.qi") as chen:
        look(chen, code)
        refused(chen)
        chen.get_by_test_id("tile-0").get_by_text("去开立使用单").click()
        chen.get_by_test_id("open-ticket").click()
        chen.get_by_test_id("ticket-purpose").click()
        chen.locator(".ant-select-dropdown:visible .ant-select-item-option", has_text="案件侦查").click()
        chen.get_by_test_id("ticket-basis").click()
        chen.keyboard.press("Enter")
        chen.get_by_test_id("ticket-case").fill(CASE)
        chen.get_by_test_id("ticket-cameras").click()
        chen.keyboard.type(code)
        chen.locator(".ant-select-dropdown:visible .ant-select-item-option", has_text=code).click()
        chen.keyboard.press("Escape")
        until = datetime.now(UTC) + timedelta(hours=8 + 2)
        filled = datetime.strptime(chen.get_by_test_id("ticket-until").input_value(), "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        assert abs(filled - until) < timedelta(minutes=10), "year first, by the node's clocks; two hours from now"
        chen.get_by_test_id("make-ticket").click()
        chen.get_by_test_id("ticket-state").get_by_text("有效").wait_for()
        wall(chen)
        plays(chen)
        with demo.client("chen.qi") as client:
            (ticket,) = client.get("/tickets").json()["items"]
            assert (ticket["cameras"], ticket["case_number"], ticket["state"]) == ([code], CASE, "open")
            assert client.delete(f"/tickets/{ticket['number']}").status_code == 204
        refused(chen)
        enter(chen, "tickets")
        chen.get_by_test_id("ticket-state").get_by_text("已关闭").wait_for()


def test_a_mask_is_drawn_with_the_mouse_and_kept(demo: Demo, browser: Browser) -> None:
    code = cameras_with_patches(demo, "H.264")[2]
    with at_desk(browser, demo, "wang.wu") as page:
        page.goto(f"{demo.node['console']}cameras/{code}")
        picture = page.get_by_test_id("camera-picture")
        wait_until(lambda: int(picture.get_attribute("data-frames") or 0) >= 5, seconds=60, what="the picture moves")
        page.get_by_test_id("masks").get_by_role("textbox").fill("三楼窗户")
        page.get_by_test_id("draw-mask").click()
        box = page.get_by_test_id("mask-sheet").bounding_box()
        assert box is not None
        corners = [(0.25, 0.25), (0.5, 0.25), (0.5, 0.5), (0.25, 0.5)]
        for x, y in corners:
            page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.keyboard.press("Enter")
        page.get_by_test_id("masks").locator(".mask-row", has_text="三楼窗户").wait_for()
        with demo.client("wang.wu") as client:
            (mask,) = client.get(f"/cameras/{code}/masks").json()["items"]
        assert mask["name"] == "三楼窗户"
        drawn = [(x / 10_000, y / 10_000) for x, y in mask["points"]]
        assert len(drawn) == 4
        for (x, y), (wanted_x, wanted_y) in zip(drawn, corners, strict=True):
            assert abs(x - wanted_x) < 0.01 and abs(y - wanted_y) < 0.02, drawn
        picture.get_by_text("含隐私遮挡").wait_for(timeout=60_000)
