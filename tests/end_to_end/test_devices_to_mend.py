"""Devices of which somebody must mend something: doubled channel codes (decision 0028), and faults that a device reports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_recovery import process, show

pytestmark = pytest.mark.end_to_end
FACTORY = (931, 932, 933, 934)
"""Numbers of the channel codes that both recorders have from their maker."""


def camera_code(demo: Demo, number: int) -> str:
    return f"{demo.node['code'][:10]}132{number:07d}"


@contextmanager
def simulated(demo: Demo, log: Path, kind: str, number: int, *options: str) -> Iterator[None]:
    sip = demo.node["sip"]
    command = ["simulate", kind, "--port", str(sip["port"]), "--server", demo.node["code"], "--password", sip["password"]]
    with process(log, *command, "--first-number", str(number), *options):
        yield


@contextmanager
def office(browser: Browser, demo: Demo, name: str) -> Iterator[Page]:
    """A page of its own, signed in."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
    page = context.new_page()
    sign_in(page, demo, name)
    yield page
    context.close()


def test_doubled_channels_are_told_on_both_pages_until_somebody_gives_them_codes(
    demo: Demo, browser: Browser, tmp_path: Path
) -> None:
    console, prefix = demo.node["console"], demo.node["code"][:10]
    first, second = (f"{prefix}118{number:07d}" for number in (921, 922))
    codes = [camera_code(demo, number) for number in FACTORY]
    factory = ("--channel-codes", ",".join(codes))
    with ExitStack() as stack:
        system = stack.enter_context(demo.client("system"))
        stack.callback(lambda: [system.delete(f"/devices/{code}") for code in (first, second)])
        stack.enter_context(simulated(demo, tmp_path / "first.log", "nvr", 921, *factory))
        with demo.client() as duty:
            wait_until(lambda: all(duty.get(f"/cameras/{code}").status_code == 200 for code in codes), seconds=120, what="listed")
        page = stack.enter_context(office(browser, demo, "system"))
        with simulated(demo, tmp_path / "second.log", "nvr", 922, *factory):
            page.goto(f"{console}node")
            told = page.get_by_test_id("refused-devices")
            expect(told).to_contain_text("4 个通道未接入", timeout=120_000)
            told.get_by_role("link").click()
            refused = page.get_by_test_id("refused-channels")
            expect(refused).to_contain_text("4", timeout=60_000)
            expect(refused.get_by_role("listitem")).to_have_count(4)
            expect(refused).to_contain_text(codes[0])
            tree = page.get_by_test_id("own-tree").get_by_role("tree")
            expect(tree.get_by_text("模拟园区 922 校门")).to_be_visible()
            assert tree.get_by_role("link").count() == 0, "a refused channel leads to no camera: it would be the other's"
            refused.get_by_role("link", name=first).first.click()
            claimed = page.get_by_test_id("claimed-channels")
            expect(claimed.get_by_role("listitem")).to_have_count(4, timeout=60_000)
            expect(claimed).to_contain_text(second)
            expect(page.get_by_test_id("own-tree").get_by_role("tree").get_by_role("link")).to_have_count(4)
            with office(browser, demo, "duty") as wall:
                expect(wall.get_by_test_id(f"camera-{codes[0]}")).to_contain_text("模拟园区 921 校门", timeout=60_000)
                assert wall.get_by_text("模拟园区 922").count() == 0, "and the wall knows nothing of it"
        mended = ("--channel-codes", ",".join(camera_code(demo, number + 10) for number in FACTORY))
        with simulated(demo, tmp_path / "second.log", "nvr", 922, *mended):
            expect(claimed).to_have_count(0, timeout=60_000)
            page.goto(f"{console}devices/{second}")
            expect(page.get_by_test_id("own-tree").get_by_role("tree").get_by_role("link")).to_have_count(4, timeout=60_000)
            assert page.get_by_test_id("refused-channels").count() == 0
            page.goto(f"{console}node")
            expect(page.get_by_test_id("node-facts")).to_be_visible()
            assert page.get_by_test_id("refused-devices").count() == 0
        page.goto(f"{console}devices/{second}")
        page.get_by_test_id("remove-device").click()
        page.get_by_role("tooltip").get_by_role("button", name="删除设备").click()
        page.get_by_role("link", name="模拟录像机 921").wait_for()
        expect(page.get_by_role("row").filter(has_text=second)).to_have_count(0)


def test_a_fault_that_a_device_reports_is_shown_wherever_it_stands(demo: Demo, browser: Browser, tmp_path: Path) -> None:
    console, code = demo.node["console"], camera_code(demo, 925)
    with ExitStack() as stack:
        system = stack.enter_context(demo.client("system"))
        stack.callback(lambda: system.delete(f"/devices/{code}"))
        page, wall = (stack.enter_context(office(browser, demo, name)) for name in ("system", "duty"))
        row = wall.get_by_test_id(f"camera-{code}")
        page.goto(f"{console}node")
        offline = page.get_by_test_id("devices-offline").inner_text()
        with simulated(demo, tmp_path / "camera.log", "camera", 925, "--faulty"):
            expect(row.get_by_role("img", name="故障")).to_be_visible(timeout=60_000)
            show(wall, [code])
            page.goto(f"{console}node")
            expect(page.get_by_test_id("devices-fault")).to_contain_text("故障 1", timeout=60_000)
            expect(page.get_by_test_id("devices-offline")).to_have_text(offline)
            page.get_by_test_id("faulty-devices").get_by_role("link").click()
            expect(page.get_by_test_id("device-faulty")).to_be_visible(timeout=60_000)
            page.goto(f"{console}devices")
            listed = page.get_by_role("row").filter(has_text=code)
            expect(listed.get_by_role("cell").first).to_contain_text("故障", timeout=60_000)
        with simulated(demo, tmp_path / "camera.log", "camera", 925):
            expect(listed.get_by_role("cell").first).to_contain_text("在线", timeout=60_000)
            expect(row.get_by_role("img", name="在线")).to_be_visible(timeout=60_000)
            page.goto(f"{console}node")
            expect(page.get_by_test_id("devices-fault")).to_contain_text("故障 0", timeout=60_000)
            assert page.get_by_test_id("faulty-devices").count() == 0
