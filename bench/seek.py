"""Row `seek`: a click on the timeline of the playback page to the painted picture in Chromium, one camera and nine in step."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from bench.browser import READY_S, _page, _sign_in, percentiles
from bench.catalogue import Api
from bench.export import PICTURES_A_SECOND, films, kept
from bench.processes import BOTH_CORES, LOAD_CORE, end
from bench.signalling import CODE, PASSWORD, BenchNode, bench_node
from bench.table import Figure
from fengsui.features.policy import DEMO_PACK, DEMO_PUBLISHER, PUBLISHERS

CAMERAS, CLICKS = 9, 40
MAIN, SUB = ("main", "768:576", "1M"), ("sub", "352:288", "384k")
"""What a stream is recorded as: its name, size and bits a second."""
LASTS_S, AGO_S = 1_800, 300
"""Of footage, and how long ago it ended."""
CASE = "A5201022026113456"
APART_S = 30
"""Between two places that are clicked: nothing of the one is at hand for the other."""
PICTURE_S = 1 / PICTURES_A_SECOND
ARM = """() => {
  const seen = window.clickSeen = { began: 0 };
  const timeline = document.querySelector('[data-testid="timeline"]');
  timeline.addEventListener('click', event => { seen.began = event.timeStamp; }, { capture: true, once: true });
  seen.painted = Promise.all([...document.querySelectorAll('.playback-grid video')].map(video => new Promise((resolve, reject) => {
    const before = video.currentTime;
    setTimeout(() => reject(new Error('no picture within 15 s')), 15000);
    const take = (now, { mediaTime }) => {
      if (seen.began > 0 && Math.abs(mediaTime - before) > 5) resolve([now - seen.began, mediaTime]);
      else video.requestVideoFrameCallback(take);
    };
    video.requestVideoFrameCallback(take);
  })));
}"""
"""Milliseconds from the click itself to each tile's first picture from elsewhere, and that picture's media time."""
PAINTED = "() => window.clickSeen.painted"
PLAYED = """() => {
  window.played = [];
  for (const [camera, video] of [...document.querySelectorAll('.playback-grid video')].entries()) {
    const take = (_, { mediaTime, presentationTime, presentedFrames }) => {
      window.played.push([camera, mediaTime, presentationTime, presentedFrames]);
      video.requestVideoFrameCallback(take);
    };
    video.requestVideoFrameCallback(take);
  }
}"""
"""Of each tile: the media time of a picture, when the browser gave it to the screen (ms), and how many it had given by then. A page
is told of fewer than are shown (26 times a second here): so the time of the picture itself counts, not when it is told."""
PLAYS_S, BEGUN = 10, 25
PAUSE_MS = 300
"""Between clicks, as of a quick hand."""
BEFORE_S = 1.0
"""The ticket opens so much before the footage begins: there media time is nought."""


@contextlib.contextmanager
def _recorded(
    cameras: int, lasts_s: int, *streams: tuple[str, str, str]
) -> Iterator[tuple[BenchNode, list[dict[str, str]], float]]:
    """A node with so many cameras and footage of each until a while ago; the cameras, and when it begins (seconds since 1970)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        more, zone = _ruled(folder), _noon()
        with bench_node(folder, more=more, zone=zone) as node:
            named = _registered(node, cameras)
        until = int(time.time()) - AGO_S
        since_us = (until - lasts_s) * 1_000_000
        for stream, size, bits in streams:
            (folder / stream).mkdir()
            film, _ = films(folder / stream, size, bits, 16)
            names = [f"{one['code']}/{stream}" for one in named]
            kept(folder / "footage", folder / "footage-index.db", names, film, PICTURES_A_SECOND, since_us, lasts_s)
        with bench_node(folder, more=more, zone=zone) as node:
            yield node, named, float(until - lasts_s)


def _ruled(folder: Path) -> str:
    """The demonstration's policy pack, by which there are tickets."""
    (folder / PUBLISHERS).mkdir()
    shutil.copy(DEMO_PUBLISHER, folder / PUBLISHERS)
    return f"[policy]\nfirst_pack = {json.dumps(str(DEMO_PACK))}\n"


