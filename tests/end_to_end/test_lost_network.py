"""The journey "lose the network for 30 s and carry on": the cable between desk and node is pulled while pictures play."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.cut_line import line
from tests.end_to_end.test_first_picture import cameras_with_patches, frames_of
from tests.end_to_end.test_recovery import show

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]
LOST_S = 30
RENAMED = "断网期间改名"


@pytest.fixture
def codes(demo: Demo) -> Iterator[list[str]]:
    """Two cameras; the first has its own name back afterwards."""
    found = cameras_with_patches(demo, "H.264")[:2]
    yield found
    with demo.client("system") as keeper:
        assert keeper.patch(f"/cameras/{found[0]}", json={"own_name": None}).status_code == 200


def test_thirty_seconds_without_a_network_and_on(demo: Demo, browser: Browser, codes: list[str]) -> None:
    with line() as cable:
        proxy = {"server": f"socks5://127.0.0.1:{cable.port}", "bypass": "<-loopback>"}
        context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN", proxy=proxy)
        page = context.new_page()
        sign_in(page, demo)
        show(page, codes)
        assert cable.carried > 0, "the pictures come by the line"
        page.evaluate("window.neverReloaded = true")
        for at in (0, 1):
            wait_until(lambda at=at: frames_of(page, at) >= 10, seconds=60, what=f"picture {at} moves")
        clock = page.get_by_test_id("node-clock")

        cable.cut()
        begun = time.monotonic()
        told = page.get_by_test_id("not-live")
        expect(told).to_contain_text("不是实时数据")
        expect(page.get_by_test_id("tile-0")).to_have_attribute("data-state", "stalled")
        expect(clock).to_contain_text("■")
        stopped = clock.inner_text()
        assert stopped.split()[-1] in told.inner_text(), "the banner and the clock tell the same time"
        with demo.client("system") as elsewhere:  # nobody at this desk can know
            assert elsewhere.patch(f"/cameras/{codes[0]}", json={"own_name": RENAMED}).status_code == 200
        time.sleep(max(0.0, LOST_S - (time.monotonic() - begun)))
        expect(page.get_by_test_id(f"camera-{codes[0]}")).not_to_contain_text(RENAMED)
        assert clock.inner_text() == stopped, "it stands where the node was heard last"
        wait_until(
            lambda: int("".join(filter(str.isdigit, page.get_by_test_id("not-live-for").inner_text()))) >= LOST_S - 8,
            seconds=60,
            what="its age is told",
        )

        before = [frames_of(page, at) for at in (0, 1)]
        cable.mend()
        expect(told).to_have_count(0)
        expect(page.get_by_test_id("live-again")).to_contain_text("其间的变化已补齐")
        for at in (0, 1):
            wait_until(lambda at=at: frames_of(page, at) >= before[at] + 10, seconds=60, what=f"picture {at} moves again")
            expect(page.get_by_test_id(f"tile-{at}")).to_have_attribute("data-state", "playing")
        expect(clock).not_to_contain_text("■")
        expect(page.get_by_test_id(f"camera-{codes[0]}")).to_contain_text(RENAMED)
        assert page.evaluate("window.neverReloaded")
        context.close()
