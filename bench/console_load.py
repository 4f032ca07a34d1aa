"""Row `console-load`: a signed-in operator opens the console with nothing cached, until the wall and its tree can be used."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.browser import FLAGS, percentiles
from bench.peers.bare_page import bare_page
from bench.processes import LOAD_CORE
from bench.signalling import PASSWORD, bench_node
from bench.table import Figure

LOADS = 12
LIMIT_MS, LIMIT_KB = 1_500, 600
WHEN = """(() => {
  const look = () => {
    if (document.querySelector(%r) === null) return requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => (document.documentElement.dataset.usable = String(performance.now())), 0));
  };
  look();
})()"""
"""Notes when what makes the page usable has been painted and the page listens again."""
OURS, PEERS = '.wall-area button[data-testid="layout-4"]', ".ant-table-row"


def _loads(browser: Browser, address: str, usable: str, state: Any) -> tuple[list[float], float]:
    """Milliseconds from the navigation on, once for each load, and the largest load's kB over the wire with headers."""
    waits, most = [], 0.0
    for _ in range(LOADS):
        context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN", storage_state=state)
        page = context.new_page()
        octets: list[float] = []
        wire = context.new_cdp_session(page)
        wire.on("Network.loadingFinished", lambda event: octets.append(event["encodedDataLength"]))  # noqa: B023 (one load, one list)
        wire.send("Network.enable")
        page.add_init_script(WHEN % usable)
        page.goto(address)
        page.locator("html[data-usable]").wait_for(state="attached", timeout=15_000)
        waits.append(float(page.locator("html").get_attribute("data-usable") or 0))
        most = max(most, sum(octets) / 1000)
        context.close()
    return waits, most


def console_load() -> Iterator[Figure]:
    """The console beside a bare page of the same parts, in one run of one Chromium."""
    os.sched_setaffinity(0, {LOAD_CORE})
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), headless=True, args=FLAGS)
        with bench_node(Path(folder)) as node:
            address = f"http://127.0.0.1:{node.http_port}/"
            context = browser.new_context(locale="zh-CN")
            page = context.new_page()
            page.goto(address)
            page.get_by_test_id("sign-in-name").fill("duty")
            page.get_by_test_id("sign-in-password").fill(PASSWORD)
            page.get_by_test_id("sign-in-submit").click()
            page.get_by_test_id("layout-4").wait_for(timeout=15_000)
            state = context.storage_state()
            context.close()
            ours, our_kb = _loads(browser, address, OURS, state)
            peak = node.peak_mb()
        with bare_page() as bare:
            theirs, their_kb = _loads(browser, bare, PEERS, None)
        browser.close()
    middle, late = percentiles(ours)
    their_middle, their_late = percentiles(theirs)
    yield Figure(
        "console-load",
        f"Chromium, nothing cached, navigation to the wall usable, {LOADS} loads",
        f"p50 {middle:.0f} ms, p95 {late:.0f} ms, {our_kb:.0f} kB compressed",
        f"bare React and antd page, same bundler, no data: p50 {their_middle:.0f} ms, p95 {their_late:.0f} ms, {their_kb:.0f} kB",
        their_middle / middle,
        f"≤ {LIMIT_MS:,} ms p95, ≤ {LIMIT_KB} kB",
        peak,
    )
