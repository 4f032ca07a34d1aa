"""The journey "take PTZ from a lower priority": two people, one dome; and steering it by mouse and by keys alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import takewhile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from fengsui.wire.gb28181 import ptz
from tests.end_to_end.conftest import Demo, running_demo, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_drag_zoom import cameras
from tests.end_to_end.test_duty import added_people, at_desk

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
OPERATOR, COMMANDER = "li.si", "zhao.liu"
PEOPLE = {OPERATOR: ("李四", "operator"), COMMANDER: ("赵六", "commander")}
REASON = "人民广场有人落水"
PAN_STOP, LENS_STOP = ptz.STOP.to_text(), ptz.PtzCommand(ptz.LENS_STOP).to_text()


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """With an operator and a commander more."""
    with running_demo() as running:
        added_people(running, PEOPLE)
        yield running


class Dome:
    """The demonstration's dome as its node and it itself tell of it: what it was told, and where it looks."""

    def __init__(self, demo: Demo) -> None:
        self.facts = next(camera for camera in cameras(demo) if "PTZ" in camera["name"])
        self.code = str(self.facts["code"])
        self._office = demo.client("system")
        self._looker = demo.client("duty")

    def _trace(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self._office.get(f"/devices/{self.facts['device']}/trace").json()["items"]
        return found

    def now(self) -> str:
        """To tell what was sent afterwards: the trace keeps the newest messages alone."""
        return self._trace()[-1]["at"]

    def sent(self, since: str = "") -> list[str]:
        """The instructions that the node sent after that time, as its trace has them."""
        texts = (message["text"] for message in self._trace() if message["direction"] == "out" and message["at"] > since)
        return [found[1] for text in texts for found in re.finditer(r"<PTZCmd>(\w+)<", text)]

    def told_to(self, instruction: int, since: str) -> bool:
        return any(ptz.PtzCommand.parse(one).instruction == instruction for one in self.sent(since))

    def position(self) -> tuple[float, float, float]:
        """Pan, tilt, zoom, as the dome says."""
        told = self._looker.get(f"/cameras/{self.code}/position").json()
        return told["pan_deg"], told["tilt_deg"], told["zoom"]

    def stands(self) -> bool:
        """Whether it was told to stop last, in all it can do, and says twice that it looks at the same place.

        Two stops may be under way at once, so that each of their two instructions comes twice. The trace keeps few messages, and
        each question is two of them: orders that it lost to questions were stops.
        """
        sent = self.sent()
        stops = [*takewhile(lambda one: one in (PAN_STOP, LENS_STOP), reversed(sent))]
        whole = len(stops) == len(sent) or set(stops) == {PAN_STOP, LENS_STOP}
        return whole and stops[:1] in ([LENS_STOP], []) and self.position() == self.position()

    def is_free(self) -> bool:
        return self._looker.get(f"/cameras/{self.code}/steering").json()["holder"] is None

    def close(self) -> None:
        self._office.close()
        self._looker.close()


@pytest.fixture
def dome(demo: Demo) -> Iterator[Dome]:
    """In nobody's hands: whoever steered it in the test before has it for a minute more."""
    found = Dome(demo)
    wait_until(found.is_free, seconds=90, what="nobody steers the dome")
    yield found
    found.close()


def opened(page: Page, dome: Dome) -> Locator:
    """The dome plays on the wall's first tile."""
    page.get_by_test_id("layout-1").click()
    page.get_by_test_id(f"camera-{dome.code}").click()
    tile = page.get_by_test_id("tile-0")
    expect(tile).to_have_attribute("data-state", "playing", timeout=90_000)
    return tile


def middle_of(sheet: Locator) -> tuple[float, float]:
    box = sheet.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def shot(page: Page, name: str) -> None:
    """For whoever wants to look: SHOTS names a folder."""
    if folder := os.environ.get("SHOTS"):
        for width, height in ((1366, 768), (1920, 1080)):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=Path(folder) / f"{name}-{width}.png")


def orders_of(page: Page) -> list[str]:
    """What this page asks of the node from now on that would move a camera."""
    found: list[str] = []
    page.on(
        "request",
        lambda asked: found.append(asked.url) if asked.method == "POST" and re.search("/(ptz|centre|go)$", asked.url) else None,
    )
    return found


