"""Somebody else is another human being, whatever the accounts are called: verdicts, what follows them, reviews (A10, A15, A59)."""

from __future__ import annotations

from pathlib import Path

import pytest

from fengsui.features.access.decision import Person
from fengsui.features.access.human_beings import Tie, tie
from fengsui.features.access.personnel_numbers import key_of, number_of
from tests.node.conftest import OWN_PASSWORD, RunningNode, running_node
from tests.node.duty_room import HERE, operator, with_pack
from tests.node.identity_provider import provider_for, settings_with
from tests.node.test_reset_by_two import user_of
from tests.node.test_single_sign_on import accept, desk, problem_of


@pytest.mark.parametrize("other", ["0071", "71", "７１", " 7 1 ", "000071"])
def test_numbers_that_look_alike_are_one(other: str) -> None:
    assert key_of(other) == key_of("0071") == "71"
    assert key_of("p-9x") == key_of("Ｐ-9Ｘ") != key_of("P-90X")
    assert (number_of(" ００71 "), number_of("000"), key_of("000")) == ("0071", "", "")


def test_what_binds_two_accounts() -> None:
    one, same = Person(1, "wang", (), personnel_number="0071"), Person(2, "wang@city", (), personnel_number="71")
    assert tie(one, same) is Tie.SAME and tie(one, one) is Tie.SAME
    unknown, given = Person(3, "li", ()), Person(4, "zhao", (), given_by=3)
    assert tie(unknown, one) is None and tie(unknown, Person(5, "sun", ())) is None, "no number tells nothing"
    assert (tie(unknown, given), tie(given, unknown)) == (Tie.GAVE, Tie.GIVEN)


async def test_nobody_judges_or_restores_or_reviews_themselves_by_another_account(tmp_path: Path) -> None:
    base = with_pack(tmp_path / "node")
    with provider_for(base) as provider:
        provider.account("lei", "lead")
        settings = settings_with(tmp_path, provider.issuer, base, provider={"personnel_claim": "preferred_username"})
        async with running_node(tmp_path / "node", settings) as node, desk((node, provider)) as lead:
            assert node.second is not None
            lei = await node.client_of("lei", {**operator(), "classes": ["government"]}, personnel_number="00LEI")
            assert (await lead.sign_in("lei")).status_code == 201
            await accept(node, "lei@city", "duty-supervisor")
            body = {"area": HERE, "danger": "life", "said": "有人落水,立即查看", "proof": OWN_PASSWORD}
            opened = (await lei.post("/emergencies", json=body)).json()
            papers = f"/emergencies/{opened['id']}"
            assert (await lei.post(f"{papers}/report", json={"report": "落水者已救起,调看河岸两路。"})).status_code == 204
            justified = {"verdict": "justified", "note": "情况属实"}
            assert problem_of(await lead.client.post(f"{papers}/verdict", json=justified)) == (409, "emergency.own_verdict")
            review = f"/unmatched-tickets/reviews/{await user_of(node, 'lei')}"
            assert problem_of(await lead.client.post(review, json={"note": "已与本人核实"})) == (409, "ticket.own_review")
            wrong = {"verdict": "not-justified", "note": "无危险情形"}
            assert (await node.client.post(f"{papers}/verdict", json=wrong)).status_code == 204
            decided = {"note": "处理决定〔2026〕1号"}
            gave = await node.client.post(f"{papers}/restoration", json=decided)
            assert problem_of(gave) == (409, "emergency.own_verdict"), "gave the account, and another administrator is there"
            assert (await node.second.post(f"{papers}/restoration", json=decided)).status_code == 204
            await lei.aclose()


async def test_who_approves_has_a_number_that_stays(node: RunningNode) -> None:
    commander = {"post": "commander", "rank": "province-head"}
    dates = {"vetted_on": "2026-01-05", "undertaking_on": "2026-01-05", "training_until": "2099-12-31"}
    order = {**commander, "reason": "new"}
    whole = {"name": "chief", **dates, "appointments": [commander], "reason": "new"}
    assert problem_of(await node.client.post("/users", json=whole)) == (409, "access.number_missing")
    made = await node.client.post("/users", json={"name": "chief", **dates})
    path = f"/users/{made.json()['user']['id']}"
    assert problem_of(await node.client.post(f"{path}/appointments", json=order)) == (409, "access.number_missing")
    assert (await node.client.patch(path, json={"personnel_number": " 0071"})).json()["personnel_number"] == "0071"
    taken = await node.client.post("/users", json={"name": "other", "personnel_number": "７１"})
    assert problem_of(taken) == (409, "access.number_taken")
    assert (await node.client.patch(path, json={"personnel_number": "0072"})).status_code == 200, "no post hangs on it yet"
    given = await node.give(made.json()["user"]["id"], **commander)
    for number in ("", "0071"):
        assert problem_of(await node.client.patch(path, json={"personnel_number": number})) == (409, "access.number_held")
    assert (await node.client.patch(path, json={"personnel_number": "72", "full_name": "王某"})).status_code == 200, "the same one"
    (held,) = given["appointments"]
    assert (await node.client.delete(f"{path}/appointments/{held['id']}")).status_code == 200
    assert (await node.client.patch(path, json={"personnel_number": "0071"})).status_code == 200
