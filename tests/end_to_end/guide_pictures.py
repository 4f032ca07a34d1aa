"""Takes the guide's pictures from the running console, in both languages: `scripts/guide-pictures`."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.end_to_end.conftest import CHROMIUM_FLAGS, Demo, running_demo, sign_in, wait_until
from tests.end_to_end.test_first_picture import frames_of
from tests.end_to_end.test_recovery import CODE, first_people, is_ready, process, settings_file

FOLDER = Path(__file__).parents[2] / "docs" / "guide" / "pictures"
SIZE, LIMIT_BYTES, QUALITIES = (1280, 720), 150_000, (82, 72, 60, 45)
LANGUAGES = {"zh": "zh-CN", "en": "en"}
OWN_PASSWORD = "long-enough-for-the-guide"


def take(page: Page, name: str, language: str) -> None:
    """Keeps the page as JPEG, as good as the limit allows."""
    page.wait_for_load_state("networkidle")
    target = FOLDER / f"{name}.{language}.jpg"
    for quality in QUALITIES:
        page.screenshot(path=target, type="jpeg", quality=quality, animations="disabled")
        if target.stat().st_size <= LIMIT_BYTES:
            print(f"{target.name}: {target.stat().st_size // 1000} kB")
            return
    raise SystemExit(f"{target} stays above {LIMIT_BYTES} bytes")


@contextmanager
def page_in(browser: Browser, language: str) -> Iterator[Page]:
    """A page in this language."""
    context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]}, locale=LANGUAGES[language])
    page = context.new_page()
    page.add_init_script(f"localStorage.setItem('fengsui.language', '{LANGUAGES[language]}')")
    yield page
    context.close()


def door_and_waiting_list(browser: Browser) -> None:
    """A new node: the sign-in, and two cameras that nobody has admitted yet."""
    folder = Path(tempfile.mkdtemp(prefix="fengsui-guide-"))
    config, http, sip = settings_file(folder)
    text = config.read_text(encoding="utf-8").replace('admission = "password"', 'admission = "waiting-list"')
    config.write_text(text.replace("[node]\n", '[node]\nname = "南明区共享平台"\n'), encoding="utf-8")
    console, log = f"http://127.0.0.1:{http}/", folder / "node.log"
    camera = ["simulate", "camera", "--port", str(sip), "--server", CODE, "--password", "its-own", "--count", "2"]
    with ExitStack() as stack:
        stack.enter_context(
            process(log, "run", "--config", str(config), "--data", str(folder / "data"), **first_people(OWN_PASSWORD))
        )
        wait_until(lambda: is_ready(console.rstrip("/")), seconds=40, what="the node is ready")
        stack.enter_context(process(folder / "camera.log", *camera))
        for language in LANGUAGES:
            with page_in(browser, language) as page:
                page.goto(console)
                page.get_by_test_id("sign-in-name").fill("system")
                page.get_by_test_id("sign-in-password").fill(OWN_PASSWORD)
                take(page, "sign-in", language)
                page.get_by_test_id("sign-in-submit").click()
                page.get_by_test_id("own-account").wait_for()
                page.goto(f"{console}waiting")
                wait_until(lambda page=page: page.get_by_test_id(re.compile("^admit-")).count() == 2, seconds=40, what="two wait")
                take(page, "waiting", language)
                page.get_by_test_id(re.compile("^admit-")).first.click()
                page.get_by_test_id("admit-name").fill("南门入口" if language == "zh" else "South gate")
                page.get_by_test_id("admit-password").fill("its-own")
                take(page, "admit", language)
    shutil.rmtree(folder, ignore_errors=True)


def pictures_and_node(browser: Browser, demo: Demo) -> None:
    """The demonstration: the wall, a dome's page, the node's page."""
    with demo.client() as client:
        items = client.get("/cameras", params={"status": "online", "limit": 100}).json()["items"]
    dome = next(item["code"] for item in items if "PTZ" in item["name"])
    plain = [item["code"] for item in items if "H.264" in item["name"] and "PTZ" not in item["name"]][:3]
    for language in LANGUAGES:
        with page_in(browser, language) as page:
            sign_in(page, demo)
            for tile, code in enumerate([*plain, dome]):
                page.get_by_test_id(f"camera-{code}").click()
                _moving(lambda page=page, tile=tile: frames_of(page, tile))
            wait_until(lambda page=page: "kbit/s" in page.get_by_test_id("tile-3").inner_text(), seconds=20, what="figures")
            take(page, "wall", language)
            page.goto(f"{demo.node['console']}cameras/{dome}")
            picture = page.get_by_test_id("camera-picture")
            _moving(lambda picture=picture: int(picture.get_attribute("data-frames") or 0))
            wait_until(lambda picture=picture: "kbit/s" in picture.inner_text(), seconds=20, what="figures")
            take(page, "camera", language)
        with page_in(browser, language) as page:
            sign_in(page, demo, "security")
            page.goto(f"{demo.node['console']}users")
            page.get_by_test_id("user-duty").wait_for()
            take(page, "people", language)
        with page_in(browser, language) as page:
            sign_in(page, demo, "system")
            page.goto(f"{demo.node['console']}node")
            page.get_by_test_id("join-values").wait_for()
            page.get_by_test_id("node-charts").locator("canvas").first.wait_for()
            take(page, "node", language)


def _moving(frames: Callable[[], int]) -> None:
    wait_until(lambda: frames() >= 15, seconds=40, what="the picture moves")


def main() -> None:
    """All pictures."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), headless=True, args=CHROMIUM_FLAGS)
        door_and_waiting_list(browser)
        with running_demo() as demo:
            pictures_and_node(browser, demo)
        browser.close()


if __name__ == "__main__":
    main()
