"""Certificates, and prerequisites of accounts that lapse within thirty days (A9)."""

from __future__ import annotations

from datetime import datetime, timedelta

from fengsui.features.access import BEIJING
from tests.node.conftest import RunningNode


async def test_what_lapses_is_listed_to_who_keeps_people_and_duty_and_told_to_the_person(node: RunningNode) -> None:
    today = datetime.now(BEIJING).date()
    unit = (await node.client.post("/organisations", json={"name": "南明分局", "area": "520102"})).json()["id"]
    post = {"post": "operator", "area": "520102"}
    soon, later = (today + timedelta(days=days) for days in (10, 31))
    facts = {"unit": unit, "certificate_no": "PX-2026-0042"}
    li = await node.client_of("li-si", post, training_until=soon.isoformat(), **facts)
    wang = await node.client_of("wang-wu", post, training_until=later.isoformat(), **facts)
    await node.appoint("zhao-liu", post, training_until=(today - timedelta(days=1)).isoformat(), **facts)
    await node.appoint("sun-ba", post, vetted_on=None, undertaking_on=None, unit=unit)
    await node.appoint("qian-jiu", post, training_until=soon.isoformat())

    async def listed(token: str) -> list[tuple[str, str, str]]:
        answer = await node.client.get("/lapsing-people", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.text
        return [(one["name"], one["what"], one["state"]) for one in answer.json()["items"]]

    county = [
        ("zhao-liu", "training", "expired"),
        *(("sun-ba", what, "missing") for what in ("vetting", "undertaking")),
        ("li-si", "training", "expiring"),
    ]
    everywhere = await listed(node.tokens["security"])
    assert [one for one in everywhere if one[0] != "qian-jiu"] == county and ("qian-jiu", "training", "expiring") in everywhere
    lead = await node.client_of("zhou-shi", {"post": "duty-supervisor", "area": "520102"})
    assert await listed(lead.headers["Authorization"].removeprefix("Bearer ")) == county, "those of the supervisor's own area"
    refused = await li.get("/lapsing-people")
    assert (refused.status_code, refused.json()["code"]) == (403, "access.not_allowed")
    assert (await li.get("/session")).json()["lapses_on"] == soon.isoformat()
    assert (await wang.get("/session")).json()["lapses_on"] is None
    people = {one["name"]: one for one in (await node.get("/users"))["items"]}  # type: ignore[attr-defined]
    assert people["li-si"]["certificate_no"] == "PX-2026-0042"
    await node.change_account(people["li-si"]["id"], certificate_no="PX-2027-0001", training_until="2099-01-01")
    assert (await node.get(f"/users/{people['li-si']['id']}"))["certificate_no"] == "PX-2027-0001"
    assert (await li.get("/session")).json()["lapses_on"] is None
    for one in (li, wang, lead):
        await one.aclose()
