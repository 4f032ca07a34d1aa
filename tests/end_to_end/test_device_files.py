"""Device files in the console: 5,000 from a table with 37 faulty rows, mended and sent again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fengsui.features.device_files.sheets import read_sheet
from tests.device_files.many import row_of, rows, table
from tests.end_to_end.conftest import Demo, running_demo, sign_in
from tests.end_to_end.test_accessibility import faults

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
    sign_in(page, own_demo, "system")
    page.goto(own_demo.node["console"] + "files")
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
