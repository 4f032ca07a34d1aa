"""An unknown camera knocks, an administrator looks at it and admits it with a password of its own, and it plays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_recovery import CODE, PASSWORD, first_people, is_ready, process, settings_file, show

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(180)]
OWN_PASSWORD, NAME, NUMBER = "the-cameras-own", "南门新摄像机", 77


def test_an_unknown_camera_is_admitted_with_its_own_password_and_plays(page: Page, tmp_path: Path) -> None:
    config, http, sip = settings_file(tmp_path)
    config.write_text(
        config.read_text(encoding="utf-8").replace('admission = "password"', 'admission = "waiting-list"'), encoding="utf-8"
    )
    api, code = f"http://127.0.0.1:{http}", f"{CODE[:10]}1320{NUMBER:06d}"
    camera = ["simulate", "camera", "--port", str(sip), "--server", CODE, "--password", OWN_PASSWORD, "--first-number", str(NUMBER)]
    command = ["run", "--config", str(config), "--data", str(tmp_path / "data")]
    with process(tmp_path / "node.log", *command, **first_people(PASSWORD)) as node:
        wait_until(lambda: is_ready(api), seconds=40, what="the node is ready")
        users = [{"name": name, "password": PASSWORD} for name in ("duty", "system")]
        facts = {"console": f"{api}/", "api": f"{api}/api/v1", "users": users}
        demo = Demo(tmp_path, json.loads(json.dumps(facts)), node)
        sign_in(page, demo, "system")
        page.get_by_role("link", name="待接入").click()
        page.get_by_text("没有待接入的设备").wait_for()
        with process(tmp_path / "camera.log", *camera):
            row = page.locator("tr", has_text=code)
            row.wait_for(timeout=30_000)
            assert "127.0.0.1" in row.inner_text() and "待处理" in row.inner_text()
            page.locator(".badge", has_text="1").wait_for()
            with demo.client() as client:
                assert client.get(f"/devices/{code}").status_code == 404, "it waits, it is not let in"
            page.get_by_test_id(f"admit-{code}").click()
            page.get_by_test_id("admit-name").fill(NAME)
            page.get_by_test_id("admit-password").fill(OWN_PASSWORD)
            page.get_by_test_id("admit-password").press("Enter")
            page.get_by_text("没有待接入的设备").wait_for(timeout=20_000)
            assert page.locator(".badge").count() == 0
            page.get_by_role("link", name="设备", exact=True).click()
            page.locator("tr", has_text=code).get_by_text("在线").wait_for(timeout=40_000)
            assert NAME in page.locator("tr", has_text=code).inner_text()
            page.context.clear_cookies()
            sign_in(page, demo)
            page.get_by_test_id(f"camera-{code}").wait_for(timeout=20_000)
            show(page, [code])
