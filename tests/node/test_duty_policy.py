"""What a policy pack says of duty (A1, A5): areas without a centre, the second factor at signing on, tickets without a case."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from fengsui.cli.check import database
from fengsui.settings import NodeSettings
from tests.node.conftest import OWN_PASSWORD, powered, running_node, settings_for, simulated_camera, until
from tests.node.duty_room import CASE, HERE, MovedClock, centre_of, open_live, operator, order, window
from tests.node.test_audit import records
from tests.node.test_live import listed
from tests.node.test_policy import pack, trust
from tests.node.test_second_factor import codes_of

REFUSED = ('live_without_centre = "open"', 'live_without_centre = "refused"')
FACTOR = ('sign_on_factor = "none"', 'sign_on_factor = "second-factor"')
MAINTENANCE = '[purposes.equipment-maintenance]\nfunctions = ["view-live"]\ncase_number = "required"'
NO_CASE = (MAINTENANCE, MAINTENANCE.replace("required", "optional"))


def ruled_by(folder: Path, *changes: tuple[str, str]) -> NodeSettings:
    """Installed with the demonstration's pack, changed so."""
    folder.mkdir(exist_ok=True)
    trust(folder)
    (folder / "first").write_text(pack(1, *changes), encoding="utf-8")
    settings = settings_for()
    return settings.model_copy(update={"policy": settings.policy.model_copy(update={"first_pack": str(folder / "first")})})


async def found_by_check(settings: NodeSettings, folder: Path) -> dict[str, str]:
    """What `fengsui check` says of the database: English text by mark."""
    found, _ = await asyncio.to_thread(database, settings, folder)
    return {one.en: one.mark for one in found}


async def test_where_no_centre_answers_a_pack_decides_and_both_ways_are_lawful(tmp_path: Path) -> None:
    settings = ruled_by(tmp_path, REFUSED)
    async with running_node(tmp_path, settings) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            lead = await node.client_of("sun-ba", {"post": "duty-supervisor", "area": HERE})
            chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
            owner = await node.client_of("shop", {"post": "partner-owner", "area": HERE})
            for one in (lead, chen):
                said = (await open_live(one, code)).json()
                assert (said["code"], said["rule"]) == ("access.no_centre", "A5"), "a node without any centre as well"
            await node.note(code, camera_class="private")
            assert (await open_live(owner, code)).status_code == 201, "their own camera is no matter of our duty"
            assert (await order(chen, [code])).status_code == 201
            assert (await open_live(chen, code)).status_code == 201, "one lawful way: a use ticket"
            (line,) = [one for one in await found_by_check(settings, tmp_path) if one.startswith("No duty centre answers")]
            assert "take a use ticket: 520102" in line
            centre = await lead.post("/duty/centres", json={"name": "南明值班室", "area": HERE, "seats": 1})
            assert (await open_live(lead, code)).json()["code"] == "access.not_on_duty"
            assert (await lead.post("/duty/shift", json={"centre": centre.json()["id"], "seat": 1})).status_code == 201
            assert (await open_live(lead, code)).status_code == 201, "the other: a centre, and a shift there"
            assert not [one for one in await found_by_check(settings, tmp_path) if one.startswith("No duty centre answers")]
            assert (await lead.post("/duty/shift/sign-off", json={"reason": "下班,无人接班"})).status_code == 204
            gone = await lead.delete(f"/duty/centres/{centre.json()['id']}")
            assert gone.status_code == 204, "nothing is freer without it, so that one person gives it up"
            for one in (lead, chen, owner):
                await one.aclose()


async def test_a_pack_that_leaves_it_open_is_warned_of(tmp_path: Path) -> None:
    settings = ruled_by(tmp_path)
    async with running_node(tmp_path, settings) as node, powered(simulated_camera(node.registrar)):
        code = "52010200001320000001"
        await until(lambda: listed(node, code), what="the camera is listed")
        await node.client.post("/duty/centres", json={"name": "云岩值班室", "area": "520103", "seats": 1})
        assert (await open_live(node.client, code)).status_code == 201
        told = await node.get("/node")
        assert (told["uncovered_areas"], told["uncovered_free"]) == ([HERE], True)
        found = await found_by_check(settings, tmp_path)
    assert [mark for text, mark in found.items() if text.endswith("need no shift there: 520102")] == ["!"]


