"""Duty and use tickets on a whole node: the door asks them, and what they opened ends with them (A1 to A5, A58, A59)."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from fengsui.clock import SystemClock
from fengsui.features.access import CameraClass, CameraFacts, Function
from fengsui.features.policy.model import Purpose
from fengsui.features.policy.signing import DEMO_PACK, DEMO_PUBLISHER, FOLDER
from fengsui.features.tickets.model import Bounds, Match, UseTicket
from fengsui.features.tickets.register import FileRegister, HttpRegister, RegisterAway
from tests.node.conftest import OWN_PASSWORD, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_live import listed, read_pictures

CASE = "A5201022026110001"
HERE = "520102"


@pytest.fixture
async def ruled(tmp_path: Path) -> Any:
    """A node with the demonstration's policy pack and a register of cases in a file."""
    (tmp_path / "cases.txt").write_text(f"{CASE}\n", encoding="utf-8")
    trusted = tmp_path / "node" / FOLDER
    trusted.mkdir(parents=True)
    shutil.copy(DEMO_PUBLISHER, trusted)
    settings = settings_for()
    settings = settings.model_copy(
        update={
            "policy": settings.policy.model_copy(update={"first_pack": str(DEMO_PACK)}),
            "tickets": settings.tickets.model_copy(update={"case_register": f"file:{tmp_path / 'cases.txt'}"}),
        }
    )
    async with running_node(tmp_path / "node", settings) as node:
        yield node


async def centre_of(node: RunningNode, seats: int = 2) -> int:
    answer = await node.client.post("/duty/centres", json={"name": "南明值班室", "area": HERE, "seats": seats})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def operator(area: str = HERE) -> dict[str, object]:
    return {"post": "operator", "area": area}


async def open_live(client: httpx.AsyncClient, code: str) -> httpx.Response:
    return await client.post(f"/cameras/{code}/live", json={"codecs": ["h264", "h265"]})


async def order(client: httpx.AsyncClient, cameras: list[str], **facts: object) -> httpx.Response:
    """A use ticket for the last two hours and the next two."""
    purposes = (await client.get("/ticket-purposes")).json()["items"]
    crime = next(one for one in purposes if one["code"] == "crime-investigation")
    now = datetime.now(UTC)
    bounds = {"cameras": cameras, "since": (now - timedelta(hours=2)).isoformat(), "until": (now + timedelta(hours=2)).isoformat()}
    body = {"purpose": crime["code"], "case_number": CASE, "legal_basis": crime["basis"][0], "bounds": bounds}
    return await client.post("/tickets", json={**body, **facts})


async def test_live_needs_a_shift_once_a_centre_is_set_up_and_ends_with_it(ruled: RunningNode) -> None:
    node = ruled
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        li = await node.client_of("li-si", operator())
        assert (await open_live(li, code)).status_code == 201, "no centre, no duty"
        centre = await centre_of(node)
        refused = await open_live(li, code)
        said = refused.json()
        assert (refused.status_code, said["code"], said["rule"]) == (403, "access.not_on_duty", "A5")
        assert "签到" in said["remedy_zh"]
        assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
        opened = await open_live(li, code)
        assert opened.status_code == 201
        reading = asyncio.create_task(read_pictures(opened.json(), 100_000))
        await until(lambda: node.node.live.running == 1, what="it plays")
        assert (await li.post("/duty/shift/sign-off", json={"reason": "下班,无人接班"})).status_code == 204
        async with asyncio.timeout(10):
            await reading  # the stream ends by itself
        assert (await open_live(li, code)).status_code == 403
        await li.aclose()


