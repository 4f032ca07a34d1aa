"""A camera that left the catalogue, in the console: its footage is chosen from the list of those that left, and plays."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, running_demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_playback import record, shown_s, ticket

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A demo of its own: a device is removed from it."""
    with running_demo() as running:
        yield running
        os.kill(devices_of(running), signal.SIGCONT)


def devices_of(demo: Demo) -> int:
    """The process of the demonstration's devices."""
    for one in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((one / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == demo.process.pid and b"\0simulate\0street\0" in (one / "cmdline").read_bytes():
                return int(one.name)
    pytest.fail("the demonstration has no devices")


@pytest.mark.usefixtures("china_now")
def test_footage_of_a_camera_that_left_is_chosen_from_its_list_and_plays(demo: Demo, page: Page) -> None:
    camera = cameras_with_patches(demo, "H.264")[0]
    with demo.client() as client, demo.client("system") as keeper:
        since, _ = record(keeper, [camera])
        ticket(client, [camera], since)
        device = keeper.get(f"/cameras/{camera}").json()["device"]
        os.kill(devices_of(demo), signal.SIGSTOP)  # it would register again
        assert keeper.delete(f"/devices/{device}").status_code == 204
        wait_until(lambda: keeper.get("/withdrawn-cameras").json()["total"] >= 1, seconds=30, what="it left")
    sign_in(page, demo, at="playback")
    page.get_by_test_id("playback-withdrawn").click()
    page.get_by_test_id(f"withdrawn-{camera}").wait_for()
    assert not faults(page)
    page.get_by_test_id(f"withdrawn-{camera}").click()
    tile = page.get_by_test_id(f"playback-{camera}")
    expect(tile.locator(".name")).to_contain_text("已撤出")
    page.get_by_test_id("last-footage").click()
    page.get_by_test_id("timeline").focus()
    page.keyboard.press("Space")
    wait_until(lambda: shown_s(page, camera) >= since.timestamp() - 1, seconds=60, what="its pictures are shown")
