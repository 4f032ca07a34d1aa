"""The auditor's reader: what happened to a camera, what one person did there and could do then, and an extract that proves it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page

from fengsui.features.audit.model import AuditRecord, record_of
from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import faults
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_recovery import FENGSUI

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]
COLUMN = """title => {
  const heads = [...document.querySelectorAll('thead th')].map(head => head.textContent);
  const rows = [...document.querySelectorAll('tbody tr.ant-table-row')];
  return rows.map(row => row.children[heads.findIndex(head => head.startsWith(title))].textContent);
}"""


def column(page: Page, title: str) -> list[str]:
    """What the rows of the reader say under this head."""
    found: list[str] = page.evaluate(COLUMN, title)
    return found


def shown(page: Page, **columns: str) -> None:
    """Waits until there are rows and each says this under these heads."""
    heads = {"person": "人员", "camera": "对象"}

    def all_say() -> bool:
        found = {heads[name]: column(page, heads[name]) for name in columns}
        return all(texts and set(texts) == {columns[name]} for name, texts in zip(columns, found.values(), strict=True))

    wait_until(all_say, seconds=60, what=f"the rows of {columns}")


def downloaded(page: Page, button: str, target: Path) -> Path:
    """What a click on it gives to keep."""
    with page.expect_download() as begun:
        page.get_by_role("link", name=button).click()
    begun.value.save_as(target)
    return target


def verified(extract: Path, key: Path) -> subprocess.CompletedProcess[str]:
    """The command that anybody proves an extract with."""
    command = [*FENGSUI, "audit", "verify", str(extract), "--key", str(key)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def records(extract: Path) -> list[AuditRecord]:
    return [record_of(line[2:]) for line in extract.read_bytes().splitlines(keepends=True) if line.startswith(b"R ")]


def test_a_camera_a_person_their_rights_then_and_the_proof(demo: Demo, page: Page, tmp_path: Path) -> None:
    code, other = cameras_with_patches(demo, "H.264")[:2]
    with demo.client("duty") as duty, demo.client("system") as system:
        for camera in (code, other):
            opened = duty.post(f"/cameras/{camera}/live", json={"codecs": ["h264", "h265"]})
            assert opened.status_code == 201, opened.text
            duty.delete(f"/live/{opened.json()['session']}")
        assert system.post(f"/cameras/{code}/live", json={}).status_code == 403, "an office opens no picture"

    sign_in(page, demo, "audit", at="audit")
    page.get_by_test_id("audit-object").locator("input").fill(code)
    page.get_by_test_id("audit-object").locator("input").press("Enter")
    shown(page, camera=code)
    assert {"duty", "system"} <= set(column(page, "人员")), "whoever came near the camera, refused or not"

    page.locator("tbody tr.ant-table-row").get_by_role("button", name="duty", exact=True).first.click()
    shown(page, person="duty", camera=code)
    assert page.get_by_test_id("audit-person").locator("input").input_value() == "duty"
    assert faults(page) == []

    page.locator("tbody tr.ant-table-row", has=page.get_by_test_id("audit-live.view")).first.locator(
        ".ant-table-row-expand-icon"
    ).click()
    page.get_by_test_id("rights-then").first.click()
    page.get_by_test_id("rights-source").wait_for()
    assert "实时观看" in page.get_by_test_id("rights-functions").inner_text()
    page.get_by_test_id("rights-camera").locator("input").fill(code)
    page.get_by_test_id("rights-camera").locator("input").press("Enter")
    live = page.locator(".ant-drawer tbody tr", has_text="实时观看")
    live.get_by_text("允许").wait_for()
    page.keyboard.press("Escape")
    page.get_by_test_id("rights-source").wait_for(state="detached")

    extract = downloaded(page, "导出签名摘录", tmp_path / "extract")
    key = downloaded(page, "下载公钥", tmp_path / "key.pem")
    proved = verified(extract, key)
    assert proved.returncode == 0, proved.stdout + proved.stderr
    found = records(extract)
    assert {(one.person, one.object) for one in found} == {("duty", code)} and "live.view" in {one.act for one in found}
    assert f"{len(found):,} 条记录" in proved.stdout
    extract.write_bytes(extract.read_bytes().replace(b"live.view", b"live.stop", 1))
    forged = verified(extract, key)
    assert forged.returncode == 1 and "✗" in forged.stdout, "one word changed, and it proves nothing"
