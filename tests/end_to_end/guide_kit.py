"""How the guide's pictures are taken: who sits where, until when one waits, and how large a file may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ProxySettings

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import at_rest

FOLDER = Path(__file__).parents[2] / "docs" / "guide" / "pictures"
SIZE, LIMIT_BYTES, QUALITIES = (1280, 720), 80_000, (82, 74, 64, 50)
LANGUAGES = {"zh": "zh-CN", "en": "en"}


def take(page: Page, name: str, language: str, *, connected: bool = True) -> None:
    """Keeps the page as WebP, as good as the limit allows."""
    if connected:
        page.wait_for_load_state("networkidle")
    at_rest(page)
    target = FOLDER / f"{name}.{language}.webp"
    with Image.open(BytesIO(page.screenshot(animations="disabled"))) as picture:
        for quality in QUALITIES:
            picture.convert("RGB").save(target, quality=quality, method=6)
            if target.stat().st_size <= LIMIT_BYTES:
                print(f"{target.name}: {target.stat().st_size // 1000} kB")
                return
    raise SystemExit(f"{target} stays above {LIMIT_BYTES} bytes")


@contextmanager
def page_in(browser: Browser, language: str, port: int = 0) -> Iterator[Page]:
    """A page in this language; by `port`, where one is given, of a SOCKS proxy on this machine."""
    proxy: ProxySettings | None = {"server": f"socks5://127.0.0.1:{port}", "bypass": "<-loopback>"} if port else None
    context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]}, locale=LANGUAGES[language], proxy=proxy)
    page = context.new_page()
    page.add_init_script(f"localStorage.setItem('fengsui.language', '{LANGUAGES[language]}')")
    yield page
    context.close()


@contextmanager
def at_desk(browser: Browser, demo: Demo, language: str, name: str) -> Iterator[tuple[Page, Callable[[str], Page]]]:
    """A page on which this person has signed in, and the way to a room."""
    with page_in(browser, language) as page:
        sign_in(page, demo, name)

        def go(room: str) -> Page:
            page.goto(demo.node["console"] + room)
            return page

        yield page, go


def moving(frames: Callable[[], int]) -> None:
    wait_until(lambda: frames() >= 15, seconds=60, what="the picture moves")


def frames_shown(page: Page, tile: str) -> int:
    video = page.get_by_test_id(tile).locator("video")
    return int(video.evaluate("video => video.getVideoPlaybackQuality().totalVideoFrames"))