def test_take_ptz_from_a_lower_priority(demo: Demo, browser: Browser, dome: Dome) -> None:
    began = dome.now()
    with ExitStack() as stack:
        li, chief = (stack.enter_context(at_desk(browser, demo, name)) for name in (OPERATOR, COMMANDER))
        for page in (li, chief):
            opened(page, dome).hover()
        li.get_by_test_id("tile-0-steer").click()
        sheet = li.get_by_test_id("steer-sheet")
        expect(sheet).to_be_visible()
        x, y = middle_of(sheet)
        li.mouse.move(x, y)
        li.mouse.down()
        li.mouse.move(x + 250, y, steps=5)
        expect(li.get_by_test_id("tile-0-holder")).to_contain_text("您正在操控")
        expect(chief.get_by_test_id("tile-0-holder")).to_contain_text(re.compile(r"李四 正在操控，至 \d\d:\d\d:\d\d"))
        shot(li, "holder")

        chief.get_by_test_id("tile-0-take-over").click()
        chief.get_by_test_id("reason").fill(REASON)
        shot(chief, "take-over")
        assert faults(chief) == []
        before = dome.now()
        chief.get_by_test_id("sure").click()
        expect(chief.get_by_test_id("tile-0-holder")).to_contain_text("您正在操控")
        told = li.locator(".ant-notification-notice").filter(has_text="赵六已接管")
        expect(told).to_contain_text(REASON)
        expect(li.get_by_test_id("tile-0-holder")).to_contain_text(re.compile("赵六 正在操控"))
        expect(li.get_by_test_id("tile-0-holder")).to_contain_text(REASON)
        expect(li.get_by_test_id("steer-dead")).to_contain_text("赵六")
        shot(li, "lost")
        assert faults(li) == []
        after = wait_until(lambda: dome.sent(before), seconds=60, what="the camera is told")
        assert after[0] == PAN_STOP, "it stands before another hand turns it"

        asked = orders_of(li)  # the hand is on the stick still, and moves it: nothing of that is said any more
        mark = dome.now()
        li.mouse.move(x - 250, y - 90, steps=5)
        li.mouse.up()
        li.mouse.wheel(0, -120)
        li.mouse.click(x + 90, y)
        li.keyboard.down("ArrowLeft")
        chief.get_by_test_id("tile-0").hover()
        chief.get_by_test_id("tile-0-steer").click()
        chief.keyboard.down("ArrowUp")
        wait_until(lambda: dome.sent(mark), seconds=60, what="the commander turns it")
        chief.keyboard.up("ArrowUp")
        li.keyboard.up("ArrowLeft")
        wait_until(dome.stands, seconds=60, what="it stands when the commander lets go")
        assert asked == [], "a dead joystick"
        moved = [one for one in dome.sent(mark) if one not in (PAN_STOP, LENS_STOP)]
        assert moved and {ptz.PtzCommand.parse(one).instruction for one in moved} == {ptz.UP}
        expect(told).to_contain_text(REASON)

        li.get_by_test_id("tile-0-take-over").click()
        li.get_by_test_id("reason").fill("还差一眼")
        li.get_by_test_id("sure").click()
        expect(chief.get_by_test_id("tile-0-holder")).to_contain_text("李四 请求操控")
        expect(chief.get_by_test_id("tile-0-holder")).to_contain_text("还差一眼")
        shot(chief, "asked")
        expect(chief.get_by_test_id("tile-0-holder"), "a minute without an order gives it back").to_be_hidden(timeout=90_000)
        expect(li.get_by_test_id("tile-0-holder")).to_be_hidden()
        expect(li.get_by_test_id("steer-dead")).to_have_count(0)
        li.keyboard.down("ArrowRight")
        expect(li.get_by_test_id("tile-0-holder")).to_contain_text("您正在操控")
        li.keyboard.up("ArrowRight")
        wait_until(dome.stands, seconds=60, what="it stands")
        li.get_by_test_id("tile-0-give-back").click()
        expect(li.get_by_test_id("tile-0-holder")).to_be_hidden()
    with demo.client("audit") as auditor:
        items = auditor.get("/audit", params={"object": dome.code, "limit": 200}).json()["items"]
    lines = [
        (one["person"], one["act"], one["result"], one["detail"])
        for one in items
        if one["object"] == dome.code and one["at"] > began
    ]
    assert (COMMANDER, "camera.control.take", "allowed", f"from {OPERATOR}: {REASON}") in lines
    assert (OPERATOR, "camera.control.take", "refused", "ptz.not_higher") in lines
    ended = [one[3] for one in lines if one[:2] == ("", "camera.control.end")]
    assert ended == [f"{COMMANDER}: idle", f"{OPERATOR}: taken"], "the newest first"


