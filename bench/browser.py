"""Rows seen from Chromium: click to painted picture, and burnt-in clock to decoded picture; go2rtc in the same Chromium."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page, sync_playwright

from bench.catalogue import Api
from bench.peers.go2rtc import Go2rtc, go2rtc
from bench.processes import LOAD_CORE, end
from bench.signalling import CODE, PASSWORD, BenchNode, bench_node
from bench.table import Figure
from fengsui.simulators.footage import FOOTAGE_FOLDER
from fengsui.simulators.moving_view import CLOCK_BITS, CLOCK_BLOCK

CLICKS, PEER_CLICKS, WALLS, PICTURES = 20, 5, 5, 100
SIZES = (1, 4, 9)
"""Tiles on the wall; all but the measured one play already."""
CAMERAS = 10
"""Of the demonstration's street; the sixth is the dome with the clock. The recorder's four channels stand beside them."""
FILM = FOOTAGE_FOLDER / "street.10fps.h264"
READY_S = 30
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
FLAGS += ["--autoplay-policy=no-user-gesture-required", "--disable-features=WebRtcHideLocalIpsWithMdns"]
CLICK = """wanted => new Promise((resolve, reject) => {
  const began = performance.now();
  setTimeout(() => reject(new Error('no picture within 15 s')), 15000);
  document.querySelector(`[data-testid="camera-${wanted.code}"]`).click();
  const look = () => {
    const video = document.querySelector(`[data-testid="tile-${wanted.tile}"] video`);
    if (video === null) return requestAnimationFrame(look);
    video.requestVideoFrameCallback(() => resolve(performance.now() - began));
  };
  look();
})"""
FOUR = """codes => {
  const began = performance.now();
  return Promise.all(codes.map((code, tile) => new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`no picture of ${code} within 15 s`)), 15000);
    document.querySelector(`[data-testid="tile-${tile}"]`).click();
    document.querySelector(`[data-testid="camera-${code}"]`).click();
    const look = () => {
      const video = document.querySelector(`[data-testid="tile-${tile}"] video`);
      if (video === null) return requestAnimationFrame(look);
      video.requestVideoFrameCallback(() => resolve(performance.now() - began));
    };
    look();
  }))).then(waits => Math.max(...waits));
}"""
"""Until the last of four is painted; none of them plays yet."""
ADD_PEER = """source => new Promise((resolve, reject) => {
  const began = performance.now();
  setTimeout(() => reject(new Error('no picture within 15 s')), 15000);
  document.querySelectorAll(source.beside ? 'none' : 'video-stream.measured').forEach(old => { old.ondisconnect(); old.remove(); });
  const player = document.createElement('video-stream');
  player.mode = source.mode; player.media = 'video';
  if (!source.beside) player.className = 'measured';
  const beside = source.beside ? document.querySelectorAll('video-stream:not(.measured)').length : 8;
  player.style.cssText = `position:fixed;width:33vw;height:33vh;left:${33 * (beside % 3)}vw;top:${33 * Math.floor(beside / 3)}vh`;
  document.body.appendChild(player);
  player.src = new URL(`api/ws?src=${source.name}`, location.href);
  const look = () => {
    const video = player.querySelector('video');
    if (video === null) return requestAnimationFrame(look);
    video.requestVideoFrameCallback(() => resolve(performance.now() - began));
  };
  look();
})"""
CLOCKS = f"""wanted => new Promise((resolve, reject) => {{
  const bits = {CLOCK_BITS}, block = {CLOCK_BLOCK}, found = [];
  const video = document.querySelector(wanted.selector);
  const canvas = document.createElement('canvas');
  canvas.width = bits * block; canvas.height = 2 * block;
  const context = canvas.getContext('2d', {{ willReadFrequently: true }});
  let skipped = 0;
  setTimeout(() => reject(new Error(`${{found.length}} pictures with a clock, ${{skipped}} without`)), wanted.limit_ms);
  const take = () => {{
    const now = Date.now();
    context.drawImage(video, 0, 0, canvas.width, canvas.height, 0, 0, canvas.width, canvas.height);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
    const bright = (bit, row) => pixels[((row * block + block / 2) * canvas.width + bit * block + block / 2) * 4] > 128;
    let clock = 0, whole = true;
    for (let bit = 0; bit < bits; bit++) {{
      clock = clock * 2 + (bright(bit, 0) ? 1 : 0);
      whole = whole && bright(bit, 0) !== bright(bit, 1);
    }}
    if (whole) found.push(((now % 2 ** bits) - clock + 2 ** bits) % 2 ** bits); else skipped += 1;
    if (found.length >= wanted.pictures) resolve(found); else video.requestVideoFrameCallback(take);
  }};
  video.requestVideoFrameCallback(take);
}})"""


def percentiles(values: list[float]) -> tuple[float, float]:
    """The median and the value below which 95 % lie."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


