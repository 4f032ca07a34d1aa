"""WebRTC's pixels as Chromium paints them: masked for whoever has no lift, clear for whoever has one, at the same time (A40)."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from tests.end_to_end.conftest import CHROMIUM_FLAGS
from tests.node import pictures
from tests.node.conftest import powered, simulated_camera, until
from tests.node.test_live import listed
from tests.node.test_masks import add_box, approve, boxed, lifted, open_live, take_ticket, two_offices


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        yield await browser.new_page()
        await browser.close()


async def test_by_webrtc_the_mask_is_in_the_pixels_of_all_but_the_one_for_whom_it_is_lifted(tmp_path: Path, page: Page) -> None:
    async with two_offices(tmp_path) as (node, investigator, commander):
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            await add_box(node, code)
            await take_ticket(investigator, code)
            asked = await investigator.post(f"/cameras/{code}/mask-lifts", json={"minutes": 30, "reason": "辨认入室者"})
            await approve(commander, asked.json()["id"])
            await until(lambda: lifted(investigator, code), what="it is lifted")
            watched = await open_live(node, code, ("h264",))
            clear = (await investigator.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})).json()
            assert watched["masked"] and not clear["masked"]
            seen = await pictures.by_webrtc(page, {"masked": watched["webrtc"], "clear": clear["webrtc"]}, 15)
            assert all(boxed(picture) for picture in seen["masked"])
            assert not any(boxed(picture) for picture in seen["clear"])
            assert min(picture.contrast for picture in seen["clear"]) > 60, "the street, not a grey picture"
            assert camera.invited == 1, "one stream from the camera for both"