def test_the_picture_is_the_joystick(demo: Demo, browser: Browser, dome: Dome) -> None:
    with at_desk(browser, demo, OPERATOR) as page:
        tile = opened(page, dome)
        tile.click()
        page.keyboard.press("j")
        sheet = page.get_by_test_id("steer-sheet")
        expect(sheet).to_be_visible()
        x, y = middle_of(sheet)

        first, began = dome.position(), dome.now()
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 220, y - 220, steps=6)
        wait_until(lambda: dome.told_to(ptz.RIGHT | ptz.UP, began), seconds=60, what="to the right and up")
        wait_until(lambda: dome.position() != first, seconds=60, what="the lens turns")
        shot(page, "joystick")
        page.mouse.up()
        wait_until(dome.stands, seconds=60, what="let go, it stands")
        before = dome.position()
        page.mouse.move(x + 40, y + 40)
        page.mouse.wheel(0, -120)
        wait_until(lambda: dome.told_to(ptz.ZOOM_IN, began), seconds=60, what="the wheel zooms in")
        wait_until(dome.stands, seconds=60, what="a notch of the wheel is a moment")
        assert dome.position()[2] > before[2]
        expect(tile).to_have_attribute("data-scale", "1.00")
        with page.expect_request("**/centre") as asked:
            page.mouse.click(x + 100, y)
        order = asked.value.post_data_json
        assert order is not None and order["x"] > 0.5 and abs(order["y"] - 0.5) < 0.02
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 220, y, steps=6)
        wait_until(lambda: dome.told_to(ptz.LEFT, began), seconds=60, what="to the left")
        page.evaluate("window.dispatchEvent(new Event('blur'))")
        wait_until(dome.stands, seconds=60, what="a window that loses the focus stops the lens")
        page.mouse.up()
        page.get_by_test_id("tile-0-give-back").click()
        expect(page.get_by_test_id("tile-0-holder")).to_be_hidden()
        assert faults(page) == []


GIVE_BACK = """async path => (await fetch(path, { method: "DELETE", headers: { "x-fengsui-console": "1" } })).status"""
PUT = """async ([path, body]) => {
  const headers = { "content-type": "application/json", "x-fengsui-console": "1" };
  const answer = await fetch(path, { method: "PUT", body: JSON.stringify(body), headers });
  return `${answer.status} ${await answer.text()}`;
}"""
A_STICK = """() => {
  const pad = { id: "AXIS T8311 (Vendor: 0a4a)", mapping: "", connected: true, index: 0, axes: [0, 0, 0], timestamp: 0 };
  pad.buttons = Array.from({ length: 12 }, () => ({ pressed: false, touched: false, value: 0 }));
  window.stick = pad;
  Object.defineProperty(navigator, "getGamepads", { value: () => [pad] });
}"""
"""A joystick of a desk, as its browser tells of one: no machine of ours has any."""


def test_presets_by_their_pictures_and_a_joystick_on_the_desk(demo: Demo, browser: Browser, dome: Dome) -> None:
    def went_to(number: int, since: str) -> bool:
        orders = map(ptz.PtzCommand.parse, dome.sent(since))
        return any(one.instruction == ptz.PRESET_GO and one.data2 == number for one in orders)

    with at_desk(browser, demo, OPERATOR) as page:
        listed = f"/api/v1/cameras/{dome.code}/presets"
        page.evaluate(A_STICK)
        opened(page, dome).click()

        def pictured(number: int) -> bool:
            items = page.evaluate("async path => (await (await fetch(path)).json()).items", listed)
            return any(one["number"] == number and one["has_picture"] for one in items)

        for number, name in ((4, "桥头"), (5, "路口")):
            assert page.evaluate(PUT, [f"{listed}/{number}", {"name": name}]) == "204 "
            wait_until(lambda number=number: pictured(number), seconds=60, what="its picture is taken")
        page.keyboard.press("j")
        strip = page.get_by_test_id("preset-strip")
        expect(strip.locator("img").first).to_be_visible()
        for number, name in ((4, "桥头"), (5, "路口")):
            one = page.get_by_test_id(f"strip-preset-{number}")
            expect(one).to_contain_text(name)
            expect(one.locator("img")).to_have_js_property("complete", value=True)
            assert one.locator("img").evaluate("picture => picture.naturalWidth") > 0
        shot(page, "presets")
        assert faults(page) == []
        mark = dome.now()
        page.get_by_test_id("strip-preset-4").click()
        wait_until(lambda: went_to(4, mark), seconds=60, what="a click on its picture goes to it")
        mark = dome.now()
        page.keyboard.press("5")
        wait_until(lambda: went_to(5, mark), seconds=60, what="so does its digit")
        expect(page.get_by_test_id("tile-1"), "and the wall keeps its grid").to_have_count(0)

        expect(page.get_by_test_id("steer-pad")).to_contain_text("AXIS T8311")
        mark = dome.now()
        page.evaluate("window.stick.axes = [0.9, 0, 0]")
        wait_until(lambda: dome.told_to(ptz.RIGHT, mark), seconds=60, what="the stick turns it")
        page.evaluate("window.stick.axes = [0.02, 0, 0]")
        wait_until(dome.stands, seconds=60, what="back in its middle, it stands")
        mark = dome.now()
        page.evaluate("window.stick.axes = [0, 0, 0.8]")
        wait_until(lambda: dome.told_to(ptz.ZOOM_IN, mark), seconds=60, what="twisted, it zooms")
        page.evaluate("window.stick.axes = [0, 0, 0]")
        wait_until(dome.stands, seconds=60, what="let go, it stands")
        mark = dome.now()
        page.evaluate("window.stick.buttons[3] = { pressed: true, touched: true, value: 1 }")
        wait_until(lambda: went_to(4, mark), seconds=60, what="its fourth button is preset 4")
        page.get_by_test_id("tile-0-give-back").click()
        expect(page.get_by_test_id("tile-0-holder")).to_be_hidden()