@contextlib.contextmanager
def street(alarms: int = 0) -> Iterator[tuple[BenchNode, Api, list[str], str]]:
    """A node on the measured core with simulated cameras on the other: codes of plain H.264 cameras, and of the dome."""
    with tempfile.TemporaryDirectory() as name, bench_node(Path(name), grace_s=2, alarms=alarms) as node:
        command = ["taskset", "-c", str(LOAD_CORE), sys.executable, "-m", "fengsui", "simulate", "street"]
        options = ["--port", str(node.sip_port), "--server", CODE, "--count", str(CAMERAS), "--mid-group"]
        environment = {**os.environ, "FENGSUI_DEVICE_PASSWORD": PASSWORD}
        simulator = subprocess.Popen([*command, *options], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            api = Api(node.http_port, PASSWORD)
            deadline_s = time.monotonic() + READY_S
            while len(items := api.ask("GET", "/cameras?status=online&limit=100")["items"]) < CAMERAS + 4:
                if time.monotonic() > deadline_s:
                    raise RuntimeError("the simulated cameras did not register")
                time.sleep(0.1)
            plain = [item["code"] for item in items if "H.264" in item["name"] and "PTZ" not in item["name"]]
            dome = next(item["code"] for item in items if "PTZ" in item["name"])
            yield node, api, plain, dome
        finally:
            end(simulator)


@contextlib.contextmanager
def _page(cores: frozenset[int] = frozenset({LOAD_CORE})) -> Iterator[Page]:
    """Headless Chromium on the load's core, or on these."""
    os.sched_setaffinity(0, cores)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), headless=True, args=FLAGS)
        try:
            yield browser.new_context(viewport={"width": 1280, "height": 720}, locale="zh-CN").new_page()
        except BrowserError as error:
            raise RuntimeError(str(error)) from error
        finally:
            browser.close()


def _sign_in(page: Page, node: BenchNode, protocol: str) -> None:
    page.goto(f"http://127.0.0.1:{node.http_port}/")
    page.get_by_test_id("sign-in-name").fill("duty")
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    page.get_by_test_id("layout-1").wait_for(timeout=15_000)
    page.evaluate("protocol => localStorage.setItem('fengsui.protocol', protocol)", protocol)
    page.reload()


def _fill(page: Page, size: int, beside: list[str]) -> int:
    """A wall of `size` tiles on which all but the last play; that one's number."""
    page.locator('[role="toolbar"] button', has_text="全部关闭").click()
    page.get_by_test_id(f"layout-{size}").click()
    for tile, code in enumerate(beside[: size - 1]):
        page.get_by_test_id(f"tile-{tile}").click()
        page.evaluate(CLICK, {"code": code, "tile": tile})
    page.get_by_test_id(f"tile-{size - 1}").click()
    return size - 1


def _close(page: Page, tile: int) -> None:
    page.locator(f'[data-testid="tile-{tile}"]').get_by_label("关闭画面").click()
    page.locator(f'[data-testid="tile-{tile}"] video').wait_for(state="detached")


def _idle(api: Api, code: str) -> None:
    deadline_s = time.monotonic() + READY_S
    while api.ask("GET", f"/cameras/{code}/live")["state"] != "idle":
        if time.monotonic() > deadline_s:
            raise RuntimeError(f"the stream of {code} did not end")
        time.sleep(0.05)


def _clicks(page: Page, api: Api, codes: list[str], tile: int, *, streaming: bool) -> list[float]:
    """Milliseconds from the click to the first painted picture, once for each click."""
    waits = []
    for number in range(CLICKS):
        wanted = {"code": codes[number % len(codes)], "tile": tile}
        page.get_by_test_id(f"camera-{wanted['code']}").wait_for()
        if streaming:
            page.evaluate(CLICK, wanted)  # within the grace time the stream goes on without a reader
            _close(page, tile)
        else:
            _idle(api, str(wanted["code"]))
        waits.append(float(page.evaluate(CLICK, wanted)))
        _close(page, tile)
    return waits


def _walls(page: Page, api: Api, codes: list[str]) -> list[float]:
    """Milliseconds from the first of four clicks to the last of four pictures on an empty wall of 2x2, once for each wall."""
    waits = []
    page.get_by_test_id("layout-4").click()
    for _ in range(WALLS):
        page.locator('[role="toolbar"] button', has_text="全部关闭").click()
        for code in codes:
            page.get_by_test_id(f"camera-{code}").wait_for()
            _idle(api, code)
        waits.append(float(page.evaluate(FOUR, codes)))
    return waits


@contextlib.contextmanager
def _peer(page: Page) -> Iterator[Go2rtc]:
    """go2rtc with the dome's picture and with a film that ffmpeg sends, its own player in the page."""
    clock = f"exec:taskset -c {LOAD_CORE} {sys.executable} -m bench.clock_camera"
    film = f"exec:taskset -c {LOAD_CORE} ffmpeg -re -stream_loop -1 -r 10 -i {FILM} -c copy -f mpegts -"
    with go2rtc([clock, *[film] * SIZES[-1]]) as peer:
        page.goto(f"http://127.0.0.1:{peer.api_port}/stream.html?src=none")
        page.evaluate("() => customElements.whenDefined('video-stream')")
        yield peer


