"""What an act is done under stands in its record: ticket, case, purpose, legal basis, recipient (A28); an auditor follows them."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.features.audit.acts import Act
from fengsui.features.audit.model import AuditRecord
from fengsui.features.policy.actions import DUTY_BASIS, DUTY_NOTICE
from fengsui.features.policy.pack import Text
from fengsui.features.policy.signing import DEMO_PACK, DEMO_PUBLISHER, FOLDER
from tests.node.conftest import OWN_PASSWORD, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_audit import records
from tests.node.test_live import listed

CASE, HERE = "A5201022026110001", "520102"
OPERATOR: dict[str, object] = {"post": "operator", "area": HERE}


@contextlib.asynccontextmanager
async def ruled_node(folder: Path) -> AsyncIterator[RunningNode]:
    """A node with the demonstration's policy pack."""
    trusted = folder / FOLDER
    trusted.mkdir(parents=True)
    shutil.copy(DEMO_PUBLISHER, trusted)
    settings = settings_for()
    policy = settings.policy.model_copy(update={"first_pack": str(DEMO_PACK)})
    async with running_node(folder, settings.model_copy(update={"policy": policy})) as node:
        yield node


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with ruled_node(tmp_path / "node") as node:
        yield node


async def centre_of(node: RunningNode) -> int:
    answer = await node.client.post("/duty/centres", json={"name": "南明值班室", "area": HERE, "seats": 2})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def ticket_of(client: httpx.AsyncClient, *cameras: str, **facts: object) -> dict[str, Any]:
    """An open use ticket for an investigation, from two hours ago to an hour from now."""
    crime = next(one for one in (await client.get("/ticket-purposes")).json()["items"] if one["code"] == "crime-investigation")
    now = datetime.now(UTC)
    bounds = {"cameras": cameras, "since": (now - timedelta(hours=2)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    body = {"purpose": crime["code"], "case_number": CASE, "legal_basis": crime["basis"][1], "bounds": bounds, "reason": "现场"}
    answer = await client.post("/tickets", json={**body, **facts})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def of_person(node: RunningNode, name: str, *acts: Act) -> list[AuditRecord]:
    return [one for one in records(node) if one.person == name and one.act in acts]


async def followed(auditor: httpx.AsyncClient, **wanted: str) -> list[tuple[str, str]]:
    """What the reader finds, the oldest first: act and result."""
    answer = await auditor.get("/audit", params=wanted)
    assert answer.status_code == 200, answer.text
    return [(one["act"], one["result"]) for one in reversed(answer.json()["items"])]


async def test_what_is_done_on_duty_is_recorded_under_the_duty_ticket(ruled: RunningNode) -> None:
    node = ruled
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        li = await node.client_of("li-si", OPERATOR)
        free = await li.post(f"/cameras/{code}/live", json={"codecs": ["h264", "h265"]})
        assert (await li.delete(f"/live/{free.json()['session']}")).status_code == 204
        (before,) = of_person(node, "li-si", Act.LIVE_VIEW)
        assert (before.ticket, before.purpose, before.recipient) == ("-", "-", "li-si"), "no centre yet: the post alone opens it"
        assert before.detail == "without sound"
        await node.note(code, audio_basis="接警大厅,内部管理规定第 12 条")
        centre = await centre_of(node)
        assert (await li.post("/duty/shift", json={"centre": centre, "seat": 2})).status_code == 201
        opened = await li.post(f"/cameras/{code}/live", json={"codecs": ["h264", "h265"]})
        session = opened.json()["session"]
        assert (await li.post(f"/live/{session}/renew")).status_code == 200
        for action in ("left", "stop"):
            assert (await li.post(f"/cameras/{code}/ptz", json={"action": action})).status_code == 204
        assert (await li.get(f"/cameras/{code}/picture")).status_code == 200
        assert (await li.delete(f"/live/{session}")).status_code == 204
        assert (await li.post("/duty/shift/sign-off", json={"reason": "下班,无人接班"})).status_code == 204
        auditor = await node.client_of("shen-ji", {"post": "audit-administrator"})
        (signed_on,) = of_person(node, "li-si", Act.DUTY_SIGN_ON)
        assert signed_on.ticket.startswith("DT") and signed_on.ticket.endswith(f"-{centre}-2")
        wanted = [
            *("duty.sign-on", "live.view", "live.renew", "camera.ptz", "camera.ptz.stop", "live.picture", "live.stop"),
            "duty.sign-off",
        ]
        assert await followed(auditor, ticket=signed_on.ticket) == [(act, "allowed") for act in wanted]
        for one in records(node):
            if one.ticket == signed_on.ticket:
                assert (one.person, one.case, one.purpose, one.legal_basis) == ("li-si", "-", "duty", DUTY_BASIS), one
        gives = of_person(node, "li-si", Act.LIVE_VIEW, Act.PICTURE)
        assert [(one.recipient, one.detail) for one in gives[1:]] == [("li-si", "with sound"), ("li-si", "")], (
            "who sees and hears it"
        )
        pack = node.node.policy.effective
        assert pack is not None
        told = Text(zh="某省条例第9条", en="Article 9 of a province")
        node.node.policy.effective = pack.model_copy(update={"notices": {**pack.notices, DUTY_NOTICE: told}})
        assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
        assert of_person(node, "li-si", Act.DUTY_SIGN_ON)[-1].legal_basis == told.zh, "as the jurisdiction's pack says"
        await li.aclose()
        await auditor.aclose()


async def test_on_duty_the_one_ticket_that_names_the_camera_is_the_ground(ruled: RunningNode) -> None:
    node = ruled
    centre = await centre_of(node)
    camera = simulated_camera(node.registrar)
    code = camera.identity.code

    async def viewed(client: httpx.AsyncClient) -> AuditRecord:
        assert (await client.get(f"/cameras/{code}/picture")).status_code == 200
        return of_person(node, "li-si", Act.PICTURE)[-1]

    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        li = await node.client_of("li-si", OPERATOR)
        assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
        assert (await viewed(li)).ticket.startswith("DT")
        first = await ticket_of(li, code)
        told = await viewed(li)
        assert (told.ticket, told.case, told.purpose) == (first["number"], first["case_number"], "crime-investigation")
        second = await ticket_of(li, code)
        assert (await viewed(li)).ticket.startswith("DT"), "two fit: which case it is, nobody can tell"
        assert (await li.delete(f"/tickets/{first['number']}")).status_code == 204
        assert (await viewed(li)).ticket == second["number"]
        assert (await li.delete(f"/tickets/{second['number']}")).status_code == 204
        assert (await viewed(li)).ticket.startswith("DT"), "the shift goes on"
        await li.aclose()


async def test_what_a_use_ticket_opens_or_refuses_is_recorded_under_it(ruled: RunningNode) -> None:
    node = ruled
    await centre_of(node)
    first, second = (simulated_camera(node.registrar, number) for number in (1, 2))
    async with powered(first, second):
        for one in (first, second):
            await until(lambda one=one: listed(node, one.identity.code), what="the camera is listed")
        chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
        made = await ticket_of(chen, first.identity.code)
        opened = await chen.post(f"/cameras/{first.identity.code}/live", json={"codecs": ["h264", "h265"]})
        assert opened.status_code == 201, opened.text
        assert (await chen.get(f"/cameras/{first.identity.code}/picture")).status_code == 200
        beyond = await chen.post(f"/cameras/{second.identity.code}/live", json={})
        assert beyond.json()["code"] == "ticket.beyond"
        assert (await chen.delete(f"/tickets/{made['number']}")).status_code == 204
        await until(lambda: of_person(node, "chen-qi", Act.LIVE_STOP), what="the picture ends with the ticket")
        auditor = await node.client_of("shen-ji", {"post": "audit-administrator"})
        wanted = [
            ("ticket.open", "allowed"),
            ("live.view", "allowed"),
            ("live.picture", "allowed"),
            ("live.view", "refused"),
            ("ticket.close", "allowed"),
            ("live.stop", "allowed"),
        ]
        assert await followed(auditor, ticket=made["number"]) == wanted
        assert await followed(auditor, case=CASE) == wanted
        assert await followed(auditor, case=CASE, person="li-si") == []
        for one in records(node):
            if one.ticket == made["number"]:
                assert (one.case, one.purpose, one.legal_basis) == (CASE, "crime-investigation", made["legal_basis"]), one
        await chen.aclose()
        await auditor.aclose()


async def test_an_emergency_and_its_papers_are_recorded_under_its_ticket(ruled: RunningNode) -> None:
    node = ruled
    await centre_of(node)
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        wang = await node.client_of("wang-wu", OPERATOR)
        danger = {"area": HERE, "danger": "life", "said": "有人落水,立即查看", "proof": OWN_PASSWORD}
        emergency = (await wang.post("/emergencies", json=danger)).json()
        opened = await wang.post(f"/cameras/{code}/live", json={"codecs": ["h264", "h265"]})
        assert opened.status_code == 201, opened.text
        assert (await wang.delete(f"/live/{opened.json()['session']}")).status_code == 204
        papers = f"/emergencies/{emergency['id']}"
        assert (await wang.post(f"{papers}/report", json={"report": "落水者已救起,调看河岸两路。"})).status_code == 204
        verdict = {"verdict": "justified", "note": "情况属实"}
        assert (await node.client.post(f"{papers}/verdict", json=verdict)).status_code == 204
        auditor = await node.client_of("shen-ji", {"post": "audit-administrator"})
        acts = [act for act, _ in await followed(auditor, ticket=emergency["ticket"])]
        assert acts == ["emergency.open", "ticket.open", "live.view", "live.stop", "emergency.report", "emergency.judge"]
        for one in records(node):
            if one.ticket == emergency["ticket"]:
                assert (one.case, one.purpose) == ("-", "emergency-rescue") and one.legal_basis != "-", one
        await wang.aclose()
        await auditor.aclose()
