"""A recorder's own groups and organisations on its page, as it reports them, down to its cameras."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, sign_in
from tests.end_to_end.test_accessibility import at_rest

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]


def test_a_recorders_own_tree_leads_from_its_group_to_its_cameras(demo: Demo, page: Page) -> None:
    with demo.client() as client:
        cameras = client.get("/cameras", params={"q": "实验小学"}).json()["items"]
        recorder = cameras[0]["device"]
    assert len(cameras) == 4
    sign_in(page, demo, "system", at=f"devices/{recorder}")
    tree = page.get_by_test_id("own-tree")
    rows = tree.get_by_role("treeitem")
    expect(rows).to_have_count(6)
    levels = [(row.locator(".ant-tree-indent-unit").count(), row.inner_text().split("\n")) for row in rows.all()]
    assert levels[:2] == [(0, ["校园安防", "业务分组", "4"]), (1, ["实验小学", "虚拟组织", "4"])]
    assert [level for level, _ in levels[2:]] == [2] * 4
    assert sorted(texts[-1] for _, texts in levels[2:]) == sorted(one["name"] for one in cameras)
    tree.get_by_role("tree").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    expect(rows).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(rows).to_have_count(6)
    at_rest(page)  # a row that moves takes no click
    tree.get_by_role("link", name=cameras[1]["name"]).click()
    expect(page.get_by_text(cameras[1]["code"], exact=True)).to_be_visible()
