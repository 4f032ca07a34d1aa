"""Rows `alarm-screen` and `alarm-picture`: the desk's page in Chromium, from a host's frame to what is painted of it."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from bench.alarm_reception import HOSTS, Acknowledged, Senders, entered
from bench.browser import _page, _sign_in, street
from bench.catalogue import Api
from bench.processes import BOTH_CORES, free_port
from bench.signalling import PASSWORD, BenchNode, bench_node
from bench.table import Figure
from fengsui.wire.dc09.sending import Sender, request

RATE, LASTS_S, STORM, OPEN = 200, 20, 10_000, 50_000
URGENT = 12
"""As many rows as stand above the fold on a desk's screen."""
ALARMS = 20
SETTLED_S = 30.0
SCROLL_S = 10.0
WATCH_TOTAL = """() => {
  const seen = window.seen = [];
  const now = () => Number(document.querySelector('[data-testid=queue-total]')?.dataset.total ?? 0);
  const look = () => {
    const total = now();
    if (seen.length > 0 && seen[seen.length - 1][0] === total) return;
    seen.push([total, 0]);
    const mine = seen[seen.length - 1];
    requestAnimationFrame(() => requestAnimationFrame(() => { mine[1] = Date.now() / 1000; }));
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-total'] });
  return seen[0][0];
}"""
"""How many wait, as it is painted: a number, and when (seconds since 1970)."""
WATCH_ROWS = """() => {
  const rows = window.rows = {};
  const look = () => document.querySelectorAll('.queue-row').forEach((row) => {
    const id = row.dataset.testid;
    if (id in rows) return;
    rows[id] = [row.textContent, 0];
    requestAnimationFrame(() => requestAnimationFrame(() => { rows[id][1] = Date.now() / 1000; }));
  });
  look();
  for (const id in rows) delete rows[id];
  document.querySelectorAll('.queue-row').forEach((row) => { rows[row.dataset.testid] = ['', 0]; });
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
}"""
WATCH_PICTURE = """camera => {
  window.picture = new Promise((done) => {
    const tile = () => document.querySelector(`[data-testid=alarm-picture][data-camera="${camera}"]`);
    const look = () => {
      if (Number(tile()?.dataset.frames ?? 0) === 0) return;
      watch.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => done(Date.now() / 1000)));
    };
    const watch = new MutationObserver(look);
    watch.observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-frames', 'data-camera'] });
  });
}"""
GLIDE = """wanted => new Promise((done) => {
  const sheet = document.querySelector('[data-testid=alarm-rows]');
  const gaps = [], began = performance.now();
  let before = began;
  const turn = (now) => {
    gaps.push(now - before);
    before = now;
    sheet.scrollTop += wanted.step_px;
    if (now - began < wanted.lasts_ms) requestAnimationFrame(turn);
    else done([gaps.slice(2), sheet.scrollTop, sheet.querySelectorAll('.queue-row').length]);
  };
  requestAnimationFrame(turn);
})"""
"""Scrolls a step with each picture of the screen: what lies between two of them, and where it arrived."""


def ranks(values: list[float]) -> str:
    """In milliseconds."""
    ordered = sorted(values)
    late = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"p50 {ordered[len(ordered) // 2] * 1_000:.0f} ms, p99 {late * 1_000:.0f} ms"


@contextlib.contextmanager
def _desk(page: Page) -> Iterator[tuple[BenchNode, Senders]]:
    """A node whose hosts were heard once, its people without alarms yet; the desk's page is open. Node, page and senders share both
    cores, as they find them."""
    port = free_port()
    with tempfile.TemporaryDirectory() as name, bench_node(Path(name), alarms=port, cores=BOTH_CORES) as node:
        entered(node, "站点 {:04d}")
        page.set_viewport_size({"width": 1920, "height": 1080})
        _sign_in(page, node, "ws")
        page.goto(f"http://127.0.0.1:{node.http_port}/alarms")
        page.get_by_test_id("queue-total").wait_for()
        senders = Senders(port)
        try:
            yield node, senders
        finally:
            senders.close()


def _beside(page: Page, senders: Senders, frames: list[tuple[str, bytes]], window: int, rate: float) -> Acknowledged:
    """Sent in a thread of its own, while the browser's driver goes on."""
    found: list[Acknowledged] = []
    thread = threading.Thread(target=lambda: found.append(senders.send(frames, window, rate)), daemon=True)
    thread.start()
    while thread.is_alive():
        page.wait_for_timeout(100)
    if not found:
        raise RuntimeError("the node does not acknowledge")
    return found[0]


def _settled(page: Page, node: BenchNode) -> int:
    """Until the page says as many as the node; how many."""
    deadline_s = time.monotonic() + SETTLED_S
    while True:
        said = int(page.get_by_test_id("queue-total").get_attribute("data-total") or 0)
        if said == int(Api(node.http_port, PASSWORD, "duty").ask("GET", "/alarm-queue/summary?top=0")["open"]):
            return said
        if time.monotonic() > deadline_s:
            raise RuntimeError(f"the page says {said} after {SETTLED_S:.0f} s, which the node does not")
        page.wait_for_timeout(200)


def _totals(page: Page) -> list[tuple[int, float]]:
    return [(int(total), float(at)) for total, at in page.evaluate("window.seen") if at]


