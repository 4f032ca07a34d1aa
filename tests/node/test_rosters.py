"""Rosters are published in versions, and two people swap their slots: the duty objects of the appraisal sheet, 5.4."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from fengsui.features.duty.roster_model import NEXT_STATE, SwapState, SwapStep, week_of
from tests.node.conftest import RunningNode, running_node
from tests.node.duty_room import centre_of, operator, people_of, with_pack
from tests.node.test_audit import records

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path / "node", with_pack(tmp_path / "node")) as node:
        yield node


@pytest.mark.parametrize(
    ("at", "monday"),
    [("2026-11-27 12:00", "2026-11-23"), ("2026-11-23 00:00", "2026-11-23"), ("2026-11-29 23:59", "2026-11-23")],
)
def test_a_week_is_the_nodes(at: str, monday: str) -> None:
    week = week_of(datetime.fromisoformat(at).replace(tzinfo=SHANGHAI).timestamp(), SHANGHAI)
    assert datetime.fromtimestamp(week.since, SHANGHAI).isoformat() == f"{monday}T00:00:00+08:00"
    assert week.until - week.since == 7 * 86_400


def test_a_week_in_which_the_clocks_change_is_an_hour_shorter() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    week = week_of(datetime(2026, 3, 27, tzinfo=berlin).timestamp(), berlin)
    assert week.until - week.since == 7 * 86_400 - 3600


def test_nothing_follows_a_swap_that_is_settled() -> None:
    settled = set(SwapState) - {SwapState.ASKED, SwapState.ACCEPTED}
    assert not [state for state, _ in NEXT_STATE if state in settled]
    assert (SwapState.ASKED, SwapStep.APPROVE) not in NEXT_STATE, "not before the other person has accepted"


class Room:
    """A centre with two people, and slots of the coming weeks."""

    def __init__(self, node: RunningNode, centre: int, people: dict[str, int]) -> None:
        self.node, self.centre, self.people = node, centre, people
        # The week after next: what begins today does not reach into it.
        monday = week_of((datetime.now(UTC) + timedelta(days=14)).timestamp(), SHANGHAI)
        self.monday = datetime.fromtimestamp(monday.since, UTC)

    def order(self, name: str, hour: float, lasts: float = 8, seat: int = 1) -> dict[str, object]:
        since = self.monday + timedelta(hours=hour)
        until = since + timedelta(hours=lasts)
        return {"seat": seat, "user_id": self.people[name], "since": since.isoformat(), "until": until.isoformat()}

    async def put(self, name: str, hour: float, lasts: float = 8, seat: int = 1) -> int:
        answer = await self.node.client.post(f"/duty/centres/{self.centre}/slots", json=self.order(name, hour, lasts, seat))
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    async def publish(self) -> httpx.Response:
        return await self.node.client.post(
            f"/duty/centres/{self.centre}/roster-versions", json={"at": (self.monday + timedelta(days=3)).isoformat()}
        )

    async def seen(self, client: httpx.AsyncClient) -> list[tuple[str, bool]]:
        answer = await client.get(f"/duty/centres/{self.centre}/slots", params={"since": self.monday.isoformat()})
        return [(one["name"], one["confirmed"]) for one in answer.json()["items"]]

    async def versions(self) -> dict[str, object]:
        path = f"/duty/centres/{self.centre}/roster-versions"
        answer = await self.node.client.get(path, params={"at": self.monday.isoformat()})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


async def test_a_draft_binds_nobody_and_every_change_behind_it_is_a_version(ruled: RunningNode) -> None:
    node = ruled
    centre = await centre_of(node)
    li, wang = await node.client_of("li-si", operator()), await node.client_of("wang-wu", operator())
    room = Room(node, centre, people_of(await node.get("/users")))
    nothing = await room.publish()
    assert (nothing.status_code, nothing.json()["code"]) == (400, "duty.unusable")
    first = await room.put("li-si", 8)
    assert await room.seen(node.client) == [("li-si", False)]
    assert await room.seen(li) == [], "a draft is the supervisor's"
    told = await room.versions()
    assert (told["drafts"], told["items"]) == (1, [])
    now = datetime.now(UTC)
    today = {"seat": 2, "user_id": room.people["wang-wu"], "since": now.isoformat()}
    today["until"] = (now + timedelta(hours=4)).isoformat()
    assert (await node.client.post(f"/duty/centres/{centre}/slots", json=today)).status_code == 201
    seat = {"centre": centre, "seat": 2}
    assert (await li.post("/duty/shift", json=seat)).status_code == 201, "a draft has nobody at that seat"
    assert (await li.post("/duty/shift/sign-off", json={"reason": "无人接班"})).status_code == 204
    path = f"/duty/centres/{centre}/roster-versions"
    assert (await node.client.post(path, json={"at": now.isoformat()})).status_code == 201
    assert (await li.post("/duty/shift", json=seat)).json()["code"] == "duty.not_rostered"
    assert (await li.post(path, json={"at": now.isoformat()})).status_code == 403

    published = await room.publish()
    assert (published.status_code, published.json()["version"], published.json()["name"]) == (201, 1, "duty")
    assert (await room.publish()).status_code == 400, "nothing new"
    assert await room.seen(li) == [("li-si", True)]
    moved = room.order("li-si", 9)
    assert (await node.client.put(f"/duty/centres/{centre}/slots/{first}", json=moved)).status_code == 200
    second = await room.put("wang-wu", 20)
    assert await room.seen(wang) == [("li-si", True), ("wang-wu", True)], "behind the first version a change binds at once"
    assert (await node.client.delete(f"/duty/centres/{centre}/slots/{second}")).status_code == 204
    copied = {"since": room.monday.isoformat(), "to": (room.monday + timedelta(days=7)).isoformat()}
    assert (await node.client.post(f"/duty/centres/{centre}/slots/copy", json=copied)).json()["made"] == 1
    told = await room.versions()
    items = told["items"]
    assert isinstance(items, list)
    assert [one["version"] for one in items] == [4, 3, 2, 1]
    assert [[line["name"] for line in one["lines"]] for one in items] == [["li-si"], ["li-si", "wang-wu"], ["li-si"], ["li-si"]]
    assert "removed" in items[0]["change"] and items[3]["change"] == "" and {one["name"] for one in items} == {"duty"}
    acts = [one for one in records(node) if (one.act, one.result) == ("duty.publish", "allowed")]
    assert [one.person for one in acts] == ["duty", "duty"] and "version 1, 1 slots" in acts[1].detail
    for client in (li, wang):
        await client.aclose()


async def test_two_people_swap_their_slots_and_a_supervisor_approves(ruled: RunningNode) -> None:
    node = ruled
    centre = await centre_of(node)
    li, wang = await node.client_of("li-si", operator()), await node.client_of("wang-wu", operator())
    lead = await node.client_of("sun-ba", {"post": "duty-supervisor", "area": "520102"})
    room = Room(node, centre, people_of(await node.get("/users")))
    mine, theirs = await room.put("li-si", 8), await room.put("wang-wu", 16)
    leads, far = await room.put("sun-ba", 32), await room.put("wang-wu", 56)
    night = await room.put("li-si", 48, seat=2)
    path = f"/duty/centres/{centre}/swaps"
    order = {"slot": mine, "other_slot": theirs, "reason": "家中有事"}
    draft = await li.post(path, json=order)
    assert (draft.status_code, draft.json()["code"]) == (409, "duty.swap_void"), "not published"
    assert (await room.publish()).status_code == 201
    stolen = await wang.post(path, json=order)
    assert (stolen.status_code, stolen.json()["code"]) == (404, "duty.unknown_slot"), "it is li-si's"
    tired = await wang.post(path, json={"slot": theirs, "other_slot": night, "reason": "想换"})
    assert tired.status_code == 400 and "休息" in tired.json()["zh"], "both their hours are looked at"
    asked = await li.post(path, json=order)
    assert (asked.status_code, asked.json()["state"], asked.json()["asked"]) == (201, "asked", "wang-wu"), asked.text
    again = await li.post(path, json={**order, "other_slot": far})
    assert again.json()["code"] == "duty.unusable", "one swap of a slot at a time"
    number = asked.json()["id"]
    assert [(await one.get("/duty")).json()["swaps"] for one in (li, wang, lead)] == [0, 1, 0]
    early = await lead.post(f"/duty/swaps/{number}/decision", json={"approve": True})
    assert (early.status_code, early.json()["code"]) == (409, "duty.swap_not_open")
    assert (await li.post(f"/duty/swaps/{number}/answer", json={"accept": True})).status_code == 404, "not the asker's"
    assert (await wang.post(f"/duty/swaps/{number}/answer", json={"accept": True})).json()["state"] == "accepted"
    assert [(await one.get("/duty")).json()["swaps"] for one in (li, wang, lead)] == [0, 0, 1]
    assert (await wang.post(f"/duty/swaps/{number}/decision", json={"approve": True})).status_code == 403
    approved = await lead.post(f"/duty/swaps/{number}/decision", json={"approve": True, "note": "同意"})
    assert (approved.status_code, approved.json()["state"]) == (200, "approved"), approved.text
    assert (await room.seen(li))[:2] == [("wang-wu", True), ("li-si", True)]
    told = (await room.versions())["items"]
    assert isinstance(told, list) and told[0]["version"] == 2 and told[0]["change"].startswith("swap: ")
    assert told[0]["name"] == "sun-ba"
    acts = [one for one in records(node) if (one.act, one.result) == ("duty.swap", "allowed")]
    assert [one.person for one in acts] == ["li-si", "wang-wu", "sun-ba"]

    own = await lead.post(path, json={"slot": leads, "other_slot": far, "reason": "换班"})
    number = own.json()["id"]
    assert (await wang.post(f"/duty/swaps/{number}/answer", json={"accept": True})).status_code == 200
    herself = await lead.post(f"/duty/swaps/{number}/decision", json={"approve": True})
    assert (herself.status_code, herself.json()["code"]) == (409, "duty.own_swap")
    assert (await node.client.delete(f"/duty/centres/{centre}/slots/{far}")).status_code == 204
    void = await node.client.post(f"/duty/swaps/{number}/decision", json={"approve": True})
    assert (void.status_code, void.json()["code"]) == (409, "duty.swap_void")
    shown = (await node.client.get(path)).json()["items"]
    assert [(one["state"], one["asker"]) for one in shown] == [("void", "sun-ba"), ("approved", "li-si")]
    assert [one["state"] for one in (await li.get(path)).json()["items"]] == ["approved"], "others' are not hers to read"

    back = await li.post(path, json={"slot": night, "other_slot": leads, "reason": "再换"})
    assert back.status_code == 201, back.text
    gone = await li.post(f"/duty/swaps/{back.json()['id']}/withdrawal")
    assert gone.json()["state"] == "withdrawn"
    for client in (li, wang, lead):
        await client.aclose()