async def test_signing_on_takes_the_second_factor_anew_where_the_pack_asks(tmp_path: Path) -> None:
    async with running_node(tmp_path, ruled_by(tmp_path, FACTOR)) as node:
        centre = await centre_of(node)
        li, wang = await node.client_of("li-si", operator()), await node.client_of("wang-wu", operator())
        seat = {"centre": centre, "seat": 1}
        assert (await li.get("/duty")).json()["factor"] is True
        bare = await li.post("/duty/shift", json=seat)
        assert (bare.status_code, bare.json()["code"]) == (403, "access.factor_needed")
        password = await li.post("/duty/shift", json={**seat, "code": OWN_PASSWORD})
        assert password.json()["code"] == "access.factor_needed", "a password is no second factor"
        secret = (await li.post("/account/authenticator", json={"proof": OWN_PASSWORD})).json()["secret"]
        first, code = codes_of(secret)
        assert (await li.post("/account/authenticator/confirm", json={"code": first})).status_code == 200
        again = await li.post("/duty/shift", json={**seat, "code": first})
        assert (again.status_code, again.json()["code"]) == (401, "access.wrong_code"), "used, and no fresh proof"
        forged = await li.post("/duty/shift", json={**seat, "credential": {"id": "x", "response": {}}})
        assert (forged.status_code, forged.json()["code"]) == (401, "access.passkey_refused")
        taken = await li.post("/duty/shift", json={**seat, "code": code})
        assert taken.status_code == 201, taken.text
        (told,) = [one for one in records(node) if (one.act, one.result) == ("duty.sign-on", "allowed")]
        assert "second factor shown" in told.detail
        people = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}
        assert (await li.post("/duty/shift/hand-over", json={"successor": people["wang-wu"]})).status_code == 200
        shift = f"/duty/shifts/{taken.json()['id']}/accept"
        assert (await wang.post(shift, json={"matters": []})).json()["code"] == "access.factor_needed", "taking over as well"
        first, code = codes_of((await wang.post("/account/authenticator", json={"proof": OWN_PASSWORD})).json()["secret"])
        assert (await wang.post("/account/authenticator/confirm", json={"code": first})).status_code == 200
        assert (await wang.post(shift, json={"matters": [], "code": code})).status_code == 201
        await li.aclose()
        await wang.aclose()


async def test_signing_in_takes_a_seat_only_where_it_proved_the_factor(tmp_path: Path) -> None:
    settings = ruled_by(tmp_path, FACTOR)
    settings = settings.model_copy(update={"duty": settings.duty.model_copy(update={"sign_on": "at-sign-in"})})
    async with running_node(tmp_path, settings) as node:
        await centre_of(node)
        li = await node.client_of("li-si", operator())
        assert (await li.get("/duty")).json()["mine"] is None, "a password alone is no second factor"
        first, code = codes_of((await li.post("/account/authenticator", json={"proof": OWN_PASSWORD})).json()["secret"])
        assert (await li.post("/account/authenticator/confirm", json={"code": first})).status_code == 200
        proof = {"name": "li-si", "password": OWN_PASSWORD, "otp": code}
        signed = await li.post("/session", json=proof)
        assert signed.status_code == 201, signed.text
        li.headers["Authorization"] = f"Bearer {signed.json()['token']}"
        assert (await li.get("/duty")).json()["mine"]["seat"] == 1
        await li.aclose()


async def test_a_ticket_without_a_case_is_short_and_not_renewed_beyond(tmp_path: Path) -> None:
    async with running_node(tmp_path, ruled_by(tmp_path, NO_CASE)) as node:
        li = await node.client_of("li-si", operator())
        purposes = (await li.get("/ticket-purposes")).json()
        assert (purposes["longest_hours"], purposes["without_case_hours"]) == (720, 24)
        basis = next(one["basis"][0] for one in purposes["items"] if one["code"] == "equipment-maintenance")
        bare = {"purpose": "equipment-maintenance", "legal_basis": basis, "case_number": "", **window(-1, 48)}
        long = await order(li, [], **bare, hours=25)
        assert long.status_code == 400 and "24 hours without a case number" in long.json()["en"], long.text
        made = (await order(li, [], **bare)).json()
        lasts = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["opened_at"])
        assert lasts == timedelta(hours=24), "the default as well"
        clock = MovedClock()
        node.node.tickets._clock, clock.later = clock, timedelta(hours=20)
        path, again = f"/tickets/{made['number']}/versions", {**window(-1, 48), "reason": "还没有修完"}
        renewed = await li.post(path, json={**again, "hours": 5})
        assert (renewed.status_code, renewed.json()["code"]) == (400, "ticket.unusable")
        assert (await li.post(path, json={**again, "hours": 3})).status_code == 201
        assert (await order(li, [], **{**bare, "case_number": CASE}, hours=720)).status_code == 201, "with a case as the pack says"
        await li.aclose()