async def test_one_seat_one_person_and_a_roster_binds(ruled: RunningNode) -> None:
    node = ruled
    centre = await centre_of(node)
    li, wang = await node.client_of("li-si", operator()), await node.client_of("wang-wu", operator())
    people = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}  # type: ignore[attr-defined]
    now = datetime.now(UTC)
    slot = {"seat": 1, "user_id": people["li-si"], "since": now.isoformat(), "until": (now + timedelta(hours=8)).isoformat()}
    assert (await node.client.post(f"/duty/centres/{centre}/slots", json=slot)).status_code == 201
    listed_roster = (await node.client.get(f"/duty/centres/{centre}/slots", params={"since": now.isoformat()})).json()["items"]
    assert [(one["name"], one["trouble_zh"], one["over"]) for one in listed_roster] == [("li-si", "", False)]
    doubled = await node.client.post(f"/duty/centres/{centre}/slots", json=slot)
    assert (doubled.status_code, doubled.json()["code"]) == (400, "duty.unusable") or doubled.status_code == 422
    other = await wang.post("/duty/shift", json={"centre": centre, "seat": 1})
    assert (other.status_code, other.json()["code"]) == (409, "duty.not_rostered")
    assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
    again = await li.post("/duty/shift", json={"centre": centre, "seat": 2})
    assert again.json()["code"] == "duty.already"
    taken = await node.client.post("/duty/shift", json={"centre": centre, "seat": 1})
    assert (taken.status_code, taken.json()["code"]) == (409, "duty.seat_taken")
    assert "li-si" in taken.json()["zh"]
    elsewhere = await node.client_of("zhao-liu", operator("520103"))
    refused = await elsewhere.post("/duty/shift", json={"centre": centre, "seat": 2})
    assert (refused.status_code, refused.json()["code"]) == (403, "access.out_of_scope")
    for client in (li, wang, elsewhere):
        await client.aclose()


async def test_a_roster_takes_only_who_may_sit_there_then_and_keeps_rest(ruled: RunningNode) -> None:
    node = ruled
    centre = await centre_of(node)
    ends = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    wang, _ = await node.appoint("wang-wu", operator())
    zhao, _ = await node.appoint("zhao-liu", {**operator(), "valid_until": ends})
    elsewhere, _ = await node.appoint("sun-ba", operator("520103"))
    day = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)

    async def put(user: dict[str, Any], begin: timedelta, hours: float = 8, seat: int = 1, slot: int = 0) -> httpx.Response:
        body = {"seat": seat, "user_id": user["id"], "since": (day + begin).isoformat()}
        body["until"] = (day + begin + timedelta(hours=hours)).isoformat()
        path = f"/duty/centres/{centre}/slots"
        return await (node.client.put(f"{path}/{slot}", json=body) if slot else node.client.post(path, json=body))

    assert (await put(elsewhere, timedelta())).json()["code"] == "access.out_of_scope"
    first = await put(wang, timedelta())
    assert first.status_code == 201, first.text
    tired = await put(wang, timedelta(hours=12), seat=2)
    assert tired.status_code == 400 and "休息" in tired.json()["zh"]
    assert (await put(wang, timedelta(hours=8), 4, seat=2)).status_code == 201, "twelve hours in all"
    assert (await put(zhao, timedelta(days=1))).status_code == 201
    lapsed = await put(zhao, timedelta(days=2, hours=20))
    assert (lapsed.status_code, lapsed.json()["rule"]) == (403, "A7"), "the appointment ends before the slot does"
    changed = await put(zhao, timedelta(hours=1), slot=first.json()["id"])
    assert (changed.status_code, changed.json()["name"]) == (200, "zhao-liu")
    assert (await put(zhao, timedelta(), slot=999)).json()["code"] == "duty.unknown_slot"

    begin = (day - timedelta(hours=2)).isoformat()
    names = {one["name"] for one in (await node.client.get(f"/duty/centres/{centre}/candidates")).json()["items"]}
    assert names == {"duty", "wang-wu", "zhao-liu"}, "and nobody from elsewhere, no administrator"
    begun = {
        "since": (datetime.now(UTC) - timedelta(hours=6)).isoformat(),
        "until": (datetime.now(UTC) + timedelta(hours=2)).isoformat(),
    }
    rest = (await node.client.get(f"/duty/centres/{centre}/candidates", params=begun)).json()["items"]
    assert {one["name"] for one in rest} == names, "of a slot that has begun only the rest counts: they were appointed a moment ago"
    later = {"since": (day + timedelta(days=4)).isoformat(), "until": (day + timedelta(days=4, hours=8)).isoformat()}
    then = (await node.client.get(f"/duty/centres/{centre}/candidates", params=later)).json()["items"]
    assert {one["name"] for one in then} == {"duty", "wang-wu"}
    copied = await node.client.post(
        f"/duty/centres/{centre}/slots/copy", json={"since": begin, "to": (day + timedelta(days=7, hours=-2)).isoformat()}
    )
    result = copied.json()
    assert (copied.status_code, result["made"]) == (201, 1), result
    assert [(one["name"], bool(one["trouble_zh"])) for one in result["left"]] == [("zhao-liu", True)] * 2
    answer = await node.client.patch(f"/users/{wang['id']}", json={"disabled": True})
    assert answer.status_code == 200
    lines = (await node.client.get(f"/duty/centres/{centre}/slots", params={"since": begin})).json()["items"]
    assert {one["name"] for one in lines if one["trouble_zh"]} == {"wang-wu"}, "whoever lost the account stands out"


