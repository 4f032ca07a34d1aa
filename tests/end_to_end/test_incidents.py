"""Incidents at the desk: one page, live between desks, from the alarm to the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.alarm_desk import SITE, entered, report
from tests.end_to_end.conftest import Demo, enter, running_demo, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_duty import added_people, at_desk
from tests.end_to_end.test_first_picture import cameras_with_patches

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
ACCOUNT, BUTTON, FENCE, REAR = "5297", "值班室紧急按钮", "仓库围栏", "后门紧急按钮"


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A demo of its own, with an operator beside its supervisor: incidents outlast a test. A test enters the units it sends."""
    with running_demo("--patrols", "0") as running:
        added_people(running, {"li.si": ("李四", "operator")})
        camera = cameras_with_patches(running, "H.264")[0]
        points = [
            {"zone": "1", "name": BUTTON, "kind": "button", "camera": camera},
            {"zone": "2", "name": FENCE, "kind": "detector", "camera": camera},
            {"zone": "3", "name": REAR, "kind": "button", "camera": camera},
        ]
        entered(running, ACCOUNT, points)
        yield running


def reported(demo: Demo, what: str, event: str) -> dict[str, Any]:
    """An alarm of the point, from its frame."""
    report(demo, ACCOUNT, event)
    with demo.client() as client:

        def found() -> dict[str, Any] | None:
            items: list[dict[str, Any]] = client.get("/alarms", params={"queue": "open", "limit": 500}).json()["items"]
            return next((one for one in items if one["point"] == what), None)

        alarm: dict[str, Any] = wait_until(found, seconds=30, what="the alarm is in the queue")
        return alarm


def opened(demo: Demo, name: str = "duty", **order: object) -> dict[str, Any]:
    """An incident that this person opened through the API."""
    with demo.client(name) as client:
        made = client.post("/incidents", json={"type": "intrusion", "place": "延安中路 8 号", **order})
        assert made.status_code == 201, made.text
        incident: dict[str, Any] = made.json()
        return incident


def looks_at(page: Page, number: int) -> None:
    expect(page.get_by_test_id("incident-chosen")).to_have_attribute("data-incident", str(number))


def stands(page: Page, state: str) -> None:
    expect(page.get_by_test_id("incident-chosen")).to_have_attribute("data-state", state)


def test_an_incident_is_seen_at_every_desk_with_its_alarm_and_time_line(demo: Demo, browser: Browser) -> None:
    alarm = reported(demo, FENCE, "Nri1/BA002")
    with ExitStack() as stack:
        li = stack.enter_context(at_desk(browser, demo, "li.si"))
        enter(li, "incidents")
        li.get_by_test_id("no-incidents").wait_for()
        assert faults(li) == []
        li.evaluate("window.neverReloaded = true")
        minor = opened(demo, type="facility", priority=3)
        made = opened(demo, text="围栏报警,画面可见有人翻越", alarms=[alarm["id"]], priority=1)
        rows = li.locator(".incident-row")
        expect(rows.first).to_have_attribute("data-testid", f"incident-{made['id']}")  # the urgent one above the older one
        expect(rows.last).to_have_attribute("data-testid", f"incident-{minor['id']}")
        expect(rows.first.get_by_test_id("incident-owner")).to_have_text("duty")

        li.keyboard.press("j")
        looks_at(li, made["id"])
        stands(li, "taken")
        expect(li.get_by_test_id("incident-facts")).to_contain_text("画面可见有人翻越")
        alarms = li.get_by_test_id("incident-alarms")
        expect(alarms).to_contain_text(FENCE)
        expect(alarms).to_contain_text(SITE)
        lines = li.get_by_test_id("incident-timeline").locator("li")
        expect(lines).to_have_count(1)
        assert faults(li) == []

        with demo.client() as client:
            assert client.post(f"/incidents/{made['id']}/notes", json={"text": "已通知保安"}).status_code == 201
            step = {"step": "confirm", "text": "画面属实"}
            assert client.post(f"/incidents/{made['id']}/state", json=step).status_code == 200
        expect(li.get_by_test_id("line-note")).to_contain_text("已通知保安")
        stands(li, "verified")
        expect(li.locator(f"#incident-{made['id']}").get_by_test_id("incident-state")).to_have_text("已核实")
        assert li.evaluate("window.neverReloaded") is True

        li.reload()
        looks_at(li, made["id"])
        li.get_by_test_id("language").click()
        expect(li.get_by_test_id("chosen-state")).to_have_text("verified")
        assert faults(li) == []
        alarms.get_by_test_id("to-alarm").click()
        expect(li.get_by_test_id("alarm-chosen")).to_have_attribute("data-alarm", str(alarm["id"]))


