"""Row `map-110k`: frames a second while a hand pans and zooms over 110,000 cameras; bare MapLibre with the same GeoJSON."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from bench.browser import FLAGS
from bench.signalling import PASSWORD, BenchNode, bench_node
from bench.table import Figure
from fengsui.features.cameras import queries
from fengsui.store import Store

COUNT, ROUNDS = 110_000, 3
CITIES = ((106.71, 26.58), (106.93, 27.70), (104.83, 26.59), (105.95, 26.25), (105.29, 27.30), (109.19, 27.73), (107.98, 26.58))
SPREAD = 0.12
"""Degrees; most cameras of a city stand within twice this of its middle."""
VIEW = {"longitude": 106.71, "latitude": 26.58, "zoom": 11.2}
PAN_S, ZOOM_S = 5, 8
SIZE: ViewportSize = {"width": 1920, "height": 1080}
PLATFORM = "52010300002000000009"
MAPLIBRE = Path(__file__).parents[1] / "console" / "node_modules" / "maplibre-gl" / "dist"
TOUR = """async wanted => {
  const canvas = document.querySelector('canvas.maplibregl-canvas');
  const box = canvas.getBoundingClientRect();
  const x = box.left + box.width / 2, y = box.top + box.height / 2;
  const send = (type, dx, dy, to = document) => to.dispatchEvent(new MouseEvent(type,
    { bubbles: true, cancelable: true, clientX: x + dx, clientY: y + dy, button: 0, buttons: type === 'mouseup' ? 0 : 1 }));
  const frame = () => new Promise(requestAnimationFrame);
  const during = async (ms, step) => {
    const began = performance.now();
    let frames = 0, before = 0;
    for (let now = 0; now < ms; now = performance.now() - began) {
      step(now, now - before);
      before = now;
      await frame();
      frames += 1;
    }
    return frames * 1000 / (performance.now() - began);
  };
  send('mousedown', 0, 0, canvas);
  const pan = await during(wanted.pan, ms => send('mousemove', 260 * Math.sin(ms / 240), 180 * Math.sin(ms / 150)));
  send('mouseup', 0, 0);
  const wheel = by => canvas.dispatchEvent(new WheelEvent('wheel',
    { bubbles: true, cancelable: true, clientX: x, clientY: y, deltaY: by, deltaMode: 0 }));
  const zoom = await during(wanted.zoom, (ms, since) => wheel((ms % 4000 < 2000 ? -0.6 : 0.6) * since));
  return { pan, zoom };
}"""
"""A hand that drags in figures of eight and turns the wheel there and back, the same way at any frame rate: frames a second."""
BARE = """<!doctype html><meta charset="utf-8">
<style>html, body { margin: 0 } #map { width: %(width)dpx; height: %(height)dpx }</style>
<link rel="stylesheet" href="maplibre-gl.css"><div id="map"></div><script type="module">
import { Map } from './maplibre-gl.mjs';
const clustered = location.search === '?clustered';
const source = { type: 'geojson', data: await (await fetch('cameras.geojson')).json(),
  ...(clustered ? { cluster: true, clusterMaxZoom: 15, clusterRadius: 46 } : {}) };
const points = { id: 'points', type: 'circle', source: 'cameras', filter: ['!', ['has', 'point_count']],
  paint: { 'circle-radius': 6, 'circle-color': '#3fbf7f', 'circle-stroke-width': 2, 'circle-stroke-color': '#121922' } };
const groups = [
  { id: 'groups', type: 'circle', source: 'cameras', filter: ['has', 'point_count'],
    paint: { 'circle-radius': ['step', ['get', 'point_count'], 14, 100, 18, 1000, 22, 10000, 27], 'circle-color': '#3fbf7f' } },
  { id: 'counts', type: 'symbol', source: 'cameras', filter: ['has', 'point_count'],
    layout: { 'text-field': ['to-string', ['get', 'point_count']], 'text-size': 12 } } ];
const map = new Map({ container: 'map', center: [%(longitude)f, %(latitude)f], zoom: %(zoom)f, attributionControl: false,
  style: { version: 8, sources: { cameras: source }, layers: clustered ? [...groups, points] : [points] } });