async def test_a_handover_passes_every_open_matter_by_name(ruled: RunningNode) -> None:
    node = ruled
    centre = await centre_of(node)
    li, wang = await node.client_of("li-si", operator()), await node.client_of("wang-wu", operator())
    people = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}  # type: ignore[attr-defined]
    assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
    emergency = {"area": HERE, "danger": "life", "said": "儿童落水,需立即调看河岸", "proof": OWN_PASSWORD}
    assert (await li.post("/emergencies", json=emergency)).status_code == 201
    left = await li.post("/duty/shift/sign-off", json={"reason": "下班了"})
    assert (left.status_code, left.json()["code"]) == (409, "duty.matters_open")
    assert (await li.post("/duty/shift/hand-over", json={"successor": people["wang-wu"], "remarks": "留意河岸"})).status_code == 200
    offered = (await wang.get("/duty")).json()
    assert offered["offered"]["successor_name"] == "wang-wu"
    shift, matters = offered["offered"]["id"], [one["id"] for one in offered["centres"][0]["matters"]]
    assert len(matters) == 1 and offered["offered"]["remarks"] == "留意河岸"
    refused = await wang.post(f"/duty/shifts/{shift}/accept", json={"matters": []})
    assert (refused.status_code, refused.json()["code"]) == (409, "duty.not_accepted")
    assert (await wang.post(f"/duty/shifts/{shift}/accept", json={"matters": matters})).status_code == 201
    assert (await li.get("/duty")).json()["mine"] is None
    assert (await wang.get("/duty")).json()["mine"]["seat"] == 1
    await li.aclose()
    await wang.aclose()


