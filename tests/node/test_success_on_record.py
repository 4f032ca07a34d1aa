"""Duty, tickets, emergencies and approvals: each operation that succeeds leaves exactly one record of its act."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.features.audit.acts import Act
from fengsui.features.audit.operations import OPERATIONS
from fengsui.features.policy.signing import DEMO_PACK, DEMO_PUBLISHER, FOLDER
from tests.node.conftest import OWN_PASSWORD, RunningNode, running_node, settings_for, until
from tests.node.test_audit import records
from tests.node.test_lifts import MovedClock
from tests.node.test_under import HERE, OPERATOR

ROOMS = ("duty.", "ticket.", "emergency.", "approval.")
PROPOSALS = {
    "proposeFootageHold",
    "proposeHoldRelease",
    "proposeClip",
    "proposeClipLink",
    "proposePolicy",
    "proposeMaskRemoval",
    "proposeMaskLift",
    "proposeMaskedView",
    "proposeCameraArea",
    "proposeCameraClass",
    "proposeReset",
    "proposeUserChange",
}
"""They ask like `addAppointment`, of their own rooms."""
BY_ITSELF = (Act.RIGHTS_STATE, Act.APPROVAL_VOID, Act.DUTY_VACANT)
"""The node's own, when it comes to it: a removal that was asked for is void when another centre is there; a seat is vacant."""
CAMERA = "52010200001320000001"


SHANGHAI = timedelta(hours=8)


class Steps:
    """Operations in their order, each counted on the log."""

    def __init__(self, node: RunningNode) -> None:
        self.node = node
        self.done: set[str] = set()

    async def step(
        self, operation: str, client: httpx.AsyncClient, method: str, path: str, body: Any = None, *, also: tuple[Act, ...] = ()
    ) -> Any:
        """`also`: what follows from it and is recorded as well. The answer's body."""
        seen = len(records(self.node))
        answer = await client.request(method, path, json=body)
        assert answer.status_code in (200, 201, 202, 204), (operation, answer.status_code, answer.text)
        act = OPERATIONS[operation]

        def new() -> list[str]:
            return [one.act for one in records(self.node)[seen:] if one.result == "allowed" and one.act not in BY_ITSELF]

        wanted = sorted([act, *also])
        await until(lambda: len(new()) >= len(wanted), what=f"{operation} is recorded")
        assert sorted(new()) == wanted, operation
        self.done.add(operation)
        return answer.json() if answer.content else None


@pytest.fixture
async def steps(tmp_path: Path) -> AsyncIterator[Steps]:
    (tmp_path / "cases.txt").touch()
    (tmp_path / "node" / FOLDER).mkdir(parents=True)
    shutil.copy(DEMO_PUBLISHER, tmp_path / "node" / FOLDER)
    settings = settings_for()
    changed = {
        "policy": settings.policy.model_copy(update={"first_pack": str(DEMO_PACK)}),
        "tickets": settings.tickets.model_copy(update={"case_register": f"file:{tmp_path / 'cases.txt'}"}),
    }
    async with running_node(tmp_path / "node", settings.model_copy(update=changed)) as node:
        yield Steps(node)


async def test_each_success_leaves_one_record(steps: Steps) -> None:
    node = steps.node
    people = [await node.client_of(name, OPERATOR) for name in ("li-si", "wang-wu")]
    chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
    ids = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}
    await duty(steps, people[0], people[1], ids)
    await emergency(steps, people[0])
    await approvals(steps, ids)
    await tickets(steps, chen, ids)
    assert steps.done == {one for one, act in OPERATIONS.items() if act.startswith(ROOMS)} - PROPOSALS
    for client in (*people, chen):
        await client.aclose()


