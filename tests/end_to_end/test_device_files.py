"""Device files in the console: one from its draft to the archive by two persons, and 5,000 from a table with 37 faulty rows."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from fengsui.features.device_files.sheets import read_sheet
from tests.device_files.many import row_of, rows, table
from tests.device_files.right import RIGHT
from tests.end_to_end.conftest import Demo, running_demo, sign_in
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_duty import added_people, at_desk

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(420)]
ROWS, FAULTY = 5_000, 37
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def own_demo() -> Iterator[Demo]:
    """Of its own: thousands of files are nothing for the demonstration of the other tests."""
    with running_demo("--cameras", "1") as running:
        yield running


def send(page: Page, octets: bytes, name: str) -> None:
    """Chooses a table on the page."""
    page.get_by_test_id("import-file").set_input_files({"name": name, "mimeType": XLSX, "buffer": octets})


def test_five_thousand_files_with_37_faulty_rows(own_demo: Demo, page: Page, tmp_path: Path) -> None:
    sign_in(page, own_demo, "system", at="files")
    page.get_by_test_id("import-files").click()
    with page.expect_download() as template:
        page.get_by_test_id("template-xlsx").click()
    template.value.save_as(tmp_path / "template.xlsx")
    assert read_sheet((tmp_path / "template.xlsx").read_bytes()).rows[0][1][0].text == "设备编码 [device_code]"

    made = rows(ROWS, FAULTY)
    send(page, table(made), "南明区一季度.xlsx")
    expect(page.get_by_test_id("import-faulty")).to_have_text(str(FAULTY), timeout=120_000)
    expect(page.get_by_test_id("import-new")).to_have_text(str(ROWS - FAULTY))
    expect(page.get_by_test_id("commit-all")).to_be_disabled()
    told = page.get_by_test_id("faulty-rows")
    for text in ("5.20102E+19", "科学计数法", "520581", "应为 XX-XX-XX-XX-XX-XX", "设备编码"):
        expect(told).to_contain_text(text)
    with own_demo.client("system") as client:
        assert client.get("/device-files").json()["total"] == 0, "nothing is written yet"
    assert faults(page) == []
    page.get_by_test_id("commit-right").click()
    expect(page.get_by_test_id("import-done")).to_contain_text(str(ROWS - FAULTY), timeout=120_000)

    with page.expect_download() as result:
        page.get_by_test_id("import-result").click()
    result.value.save_as(tmp_path / "faulty.xlsx")
    back = read_sheet((tmp_path / "faulty.xlsx").read_bytes())
    assert len(back.rows) == 1 + FAULTY and all("行" in cells[0].text for _, cells in back.rows[1:])
    numbers = [int(found[1]) - 1 for _, cells in back.rows[1:] if (found := re.search(r"第 (\d+) 行", cells[0].text))]
    send(page, table([row_of(number) for number in numbers]), "改正.xlsx")
    expect(page.get_by_test_id("import-new")).to_have_text(str(FAULTY))
    page.get_by_test_id("commit-all").click()
    expect(page.get_by_test_id("import-done")).to_contain_text(str(FAULTY))

    page.goto(own_demo.node["console"] + "files")
    expect(page.get_by_test_id("files-total")).to_contain_text(str(ROWS))
    assert faults(page) == []
    page.get_by_test_id("files-more").click()
    expect(page.get_by_test_id(f"file-{row_of(150)['device_code']}")).to_be_attached()


POINT, REVIEWER = "52010200001320099999", "zhao.liu"


def test_a_file_from_its_draft_to_the_archive_by_two_persons(own_demo: Demo, browser: Browser) -> None:
    added_people(own_demo, {REVIEWER: ("赵六", "commander")})
    with own_demo.client("system") as client:
        made = client.post("/device-files", json={"code": POINT, "values": {**RIGHT, "device_code": POINT, "mac": "wrong"}})
        assert made.status_code == 201, made.text
    with at_desk(browser, own_demo, "system") as keeper, at_desk(browser, own_demo, REVIEWER) as reviewer:
        for page in (keeper, reviewer):
            page.goto(f"{own_demo.node['console']}files/{POINT}")
        state = keeper.locator(".file-head")
        expect(state).to_contain_text("草稿")
        expect(keeper.get_by_test_id("issue-mac"), "what is wrong stands beside the field").to_contain_text("XX-XX-XX-XX-XX-XX")
        expect(keeper.get_by_test_id("act-submit")).to_be_disabled()
        keeper.get_by_test_id("field-mac").fill(RIGHT["mac"])
        expect(keeper.get_by_test_id("issue-mac"), "it is checked while one types").to_have_count(0)
        keeper.get_by_test_id("file-note").fill("核对铭牌")
        keeper.keyboard.press("Control+s")
        expect(keeper.get_by_test_id("file-history")).to_contain_text("核对铭牌")
        octets = io.BytesIO()
        Image.new("RGB", (640, 360), "#3a6").save(octets, "JPEG")
        keeper.get_by_test_id("photo-file").set_input_files(
            {"name": "杆.jpg", "mimeType": "image/jpeg", "buffer": octets.getvalue()}
        )
        photo = keeper.get_by_test_id("file-photo").locator("img")
        expect(photo).to_be_visible()
        assert photo.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 640
        keeper.get_by_test_id("act-submit").click()
        expect(state).to_contain_text("已提交")
        expect(keeper.get_by_test_id("file-acts"), "nobody reviews what they wrote").to_contain_text("须由他人审核")
        expect(keeper.get_by_test_id("act-take")).to_have_count(0)

        reviewer.reload()
        reviewer.get_by_test_id("act-take").click()
        reviewer.get_by_test_id("act-return").click()
        reviewer.get_by_test_id("reason").fill("地址写到门牌号")
        reviewer.get_by_test_id("sure").click()
        expect(reviewer.locator(".file-head")).to_contain_text("退回")
        keeper.reload()
        expect(keeper.get_by_test_id("file-history")).to_contain_text("地址写到门牌号")
        keeper.get_by_test_id("field-address").fill("南明区市府路12号")
        keeper.get_by_test_id("save-file").click()
        keeper.get_by_test_id("act-submit").click()
        expect(state).to_contain_text("已提交")
        reviewer.reload()
        reviewer.get_by_test_id("act-take").click()
        reviewer.get_by_test_id("act-approve").click()
        expect(reviewer.locator(".file-head")).to_contain_text("已批准")

        keeper.reload()
        keeper.get_by_test_id("act-use").click()
        expect(state).to_contain_text("在用")
        keeper.get_by_test_id("field-lon").fill("106.722999")
        keeper.get_by_test_id("save-file").click()
        expect(keeper.get_by_test_id("change-waits"), "another place waits for another person").to_contain_text("106.722999")
        reviewer.reload()
        reviewer.get_by_test_id("act-approve").click()
        expect(reviewer.get_by_test_id("change-waits")).to_have_count(0)
        keeper.reload()
        for act, word in (("repair", "维修"), ("repaired", "在用")):
            keeper.get_by_test_id(f"act-{act}").click()
            expect(state).to_contain_text(word)
        keeper.get_by_test_id("act-remove").click()
        keeper.get_by_test_id("reason").fill("道路改造")
        keeper.get_by_test_id("sure").click()
        expect(state).to_contain_text("已拆除")
        keeper.get_by_test_id("act-archive").click()
        expect(state).to_contain_text("已归档")
        expect(keeper.get_by_test_id("file-acts")).to_have_count(0)
        history = keeper.get_by_test_id("file-history").locator("summary")
        expect(history).to_have_count(17)
        if folder := os.environ.get("SHOTS"):
            keeper.screenshot(path=f"{folder}/file-archived.png")
        assert faults(keeper) == []