def _noon() -> str:
    """A zone where it is noon: no day begins among the footage."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"  # which counts hours west of Greenwich


def _registered(node: BenchNode, count: int) -> list[dict[str, str]]:
    """The cameras of simulated devices, as a wall knows them."""
    command = ["taskset", "-c", str(LOAD_CORE), sys.executable, "-m", "fengsui", "simulate", "camera"]
    options = ["--port", str(node.sip_port), "--server", CODE, "--count", str(count)]
    environment = {**os.environ, "FENGSUI_DEVICE_PASSWORD": PASSWORD}
    simulator = subprocess.Popen([*command, *options], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        api = Api(node.http_port, PASSWORD)
        deadline_s = time.monotonic() + READY_S
        while len(items := api.ask("GET", "/cameras?status=online&limit=100")["items"]) < count:
            if time.monotonic() > deadline_s:
                raise RuntimeError("the simulated cameras did not register")
            time.sleep(0.1)
        return [{"code": item["code"], "name": item["name"]} for item in items]
    finally:
        end(simulator)


def _ticketed(node: BenchNode, cameras: list[dict[str, str]], since: float) -> None:
    """The right to all of it, for whoever watches."""
    api = Api(node.http_port, PASSWORD, "duty")
    crime = next(one for one in api.ask("GET", "/ticket-purposes")["items"] if one["code"] == "crime-investigation")
    times = {"since": since - BEFORE_S, "until": time.time() + 3_600}
    bounds: dict[str, Any] = {key: datetime.fromtimestamp(at, UTC).isoformat() for key, at in times.items()}
    bounds |= {"cameras": [one["code"] for one in cameras]}
    order = {"purpose": crime["code"], "case_number": CASE, "legal_basis": crime["basis"][0], "bounds": bounds}
    api.ask("POST", "/tickets", order)


def _opened(page: Page, node: BenchNode, cameras: list[dict[str, str]]) -> None:
    """The page of playback with these cameras, a whole day on its timeline."""
    page.evaluate("chosen => sessionStorage.setItem('fengsui.playback', chosen)", json.dumps(cameras))
    page.goto(f"http://127.0.0.1:{node.http_port}/playback")
    page.get_by_test_id("timeline").wait_for()
    for one in cameras:
        page.get_by_test_id(f"lane-{one['code']}").get_by_test_id("span").first.wait_for(state="attached")


def _click(page: Page, at: float) -> tuple[list[tuple[float, float]], float]:
    """A click where this time stands: milliseconds and media time of each tile, and which time was clicked, seconds since 1970."""
    line = page.get_by_test_id("timeline")
    box = line.bounding_box()
    assert box is not None  # it is there
    first, last = (float(line.get_attribute(f"aria-value{end}") or 0) for end in ("min", "max"))
    across = round((at - first) / (last - first) * box["width"])
    page.evaluate(ARM)
    page.mouse.click(box["x"] + across, box["y"] + box["height"] - 3)
    painted = [(float(took_ms), float(media)) for took_ms, media in page.evaluate(PAINTED)]
    page.wait_for_timeout(PAUSE_MS)
    return painted, first + across / box["width"] * (last - first)


def _clicks(page: Page, since: float, lasts_s: int, count: int) -> tuple[list[float], float]:
    """Milliseconds to the last tile's picture, once for each click; seconds between tiles at most. Raises for another picture."""
    edge_s = lasts_s / 10  # a column of the screen is the better part of a minute
    chance, clicked, took, apart = random.Random(3), 0.0, list[float](), 0.0
    for number in range(count + 1):
        at = clicked
        while abs(at - clicked) < 3 * APART_S:
            at = since + edge_s + chance.random() * (lasts_s - 2 * edge_s)
        painted, clicked = _click(page, at)
        times = [media for _, media in painted]
        if max(abs(since - BEFORE_S + media - clicked) for media in times) > 2 * PICTURE_S:
            raise RuntimeError(f"{clicked - since + BEFORE_S:.3f} was clicked, {times} is shown")
        if number:  # the first finds nothing compiled
            took.append(max(ms for ms, _ in painted))
            apart = max(apart, max(times) - min(times))
    return took, apart


