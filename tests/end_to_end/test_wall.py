"""The wall: grids, pictures that change places, views that are built and shared, tours, screens, snapshots (issue 4, part 3)."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.conftest import Demo, running_demo, sign_in, wait_until
from tests.end_to_end.cut_line import line
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_duty import added_people, at_desk
from tests.end_to_end.test_first_picture import cameras_with_patches, frames_of
from tests.end_to_end.test_recovery import process

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """With two operators more."""
    with running_demo() as running:
        added_people(running)
        yield running


def filled(page: Page, codes: list[str], layout: int = 4) -> None:
    """These cameras play on the first tiles."""
    page.get_by_test_id(f"layout-{layout}").click()
    page.get_by_test_id("wall-clear").click()
    for tile, code in enumerate(codes):
        page.get_by_test_id(f"tile-{tile}").click()
        page.get_by_test_id(f"camera-{code}").click()
    for tile in range(len(codes)):
        wait_until(lambda tile=tile: frames_of(page, tile) >= 3, seconds=60, what=f"tile {tile} plays")


def cameras_on(page: Page) -> list[str | None]:
    """By tile."""
    return [
        page.get_by_test_id(f"tile-{tile}").get_attribute("data-camera")
        for tile in range(page.get_by_test_id(re.compile(r"^tile-\d+$")).count())
    ]


def saved(page: Page, name: str, share: str) -> None:
    """Saves the wall as it is."""
    page.get_by_test_id("views").click()
    page.get_by_test_id("view-save").click()
    page.get_by_test_id("view-name").fill(name)
    page.get_by_test_id("view-share").click()
    page.locator(".ant-select-dropdown:visible .ant-select-item-option", has_text=share).click()
    page.locator(".ant-modal:visible .ant-btn-primary").click()
    page.locator(".views-list", has_text=name).wait_for()


def test_a_view_is_built_shared_and_opened_by_somebody_else(demo: Demo, browser: Browser) -> None:
    codes = cameras_with_patches(demo, "H.264")[:3]
    with ExitStack() as stack:
        li, wang = (stack.enter_context(at_desk(browser, demo, name)) for name in ("li.si", "wang.wu"))
        filled(li, codes, 9)
        li.get_by_test_id("layout-custom").click()
        sheet = li.get_by_test_id("grid-sheet")
        sheet.focus()
        for key in ("Shift+ArrowRight", "Shift+ArrowDown", "Enter"):
            li.keyboard.press(key)
        expect(sheet.locator(".grid-tile")).to_have_count(6)
        li.locator("#use-grid").click()
        wait_until(lambda: cameras_on(li)[:3] == codes, seconds=60, what="the same pictures on another grid")
        frames = frames_of(li, 1)  # of its sub stream still: the tile has the size it had
        li.get_by_test_id("tile-1").locator(".grip").drag_to(li.get_by_test_id("tile-2"))
        swapped = [codes[0], codes[2], codes[1]]
        wait_until(lambda: cameras_on(li)[:3] == swapped, seconds=60, what="two pictures change places")
        assert frames_of(li, 2) >= frames, "the moved picture goes on: it is not opened anew"
        saved(li, "东门与河岸", "值班中心")
        assert faults(li) == []

        wang.get_by_test_id("views").click()
        wang.get_by_role("button", name=re.compile("东门与河岸")).click()
        wait_until(lambda: cameras_on(wang)[:3] == swapped, seconds=60, what="the shared view is on the other's wall")
        for tile in range(3):
            wait_until(lambda tile=tile: frames_of(wang, tile) >= 3, seconds=60, what=f"tile {tile} plays")
        wang.get_by_test_id("views").click()
        expect(wang.locator(".views-list")).to_contain_text("li.si")

        li.get_by_test_id(re.compile("^view-.*-remove$")).click()
        li.locator(".ant-popover:visible .ant-btn-primary").click()
        li.get_by_text("还没有视图").wait_for()
        wang.keyboard.press("Escape")


def test_a_tour_goes_on_without_a_gap_and_is_driven_by_keys(demo: Demo, browser: Browser) -> None:
    codes = cameras_with_patches(demo, "H.264")[:2]
    with at_desk(browser, demo, "li.si") as page:
        filled(page, codes)
        page.get_by_test_id("views").click()
        page.get_by_test_id("tour-new").click()
        page.get_by_test_id("view-name").fill("夜巡")
        for at in range(2):
            page.get_by_test_id("tour-add").click()
            page.locator(".ant-select-dropdown:visible .ant-select-item-option").nth(at).click()
        for at in range(2):
            page.get_by_test_id(f"tour-step-{at}").locator("input").fill("6")
        page.locator(".ant-modal:visible .ant-btn-primary").click()
        page.evaluate(WATCH_GAPS)
        page.get_by_role("button", name=re.compile("夜巡")).click()
        bar = page.get_by_test_id("tour-bar")
        expect(bar).to_have_attribute("data-step", "0")
        expect(bar).to_have_attribute("data-step", "1")
        expect(page.get_by_test_id("tile-0")).to_have_attribute("data-state", "playing")
        expect(bar).to_have_attribute("data-step", "0")
        page.keyboard.press("Space")
        expect(bar).to_have_attribute("data-paused", "true")
        page.keyboard.press("PageDown")
        expect(bar).to_have_attribute("data-step", "1")
        expect(page.get_by_test_id("tile-0")).to_have_attribute("data-state", "playing")
        assert page.evaluate("window.gaps") == [], "after the first step no picture was without a frame"
        page.get_by_test_id("tour-stop").click()
        expect(bar).to_have_count(0)


def test_a_tour_goes_on_over_a_dead_camera_and_says_so(demo: Demo, browser: Browser, tmp_path: Path) -> None:
    first, last = cameras_with_patches(demo, "H.264")[:2]
    sip, dead = demo.node["sip"], f"{demo.node['code'][:10]}1320000906"
    command = ["simulate", "camera", "--port", str(sip["port"]), "--server", demo.node["code"], "--password", sip["password"]]
    with at_desk(browser, demo, "li.si") as page:
        with process(tmp_path / "camera.log", *command, "--first-number", "906") as camera:
            page.get_by_test_id(f"camera-{dead}").wait_for(timeout=60_000)
            camera.send_signal(signal.SIGKILL)  # by UDP: nobody has told the node
            camera.wait()
        with demo.client() as client:
            steps = [{"camera": code, "dwell_s": 5} for code in (first, dead, last)]
            answer = client.post("/views", json={"name": "夜巡三点", "steps": steps, "sharing": "post", "post": "operator"})
            assert answer.status_code == 201, answer.text
            tour = answer.json()["id"]
        page.get_by_test_id("views").click()
        page.get_by_role("button", name=re.compile("夜巡三点")).click()
        bar, lack, tile = page.get_by_test_id("tour-bar"), page.get_by_test_id("tour-lack"), page.get_by_test_id("tile-0")
        expect(bar).to_have_attribute("data-step", "0")
        expect(lack).to_have_count(0)
        expect(bar).to_have_attribute("data-step", "1")
        page.keyboard.press("Space")  # so that the step stands while it is looked at
        expect(bar).to_have_attribute("data-paused", "true")
        expect(lack).to_contain_text("1 路没有画面")
        expect(tile).to_have_attribute("data-camera", dead)
        expect(tile).not_to_have_attribute("data-state", "playing")
        expect(tile).to_contain_text(re.compile("无应答|不在线|重试"))
        page.keyboard.press("Space")
        expect(bar).to_have_attribute("data-step", "2")
        expect(tile).to_have_attribute("data-camera", last)
        expect(tile).to_have_attribute("data-state", "playing")
        expect(lack).to_have_count(0)
        expect(bar).to_have_attribute("data-step", "0")
        page.get_by_test_id("tour-stop").click()
        with demo.client() as client:
            assert client.delete(f"/views/{tour}").status_code == 204


WATCH_GAPS = """() => {
  window.gaps = [];
  let begun = false;
  setInterval(() => {
    const tile = document.querySelector('[data-testid="tile-0"]');
    const bar = document.querySelector('[data-testid="tour-bar"]');
    if (bar === null || tile === null) return;
    if (tile.dataset.state === 'playing') begun = true;
    else if (begun) window.gaps.push(bar.dataset.step + ' ' + tile.dataset.state);
  }, 30);
}"""


LOCK = """() => fetch('/api/v1/session/lock', {
  method: 'POST', headers: {'x-fengsui-console': '1', 'content-type': 'application/json'}, body: '{"why":"hand"}',
})"""


@contextmanager
def beside_a_screen(demo: Demo, browser: Browser, number: int) -> Iterator[tuple[Page, Page]]:
    """A desk of li.si, and a window of wang.wu that is screen `number` and can be driven."""
    with at_desk(browser, demo, "li.si") as li, at_desk(browser, demo, "wang.wu") as wang:
        wang.goto(f"{demo.node['console']}screen/{number}")
        expect(wang.get_by_test_id("screen-head")).to_have_attribute("data-state", "open")
        yield li, wang


def test_a_wall_is_sent_to_a_screen_and_refused_when_it_is_locked(demo: Demo, browser: Browser) -> None:
    codes = cameras_with_patches(demo, "H.264")[:2]
    with beside_a_screen(demo, browser, 3) as (li, wang):
        filled(li, codes)
        li.get_by_test_id("send-to").click()
        li.get_by_test_id("screen-3").click()
        wang.get_by_test_id("screen-driven").get_by_text("li.si").wait_for()
        wait_until(lambda: cameras_on(wang)[:2] == codes, seconds=60, what="the wall stands on the screen")
        for tile in range(2):
            wait_until(lambda tile=tile: frames_of(wang, tile) >= 3, seconds=60, what=f"tile {tile} plays there")
        assert faults(wang) == []
        li.get_by_test_id("send-to").click()
        line = li.get_by_test_id("screen-3")
        expect(line).to_contain_text("由 li.si 推送")
        wang.evaluate(LOCK)
        expect(line).to_be_disabled()
        expect(line).to_contain_text("已锁定")


def test_a_running_tour_is_sent_to_a_screen_and_goes_round_there(demo: Demo, browser: Browser) -> None:
    codes = cameras_with_patches(demo, "H.264")[:2]
    with demo.client("li.si") as client:
        steps = [{"camera": code, "dwell_s": 6} for code in codes]
        made = client.post("/views", json={"name": "推送夜巡", "steps": steps})
        assert made.status_code == 201, made.text
    with beside_a_screen(demo, browser, 4) as (li, wang):
        li.get_by_test_id("views").click()
        li.get_by_role("button", name=re.compile("推送夜巡")).click()
        expect(li.get_by_test_id("tour-bar")).to_have_attribute("data-step", "0")
        li.get_by_test_id("send-to").click()
        li.get_by_test_id("screen-4").click()
        li.get_by_text("轮巡已推送到屏幕 4").wait_for()
        li.get_by_test_id("tour-stop").click()

        wang.get_by_test_id("screen-driven").get_by_text("li.si").wait_for()
        bar, tile = wang.get_by_test_id("tour-bar"), wang.get_by_test_id("tile-0")
        expect(bar).to_contain_text("推送夜巡")
        for step in (1, 0):  # by itself, although the wall it came from has stopped
            expect(bar).to_have_attribute("data-step", str(step), timeout=60_000)
            expect(tile).to_have_attribute("data-camera", codes[step])
            expect(tile).to_have_attribute("data-state", "playing")
        assert faults(wang) == []
        wang.reload()
        wang.get_by_test_id("screen-driven").get_by_text("li.si").wait_for()
        expect(bar, "a window that is loaded anew goes on with it").to_contain_text("推送夜巡")
        wang.keyboard.press("Space")
        expect(bar).to_have_attribute("data-paused", "true")

        li.get_by_test_id("views").click()
        li.get_by_role("button", name=re.compile("推送夜巡")).click()
        expect(li.get_by_test_id("tour-bar")).to_have_attribute("data-step", "0")
        filled(li, codes)  # by hand, on a tour that stands since
        expect(li.get_by_test_id("tour-bar")).to_have_attribute("data-paused", "true")
        li.get_by_test_id("send-to").click()
        li.get_by_test_id("screen-4").click()
        expect(bar, "a wall that is sent ends it").to_have_count(0)
        wait_until(lambda: cameras_on(wang)[:2] == codes, seconds=60, what="the wall stands on the screen")
    with demo.client("li.si") as client:
        assert client.delete(f"/views/{made.json()['id']}").status_code == 204


def test_a_screen_whose_line_was_cut_shows_what_was_sent_meanwhile_and_is_driven_on(demo: Demo, browser: Browser) -> None:
    codes = cameras_with_patches(demo, "H.264")[:2]
    with ExitStack() as stack:
        cable = stack.enter_context(line())
        proxy = {"server": f"socks5://127.0.0.1:{cable.port}", "bypass": "<-loopback>"}
        li = stack.enter_context(at_desk(browser, demo, "li.si"))
        context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN", proxy=proxy)
        stack.callback(context.close)
        wang = context.new_page()
        sign_in(wang, demo, "wang.wu")
        heads = []
        for number in (2, 3):
            window = wang if number == 2 else context.new_page()
            window.goto(f"{demo.node['console']}screen/{number}")
            expect(window.get_by_test_id("screen-head")).to_have_attribute("data-state", "open")
            heads.append(window)
        second, third = heads

        def sent(number: int) -> None:
            li.get_by_test_id("send-to").click()
            li.get_by_test_id(f"screen-{number}").click()
            expect(li.get_by_test_id("screens")).to_be_hidden()

        filled(li, codes[:1], 1)
        sent(3)
        wait_until(lambda: cameras_on(third) == codes[:1], seconds=60, what="screen 3 shows what was sent")
        cable.cut()
        sent(2)
        filled(li, codes[::-1])
        sent(3)
        assert cameras_on(third) == codes[:1], "nothing passes"
        cable.mend()
        wait_until(lambda: cameras_on(third)[:2] == codes[::-1], seconds=60, what="the newest wall stands on screen 3")
        wait_until(lambda: cameras_on(second) == codes[:1], seconds=60, what="and on screen 2 its own")
        expect(third.get_by_test_id("screen-driven")).to_contain_text("li.si")
        for tile in range(2):
            wait_until(lambda tile=tile: frames_of(third, tile) >= 3, seconds=60, what=f"tile {tile} plays there")
        filled(li, codes)
        sent(3)
        wait_until(lambda: cameras_on(third)[:2] == codes, seconds=60, what="it is driven on")


def test_the_camera_chosen_last_stands_on_the_spot_and_in_its_window_in_full(demo: Demo, browser: Browser) -> None:
    codes = cameras_with_patches(demo, "H.264")[:3]
    with at_desk(browser, demo, "li.si") as page:
        filled(page, codes)
        page.get_by_test_id("tile-2-spot").click()
        window = page.context.new_page()
        window.goto(f"{demo.node['console']}spot")
        spot, alone = page.get_by_test_id("tile-2"), window.get_by_test_id("spot-picture")
        expect(alone, "it asks for what is chosen already").to_have_attribute("data-camera", codes[2])
        page.get_by_test_id("tile-0").click()
        for code, key in ((codes[0], "ArrowRight"), (codes[1], "ArrowLeft"), (codes[0], "")):
            for picture in (spot, alone):
                expect(picture).to_have_attribute("data-camera", code)
                expect(picture).to_have_attribute("data-stream", "main")
                expect(picture).to_have_attribute("data-state", "playing", timeout=60_000)
            if key:
                page.keyboard.press(key)
        expect(window.get_by_test_id("spot-head")).to_contain_text(spot.locator(".name").inner_text())
        window.keyboard.press("r")
        expect(window.get_by_text("值班员只看实时画面"), "a spot is replayed too, by whoever may").to_be_visible()
        page.get_by_test_id("tile-2-spot").click()
        expect(page.locator(".place.spot")).to_have_count(0)


STATE_LINE = re.compile(r"H264 \d+×\d+ · \d+ fps · \d+ kbit/s · (UDP|TCP) · 延迟 \d+ ms · 丢包 (0|<0.1|\d+\.\d)")


def test_each_picture_has_its_line_of_figures(demo: Demo, browser: Browser) -> None:
    codes = cameras_with_patches(demo, "H.264")[:2]
    with at_desk(browser, demo, "li.si") as page:
        filled(page, codes)
        for tile in range(2):
            expect(page.get_by_test_id(f"tile-{tile}").locator(".figures")).to_contain_text(STATE_LINE)
        figures = page.get_by_test_id("tile-0").locator(".figures").inner_text()
        shown = re.search(r"(\d+)×(\d+)", figures)
        assert shown is not None
        size = page.get_by_test_id("tile-0").locator("video").evaluate("video => [video.videoWidth, video.videoHeight]")
        assert [int(shown[1]), int(shown[2])] == size, "the node's figures are those of the picture"


def test_the_wheel_zooms_the_picture_and_leaves_the_mark_and_a_snapshot_bears_it(
    demo: Demo, browser: Browser, tmp_path: Path
) -> None:
    code = cameras_with_patches(demo, "H.264")[0]
    with at_desk(browser, demo, "li.si") as page:
        filled(page, [code], 1)
        tile = page.get_by_test_id("tile-0")
        size = "node => { const box = node.getBoundingClientRect(); return [Math.round(box.width), Math.round(box.height)]; }"
        mark = page.get_by_test_id("screen-mark")
        before = mark.evaluate(size)
        tile.hover(position={"x": 200, "y": 200})
        for _ in range(4):
            page.mouse.wheel(0, -200)
        expect(tile).to_have_attribute("data-scale", "2.44")
        assert mark.evaluate(size) == before, "the mark is not zoomed"
        page.keyboard.press("0")
        expect(tile).to_have_attribute("data-scale", "1.00")
        with page.expect_download() as download:
            page.keyboard.press("p")
        kept = tmp_path / download.value.suggested_filename
        download.value.save_as(kept)
        assert kept.read_bytes().startswith(b"\x89PNG") and code in kept.name
    with demo.client("audit") as office:
        acts = [one["act"] for one in office.get("/audit", params={"person": "li.si", "limit": 50}).json()["items"]]
    assert acts.count("live.snapshot") == 1


def test_what_nobody_sees_is_not_decoded_and_comes_back(demo: Demo, browser: Browser) -> None:
    codes = cameras_with_patches(demo, "H.264")[:2]
    with at_desk(browser, demo, "li.si") as page:
        filled(page, codes)
        with page.expect_request(lambda request: request.method == "DELETE" and "/live/" in request.url):
            page.get_by_test_id("tile-0").hover()
            page.get_by_test_id("tile-0-full").click()
        with page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/live")):
            page.evaluate("document.exitFullscreen()")
        frames = frames_of(page, 1)
        wait_until(lambda: frames_of(page, 1) != frames, seconds=60, what="the other picture plays again")