def alarm_screen() -> Iterator[Figure]:
    """Two hundred a second, then ten thousand at once, then fifty thousand that wait."""
    with _page(BOTH_CORES) as page, _desk(page) as (node, senders):
        before = page.evaluate(WATCH_TOTAL)
        page.evaluate(WATCH_ROWS)
        frames = senders.frames(RATE * LASTS_S)
        every = len(frames) // URGENT
        for turn in range(URGENT):
            frames[turn * every] = senders.urgent(turn)
        sent_at = time.time()
        few = _beside(page, senders, frames, len(frames), RATE)
        came = _settled(page, node) - before
        painted = _totals(page)
        waits = []
        for number in range(1, came + 1):
            at = next((at for total, at in painted if total >= before + number), None)
            if at is not None:
                waits.append(at - (sent_at + (number - 1) / RATE))
        rows = page.evaluate("window.rows")
        urgent = [
            at - (sent_at + turn * every / RATE)
            for turn in range(URGENT)
            for text, at in rows.values()
            if f"站点 {turn:04d}" in text and "紧急求助" in text
        ]
        yield Figure(
            "alarm-screen",
            f"{len(frames):,} at {RATE}/s, frame to Chromium: the rows of {URGENT} urgent ones among them; the count of all",
            f"rows of {len(urgent)}: {ranks(urgent)}; count of {len(waits):,}: {ranks(waits)}; {few.resent} sent again",
            "—",
            None,
            "p50 ≤ 100 ms, p99 ≤ 300 ms",
            node.peak_mb(),
        )
        page.evaluate(WATCH_TOTAL)
        sent_at = time.time()
        storm = _beside(page, senders, senders.frames(STORM), STORM, 0)
        total = _settled(page, node)
        at = next(at for said, at in _totals(page) if said == total)
        yield Figure(
            "alarm-screen",
            f"{STORM:,} at once, first frame to their whole count in Chromium",
            f"{at - sent_at:.2f} s, the last ACK after {storm.took_s:.2f} s, {storm.resent} sent again",
            "—",
            None,
            "≤ 1.5 s",
            node.peak_mb(),
        )
        _beside(page, senders, senders.frames(OPEN - total, zones=OPEN // HOSTS), 2_000, 0)
        total = _settled(page, node)
        page.reload()
        began_s = time.monotonic()
        page.locator(".queue-row").first.wait_for()
        opened_s = time.monotonic() - began_s
        gaps, top, drawn = page.evaluate(GLIDE, {"step_px": 60, "lasts_ms": SCROLL_S * 1000})
        ordered = sorted(gaps)
        keys = [_pressed(page) for _ in range(20)]
        yield Figure(
            "alarm-screen",
            f"queue page with {total:,} open alarms: scrolled for {SCROLL_S:.0f} s by a row with each picture, then 20 × key J",
            f"open in {opened_s * 1000:.0f} ms; {len(gaps) / SCROLL_S:.0f} pictures/s, "
            f"p95 {ordered[int(len(gaps) * 0.95)]:.0f} ms, longest {ordered[-1]:.0f} ms, {drawn} rows drawn, "
            f"{top / 58:,.0f} passed; J to the next alarm {ranks(keys)}",
            "—",
            None,
            "fluid",
            node.peak_mb(),
        )


def _pressed(page: Page) -> float:
    """Seconds from the key until another alarm is the chosen one, painted."""
    return float(
        page.evaluate(
            """() => new Promise((done) => {
  const chosen = () => document.querySelector('.queue-row.chosen')?.dataset.testid;
  const before = chosen(), began = performance.now();
  const look = () => requestAnimationFrame(chosen() === before ? look : () => done((performance.now() - began) / 1000));
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }));
  look();
})"""
        )
    )


def _ended(api: Api) -> None:
    """Taken, verified and closed: what waits keeps its place before one as urgent."""
    for one in api.ask("GET", "/alarms?queue=open&limit=100")["items"]:
        bodies: tuple[tuple[str, dict[str, Any]], ...] = (
            ("acknowledge", {}),
            ("verify", {"result": "real"}),
            ("close", {"outcome": "handled"}),
        )
        for act, body in bodies:
            api.ask("POST", f"/alarms/{one['id']}/{act}", body)


def alarm_picture() -> Iterator[Figure]:
    """The picture opens by itself: the camera is not streaming, so it is invited first."""
    port, account = free_port(), "A00000"
    with _page() as page, street(alarms=port) as (node, api, plain, _):
        points = [{"zone": f"{at + 1}", "name": f"按钮 {at}", "kind": "button", "camera": code} for at, code in enumerate(plain)]
        Api(node.http_port, PASSWORD, "system").ask("POST", "/alarm-hosts", {"account": account, "site": "站点", "points": points})
        page.set_viewport_size({"width": 1920, "height": 1080})
        _sign_in(page, node, "ws")
        page.goto(f"http://127.0.0.1:{node.http_port}/alarms")
        page.get_by_test_id("queue-total").wait_for()
        desk, senders, waits = Api(node.http_port, PASSWORD, "duty"), Senders(port), list[float]()
        for turn in range(ALARMS):
            camera = plain[turn % len(plain)]
            while api.ask("GET", f"/cameras/{camera}/live")["state"] != "idle":
                page.wait_for_timeout(50)
            page.evaluate(WATCH_PICTURE, camera)
            key = f"{turn + 1:04d}#{account}"
            frame = request(Sender(account), "SIA-DCS", turn + 1, f"#{account}|Nri1/PA{turn % len(plain) + 1:03d}")
            sent_at = time.time()
            senders.send([(key, frame)], 1)
            waits.append(float(page.evaluate("window.picture")) - sent_at)
            _ended(desk)
        senders.close()
        ordered = sorted(waits)
        yield Figure(
            "alarm-picture",
            f"{ALARMS} alarms one by one, frame to the painted picture of its camera in Chromium, which is invited first",
            f"p50 {ordered[len(ordered) // 2] * 1000:.0f} ms, p95 {ordered[int(len(ordered) * 0.95)] * 1000:.0f} ms, "
            f"max {ordered[-1] * 1000:.0f} ms",
            "—",
            None,
            "≤ 1,000 ms p95",
            node.peak_mb(),
        )