map.once('idle', () => { document.getElementById('map').dataset.idle = 'true'; });
</script>"""


@dataclass(frozen=True, slots=True)
class Rates:
    """Frames a second, and milliseconds that the drawing process worked for each."""

    pan: float
    zoom: float
    drawing_ms: float

    def text(self) -> str:
        """For the table."""
        return f"pan {self.pan:.1f}, zoom {self.zoom:.1f} frames/s, {self.drawing_ms:.0f} ms of drawing each"


def _places() -> list[tuple[float, float]]:
    """The same at each run."""
    chance = random.Random(20261127)
    middles = [chance.choice(CITIES) for _ in range(COUNT)]
    return [(round(chance.gauss(x, SPREAD), 6), round(chance.gauss(y, SPREAD), 6)) for x, y in middles]


async def _write(url: str, places: list[tuple[float, float]]) -> None:
    store = await Store.open(url)
    empty = ("maker", "model", "address", "parents", "business_group", "details", "fingerprint", "camera_class", "unit")
    same: dict[str, Any] = {
        **dict.fromkeys(empty, ""),
        "device": PLATFORM,
        "kind": "camera",
        "area": "520103",
        "shown_area": "520103",
    }
    same |= {"status": "ON", "ptz_type": 3, "streams": "main/sub"}
    rows = [
        {**same, "code": f"5201030000132{number:07d}", "name": f"中华北路{number:06d}号", "longitude": x, "latitude": y}
        for number, (x, y) in enumerate(places)
    ]
    async with store.transaction() as tx:
        for at in range(0, COUNT, 5_000):
            await queries.write_items(tx, rows[at : at + 5_000])
    await store.close()


class _Quiet(SimpleHTTPRequestHandler):
    """Says nothing of each file."""

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def _bare(folder: Path, places: list[tuple[float, float]], box: dict[str, float]) -> Iterator[str]:
    """Where the bare page is served: MapLibre, one source, its layers, and nothing else."""
    for name in ("maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl-shared.mjs", "maplibre-gl.css"):
        shutil.copy(MAPLIBRE / name, folder / name)
    features = [
        {"type": "Feature", "id": at, "properties": {"s": 1, "c": 0}, "geometry": {"type": "Point", "coordinates": place}}
        for at, place in enumerate(places)
    ]
    (folder / "cameras.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (folder / "index.html").write_text(BARE % {**box, **VIEW}, encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def _drawing_s(browser: Browser) -> float:
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return float(sum(one["cpuTime"] for one in processes if one["type"] == "GPU"))


def _tour(page: Page) -> Rates:
    page.locator('[data-idle="true"]').wait_for(timeout=60_000)
    browser = page.context.browser
    assert browser is not None
    before_s = _drawing_s(browser)
    found = page.evaluate(TOUR, {"pan": PAN_S * 1000, "zoom": ZOOM_S * 1000})
    frames = found["pan"] * PAN_S + found["zoom"] * ZOOM_S
    return Rates(found["pan"], found["zoom"], (_drawing_s(browser) - before_s) * 1000 / frames)


def _ours(browser: Browser, node: BenchNode) -> tuple[Rates, dict[str, float]]:
    """Our page's rates, and how large its map is."""
    context = browser.new_context(viewport=SIZE, locale="zh-CN")
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{node.http_port}/")
    page.evaluate("view => sessionStorage.setItem('fengsui.map', JSON.stringify(view))", VIEW)
    page.get_by_test_id("sign-in-name").fill("duty")
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    page.get_by_test_id("nav-situation").click()
    page.locator('[data-testid="map"][data-ready="true"]').wait_for(timeout=60_000)
    box = page.get_by_test_id("map").bounding_box()
    assert box is not None
    rates = _tour(page)
    context.close()
    return rates, {"width": box["width"], "height": box["height"]}


def _theirs(browser: Browser, address: str) -> Rates:
    context = browser.new_context(viewport=SIZE, locale="zh-CN")
    page = context.new_page()
    page.goto(address)
    rates = _tour(page)
    context.close()
    return rates


def _median(rates: list[Rates]) -> Rates:
    return Rates(*(statistics.median(getattr(one, name) for one in rates) for name in ("pan", "zoom", "drawing_ms")))


def situation() -> Iterator[Figure]:
    """Ours and theirs in turn, so that what else the machine does falls on both."""
    places = _places()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = f"sqlite:///{folder / 'points.db'}"
        asyncio.run(_write(store, places))
        yield from _tours(folder, store, places)


def _tours(folder: Path, store: str, places: list[tuple[float, float]]) -> Iterator[Figure]:
    with sync_playwright() as playwright:
        page_folder = folder / "bare"
        page_folder.mkdir()
        with bench_node(folder, store=store) as node:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), headless=True, args=FLAGS)
            rates, box = _ours(browser, node)
            ours, plain, clustered = [rates], [], []
            with _bare(page_folder, places, box) as address:
                for turn in range(ROUNDS):
                    plain.append(_theirs(browser, address))
                    clustered.append(_theirs(browser, f"{address}?clustered"))
                    if turn < ROUNDS - 1:
                        ours.append(_ours(browser, node)[0])
            browser.close()
            peak = node.peak_mb()
    our, bare, grouped = _median(ours), _median(plain), _median(clustered)
    ratio = min(our.pan / bare.pan, our.zoom / bare.zoom)
    yield Figure(
        "map-110k",
        f"Chromium without a GPU, {COUNT:,} cameras, a map of {box['width']:.0f}×{box['height']:.0f}, median of {ROUNDS} tours",
        our.text(),
        f"bare MapLibre, the same GeoJSON: {bare.text()}; clustered and without a base map: {grouped.text()}",
        ratio,
        "≥ 0.9",
        peak,
    )
