"""An unknown camera knocks, an administrator looks at it and decides: refused, blocked, or admitted with its own password.

And what the console says of a device that is told an address which it cannot reach.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, enter, sign_in, wait_until
from tests.end_to_end.test_foreign_peers import sipp_registers
from tests.end_to_end.test_recovery import CODE, PASSWORD, first_people, is_ready, process, settings_file, show

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]
OWN_PASSWORD, NAME, NUMBER = "the-cameras-own", "南门新摄像机", 77
FAR_HOST, WRONG_ADDRESS = "127.0.0.9", "::1"
"""Where a device comes from, and what a wrong configuration tells its network."""


@dataclass(frozen=True)
class CarefulNode:
    """A node that admits nobody by itself, seen as a demo; its SIP port."""

    demo: Demo
    sip: int


@pytest.fixture(scope="module")
def careful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CarefulNode]:
    folder = tmp_path_factory.mktemp("careful")
    config, http, sip = settings_file(folder)
    text = config.read_text(encoding="utf-8").replace('admission = "password"', 'admission = "waiting-list"')
    config.write_text(f'{text}[addresses.networks]\n"{FAR_HOST}/32" = "{WRONG_ADDRESS}"\n', encoding="utf-8")
    api, command = f"http://127.0.0.1:{http}", ["run", "--config", str(config), "--data", str(folder / "data")]
    with process(folder / "node.log", *command, **first_people(PASSWORD)) as node:
        wait_until(lambda: is_ready(api), seconds=120, what="the node is ready")
        users = [{"name": name, "password": PASSWORD} for name in ("duty", "system")]
        yield CarefulNode(Demo(folder, {"console": f"{api}/", "api": f"{api}/api/v1", "users": users}, node), sip)


def test_an_unknown_camera_is_refused_blocked_and_admitted_with_its_own_password(
    careful: CarefulNode, page: Page, tmp_path: Path
) -> None:
    demo, code = careful.demo, f"{CODE[:10]}1320{NUMBER:06d}"
    camera = ["simulate", "camera", "--port", str(careful.sip), "--server", CODE, "--password", OWN_PASSWORD]
    sign_in(page, demo, "system", at="waiting")
    page.get_by_text("没有待接入的设备").wait_for()
    with process(tmp_path / "camera.log", *camera, "--first-number", str(NUMBER)):
        row = page.locator("tr", has_text=code)
        expect(row).to_contain_text("待处理", timeout=60_000)
        badge = page.locator(".badge", has_text="1")
        badge.wait_for()
        with demo.client() as client:
            assert client.get(f"/devices/{code}").status_code == 404, "it waits, it is not let in"

        for decided, state in (("refuse", "已拒绝"), ("block", "已屏蔽")):
            page.get_by_test_id(f"{decided}-{code}").click()
            expect(row).to_contain_text(state)
            for fact in ("UDP 127.0.0.1", "Fengsui SIM-1"):
                expect(row).to_contain_text(fact)
            expect(page.get_by_test_id(f"{decided}-{code}")).to_be_disabled()
            badge.wait_for(state="detached")
        page.get_by_test_id(f"refuse-{code}").get_by_text("解除屏蔽").click()
        expect(row).to_contain_text("已拒绝")
        before = knocks(row.inner_text())
        wait_until(lambda: knocks(row.inner_text()) > before, seconds=60, what="it knocks again")
        expect(row).to_contain_text("已拒绝")

        page.get_by_test_id(f"admit-{code}").click()
        page.get_by_test_id("admit-name").fill(NAME)
        page.get_by_test_id("admit-password").fill(OWN_PASSWORD)
        page.get_by_test_id("admit-password").press("Enter")
        page.get_by_text("没有待接入的设备").wait_for(timeout=60_000)
        enter(page, "devices")
        page.locator("tr", has_text=code).get_by_text("在线").wait_for(timeout=60_000)
        assert NAME in page.locator("tr", has_text=code).inner_text()
        page.context.clear_cookies()
        sign_in(page, demo)
        page.get_by_test_id(f"camera-{code}").wait_for(timeout=60_000)
        show(page, [code])


def knocks(row: str) -> int:
    """How often it knocked, as its row tells."""
    found = re.search(r"SIM-1\s+(\d+)\s", row)
    assert found is not None, row
    return int(found[1])


def test_a_device_told_an_address_it_cannot_reach_is_pointed_out(careful: CarefulNode, page: Page, tmp_path: Path) -> None:
    code = f"{CODE[:10]}1180000088"
    with careful.demo.client("system") as keeper:
        added = keeper.post("/devices", json={"code": code, "password": OWN_PASSWORD, "name": "北门录像机"})
        assert added.status_code == 201, added.text
    facts = {"server": CODE, "domain": CODE[:10], "device": code, "password": OWN_PASSWORD, "wanted": "200"}
    sipp_registers(tmp_path, f"127.0.0.1:{careful.sip}", facts, own_address=FAR_HOST)
    sign_in(page, careful.demo, "system")
    enter(page, "node")
    warning = page.get_by_test_id("doubtful-addresses")
    expect(warning).to_contain_text("1 台设备可能到不了告知它的地址", timeout=60_000)
    expect(warning).to_contain_text("IPv4 与 IPv6 不一致：请在 [addresses.networks] 为该网段填同类地址")
    warning.get_by_role("link", name="北门录像机").click()
    expect(page.get_by_test_id("told-warning")).to_contain_text(f"设备可能到不了告知它的地址 {WRONG_ADDRESS}")
    expect(page.get_by_test_id("told-address")).to_contain_text(f"{WRONG_ADDRESS} 按网段配置")
    page.get_by_test_id("language").click()
    expect(page.get_by_test_id("told-warning")).to_contain_text("give its network an address of its own kind")
