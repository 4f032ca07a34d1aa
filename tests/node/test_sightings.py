"""Sightings on a whole node: a person's own notes, within the areas of who works cases there; withdrawn, and never gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from tests.node.conftest import RunningNode
from tests.node.duty_room import CASE, HERE
from tests.node.test_audit import records
from tests.node.test_bookmarks import AT, INVESTIGATOR, WIDE, beside_a_camera, noted
from tests.node.test_footage import order
from tests.node.test_masks import add_box

WORDS = "红色面包车驶入地下车库"
OTHER_CASE = "A5201022026110002"
ON_THE_SPOT = {"kind": "in-person", "longitude": 106.71, "latitude": 26.57, "area": HERE}


async def see(client: httpx.AsyncClient, **facts: Any) -> httpx.Response:
    return await client.post("/sightings", json={"at": AT.isoformat(), "text": WORDS, **facts})


async def told(client: httpx.AsyncClient, **asked: Any) -> list[dict[str, Any]]:
    answer = await client.get("/sightings", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def of_footage(client: httpx.AsyncClient, **asked: Any) -> tuple[list[str], int]:
    """The words that are told of what was seen in footage, and how many more there are."""
    answer = await client.get("/sightings", params=asked)
    assert answer.status_code == 200, answer.text
    return [one["text"] for one in answer.json()["items"] if one["kind"] == "footage"], answer.json()["beyond"]


async def under_case(client: httpx.AsyncClient, code: str, since: datetime, case_number: str) -> str:
    """The number of a use ticket of that case, for an hour of this camera."""
    rules = (await client.get("/ticket-purposes")).json()["items"]
    crime = next(one for one in rules if one["code"] == "crime-investigation")
    bounds = {"cameras": [code], "since": since.isoformat(), "until": (since + WIDE).isoformat()}
    body = {"purpose": crime["code"], "case_number": case_number, "legal_basis": crime["basis"][0], "bounds": bounds}
    answer = await client.post("/tickets", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


async def placed(node: RunningNode, code: str) -> None:
    answer = await node.client.patch(f"/cameras/{code}", json={"longitude": 106.72, "latitude": 26.58})
    assert answer.status_code == 200, answer.text


async def test_what_is_seen_in_footage_is_noted_under_its_ticket_at_the_cameras_place(tmp_path: Path, store_url: str) -> None:
    async with beside_a_camera(tmp_path, store_url) as (node, code, chen):
        await placed(node, code)
        without = await see(chen, kind="footage", camera=code)
        assert (without.status_code, without.json()["rule"]) == (403, "A1"), without.text
        number = (await order(chen, code, AT - WIDE, AT + WIDE)).json()["number"]
        beyond = await see(chen, kind="footage", camera=code, at=(AT - 2 * WIDE).isoformat())
        assert (beyond.status_code, beyond.json()["rule"]) == (403, "A2")
        other_case = await see(chen, kind="footage", camera=code, case_number="A5201022026119999")
        assert (other_case.status_code, other_case.json()["code"]) == (422, "sighting.unusable"), "rule A6"
        made = await see(chen, kind="footage", camera=code)
        assert made.status_code == 201, made.text
        one = made.json()
        assert (one["longitude"], one["latitude"], one["area"], one["case_number"]) == (106.72, 26.58, HERE, CASE)
        assert (one["use_ticket"], one["author"], one["own"]) == (number, "chen-qi", True)
        assert datetime.fromisoformat(one["at"]) == AT
        nearby = await see(chen, kind="live", camera=code, longitude=106.7205, latitude=26.5801)
        assert nearby.status_code == 201 and nearby.json()["longitude"] == 106.7205 and nearby.json()["use_ticket"] == ""
        [added, *_] = [record for record in noted(node, "sighting.add") if record.result == "allowed"]
        assert (added.ticket, added.case, added.object) == (number, CASE, code) and WORDS in added.detail
        assert [record.detail for record in noted(node, "sighting.add") if record.result == "refused"] == [
            "ACC-TICKET",
            "ticket.beyond",
            "sighting.unusable",
        ]
        await add_box(node, code)
        masked = await see(chen, kind="footage", camera=code)
        assert (masked.status_code, masked.json()["code"]) == (403, "sighting.masked")


async def test_sightings_are_seen_by_who_works_cases_in_the_area_and_by_nobody_else(tmp_path: Path) -> None:
    async with beside_a_camera(tmp_path) as (node, code, chen):
        await placed(node, code)
        assert (await see(chen, **ON_THE_SPOT, case_number="自编 17")).status_code == 201
        assert (await see(chen, kind="in-person", camera=code)).status_code == 201
        people = {
            "wu-shi": {"post": "operator", "area": HERE},
            "sun-jiu": {"post": "investigator", "area": "520103"},
            "zhou-ba": {"post": "investigator", "area": "5201", "classes": ["private"]},
            "li-si": {"post": "maintenance", "area": HERE},
        }
        clients = {name: await node.client_of(name, post) for name, post in people.items()}
        assert len(await told(clients["wu-shi"])) == 2
        assert [one["camera"] for one in await told(clients["zhou-ba"])] == [""], "the camera's class is withheld"
        assert await told(clients["sun-jiu"]) == []
        assert (await clients["sun-jiu"].get("/sightings", params={"area": HERE})).json()["code"] == "access.out_of_scope"
        assert (await clients["li-si"].get("/sightings")).json()["code"] == "access.not_allowed"
        elsewhere = await see(clients["sun-jiu"], **ON_THE_SPOT)
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "access.out_of_scope")
        assert len(await told(chen, case_number="自编 17")) == 1 and await told(chen, case_number="自编 18") == []
        old = {"from": (AT - timedelta(days=9)).isoformat(), "to": (AT - timedelta(days=8)).isoformat()}
        assert await told(chen, **old) == []
        assert (
            await chen.get("/sightings", params={**old, "to": AT.isoformat(), "from": (AT - timedelta(days=40)).isoformat()})
        ).status_code == 422
        listed = [record for record in records(node) if record.act == "sighting.list" and record.person == "chen-qi"]
        assert any("自编 17" in record.detail for record in listed), "who looked for which case is on record"
        for client in clients.values():
            await client.aclose()


async def test_what_footage_shows_is_told_to_whose_ticket_opens_that_moment_or_is_of_that_case(
    tmp_path: Path, store_url: str
) -> None:
    async with beside_a_camera(tmp_path, store_url) as (node, code, chen):
        await placed(node, code)
        with (tmp_path / "cases.txt").open("a", encoding="utf-8") as register:
            register.write(f"{OTHER_CASE}\n")
        await order(chen, code, AT - WIDE, AT + WIDE)
        one = (await see(chen, kind="footage", camera=code)).json()
        assert (await see(chen, **ON_THE_SPOT, text="现场所见")).status_code == 201
        assert await of_footage(chen) == ([WORDS], 0)

        wu = await node.client_of("wu-shi", {"post": "operator", "area": HERE})
        untold = (await wu.get("/sightings")).text
        assert await of_footage(wu) == ([], 1) and "现场所见" in untold
        assert not any(secret in untold for secret in (WORDS, CASE, one["use_ticket"])), "neither words nor case nor ticket"

        zhou = await node.client_of("zhou-ba", INVESTIGATOR)
        assert await of_footage(zhou) == ([], 1), "the post alone opens no footage (A1)"
        await under_case(zhou, code, AT - 3 * WIDE, OTHER_CASE)
        assert await of_footage(zhou) == ([], 1), "a ticket over another moment opens nothing of this one (A2)"
        for asked in (CASE, OTHER_CASE, "自编 18"):
            assert await of_footage(zhou, case_number=asked) == ([], 1), "the number tells nobody whose case it is"
        about = f"/sightings/{one['id']}/withdrawal"
        assert (await zhou.post(about, json={"reason": "不是我的"})).json()["code"] == "sighting.unknown"
        opening = await under_case(zhou, code, AT - WIDE / 2, OTHER_CASE)
        assert await of_footage(zhou) == ([WORDS], 0)
        assert opening in noted(node, "sighting.list")[-1].detail, "by which ticket it was read is on record"
        assert (await zhou.post(about, json={"reason": "不是我的"})).json()["code"] == "sighting.foreign"

        sun = await node.client_of("sun-jiu", INVESTIGATOR)
        assert await of_footage(sun) == ([], 1)
        number = await under_case(sun, code, AT - 3 * WIDE, CASE)
        assert await of_footage(sun) == ([WORDS], 0), "the same case, under a ticket of it"
        assert (await sun.delete(f"/tickets/{number}")).status_code == 204
        assert await of_footage(sun) == ([], 1), "that ticket is over"
        await under_case(sun, code, AT - 3 * WIDE, CASE)
        await under_case(wu, code, AT - WIDE / 2, CASE)
        assert await of_footage(wu) == ([], 1), "who may see no recordings reads nothing of them, whatever their ticket names (A5)"

        await add_box(node, code)
        assert [await of_footage(client) for client in (zhou, sun, chen)] == [([], 1), ([], 1), ([WORDS], 0)], "masked since (A40)"
        await sun.aclose()
        await zhou.aclose()
        await wu.aclose()


async def test_a_sighting_is_withdrawn_by_who_noted_it_and_never_vanishes(tmp_path: Path, store_url: str) -> None:
    async with beside_a_camera(tmp_path, store_url) as (node, _, chen):
        one = (await see(chen, **ON_THE_SPOT)).json()["id"]
        wu = await node.client_of("wu-shi", {"post": "operator", "area": HERE})
        sun = await node.client_of("sun-jiu", {"post": "investigator", "area": "520103"})
        reason = {"reason": "时间记错了"}
        assert (await wu.post(f"/sightings/{one}/withdrawal", json=reason)).json()["code"] == "sighting.foreign"
        assert (await sun.post(f"/sightings/{one}/withdrawal", json=reason)).json()["code"] == "sighting.unknown"
        gone = await chen.post(f"/sightings/{one}/withdrawal", json=reason)
        assert gone.status_code == 200, gone.text
        assert await told(wu) == []
        [kept] = await told(wu, withdrawn=True)
        assert kept["text"] == WORDS and (kept["withdrawn"]["by"], kept["withdrawn"]["reason"]) == ("chen-qi", "时间记错了")
        [record] = [record for record in noted(node, "sighting.withdraw") if record.result == "allowed"]
        assert WORDS in record.detail and "时间记错了" in record.detail
        assert (await chen.post(f"/sightings/{one}/withdrawal", json=reason)).status_code == 404
        await see(chen, **ON_THE_SPOT)
        async with node.node.store.transaction() as tx:
            await tx.execute(sa.text("UPDATE sightings SET longitude = 0.0"))
        assert await told(chen, withdrawn=True) == [], "changed past the node"
        await wu.aclose()
        await sun.aclose()


async def test_only_its_author_corrects_one_and_what_it_said_stays_readable(tmp_path: Path, store_url: str) -> None:
    async with beside_a_camera(tmp_path, store_url) as (node, code, chen):
        await placed(node, code)
        number = (await order(chen, code, AT - WIDE, AT + WIDE)).json()["number"]
        one = (await see(chen, kind="footage", camera=code)).json()
        path = f"/sightings/{one['id']}/correction"
        wu = await node.client_of("wu-shi", {"post": "operator", "area": HERE})
        zhou = await node.client_of("zhou-ba", INVESTIGATOR)
        assert (await wu.post(path, json={"text": "别的"})).json()["code"] == "sighting.unknown", "it is not told to them either"
        await order(zhou, code, AT - WIDE, AT + WIDE)
        assert (await zhou.post(path, json={"text": "别的"})).json()["code"] == "sighting.foreign"
        await zhou.aclose()
        beyond = await chen.post(path, json={"text": WORDS, "at": (AT - 2 * WIDE).isoformat()})
        assert (beyond.status_code, beyond.json()["rule"]) == (403, "A2"), "another time of the footage needs its own right"
        other_case = await chen.post(path, json={"text": WORDS, "case_number": "A5201022026119999"})
        assert other_case.json()["code"] == "sighting.unusable", "rule A6"
        assert [item["text"] for item in await told(chen)] == [WORDS], "what is refused changes nothing"

        later = AT + timedelta(minutes=1)
        made = await chen.post(path, json={"text": "红色货车驶入地下车库", "at": later.isoformat()})
        assert made.status_code == 201, made.text
        new = made.json()
        assert new["id"] != one["id"] and datetime.fromisoformat(new["at"]) == later
        same = ("kind", "camera", "longitude", "latitude", "area", "case_number", "use_ticket", "author")
        assert [new[name] for name in same] == [one[name] for name in same] and new["use_ticket"] == number
        assert await told(chen) == [new]
        [before] = [item for item in await told(chen, withdrawn=True) if item["id"] == one["id"]]
        assert (before["text"], before["withdrawn"]["reason"]) == (WORDS, "→ 红色货车驶入地下车库")
        [record] = [record for record in noted(node, "sighting.correct") if record.result == "allowed"]
        assert (record.ticket, record.case, record.object) == (number, CASE, code)
        assert WORDS in record.detail and "红色货车驶入地下车库" in record.detail
        assert (await chen.post(path, json={"text": "再改"})).status_code == 404, "that one is gone"
        await wu.aclose()


async def test_a_sighting_says_where_and_when(tmp_path: Path) -> None:
    async with beside_a_camera(tmp_path) as (_, code, chen):
        wrong = {
            "no place": await see(chen, kind="in-person"),
            "no area": await see(chen, kind="in-person", longitude=106.7, latitude=26.5),
            "no such area": await see(chen, kind="in-person", longitude=106.7, latitude=26.5, area="529999"),
            "half a place": await see(chen, kind="in-person", longitude=106.7, area=HERE),
            "beyond the pole": await see(chen, kind="in-person", longitude=106.7, latitude=91, area=HERE),
            "no camera": await see(chen, **{**ON_THE_SPOT, "kind": "live"}),
            "to come": await see(chen, **ON_THE_SPOT, at=(datetime.now(UTC) + timedelta(minutes=5)).isoformat()),
            "by a machine": await see(chen, **{**ON_THE_SPOT, "kind": "face-match"}),
            "no words": await see(chen, **ON_THE_SPOT, text="\u200b"),
        }
        assert {what: answer.status_code for what, answer in wrong.items()} == dict.fromkeys(wrong, 422)
        unknown = await see(chen, kind="live", camera=code[:-1] + "9")
        assert unknown.status_code == 404
        assert await told(chen) == []