def choose(page: Page, field: str, typed: str) -> None:
    """Types into a field with a list, and takes what stands first."""
    page.get_by_test_id(field).locator("input").fill(typed)
    page.locator(".ant-select-dropdown:visible .ant-select-item-option-active", has_text=typed).wait_for()
    page.keyboard.press("Enter")


def entered_unit(page: Page, sign: str, position: str) -> None:
    """On the page of units."""
    enter(page, "patrol-units")
    page.get_by_test_id("add-unit").click()
    page.get_by_test_id("unit-sign").fill(sign)
    page.get_by_test_id("unit-members").locator("input").fill("张三,李四,")
    page.get_by_test_id("unit-position").fill(position)
    assert faults(page) == []
    page.get_by_test_id("sure").click()
    expect(page.locator("tr", has_text=sign)).to_have_attribute("data-status", "available")


def begin_from_alarm(page: Page, alarm: int, what: str = BUTTON) -> int:
    """Takes the alarm of a button, finds it real and opens an incident, by keys."""
    enter(page, "alarms")
    page.locator(f"#alarm-{alarm}").click()
    expect(page.get_by_test_id("alarm-chosen")).to_have_attribute("data-alarm", str(alarm))
    acts = page.get_by_test_id("alarm-acts")
    expect(acts).to_have_attribute("data-turn", "take")
    page.keyboard.press("Enter")
    expect(acts).to_have_attribute("data-turn", "verify")
    expect(page.get_by_test_id("open-incident")).to_have_count(0)
    page.keyboard.press("1")
    page.get_by_test_id("open-incident").wait_for()
    page.keyboard.press("i")
    expect(page.get_by_test_id("incident-place")).to_have_value(f"{SITE} {what}")
    expect(page.get_by_test_id("incident-position")).not_to_have_value("")  # of the linked camera
    assert faults(page) == []
    page.get_by_test_id("incident-place").press("Enter")
    stands(page, "taken")
    return int(page.get_by_test_id("incident-chosen").get_attribute("data-incident") or 0)


def note(page: Page, text: str) -> None:
    """Written into the time line by keys, and seen there."""
    page.get_by_test_id("incident-note").fill(text)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("incident-timeline")).to_contain_text(text)


def test_a_browser_that_is_closed_in_mid_incident_takes_nothing_with_it_and_another_desk_goes_on(
    demo: Demo, browser: Browser
) -> None:
    with at_desk(browser, demo, "duty") as chief:
        with at_desk(browser, demo, "li.si") as li:
            alarm = reported(demo, REAR, "Nri1/PA003")
            number = begin_from_alarm(li, alarm["id"], REAR)
            li.keyboard.press("1")
            stands(li, "verified")
            note(li, "画面可见两人")
        enter(chief, "incidents")  # its browser is gone
        row = chief.locator(f"#incident-{number}")
        expect(row.get_by_test_id("incident-owner")).to_have_text("li.si")
        row.click()
        looks_at(chief, number)
        stands(chief, "verified")
        expect(chief.get_by_test_id("incident-timeline")).to_contain_text("画面可见两人")
        expect(chief.get_by_test_id("incident-alarms")).to_contain_text(REAR)
        note(chief, "已电话联系校方")
        with at_desk(browser, demo, "li.si") as again:
            enter(again, "alarms")
            mine = again.locator(f"#alarm-{alarm['id']}")
            expect(mine.get_by_test_id("owner")).to_contain_text("属实")  # one's own as it was
            enter(again, "incidents")
            again.locator(f"#incident-{number}").click()
            for said in ("画面可见两人", "已电话联系校方"):
                expect(again.get_by_test_id("incident-timeline")).to_contain_text(said)


