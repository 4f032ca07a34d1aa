"""What the operating unit writes of a camera stands before the device's words, survives its catalogue, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, sign_in, wait_until

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]
NAME, TAG, BASIS = "校门口(自编 7 号)", "校园周边", "接警大厅,内部管理规定第 12 条"
LONGITUDE, LATITUDE = "106.712345", "26.598765"


@pytest.fixture
def no_move_waits(demo: Demo) -> Iterator[None]:
    """What the test asks a second person for is refused, also where it failed."""
    with demo.client("security") as office:
        before = {one["id"] for one in office.get("/approvals").json()["items"]}
    yield
    with demo.client("security") as office:
        for waits in {one["id"] for one in office.get("/approvals").json()["items"]} - before:
            assert office.post(f"/approvals/{waits}/refuse", json={"reason": "不予改列"}).status_code == 200


@pytest.mark.usefixtures("no_move_waits")
def test_an_operators_own_words_stand_before_the_devices_and_survive_its_catalogue(demo: Demo, page: Page) -> None:
    with demo.client() as client, demo.client("system") as keeper:
        found = client.get("/cameras", params={"q": "食堂"}).json()["items"][0]
        code, device = found["code"], found["device"]
        sign_in(page, demo, "system", at=f"cameras/{code}")
        record, save = page.get_by_test_id("own-record"), page.get_by_test_id("save-record")
        name = record.get_by_test_id("own-name")
        expect(name).to_have_attribute("placeholder", found["name"])
        expect(save).to_be_disabled()
        name.fill(NAME)
        record.get_by_test_id("own-longitude").fill(LONGITUDE)
        record.get_by_test_id("own-longitude").press("Tab")
        expect(record.get_by_text("经度和纬度要一起填写")).to_be_visible()
        expect(save).to_be_disabled()
        record.get_by_test_id("own-latitude").fill(LATITUDE)
        record.get_by_role("combobox", name="标签").fill(TAG)
        record.get_by_role("combobox", name="标签").press("Enter")
        record.get_by_test_id("own-basis").fill(BASIS)
        record.get_by_role("combobox", name="所在区划").fill("云岩区")
        page.locator(".ant-select-tree-title", has_text="云岩区").click()
        save.click()
        page.get_by_test_id("camera-tags").get_by_text(TAG).wait_for()
        asked = page.get_by_role("dialog")  # the county decides who sees it: that takes a second person, and waits
        expect(asked).to_contain_text("申请将摄像机改列到“云岩区”")
        asked.get_by_role("textbox").fill("路口划归云岩区管理")
        asked.locator(".ant-btn-primary").click()
        expect(asked).to_be_hidden()

        keeper.post(f"/devices/{device}/catalogue")
        wait_until(lambda: client.get(f"/devices/{device}/catalogue").json()["done"], seconds=60, what="the catalogue is read")
        now = client.get(f"/cameras/{code}").json()
        assert (now["name"], now["reported_name"], now["area"], now["tags"]) == (NAME, found["name"], found["area"], [TAG])
        assert (now["longitude"], now["latitude"], now["audio_basis"]) == (float(LONGITUDE), float(LATITUDE), BASIS)

        page.reload()
        expect(name).to_have_value(NAME)
        for field in ("own-name", "own-longitude", "own-latitude", "own-basis"):
            record.get_by_test_id(field).fill("")
        tags = record.get_by_role("combobox", name="标签")
        tags.click()
        expect(page.locator(".ant-select-item-option", has_text=f"{TAG} · 1")).to_be_visible()  # what others wrote is to be had
        expect(record.get_by_test_id("own-tags")).not_to_contain_text("· 1")
        tags.press("Backspace")
        tags.press("Escape")  # what is suggested would lie over the button
        expect(page.locator(".ant-select-dropdown:visible")).to_have_count(0)
        save.click()
        page.get_by_test_id("camera-tags").wait_for(state="detached")
        assert {**found, "details": now["details"]} == client.get(f"/cameras/{code}").json()


def test_the_camera_page_shows_what_else_its_device_says_and_the_contact_to_keepers_alone(demo: Demo, page: Page) -> None:
    with demo.client() as client:
        code = client.get("/cameras", params={"q": "食堂"}).json()["items"][0]["code"]
    sign_in(page, demo, "duty", at=f"cameras/{code}")
    details = page.get_by_test_id("camera-details")
    for said in ("一类视频监控点", "红外补光", "720P / 1080P", "87.5°", "90 天", "2025-06-01", "示例分局"):
        expect(details).to_contain_text(said)
    expect(details).to_contain_text("仅对设备管理人员显示")
    expect(details).not_to_contain_text("0851-00000000")
    page.context.clear_cookies()
    sign_in(page, demo, "system", at=f"cameras/{code}")
    expect(details).to_contain_text("0851-00000000")
    expect(details).not_to_contain_text("仅对设备管理人员显示")
