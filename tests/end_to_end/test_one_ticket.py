"""The auditor in the console: one use ticket is followed by filter and click, then its case, and what the person could see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_accessibility import at_rest

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]
CASE = "A5201022026113456"


def under_a_ticket(demo: Demo) -> tuple[str, str, str, list[str]]:
    """A ticket under which a camera was watched: its number, legal basis, the camera, and the functions it is needed for."""
    now = datetime.now(UTC)
    with demo.client() as client, demo.client("audit") as auditor:
        ended = client.post("/duty/shift/sign-off", json={"reason": "下班"})  # what a shift opens needs no ticket
        assert ended.status_code in {204, 404, 409}, ended.text  # another test may have ended it, and who has alarms open stays
        needed = ["view-recorded"] if ended.status_code == 409 else ["view-live", "view-recorded"]
        code = client.get("/cameras", params={"q": "食堂"}).json()["items"][0]["code"]
        crime = next(one for one in client.get("/ticket-purposes").json()["items"] if one["code"] == "crime-investigation")
        window = {"since": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
        order = {"purpose": crime["code"], "case_number": CASE, "legal_basis": crime["basis"][0], "reason": "现场辨认"}
        made = client.post("/tickets", json={**order, "bounds": {"cameras": [code], **window}})
        assert made.status_code == 201, made.text
        number = str(made.json()["number"])
        asked = {"act": "rights.state", "object": "duty", "limit": 1}

        def told() -> bool:
            """The state of rights follows the act on the log."""
            return any(number in one["detail"] for one in auditor.get("/audit", params=asked).json()["items"])

        wait_until(told, seconds=60, what="the ticket is in the state of rights")
        opened = client.post(f"/cameras/{code}/live", json={"codecs": ["h264", "h265"]}).json()
        assert client.delete(f"/live/{opened['session']}").status_code == 204
        assert client.delete(f"/tickets/{number}").status_code == 204
        return number, str(crime["basis"][0]), code, needed


def acts(page: Page) -> list[str]:
    """Of the rows, the newest first."""
    found = page.locator('td span[data-testid^="audit-"]')
    return [str(one.get_attribute("data-testid")).removeprefix("audit-") for one in found.all()]


def test_the_auditor_follows_a_ticket_and_its_case(demo: Demo, page: Page) -> None:
    number, basis, code, needed = under_a_ticket(demo)
    sign_in(page, demo, "audit", at="audit")
    field = page.get_by_test_id("audit-ticket").locator("input")
    field.fill(number)
    field.press("Enter")
    expect(page.get_by_test_id("audit-ticket.open")).to_be_visible()
    expect(page.get_by_test_id("audit-live.view")).to_have_count(1)
    wanted = ["ticket.close", "live.stop", "live.view", "ticket.open"]
    assert acts(page) == wanted
    under = page.get_by_test_id("audit-under").first
    expect(under).to_contain_text(number)

    page.get_by_role("button", name="清除筛选").click()
    expect(page.get_by_test_id("audit-audit.read").first).to_be_visible()
    page.get_by_role("button", name=CASE).first.click()
    expect(page.get_by_test_id("audit-case").locator("input")).to_have_value(CASE)
    expect(page.get_by_test_id("audit-audit.read")).to_have_count(0)
    expect(page.get_by_test_id("audit-live.view")).to_have_count(1)
    assert acts(page) == wanted

    row = page.locator("tr", has=page.get_by_test_id("audit-live.view"))
    row.get_by_role("button").first.click()
    facts = page.locator(".record-facts")
    for told in (number, CASE, "案件侦查", basis):
        expect(facts).to_contain_text(told)
    facts.get_by_test_id("rights-then").click()
    opened = page.get_by_test_id("rights-open")
    expect(opened).to_contain_text(number)
    expect(opened).to_contain_text("CN-base 1")
    at_rest(page)
    asked = page.get_by_test_id("rights-camera").locator("input")
    asked.fill(code)
    with page.expect_response(lambda answer: "/audit/rights?" in answer.url and code in answer.url, timeout=60_000) as told:
        asked.press("Enter")
    decided = told.value.json()
    assert [one["function"] for one in decided["decisions"] if one["under"] == number] == needed, decided
    expect(page.locator(".ant-drawer").get_by_role("cell", name=number, exact=True)).to_have_count(len(needed))
