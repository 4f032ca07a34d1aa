"""Use tickets on a whole node: what they open, what no text is, and case numbers that no register knows (A1 to A4)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from fengsui.clock import SteadyTime
from fengsui.features.access import CameraClass, CameraFacts, Footage, Function
from fengsui.features.access.decision import Allowed, Decision, Refused
from fengsui.features.policy.model import Purpose
from fengsui.features.tickets.model import Bounds, Match, UseTicket
from fengsui.features.tickets.register import FileRegister, HttpRegister, RegisterAway, ask
from tests.node.conftest import RunningNode, powered, running_node, simulated_camera, until
from tests.node.duty_room import CASE, HERE, MovedClock, centre_of, open_live, order, with_pack
from tests.node.test_live import listed, read_pictures


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node with the demonstration's policy pack and a register of cases in a file."""
    async with running_node(tmp_path / "node", with_pack(tmp_path / "node", register=tmp_path / "cases.txt")) as node:
        yield node


async def test_a_ticket_opens_its_cameras_and_nothing_else(ruled: RunningNode) -> None:
    node = ruled
    await centre_of(node)
    first, second = (simulated_camera(node.registrar, number) for number in (1, 2))
    async with powered(first, second):
        for one in (first, second):
            await until(lambda one=one: listed(node, one.identity.code), what="the camera is listed")
        chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
        assert (await open_live(chen, first.identity.code)).json()["code"] == "access.not_on_duty"
        made = await order(chen, [first.identity.code])
        assert made.status_code == 201, made.text
        assert "view-recorded" in made.json()["opens"]
        opened = await open_live(chen, first.identity.code)
        assert opened.status_code == 201
        beyond = await open_live(chen, second.identity.code)
        assert (beyond.status_code, beyond.json()["code"], beyond.json()["rule"]) == (403, "ticket.beyond", "A2")
        reading = asyncio.create_task(read_pictures(opened.json(), 100_000))
        await until(lambda: node.node.engine.counters().readers == 1, what="it is watched")
        assert (await chen.delete(f"/tickets/{made.json()['number']}")).status_code == 204
        async with asyncio.timeout(60):
            await reading
        assert (await order(chen, [first.identity.code], hours=1)).status_code == 201
        again = await open_live(chen, first.identity.code)
        reading = asyncio.create_task(read_pictures(again.json(), 100_000))
        await until(lambda: node.node.engine.counters().readers == 1, what="it is watched once more")
        clock = MovedClock()
        clock.later = timedelta(minutes=61)
        node.node.access.steady = SteadyTime(clock)
        async with asyncio.timeout(60):
            await reading  # an expired ticket closes what it opened
        assert (await open_live(chen, first.identity.code)).status_code == 403
        await chen.aclose()


