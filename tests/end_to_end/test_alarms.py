"""Alarms at the desk: a real frame of an alarm host becomes a row, its picture moves, the seconds before it play beside."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.alarm_desk import PAINTED, SITE, entered, painted, report
from tests.end_to_end.conftest import Demo, enter, running_demo, sign_in, wait_until
from tests.end_to_end.cut_line import line
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_duty import at_desk
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_playback import ticket

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
ACCOUNT, LATER_ACCOUNT, BUTTON, GATE, CELLAR = "5299", "5297", "门卫室紧急按钮", "后门门磁", "配电间烟感"
BEFORE_S = 30
LIVES_S = 20


@pytest.fixture(scope="module")
def camera(demo: Demo) -> str:
    """The one that looks at the button and the gate; it is recorded."""
    code = cameras_with_patches(demo, "H.264")[-1]  # where the demonstration's own alarms do not look
    with demo.client("system") as keeper:
        assert keeper.put(f"/cameras/{code}/recording-plan", json={"mode": "always"}).status_code == 200
    points = [
        {"zone": "1", "name": BUTTON, "kind": "button", "camera": code},
        {"zone": "2", "name": GATE, "kind": "detector", "camera": code},
        {"zone": "3", "name": CELLAR, "kind": "detector"},
    ]
    entered(demo, ACCOUNT, points)
    entered(demo, LATER_ACCOUNT, points[:2])
    return code


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A demo of its own: alarms outlast a test."""
    with running_demo() as running:
        yield running


def end_all(client: httpx.Client, priority: int) -> None:
    """Taken, verified and closed, all of this priority that wait."""
    for one in client.get("/alarms", params={"queue": "open", "priority": priority}).json()["items"]:
        for act, body in (("acknowledge", {}), ("verify", {"result": "real"}), ("close", {"outcome": "handled"})):
            answer = client.post(f"/alarms/{one['id']}/{act}", json=body)
            assert answer.status_code == 200, answer.text


def row(page: Page, what: str) -> str:
    """The test id of the row that says this."""
    found = page.locator(".queue-row", has_text=what).first
    found.wait_for()
    return str(found.get_attribute("data-testid"))


def recorded_for(demo: Demo, camera: str, seconds: float) -> None:
    """So much of the camera is on disk."""
    with demo.client("system") as keeper:

        def enough() -> bool:
            plan = keeper.get(f"/cameras/{camera}/recording-plan").json()
            since = datetime.fromisoformat(plan["since"])
            return bool(plan["safe_until"]) and datetime.fromisoformat(plan["safe_until"]) > since + timedelta(seconds=seconds)

        wait_until(enough, seconds=120, what="footage is on disk")


def test_an_alarm_opens_its_picture_beside_the_seconds_before_it(demo: Demo, camera: str, page: Page) -> None:
    recorded_for(demo, camera, LIVES_S)
    with demo.client() as client:
        ticket(client, [camera], datetime.now(UTC) - timedelta(minutes=10))
    sign_in(page, demo, at="alarms")
    expect(page.get_by_test_id("queue-total")).to_have_attribute("data-total", re.compile(r"[1-9]"))  # the demonstration rings
    with demo.client() as client:
        end_all(client, priority=1)  # one as urgent that waits keeps its place
    page.evaluate("window.neverReloaded = true")
    page.evaluate(PAINTED, [BUTTON, camera])
    sent = report(demo, ACCOUNT, "Nri1/PA001")
    at_row, at_picture = painted(page)
    print(f"alarm sent → row painted {at_row - sent:.3f} s → picture painted {at_picture - sent:.3f} s")
    number = row(page, BUTTON).removeprefix("alarm-")
    chosen = page.get_by_test_id("alarm-chosen")
    expect(chosen).to_have_attribute("data-alarm", number)
    expect(chosen.get_by_role("heading", level=1)).to_have_text("紧急求助报警")
    picture = page.get_by_test_id("alarm-picture")
    first = int(picture.get_attribute("data-frames") or 0)
    wait_until(lambda: int(picture.get_attribute("data-frames") or 0) > first + 5, seconds=60, what="the picture moves")
    facts = page.get_by_test_id("alarm-facts")
    for told in (SITE, BUTTON, "防区 001", ACCOUNT, "PA", "明文"):
        expect(facts).to_contain_text(told)

    replay = page.get_by_test_id("before-replay")
    expect(replay).to_have_attribute("data-state", "showing", timeout=90_000)
    with demo.client() as client:
        received = datetime.fromisoformat(client.get(f"/alarms/{number}").json()["received_at"]).timestamp()
    shown = float(replay.get_attribute("data-shown-us") or 0) / 1e6
    assert received - BEFORE_S - 2 <= shown <= received, (shown, received)
    assert page.evaluate("window.neverReloaded") is True
    assert faults(page) == []


