"""Emergency access on a whole node: short, told, followed by papers, and what an unjustified one brings (A57 to A59)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fengsui.clock import SteadyTime
from tests.node.conftest import OWN_PASSWORD, RunningNode, powered, running_node, simulated_camera, until
from tests.node.duty_room import HERE, MovedClock, centre_of, open_live, opened_by, operator, people_of, with_pack
from tests.node.test_audit import records
from tests.node.test_live import listed, read_pictures


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node with the demonstration's policy pack and a register of cases in a file."""
    async with running_node(tmp_path / "node", with_pack(tmp_path / "node", register=tmp_path / "cases.txt")) as node:
        yield node


async def test_duty_and_emergency_open_the_classes_of_the_post_alone(ruled: RunningNode) -> None:
    node = ruled
    school, street = simulated_camera(node.registrar, 1), simulated_camera(node.registrar, 2)
    codes = [one.identity.code for one in (school, street)]
    async with powered(school, street):
        for code in codes:
            await until(lambda code=code: listed(node, code), what="the camera is listed")
        await node.note(codes[0], camera_class="restricted")
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
        await until(lambda: node.node.engine.counters().readers == 1, what="it is watched")
        auditor = await node.client_of("shen-ji", {"post": "audit-administrator"})
        assert [one["id"] for one in (await auditor.get("/emergencies")).json()["items"]] == [number], "the audit office sees it"
        soon = await node.client.post(f"/emergencies/{number}/verdict", json={"verdict": "justified", "note": "尚无报告"})
        assert (soon.status_code, soon.json()["code"]) == (409, "emergency.not_reported")
        own = await li.post(f"/emergencies/{number}/verdict", json={"verdict": "justified", "note": "自己评定"})
        assert own.status_code == 403, "an operator judges nobody"
        clock = MovedClock()
        node.node.tickets._clock = node.node.emergencies._clock = clock
        clock.later = timedelta(minutes=31)
        sessions, node.node.access.steady = node.node.access.steady, SteadyTime(clock)
        async with asyncio.timeout(60):
            await reading  # what was opened is closed
        assert (await open_live(li, code)).status_code == 403, "minute 31"
        node.node.access.steady = sessions  # they would end before the papers are due
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


async def test_an_unjustified_access_closes_everything_until_what_followed_is_entered(ruled: RunningNode) -> None:
    node = ruled
    centre = await centre_of(node)
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        li = await node.client_of("li-si", operator())
        assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
        danger = {"area": HERE, "danger": "life", "said": "有人落水,立即查看", "proof": OWN_PASSWORD}
        number = (await li.post("/emergencies", json=danger)).json()["id"]
        playing = await open_live(li, code)
        reading = asyncio.create_task(read_pictures(playing.json(), 100_000))
        await until(lambda: node.node.engine.counters().readers == 1, what="it is watched")
        papers = f"/emergencies/{number}"
        assert (await li.post(f"{papers}/report", json={"report": "只是想看看河岸的情况。"})).status_code == 204
        early = await node.client.post(f"{papers}/restoration", json={"note": "处理决定〔2026〕1号"})
        assert (early.status_code, early.json()["code"]) == (409, "emergency.nothing_to_restore")
        verdict = {"verdict": "not-justified", "note": "无危险情形"}
        assert (await node.client.post(f"{papers}/verdict", json=verdict)).status_code == 204
        async with asyncio.timeout(60):
            await reading  # A57: closed within a minute, also what the shift had opened
        refused = await open_live(li, code)
        assert (refused.status_code, refused.json()["code"], refused.json()["rule"]) == (403, "emergency.unjustified", "A57")
        assert (await li.post("/emergencies", json=danger)).json()["code"] == "emergency.unjustified", "nor another emergency"
        (told,) = [one for one in records(node) if one.act == "emergency.suspend"]
        assert (told.object, told.range, told.purpose) == ("li-si", str(number), "emergency-rescue")
        own = (await li.get("/emergencies")).json()["items"][0]
        assert (own["suspends"], own["restored_at"]) == (True, None)
        assert (await node.client.post(f"{papers}/restoration", json={"note": "x"})).status_code == 422
        by_judge = await node.client.post(f"{papers}/restoration", json={"note": "算了"}, headers=as_one(node, "duty"))
        assert (by_judge.status_code, by_judge.json()["code"]) == (403, "access.not_allowed")
        elsewhere = await node.client_of("qian-yi", {"post": "security-administrator", "area": "5203"})
        assert (await elsewhere.get("/emergencies")).json()["items"] == [], "nobody of theirs"
        beyond = await elsewhere.post(f"{papers}/restoration", json={"note": "处理决定〔2026〕1号"})
        assert beyond.json()["code"] == "access.out_of_scope"
        seen = (await node.client.get("/emergencies", headers=as_one(node, "security"))).json()["items"]
        assert [(one["id"], one["suspends"]) for one in seen] == [(number, True)]
        assert node.second is not None, "not whoever gave the account, where somebody else can"
        assert (await node.second.post(f"{papers}/restoration", json={"note": "处理决定〔2026〕1号"})).status_code == 204
        assert (await open_live(li, code)).status_code == 201, "the shift goes on"
        closed = (await li.get("/emergencies")).json()["items"][0]
        assert (closed["suspends"], closed["restored_by"], closed["restored_note"]) == (False, "security-2", "处理决定〔2026〕1号")
        await elsewhere.aclose()
        await li.aclose()