async def duty(steps: Steps, li: httpx.AsyncClient, wang: httpx.AsyncClient, ids: dict[str, int]) -> None:
    lead, now = steps.node.client, datetime.now(UTC)
    centre = (await steps.step("addCentre", lead, "POST", "/duty/centres", {"name": "值班室", "area": HERE, "seats": 2}))["id"]
    slots = f"/duty/centres/{centre}/slots"
    begin = now + timedelta(days=1)
    order = {"seat": 1, "user_id": ids["li-si"], "since": begin.isoformat(), "until": (begin + timedelta(hours=8)).isoformat()}
    slot = (await steps.step("addSlot", lead, "POST", slots, order))["id"]
    shorter = {**order, "until": (begin + timedelta(hours=6)).isoformat()}
    await steps.step("changeSlot", lead, "PUT", f"{slots}/{slot}", shorter)
    later = begin + timedelta(days=2)
    second = {"seat": 1, "user_id": ids["wang-wu"], "since": later.isoformat(), "until": (later + timedelta(hours=6)).isoformat()}
    theirs = await steps.step("addSlot", lead, "POST", slots, second)
    weeks = {(one + SHANGHAI).isocalendar()[:2]: one for one in (begin, later)}
    for at in weeks.values():
        await steps.step("publishRoster", lead, "POST", f"/duty/centres/{centre}/roster-versions", {"at": at.isoformat()})
    swap = {"slot": slot, "other_slot": theirs["id"], "reason": "家中有事"}
    for last in ("withdrawSwap", "decideSwap"):
        asked = (await steps.step("askSwap", li, "POST", f"/duty/centres/{centre}/swaps", swap))["id"]
        await steps.step("answerSwap", wang, "POST", f"/duty/swaps/{asked}/answer", {"accept": True})
        if last == "withdrawSwap":
            await steps.step(last, li, "POST", f"/duty/swaps/{asked}/withdrawal")
        else:
            await steps.step(last, lead, "POST", f"/duty/swaps/{asked}/decision", {"approve": True})
    await steps.step("removeSlot", lead, "DELETE", f"{slots}/{theirs['id']}")
    week = {"since": now.isoformat(), "to": (now + timedelta(days=7)).isoformat()}
    assert (await steps.step("copySlots", lead, "POST", f"{slots}/copy", week))["made"] == 1
    await steps.step("removeSlot", lead, "DELETE", f"{slots}/{slot}")
    shift = (await steps.step("signOn", li, "POST", "/duty/shift", {"centre": centre, "seat": 1}))["id"]
    await steps.step("addOrders", lead, "POST", f"/duty/centres/{centre}/orders", {"text": "整点巡查河岸"})
    await steps.step("addLogEntry", li, "POST", "/duty/log", {"kind": "patrol", "text": "画面正常"})
    foot = {"place": "河岸步道", "at": now.isoformat(), "text": "无异常"}
    await steps.step("addPatrolOnFoot", li, "POST", "/video-patrols/on-foot", foot)
    await steps.step("handOver", li, "POST", "/duty/shift/hand-over", {"successor": ids["wang-wu"]})
    await steps.step("acceptShift", wang, "POST", f"/duty/shifts/{shift}/accept", {"matters": [], "orders": 1, "entry": 2})
    shift = (await wang.get("/duty")).json()["mine"]["id"]
    until = {"until": (now + timedelta(hours=13)).isoformat(), "reason": "汛情,人手不足"}
    await steps.step("extendShift", lead, "POST", f"/duty/shifts/{shift}/extension", until)
    await steps.step("permitDuty", lead, "POST", f"/duty/centres/{centre}/permits", {**until, "user_id": ids["li-si"]})
    shift = (await steps.step("signOn", li, "POST", "/duty/shift", {"centre": centre, "seat": 2}))["id"]
    await steps.step("endShift", lead, "POST", f"/duty/shifts/{shift}/end", {"reason": "身体不适"})
    await steps.step("signOff", wang, "POST", "/duty/shift/sign-off", {"reason": "下班,无人接班"})
    await steps.step("proposeCentreRemoval", lead, "POST", f"/duty/centres/{centre}/removal", {"reason": "本室撤销"})
    await steps.step("addCentre", lead, "POST", "/duty/centres", {"name": "备用值班室", "area": HERE, "seats": 1})
    await steps.step("setNextCentre", lead, "PUT", f"/duty/centres/{centre}/next", {"centre": None})
    await steps.step("removeCentre", lead, "DELETE", f"/duty/centres/{centre}")