def test_a_patrol_over_presets_is_made_gone_and_ended_by_whoever_steers(demo: Demo, browser: Browser, dome: Dome) -> None:
    with at_desk(browser, demo, COMMANDER) as page:
        page.goto(f"{demo.node['console']}cameras/{dome.code}")
        expect(page.get_by_test_id("preset-2")).to_be_visible()
        page.get_by_test_id("patrol-new").click()
        patrols = page.get_by_test_id("patrols")
        patrols.get_by_role("textbox").first.fill("夜间巡航")
        page.get_by_test_id("patrol-points").click()
        for number in (1, 2):
            page.locator(".ant-select-dropdown:visible .ant-select-item-option", has_text=f"{number} · ").first.click()
        page.keyboard.press("Escape")
        patrols.get_by_text("由节点执行").click()
        mark = dome.now()
        patrols.get_by_role("button", name=re.compile(r"保\s*存")).click()
        row = patrols.locator(".patrol-row", has_text="夜间巡航")
        expect(row).to_contain_text("1(15s) → 2(15s)")
        row.get_by_role("button", name=re.compile(r"开\s*始")).click()
        expect(row).to_contain_text("巡航中")
        wait_until(lambda: dome.told_to(ptz.PRESET_GO, mark), seconds=60, what="the node calls its first preset")
        shot(page, "patrol")
        page.get_by_test_id("ptz-left").press("Enter")
        expect(row, "whoever steers ends it").not_to_contain_text("巡航中")
        wait_until(
            lambda: page.evaluate(GIVE_BACK, f"/api/v1/cameras/{dome.code}/steering") == 204, seconds=60, what="it is given back"
        )


def test_wall_and_lens_by_keys_alone(demo: Demo, browser: Browser, dome: Dome) -> None:
    with at_desk(browser, demo, OPERATOR) as page:
        expect(page.get_by_test_id("tile-0")).to_be_visible()  # before that, the keys are not the wall's
        page.keyboard.press("1")
        expect(page.get_by_test_id("layout-1")).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("/")
        page.keyboard.type("PTZ")
        expect(page.get_by_text("找到 1 路")).to_be_visible()  # before that, the keys go through the whole tree
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("tile-0")).to_have_attribute("data-state", "playing", timeout=90_000)
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        sheet = page.get_by_test_id("steer-sheet")
        expect(sheet).to_be_visible()
        first = dome.position()
        pan, tilt, zoom = first
        # Away from where it can go no further, wherever the tests before left it; and not zoomed out, where all is in the picture.
        keys = (
            ("-" if zoom > 2 else "+", 2),
            ("ArrowLeft" if 0 < pan < 180 else "ArrowRight", 0),
            ("ArrowUp" if tilt > 0 else "ArrowDown", 1),
        )
        for key, axis in keys:
            before = dome.position()
            page.keyboard.down(key)
            try:
                wait_until(lambda before=before, axis=axis: dome.position()[axis] != before[axis], seconds=60, what=f"{key} turns")
            finally:
                page.keyboard.up(key)
            wait_until(dome.stands, seconds=60, what="let go, it stands")
        assert dome.position() != first
        expect(page.get_by_test_id("tile-0-holder")).to_contain_text("您正在操控")
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement?.dataset.testid ?? ''") == "tile-0-give-back":
                break
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("tile-0-holder")).to_be_hidden()
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        before = dome.position()
        page.keyboard.press("4")
        page.keyboard.press("ArrowRight")
        expect(page.get_by_test_id("tile-1"), "the arrows are the wall's again").to_be_focused()
        assert dome.position() == before