def test_from_the_alarm_to_the_closed_incident_between_two_desks(demo: Demo, browser: Browser) -> None:
    alarm = reported(demo, BUTTON, "Nri1/PA001")
    with ExitStack() as stack:
        chief, li = (stack.enter_context(at_desk(browser, demo, name)) for name in ("duty", "li.si"))
        entered_unit(chief, "南明巡 01", "106.7125, 26.5802")
        enter(chief, "incidents")
        number = begin_from_alarm(li, alarm["id"])
        row = chief.locator(f"#incident-{number}")
        expect(row.get_by_test_id("incident-owner")).to_have_text("li.si")
        row.click()
        looks_at(chief, number)

        li.keyboard.press("1")
        stands(li, "verified")
        stands(chief, "verified")
        chief.get_by_test_id("incident-note").fill("已调看画面")
        chief.keyboard.press("Control+Enter")
        expect(li.get_by_test_id("line-note")).to_contain_text("已调看画面")
        chief.keyboard.press("Escape")

        chief.keyboard.press("d")
        first = chief.get_by_test_id("proposals").get_by_role("radio").first
        expect(first).to_contain_text("南明巡 01")
        expect(first).to_contain_text("适合此类警情")
        expect(chief.get_by_test_id("unit-map")).to_have_attribute("data-units", "1")
        expect(chief.get_by_test_id("sure")).to_be_disabled()
        first.click()
        assert faults(chief) == []
        chief.get_by_test_id("sure").click()
        stands(chief, "dispatched")
        stands(li, "dispatched")
        task = li.locator("article[data-state]")
        expect(task).to_have_attribute("data-state", "sent")
        expect(task.get_by_test_id("task-timer")).to_have_attribute("data-late", "false")

        li.keyboard.press("c")
        expect(li.get_by_test_id("units-out")).to_contain_text("1")
        li.get_by_test_id("word-handled").click()
        expect(li.get_by_test_id("sure")).to_be_disabled()
        li.keyboard.press("Escape")
        expect(li.get_by_test_id("units-out")).to_have_count(0)

        told = chief.locator("article[data-state]")
        for act, state, of_incident in (
            ("accept", "accepted", "dispatched"),
            ("on-the-way", "on_the_way", "en_route"),
            ("arrive", "arrived", "on_scene"),
        ):
            task.get_by_test_id(f"task-{act}").click()
            expect(told).to_have_attribute("data-state", state)
            stands(chief, of_incident)
        task.get_by_test_id("task-done").click()
        expect(li.get_by_test_id("sure")).to_be_disabled()  # what was found is told
        li.get_by_test_id("reason").fill("误触,现场无异常,已教会使用")
        li.get_by_test_id("sure").click()
        expect(told).to_have_attribute("data-state", "done")
        expect(told.get_by_test_id("task-feedback")).to_contain_text("误触")
        assert faults(chief) == []

        chief.keyboard.press("3")
        stands(li, "controlled")
        li.keyboard.press("c")
        li.get_by_test_id("word-handled").click()
        li.get_by_test_id("note").fill("已处置")
        li.get_by_test_id("sure").click()
        stands(li, "closed")
        stands(chief, "closed")
        expect(row).to_have_count(0)
        expect(chief.get_by_test_id("line-closed")).to_contain_text("现场已处置")
        with demo.client() as client:
            over = client.get(f"/incidents/{number}").json()
        assert (over["state"], over["disposition"], over["alarms"]) == ("closed", "handled", [alarm["id"]])
        assert [one["kind"] for one in over["lines"]].count("unit") == 5


def test_what_is_entered_twice_is_merged_and_what_is_false_is_closed_as_such(demo: Demo, browser: Browser) -> None:
    kept, twice = opened(demo, place="中山东路 102 号"), opened(demo, place="中山东路 102 号门前")
    with ExitStack() as stack:
        chief, li = (stack.enter_context(at_desk(browser, demo, name)) for name in ("duty", "li.si"))
        for page in (chief, li):
            enter(page, "incidents")
            page.locator(f"#incident-{twice['id']}").click()
            looks_at(page, twice["id"])
        chief.keyboard.press("h")
        choose(chief, "successor", "li.si")
        chief.get_by_test_id("sure").click()
        expect(li.locator(f"#incident-{twice['id']}").get_by_test_id("incident-owner")).to_have_text("我负责")

        li.keyboard.press("m")
        choose(li, "merge-into", kept["number"])
        li.get_by_test_id("reason").fill("同一起,重复登记")
        assert faults(li) == []
        li.get_by_test_id("sure").click()
        stands(li, "merged")
        expect(li.get_by_test_id("act-unmerge")).to_be_visible()
        expect(chief.locator(f"#incident-{twice['id']}")).to_have_count(0)

        li.locator(f"#incident-{kept['id']}").click()
        expect(li.get_by_test_id("line-merged")).to_contain_text(twice["number"])
        li.keyboard.press("2")
        li.get_by_test_id("word-equipment").wait_for()
        assert faults(li) == []
        li.keyboard.press("2")
        li.keyboard.press("Enter")
        stands(li, "false")
        li.keyboard.press("c")
        words = li.locator(".word-choice [role=radio]")
        expect(words).to_have_count(3)  # what was false does not end as handled
        li.get_by_test_id("word-false-alarm").click()
        li.get_by_test_id("sure").click()
        stands(li, "closed")