async def emergency(steps: Steps, li: httpx.AsyncClient) -> None:
    danger = {"area": HERE, "danger": "life", "said": "有人落水,立即查看", "proof": OWN_PASSWORD}
    opened = await steps.step("openEmergency", li, "POST", "/emergencies", danger, also=(Act.TICKET_OPEN,))
    papers = f"/emergencies/{opened['id']}"
    await steps.step("reportEmergency", li, "POST", f"{papers}/report", {"report": "落水者已救起,调看河岸两路。"})
    verdict = {"verdict": "not-justified", "note": "无危险情形"}
    await steps.step("judgeEmergency", steps.node.client, "POST", f"{papers}/verdict", verdict, also=(Act.EMERGENCY_SUSPEND,))
    assert steps.node.second is not None
    await steps.step("restoreAfterEmergency", steps.node.second, "POST", f"{papers}/restoration", {"note": "处理决定〔2026〕1号"})


async def approvals(steps: Steps, ids: dict[str, int]) -> None:
    first, second = steps.node.client, steps.node.second
    assert second is not None
    posts = f"/users/{ids['li-si']}/appointments"

    async def asked(area: str) -> str:
        order = {"post": "operator", "area": area, "reason": "needed there too"}
        return str((await steps.step("addAppointment", first, "POST", posts, order))["request"]["id"])

    request = await asked("520103")
    read = await steps.step("openApproval", second, "GET", f"/approvals/{request}")
    follows = (Act.APPROVAL_APPLY, Act.APPOINTMENT_ADD)
    await steps.step("approveRequest", second, "POST", f"/approvals/{request}/approve", {"hash": read["hash"]}, also=follows)
    request = await asked("520111")
    await steps.step("refuseRequest", second, "POST", f"/approvals/{request}/refuse", {"reason": "not needed"})
    request = await asked("520112")
    await steps.step("withdrawRequest", first, "POST", f"/approvals/{request}/withdraw", {"reason": "asked by mistake"})


async def tickets(steps: Steps, chen: httpx.AsyncClient, ids: dict[str, int]) -> None:
    node, lead, now = steps.node, steps.node.client, datetime.now(UTC)
    rules = (await chen.get("/ticket-purposes")).json()["items"]
    crime = next(one for one in rules if one["code"] == "crime-investigation")
    bounds = {"cameras": [CAMERA], "since": now.isoformat(), "until": (now + timedelta(hours=1)).isoformat()}

    async def opened(number: int) -> str:
        case = {"purpose": crime["code"], "case_number": f"A520102202611{number:04d}", "legal_basis": crime["basis"][0]}
        return str((await steps.step("openTicket", chen, "POST", "/tickets", {**case, "bounds": bounds}))["number"])

    first, second = await opened(1), await opened(2)
    span = {"cameras": [CAMERA], "from": bounds["since"], "to": bounds["until"]}
    case = {"purpose": crime["code"], "case": "A5201022026110003", "legal_basis": crime["basis"][0]}
    short = await steps.step("openUseTicket", chen, "POST", "/use-tickets", {**case, **span})
    assert short["id"] in {one["number"] for one in (await chen.get("/tickets")).json()["items"]}
    longer = {"bounds": bounds, "hours": 100, "reason": "还没有看完"}
    await steps.step("changeTicket", chen, "POST", f"/tickets/{first}/versions", longer)
    await node.node.case_numbers.stop()  # its nightly run would come of the later clock, and be on record as well
    node.node.tickets._clock = node.node.case_numbers._clock = clock = MovedClock()
    clock.later = timedelta(hours=25)
    unmatched = "/unmatched-tickets"
    unknown = (*(Act.TICKET_UNMATCHED,) * 3, Act.TICKET_SUSPEND)
    await steps.step("reconcileTickets", lead, "POST", f"{unmatched}/reconcile", also=unknown)
    await steps.step("answerForNumber", chen, "POST", f"/tickets/{first}/answer", {"text": "编号录入错误"})
    await steps.step("acceptAnswer", lead, "POST", f"{unmatched}/{first}/accept", {"text": "已与本人核对"})
    await steps.step("closeUnmatched", lead, "POST", f"{unmatched}/{second}/close", {"text": "查无此案,关闭"})
    await steps.step("reviewTickets", lead, "POST", f"{unmatched}/reviews/{ids['chen-qi']}", {"note": "已核实,系录入错误"})
    await steps.step("closeTicket", chen, "DELETE", f"/tickets/{first}")
