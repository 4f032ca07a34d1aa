"""Nobody works at a screen: every tab of it is locked, its pictures are closed, and the password opens it again where it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_first_picture import frames_of
from tests.end_to_end.test_recovery import CODE, PASSWORD, first_people, is_ready, process, settings_file

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]
LOCK_AFTER_S = 12
SAID = "栋梁坡一户起火,请求调看"


def stir(page: Page) -> None:
    """Somebody moves the pointer."""
    page.mouse.move(700, 500)
    page.mouse.move(720, 520)


def test_every_tab_is_locked_its_picture_closed_and_the_password_opens_it(page: Page, tmp_path: Path) -> None:
    config, http, sip = settings_file(tmp_path)
    with config.open("a", encoding="utf-8") as file:
        file.write(f"[sign_in]\nlock_after_s = {LOCK_AFTER_S}\n")
    api = f"http://127.0.0.1:{http}"
    run = ["run", "--config", str(config), "--data", str(tmp_path / "data")]
    camera = ["simulate", "camera", "--port", str(sip), "--server", CODE, "--password", "joining"]
    code = f"{CODE[:10]}1320000501"
    users = [{"name": name, "password": PASSWORD} for name in ("duty", "audit")]
    with (
        process(tmp_path / "node.log", *run, **first_people(PASSWORD)) as node,
        process(tmp_path / "camera.log", *camera),
    ):
        wait_until(lambda: is_ready(api), seconds=120, what="the node is ready")
        demo = Demo(tmp_path, {"console": f"{api}/", "api": f"{api}/api/v1", "users": users}, node)
        with demo.client("duty") as watcher, demo.client("audit") as auditor:

            def readers() -> int:
                return sum(one["readers"] for one in watcher.get("/live").json()["items"])

            def acts() -> list[tuple[str, str, str]]:
                items = auditor.get("/audit", params={"limit": 200}).json()["items"]
                return [(one["act"], one["result"], one["detail"].partition(":")[0]) for one in items]

            sign_in(page, demo)
            wait_until(lambda: stir(page) or page.get_by_test_id(f"camera-{code}").count(), seconds=60, what="it is listed")
            page.get_by_test_id("layout-1").click()
            page.get_by_test_id(f"camera-{code}").click()
            wait_until(lambda: stir(page) or frames_of(page, 0) >= 5, seconds=60, what="the picture moves")
            other = page.context.new_page()
            other.goto(f"{api}/emergencies")
            other.get_by_test_id("open-emergency").click()
            other.get_by_test_id("emergency-said").fill(SAID)
            other.get_by_test_id("emergency-proof").fill(PASSWORD)
            page.bring_to_front()
            wait_until(lambda: stir(page) or (frames_of(page, 0) >= 5 and readers() == 1), seconds=60, what="it is read")

            page.get_by_test_id("lock-warning").wait_for(timeout=60_000)
            stir(page)
            page.get_by_test_id("lock-warning").wait_for(state="detached", timeout=30_000)
            for tab in (page, other):
                tab.get_by_test_id("lock-page").wait_for(timeout=60_000)
            assert SAID not in other.content() and other.get_by_test_id("emergency-said").count() == 0
            assert page.locator("video").count() == 0 and CODE[:10] not in page.locator("body").inner_text()
            assert faults(page) == []
            wait_until(lambda: readers() == 0, seconds=60, what="the node has closed the picture")
            refused = page.request.get(f"{api}/api/v1/cameras")
            assert (refused.status, refused.json()["code"]) == (401, "access.screen_locked")
            page.reload()
            page.get_by_test_id("lock-page").wait_for()

            page.get_by_test_id("unlock-proof").fill("not-the-password")
            page.keyboard.press("Enter")
            page.get_by_test_id("sign-in-wrong").wait_for()
            page.get_by_test_id("unlock-proof").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.get_by_test_id("tile-0").wait_for(timeout=60_000)
            wait_until(lambda: stir(page) or frames_of(page, 0) >= 5, seconds=60, what="the picture moves again, unasked")
            other.get_by_test_id("emergency-said").wait_for(timeout=60_000)
            assert other.get_by_test_id("emergency-said").input_value() == SAID, "what was typed and not sent is there again"
            assert other.get_by_test_id("emergency-proof").input_value() == "", "but for the password"

            page.get_by_test_id("lock-now").click()
            page.get_by_test_id("lock-page").wait_for()
            page.get_by_test_id("lock-leave").click()
            page.get_by_test_id("sign-in-name").wait_for()
            other.bring_to_front()
            other.get_by_test_id("lock-leave").click()
            other.get_by_test_id("sign-in-name").fill("audit")
            other.get_by_test_id("sign-in-password").fill(PASSWORD)
            other.keyboard.press("Enter")
            other.get_by_test_id("emergencies").wait_for(timeout=60_000)
            assert other.get_by_test_id("emergency-said").count() == 0, "nobody else sees it"
            found = acts()
        assert ("session.lock", "allowed", "idle") in found and ("session.lock", "allowed", "hand") in found
        assert ("session.unlock", "failed", "access.wrong_password") in found
        assert any(act == "session.unlock" and result == "allowed" for act, result, _ in found)
        assert ("inventory.read", "refused", "access.screen_locked") in found
