"""The running demo (real processes, real sockets, real footage) and headless Chromium in front of it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, WebError, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

READY_S, STOP_S = 180, 15
CHINA = timezone(timedelta(hours=8))
ONE_DAY_S = 400
# Playwright's own five seconds are few on a machine that runs a city, its cameras and two browsers.
expect.set_options(timeout=60_000)
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


LONGEST = ("looks", "completeness", "recovery", "playback_journeys", "steering", "more_pictures", "playback", "duty", "finding")
"""The modules that take minutes begin, that none of them is alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest modules first, the others as they are found; run-tests deals them out in this order."""
    order = {f"test_{name}": at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)) if item.path.parent == Path(__file__).parent else 0)


@dataclass(frozen=True)
class Demo:
    """One running demo, as its `demo.json` tells."""

    folder: Path
    node: dict[str, Any]
    process: subprocess.Popen[bytes]

    @property
    def api(self) -> str:
        """Base address of the API."""
        return str(self.node["api"]).rstrip("/")

    @property
    def user(self) -> dict[str, str]:
        """Name and password of the first user, who sees pictures."""
        user: dict[str, str] = self.node["users"][0]
        return user

    def user_named(self, name: str) -> dict[str, str]:
        """duty, system, security or audit."""
        user: dict[str, str] = next(one for one in self.node["users"] if one["name"] == name)
        return user

    def client(self, name: str = "duty") -> httpx.Client:
        """An API client that this user is signed in to."""
        user = self.user_named(name)
        answer = httpx.post(f"{self.api}/session", json={"name": user["name"], "password": user["password"]}, timeout=20)
        assert answer.status_code == 201, answer.text
        return httpx.Client(base_url=self.api, timeout=20, headers={"Authorization": f"Bearer {answer.json()['token']}"})


def wait_until(condition: Callable[[], Any], *, seconds: float, what: str, every_s: float = 0.1) -> Any:
    """Polls `condition` until it is true; fails with `what`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(every_s)
    pytest.fail(f"waited {seconds} s in vain: {what}")


@pytest.fixture
def china_now() -> datetime:
    """Of one day by the node's clocks, for as long as a test may last."""
    now = datetime.now(CHINA)
    if (now + timedelta(seconds=ONE_DAY_S)).date() != now.date():
        pytest.skip("the day by the node's clocks is about to end, and what is recorded before and after stands on two pages")
    return now


@contextlib.contextmanager
def running_demo(*options: str) -> Iterator[Demo]:
    """Starts `fengsui demo` in a new folder and ends it, with all its processes, afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="fengsui-demo-"))
    log = (folder / "demo.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "fengsui", "demo", "--data", str(folder), *options],
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        manifest = folder / "demo.json"
        wait_until(
            lambda: manifest.exists() or process.poll() is not None,
            seconds=READY_S,
            what=f"demo.json; log: {folder / 'demo.log'}",
        )
        assert process.poll() is None, (folder / "demo.log").read_text(encoding="utf-8", errors="replace")
        yield Demo(folder, json.loads(manifest.read_text(encoding="utf-8"))["nodes"][0], process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        log.close()
        if os.environ.get("KEEP_DEMO") is None:
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="package")
def demo() -> Iterator[Demo]:
    """One demo for all tests that leave it as they found it."""
    with running_demo() as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium from Debian."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"), headless=True, args=CHROMIUM_FLAGS)
        running.on("context", lambda context: context.on("weberror", _note_uncaught))
        yield running
        running.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure tells what the newest pages showed, for it may not come again where somebody looks."""
    report = yield
    running = getattr(item, "funcargs", {}).get("browser")
    if report.when == "call" and report.failed and running is not None:
        pages = [page for context in reversed(running.contexts) for page in context.pages][:3]
        report.sections.append(("What the pages showed", "\n".join(map(_shown, pages))))
    return report


def _shown(page: Page) -> str:
    try:
        return f"{page.url}: {' '.join(page.locator('body').inner_text(timeout=5_000).split())[:1500]}"
    except PlaywrightError as error:
        return f"{page.url}: {error.message}"


UNCAUGHT: list[str] = []


def _note_uncaught(fault: WebError) -> None:
    where = fault.page.url if fault.page is not None else ""
    UNCAUGHT.append(f"{where}: {fault.error.stack or fault.error}")


@pytest.fixture(autouse=True)
def nothing_uncaught() -> Iterator[None]:
    """A test fails when an error, or a promise, of any page went uncaught meanwhile, whatever it looked at."""
    yield
    found = [*UNCAUGHT]
    UNCAUGHT.clear()
    assert found == []


@pytest.fixture(autouse=True)
def nothing_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """Windows that a failed test left open for its report are closed behind it: they would go on in the tests that follow."""
    running: Browser | None = request.getfixturevalue("browser") if "browser" in request.fixturenames else None
    before = [] if running is None else running.contexts
    yield
    for context in [] if running is None else running.contexts:
        if context not in before:
            context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page at 1920x1080 in Chinese."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
    yield context.new_page()
    context.close()


ROOM_OF: dict[str, str] = {
    page: room
    for room, page in re.findall(
        r'room: "(\w+)".*?testId: "nav-([\w-]+)"',
        (Path(__file__).parents[2] / "console" / "src" / "app" / "rooms.ts").read_text(encoding="utf-8"),
        re.DOTALL,
    )
}
"""The room of each page of the navigation, as the console's directory of pages has it."""


def enter(page: Page, name: str) -> None:
    """Goes to a page by the navigation, as people do: by its room, unless one is there already."""
    wanted = page.get_by_test_id(f"nav-{name}")
    if not wanted.is_visible():
        page.get_by_test_id(f"room-{ROOM_OF[name]}").click()
    wanted.click()


def sign_in(page: Page, demo: Demo, name: str = "duty", at: str = "") -> None:
    """Signs one of the demo's users in through the console's own page, which stays on the path `at`: a wall of pictures that a test
    does not look at is not opened for it."""
    user = demo.user_named(name)
    page.goto(f"{demo.node['console']}{at}")
    page.get_by_test_id("sign-in-name").fill(user["name"])
    page.get_by_test_id("sign-in-password").fill(user["password"])
    page.get_by_test_id("sign-in-submit").click()
    page.get_by_test_id("layout-4" if name == "duty" and not at else "own-account").wait_for()