async def test_a_suspension_stands_after_a_restart(tmp_path: Path) -> None:
    settings = with_pack(tmp_path)
    async with running_node(tmp_path, settings) as node:
        danger = {"area": HERE, "danger": "life", "said": "有人落水,立即查看", "proof": "first-password"}
        judge = await node.client_of("sun-ba", {"post": "duty-supervisor", "area": HERE})
        papers = f"/emergencies/{(await node.client.post('/emergencies', json=danger)).json()['id']}"
        assert (await node.client.post(f"{papers}/report", json={"report": "只是想看看河岸的情况。"})).status_code == 204
        answer = await judge.post(f"{papers}/verdict", json={"verdict": "not-justified", "note": "无危险情形"})
        assert answer.status_code == 204
        await judge.aclose()
    async with running_node(tmp_path, settings) as node:
        refused = await node.client.post("/emergencies", json=danger)
        assert (refused.status_code, refused.json()["rule"]) == (403, "A57")


async def test_what_the_only_supervisor_opened_is_judged_by_a_commander_or_the_audit_office(ruled: RunningNode) -> None:
    node = ruled
    lead = await node.client_of("sun-ba", {"post": "duty-supervisor", "area": HERE}, personnel_number="0071")
    chief = await node.client_of("zhao-jiu", {"post": "commander", "area": HERE, "rank": "county-head"})
    narrow = await node.client_of("qian-shi", {"post": "commander", "area": HERE, "rank": "county-head", "classes": ["private"]})
    audit = await node.client_of("shen-ji", {"post": "audit-administrator", "area": HERE})
    elsewhere = await node.client_of("wai-di", {"post": "audit-administrator", "area": "520103"})
    danger = {"area": HERE, "danger": "life", "said": "有人落水,立即查看", "proof": OWN_PASSWORD}
    justified = {"verdict": "justified", "note": "情况属实"}
    for judge in (chief, audit):
        opened = await lead.post("/emergencies", json=danger)
        assert opened.status_code == 201, opened.text
        papers = f"/emergencies/{opened.json()['id']}"
        assert (await lead.post(f"{papers}/report", json={"report": "落水者已救起,调看河岸两路。"})).status_code == 204
        own = await lead.post(f"{papers}/verdict", json=justified)
        assert (own.status_code, own.json()["code"]) == (409, "emergency.own_verdict")
        assert "指挥长" in own.json()["remedy_zh"] and "audit office" in own.json()["remedy_en"]
        assert (await narrow.post(f"{papers}/verdict", json=justified)).json()["code"] == "access.class_withheld"
        assert (await elsewhere.post(f"{papers}/verdict", json=justified)).json()["code"] == "access.out_of_scope"
        shown = (await judge.get("/emergencies")).json()["items"]
        assert shown[0]["id"] == opened.json()["id"], "whoever may judge sees what waits"
        judged = await judge.post(f"{papers}/verdict", json=justified)
        assert judged.status_code == 204, judged.text
    li = await node.client_of("li-si", operator())
    refused = (await li.post(f"{papers}/verdict", json=justified)).json()
    assert all(post in refused["remedy_zh"] for post in ("值班长", "指挥长", "审计管理员")), refused["remedy_zh"]
    for one in (lead, chief, narrow, audit, elsewhere, li):
        await one.aclose()


def as_one(node: RunningNode, name: str) -> dict[str, str]:
    """By that office, whatever the path."""
    return {"Authorization": f"Bearer {node.tokens[name]}"}