def _beside(page: Page, mode: str, wanted: int, playing: int) -> int:
    """So many players of the film beside the measured one; how many play now."""
    for number in range(playing, wanted):
        page.evaluate(ADD_PEER, {"name": f"camera{number + 2}", "mode": mode, "beside": True})
    return max(playing, wanted)


def first_picture() -> Iterator[Figure]:
    """Click to painted picture in Chromium; the camera begins in the middle of a group, so its first key frame is one asked for."""
    with _page() as page:
        ours: dict[tuple[int, bool], tuple[float, float]] = {}
        theirs: dict[tuple[int, bool], tuple[float, float]] = {}
        with street() as (node, api, plain, _):
            _sign_in(page, node, "ws")
            beside, measured = plain[: SIZES[-1] - 1], plain[SIZES[-1] - 1 :]
            for size in SIZES:
                tile = _fill(page, size, beside)
                for streaming in (False, True):
                    ours[size, streaming] = percentiles(_clicks(page, api, measured, tile, streaming=streaming))
            walls = percentiles(_walls(page, api, plain[:4]))
            peak = node.peak_mb()
        with _peer(page):
            playing, cold, source = 0, {"name": "camera1", "mode": "mse"}, {"name": "camera0", "mode": "mse"}
            for size in SIZES:
                playing = _beside(page, "mse", size - 1, playing)
                theirs[size, False] = percentiles([float(page.evaluate(ADD_PEER, cold)) for _ in range(PEER_CLICKS)])
                page.evaluate(ADD_PEER, source)
                theirs[size, True] = percentiles([float(page.evaluate(ADD_PEER, source)) for _ in range(PEER_CLICKS)])
    yield Figure(
        "first-frame",
        f"Chromium, four clicks on an empty wall of 2×2 to the fourth painted picture, none streaming, {WALLS} times",
        f"p50 {walls[0]:.0f} ms, p95 {walls[1]:.0f} ms",
        "—",
        None,
        "≤ 1,000 ms",
        peak,
    )
    for (size, streaming), our in ours.items():
        their = theirs[size, streaming]
        what = "that is streaming" if streaming else "that is not yet streaming, key frame asked for"
        how = "running source" if streaming else "source not running, an ffmpeg to be started"
        yield Figure(
            "first-frame",
            f"Chromium, click to painted picture, a camera {what}, {size - 1} tiles playing, {CLICKS} clicks",
            f"p50 {our[0]:.0f} ms, p95 {our[1]:.0f} ms",
            f"go2rtc (MSE), {how}, {PEER_CLICKS} clicks: p50 {their[0]:.0f} ms, p95 {their[1]:.0f} ms",
            their[1] / our[1],
            "≤ 300 ms p95" if streaming else "≤ 800 ms p95",
            peak,
        )


def glass_to_glass() -> Iterator[Figure]:
    """From the clock burnt into the camera's picture to the decoded picture in Chromium."""
    goals = {"ws": ("WebSocket", "mse", "≤ 300 ms p95"), "webrtc": ("WebRTC", "webrtc", "≤ 150 ms p95")}
    ours: dict[tuple[str, int], tuple[float, float]] = {}
    theirs: dict[tuple[str, int], tuple[float, float]] = {}
    limit = {"pictures": PICTURES, "limit_ms": 60_000}
    with _page() as page:
        with street() as (node, _, plain, dome):
            for protocol in goals:
                page.context.clear_cookies()
                _sign_in(page, node, protocol)
                page.get_by_test_id(f"camera-{dome}").wait_for()
                for size in SIZES:
                    tile = _fill(page, size, plain)
                    page.evaluate(CLICK, {"code": dome, "tile": tile})
                    selector = f'[data-testid="tile-{tile}"] video'
                    ours[protocol, size] = percentiles(page.evaluate(CLOCKS, {"selector": selector, **limit}))
            peak = node.peak_mb()
        for protocol, (_, mode, _) in goals.items():
            with _peer(page):
                playing = 0
                for size in SIZES:
                    playing = _beside(page, mode, size - 1, playing)
                    page.evaluate(ADD_PEER, {"name": "camera0", "mode": mode})
                    clocks = page.evaluate(CLOCKS, {"selector": "video-stream.measured video", **limit})
                    theirs[protocol, size] = percentiles(clocks)
    for (protocol, size), our in ours.items():
        name, _, goal = goals[protocol]
        their = theirs[protocol, size]
        yield Figure(
            "glass-to-glass",
            f"{name}, {size - 1} tiles playing beside it, {PICTURES} pictures of 640x360 at 10 a second",
            f"p50 {our[0]:.0f} ms, p95 {our[1]:.0f} ms",
            f"go2rtc: p50 {their[0]:.0f} ms, p95 {their[1]:.0f} ms",
            their[1] / our[1],
            goal,
            peak,
        )
