"""A sign-in that ends takes its news and its pictures along within five seconds, whatever the browser does."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_recovery import show

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]
PLAYER = Path(__file__).parents[1] / "media" / "sound.html"
LIMIT_S = 30.0  # a busy machine's seconds; a ticket that nobody revokes is good for ten minutes
FOLLOW = """url => {
  window.ending = 0;
  window.news = new WebSocket(url);
  window.news.onclose = event => { window.ending = event.code };
}"""


@pytest.mark.parametrize("how", ["signs out", "is revoked by another"])
def test_news_and_webrtc_end_with_the_session(demo: Demo, page: Page, how: str) -> None:
    code = cameras_with_patches(demo, "H.264")[0]
    with demo.client() as theirs, demo.client() as other:
        opened = theirs.post(f"/cameras/{code}/live", json={"codecs": ["h264"]}).json()
        token = theirs.headers["authorization"].removeprefix("Bearer ")
        page.set_content(PLAYER.read_text(encoding="utf-8"))
        page.evaluate("url => { play_webrtc(url) }", opened["webrtc"])
        page.evaluate(FOLLOW, f"{demo.api.replace('http', 'ws', 1)}/events?token={token}")
        wait_until(lambda: page.evaluate("frames") > 10, seconds=60, what="the picture moves")
        wait_until(lambda: page.evaluate("window.news.readyState") == 1, seconds=60, what="the news are open")
        if how == "signs out":
            assert theirs.delete("/session").status_code == 204
        else:
            sessions = other.get("/account/sessions").json()["items"]
            newest = sorted((one for one in sessions if not one["current"]), key=lambda one: one["created_at"])[-1]
            assert other.delete(f"/account/sessions/{newest['id']}").status_code == 204
        wait_until(lambda: page.evaluate("window.ending") == 4401, seconds=LIMIT_S, what="the news end")

        def readers() -> int:
            return sum(one["readers"] for one in other.get("/live", params={"camera": code}).json()["items"])

        wait_until(lambda: readers() == 0, seconds=LIMIT_S, what="nobody reads the picture")
        last = page.evaluate("frames")
        wait_until(
            lambda: page.evaluate("connection.connectionState") != "connected" or page.evaluate("frames") - last > 30,
            seconds=60,
            what="the browser sees that nothing comes",
        )
        assert page.evaluate("frames") - last <= 10, "what was on its way, and no more"


def test_the_console_of_an_ended_session_shows_the_door(demo: Demo, page: Page) -> None:
    sign_in(page, demo)
    show(page, cameras_with_patches(demo, "H.264")[:1])
    with demo.client() as other:
        sessions = other.get("/account/sessions").json()["items"]
        theirs = next(one for one in sessions if not one["current"] and "Chrome" in one["workstation"])
        assert other.delete(f"/account/sessions/{theirs['id']}").status_code == 204
        page.get_by_test_id("sign-in-name").wait_for(timeout=LIMIT_S * 1000)