async def test_shifts_go_on_over_a_restart(tmp_path: Path) -> None:
    settings = settings_for()
    async with running_node(tmp_path, settings) as node:
        centre = await centre_of(node)
        assert (await node.client.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
    async with running_node(tmp_path, settings) as node:
        assert (await node.get("/duty"))["mine"]["seat"] == 1  # type: ignore[index]


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
        await until(lambda: node.node.live.running == 1, what="it plays")
        assert (await chen.delete(f"/tickets/{made.json()['number']}")).status_code == 204
        async with asyncio.timeout(10):
            await reading
        assert (await order(chen, [first.identity.code], hours=1)).status_code == 201
        again = await open_live(chen, first.identity.code)
        reading = asyncio.create_task(read_pictures(again.json(), 100_000))
        await until(lambda: node.node.live.running == 1, what="it plays once more")
        clock = MovedClock()
        clock.later = timedelta(minutes=61)
        node.node.tickets._clock = clock
        async with asyncio.timeout(10):
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
    assert one.refuse_span(36_000.0, 39_600.0) is None
    assert one.refuse_span(36_000.0, 39_660.0) is not None, "11:01"
    assert one.refusal(Function.VIEW_RECORDED, y, 50_000.0) is not None
    assert one.refusal(Function.EXPORT, x, 50_000.0) is not None
    assert one.refusal(Function.VIEW_RECORDED, x, 80_000.0) is not None, "expired"
    assert ticket(closed_at=45_000.0).refusal(Function.VIEW_RECORDED, x, 50_000.0) is not None
    assert Bounds(frozenset({"X"}), "", 37_000.0, 39_000.0).within(one.bounds)
    assert not Bounds(frozenset({"X", "Y"}), "", 37_000.0, 39_000.0).within(one.bounds)


class MovedClock(SystemClock):
    """The real clock, so many hours later."""

    def __init__(self) -> None:
        super().__init__()
        self.later = timedelta()

    def now(self) -> datetime:
        """UTC."""
        return super().now() + self.later


async def test_duty_and_emergency_open_the_classes_of_the_post_alone(ruled: RunningNode) -> None:
    node = ruled
    school, street = simulated_camera(node.registrar, 1), simulated_camera(node.registrar, 2)
    codes = [one.identity.code for one in (school, street)]
    async with powered(school, street):
        for code in codes:
            await until(lambda code=code: listed(node, code), what="the camera is listed")
        await node.node.cameras.note(codes[0], camera_class="restricted")
        inspects = {"post": "inspector", "area": HERE}  # sees every class, by ticket
        li = await node.client_of("li-si", {**operator(), "classes": ["government"]}, inspects)
        centre = await centre_of(node)
        assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
        assert (await open_live(li, codes[1])).status_code == 201
        refused = (await open_live(li, codes[0])).json()
        assert (refused["code"], refused["rule"]) == ("access.beyond_duty", "A5") and "特殊场所" in refused["zh"]
        wang = await node.client_of("wang-wu", {**operator(), "classes": ["government"]}, {"post": "partner-owner", "area": HERE})
        body = {"area": HERE, "danger": "life", "said": "有人落水,立即查看", "proof": OWN_PASSWORD}
        opened = await wang.post("/emergencies", json=body)
        assert opened.status_code == 201 and opened.json()["classes"] == ["government"], opened.text
        assert (await open_live(wang, codes[1])).status_code == 201
        beyond = (await open_live(wang, codes[0])).json()
        assert (beyond["code"], beyond["rule"]) == ("ticket.beyond", "A2")
        bounds = {"area": HERE, "since": opened.json()["opened_at"], "until": opened.json()["ends_at"]}
        longer = {"bounds": bounds, "hours": 24, "reason": "还没有看完"}
        renewed = await wang.post(f"/tickets/{opened.json()['ticket']}/versions", json=longer)
        assert renewed.json()["code"] == "ticket.unusable", "half an hour is not made longer"
        narrow = await node.client_of("sun-ba", {"post": "duty-supervisor", "area": HERE, "classes": ["restricted"]})
        verdict = {"verdict": "justified", "note": "情况属实"}
        path = f"/emergencies/{opened.json()['id']}/verdict"
        report = {"report": "落水者已救起,调看河岸两路。"}
        assert (await wang.post(path.replace("verdict", "report"), json=report)).status_code == 204
        assert (await narrow.post(path, json=verdict)).json()["code"] == "access.class_withheld"
        assert (await node.client.post(path, json=verdict)).status_code == 204
        for client in (li, wang, narrow):
            await client.aclose()


async def test_numbers_that_no_register_knows_close_recorded_access_until_a_review(ruled: RunningNode) -> None:
    node = ruled
    chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
    people = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}  # type: ignore[attr-defined]
    for number in range(3):
        assert (await order(chen, ["52010200001320000001"], case_number=f"A5201022026119{number:03d}")).status_code == 201
    assert (await order(chen, ["52010200001320000001"])).status_code == 201
    tickets = node.node.tickets
    answer = await node.client.post("/unmatched-tickets/reconcile")
    assert answer.status_code == 200 and answer.json()["items"] == [], "a day is given to the register"
    clock = MovedClock()
    tickets._clock = node.node.case_numbers._clock = clock
    clock.later = timedelta(hours=25)
    told = (await node.client.post("/unmatched-tickets/reconcile")).json()
    found = told["items"]
    assert told["connected"] and told["asked_at"] and told["trouble_zh"] == ""
    assert len(found) == 3 and all(one["suspended"] and one["name"] == "chen-qi" for one in found)
    standing = tickets.standing(people["chen-qi"], Function.VIEW_RECORDED, None)
    facts = CameraFacts("52010200001320000001", HERE, CameraClass.GOVERNMENT)
    assert standing is not None
    refusal = standing.refusal(Function.VIEW_RECORDED, facts, clock.now().timestamp())
    assert refusal is not None and refusal.code == "ticket.suspended"
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


