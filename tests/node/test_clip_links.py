"""A clip is for the case that it was made for; for another one it takes a linking approval (rule A6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.node.clip_room import PAPER, Filmed, clip_node, clip_of, filmed
from tests.node.conftest import until
from tests.node.test_audit import records
from tests.node.test_footage import CASE
from tests.node.test_masks import approve

OTHER = CASE[:-4] + "0777"


async def ticket_of(film: Filmed, case: str, until: datetime | None = None) -> str:
    rules = (await film.chen.get("/ticket-purposes")).json()["items"]
    crime = next(one for one in rules if one["code"] == "crime-investigation")
    end = datetime.now(UTC) + timedelta(hours=1) if until is None else until
    bounds = {"cameras": [film.code], "since": film.since.isoformat(), "until": end.isoformat()}
    body = {"purpose": crime["code"], "case_number": case, "legal_basis": crime["basis"][0], "bounds": bounds}
    answer = await film.chen.post("/tickets", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


async def link(client: httpx.AsyncClient, clip: str, ticket: str) -> httpx.Response:
    body = {"use_ticket": ticket, "reason": "两案串并", "document": PAPER}
    return await client.post(f"/clips/{clip}/links", json=body)


def refused(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()["code"]


async def test_a_clip_is_used_for_another_case_once_a_second_person_has_linked_it(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node, filmed(node, 3) as film:
        other = await ticket_of(film, OTHER)
        waiting = await film.ask()
        assert refused(await link(film.chen, waiting, other)) == (409, "clips.not_approved")
        await approve(film.zhou, waiting)
        clip = waiting

        same, short = await ticket_of(film, CASE), await ticket_of(film, OTHER, film.since + timedelta(seconds=1))
        assert refused(await link(film.chen, clip, same)) == (409, "clips.same_case")
        assert (await link(film.chen, clip, short)).json()["rule"] == "A2"
        assert (await link(film.chen, clip, "UT20260101-0001")).status_code == 403
        assert refused(await link(film.zhou, clip, other))[0] in (403, 404)

        asked = await link(film.chen, clip, other)
        assert asked.status_code == 202, asked.text
        linked = asked.json()
        origin = {"clip": clip, "ticket": film.number, "case": CASE}
        assert (linked["state"], linked["use_ticket"], linked["linked_from"]) == ("pending", other, origin)
        assert refused(await film.take(linked["id"])) == (409, "clips.not_approved"), "nothing of it is handed over"
        read = (await film.zhou.get(f"/approvals/{linked['id']}")).json()
        [case] = [one for one in read["differences"] if one["field"] == "case"]
        assert (case["old_zh"], case["new_zh"]) == (CASE, OTHER)
        await approve(film.zhou, linked["id"])
        [said] = [one for one in records(node) if one.act == "clip.link"]
        assert (said.ticket, said.case, said.recipient) == (other, OTHER, "chen-qi")
        assert f"clip {clip} of {film.number} {CASE}" in said.detail

        address = (await film.take(linked["id"])).json()
        async with httpx.AsyncClient() as browser:
            file = await browser.get(address["url"])
        assert file.status_code == 200 and f"made for {film.number} {CASE}".encode() in file.content
        assert (await clip_of(film.chen, linked["id"]))["state"] == "applied"

        async def manifest() -> dict[str, Any]:
            answer = await film.chen.get(f"/clips/{linked['id']}/manifest")
            return dict(answer.json())

        async def is_told() -> bool:
            return "case" in await manifest()

        await until(is_told, what="what was handed over is told")
        told = await manifest()
        assert (told["case"], told["use_ticket"], told["linked_from"]) == (OTHER, other, origin)
        assert (await clip_of(film.chen, clip))["linked_from"] is None
