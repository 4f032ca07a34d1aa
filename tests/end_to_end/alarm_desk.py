"""An alarm host at the demonstration's node, which reports by real frames when a test says so; when the desk's page shows it."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

from playwright.sync_api import Page

from fengsui.simulators.alarm_host import AlarmTarget, SimulatedAlarmHost
from tests.end_to_end.conftest import Demo

SITE = "城东小学"
PAINTED = """([what, camera]) => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(Date.now() / 1000))));
  const when = (holds) => new Promise((done) => {
    const look = () => holds() && (watch.disconnect(), done(painted()));
    const watch = new MutationObserver(look);
    watch.observe(document.body, { subtree: true, childList: true, characterData: true, attributeFilter: ['data-frames'] });
    look();
  });
  const row = () => [...document.querySelectorAll('.queue-row')].some((one) => one.textContent.includes(what));
  const tile = () => document.querySelector(`[data-testid=alarm-picture][data-camera="${camera}"]`);
  const picture = () => Number(tile()?.dataset.frames ?? 0) > 0;
  window.__painted = Promise.all([when(row), when(picture)]);
}"""
"""Notes when the row that says `what`, and a picture of the camera, have been painted: seconds since 1970."""


def entered(demo: Demo, account: str, points: list[dict[str, Any]]) -> None:
    """The host is known to the node, in clear."""
    with demo.client("system") as keeper:
        made = keeper.post("/alarm-hosts", json={"account": account, "site": SITE, "points": points})
        assert made.status_code == 201, made.text


def report(demo: Demo, account: str, *events: str, transport: str = "UDP") -> float:
    """Each event until the node has acknowledged it. When the first was sent, seconds since 1970."""
    target = AlarmTarget(port=int(demo.node["alarms"]["port"]), transport=transport)

    async def run() -> None:
        host = SimulatedAlarmHost(account, target, sequence=int(time.time()) % 9_000)
        for event in events:
            await host.report(event)
        await host.close()

    began = time.time()
    beside = threading.Thread(target=lambda: asyncio.run(run()))  # the browser's driver has the loop of this thread
    beside.start()
    beside.join(60)
    assert not beside.is_alive(), "the node does not acknowledge"
    return began


def painted(page: Page) -> tuple[float, float]:
    """When the row and when the picture that `PAINTED` watches for were on screen."""
    row, picture = page.evaluate("window.__painted")
    return float(row), float(picture)