@pytest.mark.parametrize(
    "facts",
    [
        {"purpose": "curiosity"},
        {"legal_basis": "因为想看"},
        {"case_number": ""},
        {"case_number": "张三的案子"},
        {"hours": 10_000},
        {"bounds": {"cameras": [], "since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}},
        {"bounds": {"cameras": ["1"], "since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}},
    ],
    ids=["no such purpose", "no such basis", "no case", "free text for a case", "too long", "nothing named", "backwards"],
)
async def test_free_text_is_no_purpose(ruled: RunningNode, facts: dict[str, object]) -> None:
    chen = await ruled.client_of("chen-qi", {"post": "investigator", "area": HERE})
    answer = await order(chen, ["52010200001320000001"], **facts)
    assert answer.status_code in (400, 422), answer.text
    assert (await chen.get("/tickets")).json()["items"] == []
    await chen.aclose()


async def test_without_a_pack_no_ticket_opens_and_recorded_footage_is_closed(node: RunningNode) -> None:
    chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
    assert (await chen.get("/ticket-purposes")).json()["items"] == []
    await chen.aclose()


def ticket(**facts: Any) -> UseTicket:
    """From 10:00 to 11:00, camera X."""
    bounds = Bounds(frozenset({"X"}), "", 36_000.0, 39_600.0)
    values: dict[str, Any] = {
        "number": "UT20261126-0001", "version": 1, "user_id": 1, "purpose": Purpose.CRIME_INVESTIGATION, "case_number": CASE,
        "legal_basis": "b", "bounds": bounds, "opens": frozenset({"view-recorded"}), "opened_at": 40_000.0, "expires_at": 80_000.0,
        "closed_at": 0.0, "match": Match.WAITING,
    }  # fmt: skip
    return UseTicket(**{**values, **facts})


def test_bounds_hold_whatever_the_post_would_allow() -> None:
    x, y = (CameraFacts(code, HERE, CameraClass.GOVERNMENT) for code in "XY")
    one = ticket()
    assert one.refusal(Function.VIEW_RECORDED, x, 50_000.0) is None
    assert one.refusal(Function.VIEW_RECORDED, x, 50_000.0, Footage(36_000.0, 39_600.0)) is None
    assert one.refusal(Function.VIEW_RECORDED, x, 50_000.0, Footage(36_000.0, 39_660.0)) is not None, "11:01"
    assert one.refusal(Function.VIEW_RECORDED, y, 50_000.0) is not None
    assert one.refusal(Function.EXPORT, x, 50_000.0) is not None
    assert one.refusal(Function.VIEW_RECORDED, x, 80_000.0) is not None, "expired"
    assert ticket(closed_at=45_000.0).refusal(Function.VIEW_RECORDED, x, 50_000.0) is not None
    assert Bounds(frozenset({"X"}), "", 37_000.0, 39_000.0).within(one.bounds)
    assert not Bounds(frozenset({"X", "Y"}), "", 37_000.0, 39_000.0).within(one.bounds)


async def test_numbers_that_no_register_knows_close_recorded_access_until_a_review(ruled: RunningNode) -> None:
    node = ruled
    chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
    people = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}  # type: ignore[attr-defined]
    for number in range(3):
        assert (await order(chen, ["52010200001320000001"], case_number=f"A5201022026119{number:03d}")).status_code == 201
    assert (await order(chen, ["52010200001320000001"])).status_code == 201
    tickets, access = node.node.tickets, node.node.access
    facts = CameraFacts("52010200001320000001", HERE, CameraClass.GOVERNMENT)

    async def door(footage: Footage | None) -> Decision:
        person = await access.persons.get(people["chen-qi"])
        assert person is not None
        return access.decide(person, Function.VIEW_RECORDED, facts, footage)

    now = access.steady.now_s()
    assert isinstance(await door(Footage(now - 3600, now - 60)), Allowed)
    unsaid, beyond = await door(None), await door(Footage(now - 3 * 3600, now - 60))
    assert isinstance(unsaid, Refused) and unsaid.error.code == "access.footage_unsaid"
    assert isinstance(beyond, Refused) and (beyond.error.code, beyond.rule) == ("ticket.beyond", "A2"), "an hour before its window"
    answer = await node.client.post("/unmatched-tickets/reconcile")
    assert answer.status_code == 200 and answer.json()["items"] == [], "a day is given to the register"
    clock = MovedClock()
    tickets._clock = node.node.case_numbers._clock = clock
    clock.later = timedelta(hours=25)
    told = (await node.client.post("/unmatched-tickets/reconcile")).json()
    found = told["items"]
    assert told["connected"] and told["asked_at"] and told["trouble_zh"] == ""
    assert len(found) == 3 and all(one["suspended"] and one["name"] == "chen-qi" for one in found)
    suspended = await door(Footage(now - 3600, now - 60))
    assert isinstance(suspended, Refused) and (suspended.error.code, suspended.rule) == ("ticket.suspended", "A3")
    refused = await chen.post("/tickets/UT20261126-9999/answer", json={"text": "没有这张单"})
    assert (refused.status_code, refused.json()["code"]) == (404, "ticket.unknown")
    matches = {one["case_number"]: one["case_match"] for one in (await chen.get("/tickets")).json()["items"]}
    assert matches[CASE] == "matched" and list(matches.values()).count("unmatched") == 3
    first, second, third = (one["ticket"] for one in found)
    early = await node.client.post(f"/unmatched-tickets/{first}/accept", json={"text": "尚无说明"})
    assert (early.status_code, early.json()["code"]) == (409, "ticket.not_answered")
    assert (await chen.post(f"/tickets/{first}/answer", json={"text": "编号录入错误,实为另一案件"})).status_code == 204
    own = await chen.post(f"/unmatched-tickets/{first}/accept", json={"text": "自己认可"})
    assert own.status_code == 403
    assert (await node.client.post(f"/unmatched-tickets/{second}/close", json={"text": "查无此案,关闭"})).status_code == 204
    left = {one["ticket"]: one for one in (await node.get("/unmatched-tickets"))["items"]}  # type: ignore[attr-defined]
    assert left[second]["state"] == "closed" and left[third]["state"] == "open"
    assert [(note["kind"], note["by"]) for note in left[first]["notes"]] == [("answer", "chen-qi")]
    mine = {one["number"]: one for one in (await chen.get("/tickets")).json()["items"]}
    assert mine[first]["answer"].startswith("编号录入错误") and mine[second]["state"] == "closed"
    assert (await node.client.post(f"/unmatched-tickets/{first}/accept", json={"text": "已与本人核对"})).status_code == 204
    left = {one["ticket"]: one for one in (await node.get("/unmatched-tickets"))["items"]}  # type: ignore[attr-defined]
    assert set(left) == {second, third} and not left[third]["suspended"], "two are left to count"
    again = await order(chen, ["52010200001320000001"], case_number="A5201022026119003")
    assert again.status_code == 201
    clock.later = timedelta(hours=51)
    found = (await node.client.post("/unmatched-tickets/reconcile")).json()["items"]
    assert len(found) == 3 and all(one["suspended"] for one in found)
    path = f"/unmatched-tickets/reviews/{people['chen-qi']}"
    assert (await node.client.post(path, json={"note": "已核实,系录入错误"})).status_code == 204
    assert not any(one["suspended"] for one in (await node.get("/unmatched-tickets"))["items"])  # type: ignore[attr-defined]
    elsewhere = await node.client_of("sun-ba", {"post": "duty-supervisor", "area": "5203"})
    assert (await elsewhere.get("/unmatched-tickets")).json()["items"] == [], "of other areas"
    assert (await elsewhere.post(f"/unmatched-tickets/{third}/close", json={"text": "查无此案,关闭"})).status_code == 403
    await elsewhere.aclose()
    await chen.aclose()


async def test_a_register_that_does_not_answer_blames_nobody(tmp_path: Path) -> None:
    register = FileRegister(tmp_path / "missing.txt")
    with pytest.raises(RegisterAway):
        await register.known({"A1"})
    (tmp_path / "missing.txt").write_text("A1, 盗窃\n\nA2\tx\n", encoding="utf-8")
    assert await register.known({"A1", "A3"}) == {"A1"}
    (tmp_path / "missing.txt").write_text("\ufeffA1, 盗窃\n\t\n\u00a0,\n\u3000\nA2\tx\nA4\uff0c抢劫\n", encoding="utf-8")
    assert await register.known({"A1", "A2", "A4"}) == {"A1", "A2", "A4"}, "with a mark before it, and lines of blanks"
    (tmp_path / "missing.txt").write_text("A1\n", encoding="utf-16")
    with pytest.raises(RegisterAway):
        await register.known({"A1"})

    class Surprising:
        async def known(self, numbers: Collection[str]) -> frozenset[str]:
            return frozenset(one[99] for one in numbers)

    with pytest.raises(RegisterAway, match="IndexError"):
        await ask(Surprising(), {"A1"})

    class Register(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response({"A1": 200, "A2": 404}.get(self.path.partition("number=")[2], 500))
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Register)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        over_http = HttpRegister(f"http://127.0.0.1:{server.server_port}/cases")
        assert await over_http.known({"A1", "A2"}) == {"A1"}
        with pytest.raises(RegisterAway):
            await over_http.known({"A9"})
    finally:
        server.shutdown()
        server.server_close()
    with pytest.raises(RegisterAway):
        await over_http.known({"A1"})