async def test_emergency_access_is_short_told_and_followed_by_papers(ruled: RunningNode) -> None:
    node = ruled
    await centre_of(node)
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        li = await node.client_of("li-si", operator())
        body = {"area": HERE, "danger": "life", "said": "有人落水,立即查看", "proof": "wrong"}
        wrong = await li.post("/emergencies", json=body)
        assert (wrong.status_code, wrong.json()["code"]) == (401, "access.wrong_password")
        assert (await open_live(li, code)).status_code == 403
        opened = await li.post("/emergencies", json={**body, "proof": OWN_PASSWORD})
        assert opened.status_code == 201, opened.text
        number = opened.json()["id"]
        lasts = datetime.fromisoformat(opened.json()["ends_at"]) - datetime.fromisoformat(opened.json()["opened_at"])
        assert timedelta(0) < lasts <= timedelta(minutes=30)
        playing = await open_live(li, code)
        assert playing.status_code == 201
        reading = asyncio.create_task(read_pictures(playing.json(), 100_000))
        await until(lambda: node.node.live.running == 1, what="it plays")
        auditor = await node.client_of("shen-ji", {"post": "audit-administrator"})
        assert [one["id"] for one in (await auditor.get("/emergencies")).json()["items"]] == [number], "the audit office sees it"
        soon = await node.client.post(f"/emergencies/{number}/verdict", json={"verdict": "justified", "note": "尚无报告"})
        assert (soon.status_code, soon.json()["code"]) == (409, "emergency.not_reported")
        own = await li.post(f"/emergencies/{number}/verdict", json={"verdict": "justified", "note": "自己评定"})
        assert own.status_code == 403, "an operator judges nobody"
        clock = MovedClock()
        for room in (node.node.tickets, node.node.emergencies, node.node.access):
            room._clock = clock
        clock.later = timedelta(minutes=31)
        async with asyncio.timeout(10):
            await reading  # what was opened is closed
        assert (await open_live(li, code)).status_code == 403, "minute 31"
        clock.later = timedelta(hours=25)
        await until(lambda: node.node.tickets.closed_to(opened_by(node, number)), what="no report within a day")
        barred = await li.post("/emergencies", json={**body, "proof": OWN_PASSWORD})
        assert (barred.status_code, barred.json()["rule"]) == (403, "A59"), "no second one before the papers"
        assert barred.json()["code"] == "emergency.papers_overdue" and "补交报告" in barred.json()["remedy_zh"]
        clock.later = timedelta(minutes=31)
        assert (await li.post(f"/emergencies/{number}/report", json={"report": "落水者已救起,调看河岸两路。"})).status_code == 204
        await until(lambda: not node.node.tickets.closed_to(opened_by(node, number)), what="the report is there")
        clock.later = timedelta(hours=73)
        await until(lambda: node.node.tickets.closed_to(opened_by(node, number)), what="no verdict within three days")
        judged = await node.client.post(f"/emergencies/{number}/verdict", json={"verdict": "justified", "note": "情况属实"})
        assert judged.status_code == 204
        closed = (await node.get("/emergencies"))["items"][0]  # type: ignore[index]
        assert (closed["state"], closed["judge"], closed["late"]) == ("judged", "duty", False)
        assert not node.node.tickets.closed_to(people_of(await node.get("/users"))["li-si"])
        await auditor.aclose()
        await li.aclose()


def opened_by(node: RunningNode, number: int) -> int:
    row = node.node.emergencies._open.get(number)
    return row.user_id if row is not None else 0


def people_of(listed: Any) -> dict[str, int]:
    return {one["name"]: one["id"] for one in listed["items"]}