def _in_step(page: Page, cameras: int) -> tuple[list[float], float]:
    """Ten seconds at 1×: how long after the first tile the last one shows the same picture, s, of each that most tiles told of; and
    the pictures a second that the slowest tile shows."""
    page.evaluate(PLAYED)
    page.get_by_test_id("play").click()
    begun = f"() => [...Array({cameras}).keys()].every(one => window.played.filter(it => it[0] === one).length >= {BEGUN})"
    page.wait_for_function(begun, timeout=30_000)
    page.evaluate("() => { window.played.length = 0; }")
    page.wait_for_timeout(PLAYS_S * 1_000)
    seen = page.evaluate("() => window.played")
    rates, pictures = list[float](), dict[int, list[float]]()
    for camera in range(cameras):
        ones = [one for one in seen if one[0] == camera]
        rates.append((ones[-1][3] - ones[0][3]) / (ones[-1][2] - ones[0][2]) * 1_000)
        for _, media, at_ms, _ in ones:
            pictures.setdefault(round(media / PICTURE_S), []).append(at_ms / 1_000)
    apart = [max(told) - min(told) for told in pictures.values() if len(told) > cameras / 2]
    return apart, min(rates)


def seek(cameras: int = CAMERAS, lasts_s: int = LASTS_S, clicks: int = CLICKS) -> Iterator[Figure]:
    """Clicks all over half an hour of footage, each far from what the page has at hand. Chromium decodes with both cores.

    Of the main stream alone, then with the sub-stream recorded beside it, which small tiles show."""
    yield from _of((1, cameras), lasts_s, clicks, "768×576", MAIN)
    yield from _of((cameras,), lasts_s, clicks, "768×576, their sub-streams of 352×288 beside,", MAIN, SUB)


def _of(counts: tuple[int, ...], lasts_s: int, clicks: int, said: str, *streams: tuple[str, str, str]) -> Iterator[Figure]:
    cameras = counts[-1]
    with _page(BOTH_CORES) as page, _recorded(cameras, lasts_s, *streams) as (node, named, since):
        _ticketed(node, named, since)
        page.set_viewport_size({"width": 1920, "height": 1080})
        _sign_in(page, node, "ws")
        for count in counts:
            goal = "≤ 500 ms p95" if count == 1 else "≤ 1,000 ms"
            _opened(page, node, named[:count])
            took, apart = _clicks(page, since, lasts_s, clicks)
            middle, late = percentiles(took)
            step = f", at most {apart * 1000:.0f} ms apart ({PICTURE_S * 1000:.0f} ms a picture)" if count > 1 else ""
            yield Figure(
                "seek",
                f"Chromium, click on the timeline to the {'last ' * (count > 1)}painted picture, "
                f"{count} of {said} at {PICTURES_A_SECOND}/s, {clicks} clicks",
                f"p50 {middle:.0f} ms, p95 {late:.0f} ms, max {max(took):.0f} ms{step}",
                "—",
                None,
                goal,
                node.peak_mb(),
            )
        skews, rate = _in_step(page, cameras)
        middle, late = percentiles(skews)
        yield Figure(
            "seek",
            f"Chromium, {cameras} of {said} at {PICTURES_A_SECOND}/s played at 1× for {PLAYS_S} s: "
            "the same picture in the first tile and in the last",
            f"p50 {middle * 1000:.0f} ms, p95 {late * 1000:.0f} ms, max {max(skews) * 1000:.0f} ms of {len(skews)} pictures; "
            f"{rate:.1f} pictures/s shown in the slowest tile",
            "—",
            None,
            f"≤ {PICTURE_S * 1000:.0f} ms, one picture",
            node.peak_mb(),
        )