def test_what_was_chosen_by_hand_stays_and_a_new_one_is_told_above_it(demo: Demo, camera: str, page: Page) -> None:
    report(demo, ACCOUNT, "Nri1/BA002")
    sign_in(page, demo, at="alarms")
    gate = row(page, GATE)
    page.get_by_test_id(gate).click()
    chosen = page.get_by_test_id("alarm-chosen")
    expect(chosen).to_have_attribute("data-alarm", gate.removeprefix("alarm-"))
    report(demo, ACCOUNT, "Nri1/FA003", transport="TCP")
    came = page.get_by_test_id("alarm-came")
    expect(came).to_contain_text(CELLAR)
    expect(chosen).to_have_attribute("data-alarm", gate.removeprefix("alarm-"))
    assert faults(page) == []
    came.click()
    expect(page.get_by_test_id("no-camera")).to_contain_text("未关联摄像机")
    fire = page.get_by_test_id("alarm-chosen").get_attribute("data-alarm")
    assert fire == row(page, CELLAR).removeprefix("alarm-")

    order = [one.get_attribute("data-testid") for one in page.locator(".queue-row").all()]
    assert order.index(f"alarm-{fire}") < order.index(gate), "lives before things"
    page.keyboard.press("j")
    expect(chosen).not_to_have_attribute("data-alarm", str(fire))
    page.keyboard.press("ArrowUp")
    expect(chosen).to_have_attribute("data-alarm", str(fire))


PRESSED_AT_ONCE = """() => new Promise((done) => {
  const chosen = () => document.querySelector('[data-testid=alarm-chosen]');
  const before = chosen().dataset.alarm;
  let number = null;
  const look = () => {
    if (number === null && chosen().dataset.alarm !== before) {
      number = chosen().dataset.alarm;
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    }
    if (number === null || document.querySelector('[data-testid=just-opened]')?.dataset.unheard !== 'true') return;
    watch.disconnect();
    done(number);
  };
  const watch = new MutationObserver(look);
  watch.observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-alarm', 'data-unheard'] });
})"""
"""Enter in the very moment in which another alarm is shown: which one that is, when the page has said that the key was not used."""


def test_a_key_meant_for_the_alarm_before_does_not_take_the_one_that_opened_by_itself(
    demo: Demo, camera: str, browser: Browser
) -> None:
    with at_desk(browser, demo, "duty") as page:
        enter(page, "alarms")
        chosen = page.get_by_test_id("alarm-chosen")
        report(demo, LATER_ACCOUNT, "Nri1/BA002")  # of the second priority
        with demo.client() as client:
            end_all(client, priority=1)
        page.reload()
        expect(chosen).to_have_attribute("data-alarm", re.compile("."))
        page.evaluate(f"window.__pressed = ({PRESSED_AT_ONCE})()")
        report(demo, LATER_ACCOUNT, "Nri1/PA001")
        number = page.evaluate("window.__pressed")
        sign = page.get_by_test_id("just-opened")
        expect(page.get_by_test_id("alarm-acts")).to_have_attribute("data-turn", "take")
        assert faults(page) == []
        with demo.client() as client:
            assert client.get(f"/alarms/{number}").json()["work"]["owner"] is None
        expect(chosen).to_have_attribute("data-settled", "true")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("alarm-acts")).to_have_attribute("data-turn", "verify")
        expect(sign).to_have_count(0)


def test_silence_is_kept_for_the_person(demo: Demo, camera: str, page: Page) -> None:
    sign_in(page, demo, at="alarms")
    sound = page.get_by_test_id("alarm-sound")
    expect(sound).to_have_attribute("data-sound", "on")
    sound.click()
    page.reload()
    expect(sound).to_have_attribute("data-sound", "off")
    expect(sound).to_have_attribute("aria-checked", "false")
    sound.click()
    expect(sound).to_have_attribute("data-sound", "on")


def test_a_lost_connection_catches_up(demo: Demo, camera: str, browser: Browser) -> None:
    with line() as cable:
        proxy = {"server": f"socks5://127.0.0.1:{cable.port}", "bypass": "<-loopback>"}
        context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN", proxy=proxy)
        page = context.new_page()
        sign_in(page, demo, at="alarms")
        row(page, BUTTON)
        before = {one.get_attribute("data-testid") for one in page.locator(".queue-row").all()}
        cable.cut()
        page.get_by_test_id("not-live").wait_for()
        report(demo, ACCOUNT, "Nri1/TA002", "Nri1/FA001")  # of other kinds than those that wait: nothing is folded
        began = time.monotonic()
        cable.mend()
        page.get_by_test_id("live-again").wait_for()

        def caught_up() -> bool:
            now = {one.get_attribute("data-testid") for one in page.locator(".queue-row").all()}
            return len(now - before) >= 2

        wait_until(caught_up, seconds=60, what="both alarms of the meantime are there")
        print(f"caught up {time.monotonic() - began:.1f} s after the line was mended")
