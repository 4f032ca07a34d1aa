"""A clip in the console: marked on the timeline, approved by another, taken as a file whose hash is on the page and in the log."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import av
import pytest
from playwright.sync_api import Browser, Download, Page, expect

from tests.end_to_end.conftest import Demo, enter, running_demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_duty import added_people, approve, at_desk
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_playback import choose, record, shown_s, ticket

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
PAPER = {"number": "调证〔2026〕17号", "issuer": "南明分局", "rank": "分局负责人", "issued_on": "2026-11-20"}


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """With an investigator: what is recorded outlasts a test."""
    with running_demo() as running:
        added_people(running, {"chen.qi": ("陈七", "investigator")})
        yield running


def saved(download: Download, folder: Path) -> Path:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("FENGSUI_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_a_clip_is_marked_approved_and_taken_with_its_hash_and_a_still_is_kept(
    demo: Demo, browser: Browser, tmp_path: Path
) -> None:
    camera = cameras_with_patches(demo, "H.264")[0]
    with demo.client("system") as keeper, demo.client("chen.qi") as client:
        plan = f"/cameras/{camera}/recording-plan"
        with_sub = lambda mode: keeper.put(plan, json={"mode": "always", "other": {"mode": mode}}).status_code == 200  # noqa: E731
        assert keeper.put(plan, json={"mode": "always"}).status_code == 200
        wait_until(lambda: keeper.get(plan).json()["since"], seconds=120, what="the main stream is recorded")
        assert with_sub("always")  # within the main stream's time: what is played is the main stream's
        wait_until(lambda: (keeper.get(plan).json()["other"] or {}).get("safe_until"), seconds=120, what="the sub-stream is too")
        assert with_sub("off")
        began, end = record(keeper, [camera])
        number = ticket(client, [camera], began - timedelta(minutes=5))  # whole groups of pictures
        with at_desk(browser, demo, "chen.qi") as page:
            enter(page, "playback")
            choose(page, [camera])
            expect(page.get_by_test_id(f"lane-{camera}").get_by_test_id("span")).to_have_count(1, timeout=30_000)
            page.get_by_test_id("next-footage").click()
            wait_until(lambda: shown_s(page, camera) > 0, seconds=30, what="the first picture is shown")
            page.get_by_test_id("timeline").focus()
            page.keyboard.press("e")
            expect(page.get_by_text("请先在时间轴上设置入点")).to_be_visible()
            page.keyboard.press("Escape")
            page.get_by_test_id("timeline").focus()
            page.keyboard.press("i")
            page.keyboard.press("Space")
            first = shown_s(page, camera)
            wait_until(lambda: shown_s(page, camera) > first + 4, seconds=30, what="four seconds pass")
            page.keyboard.press("Space")
            page.keyboard.press("o")
            expect(page.get_by_test_id("timeline-clip")).to_be_visible()
            kept_still(page, demo, camera, number, tmp_path, lambda: shown_s(page, camera))

            page.get_by_test_id("timeline").focus()
            page.keyboard.press("e")
            expect(page.get_by_test_id("new-clip")).to_contain_text(camera)
            for field, text in PAPER.items():
                page.get_by_test_id(f"document-{field}").fill(text)
            page.get_by_test_id("clip-reason").fill("还原案发经过")
            main, other = (page.get_by_test_id(f"recording-{one}-1") for one in ("main", "sub"))
            expect(page.get_by_role("radio", name="主码流")).to_be_checked()
            page.get_by_role("radio", name="主码流").focus()
            page.keyboard.press("ArrowDown")
            expect(page.get_by_role("radio", name="子码流")).to_be_checked()
            expect(other).to_contain_text("有录像")
            picture(page, "clip-ask")
            main.click()
            expect(page.get_by_role("radio", name="主码流")).to_be_checked()
            assert not faults(page)
            page.get_by_test_id("ask-clip").click()
            row = page.get_by_test_id("clips").locator("> li")
            expect(row).to_have_attribute("data-state", "pending")
            expect(row).to_contain_text("等待第二人审批")
            expect(page.get_by_test_id("take-clip")).to_have_count(0)
            [request] = client.get("/clips").json()["items"]
            approve(demo, request["id"])
            with page.expect_download() as file:
                page.get_by_test_id("take-clip").click(timeout=20_000)
            path = saved(file.value, tmp_path)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            expect(page.get_by_test_id("clip-sha256")).to_have_text(digest, timeout=20_000)
            picture(page, "clip-taken")
            with page.expect_download() as beside:
                page.get_by_test_id("take-manifest").click()
            manifest = json.loads(saved(beside.value, tmp_path).read_text("utf-8"))
            assert (manifest["sha256"], manifest["file"], manifest["use_ticket"]) == (digest, path.name, number)
            assert (manifest["stream"], manifest["recording"]) == ("main", 1)
            with av.open(str(path)) as opened:
                pictures = sum(1 for _ in opened.decode(video=0))
                assert number in opened.metadata["comment"]
            assert pictures == manifest["holds"]["pictures"] and pictures > 40, "four seconds of pictures"
            assert not faults(page)
    assert end - began > timedelta(seconds=4)
    with demo.client("audit") as auditor:
        told = auditor.get("/audit", params={"ticket": number, "limit": 200}).json()["items"]
    assert [one["act"] for one in told if digest in one["detail"]] == ["clip.taken"], told


def kept_still(page: Page, demo: Demo, camera: str, number: str, folder: Path, shown: Callable[[], float], key: str = "p") -> None:
    """Key P: the file that the browser keeps is the one whose hash is on record, with the own time of the picture that stands."""
    with page.expect_download() as kept:
        page.keyboard.press(key)
    path = saved(kept.value, folder)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    expect(page.get_by_text(f"SHA-256 {digest}")).to_be_visible()
    for word in (number, camera, "ticketUntil"):
        assert word.encode() in path.read_bytes(), "the file says itself what it is (A6)"
    picture(page, "clip-still")
    with demo.client("audit") as auditor:
        told = auditor.get("/audit", params={"act": "playback.snapshot"}).json()["items"]
    [still] = [one for one in told if digest in one["detail"]]
    assert (still["object"], still["ticket"], still["result"]) == (camera, number, "allowed")
    assert abs(float(still["range"].split()[1]) - shown()) < 0.05


def test_who_may_not_export_is_told_so(demo: Demo, page: Page) -> None:
    with demo.client() as duty:
        camera = cameras_with_patches(demo, "H.264")[0]
        order = {"from": "2026-11-27T08:00:00Z", "to": "2026-11-27T09:00:00Z", "reason": "no right to it"}
        refused = duty.post(f"/cameras/{camera}/clips", json=order)
        assert (refused.status_code, refused.json()["rule"]) == (403, "A7"), refused.text
    sign_in(page, demo, at="playback")
    page.get_by_test_id("open-clips").click()
    expect(page.get_by_text("导出录像须有“导出录像”权限")).to_be_visible()
