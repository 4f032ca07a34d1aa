"""Policy packs through the whole node: closed without one, changed by two, a loosening waits, bad files are refused on record."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fengsui.clock import ManualClock
from fengsui.features.access import CameraFacts, Footage, Function
from fengsui.features.access.decision import Appointment, Person, Refused
from fengsui.features.access.posts import CameraClass, Post
from fengsui.features.policy import Gated, Purpose
from fengsui.features.policy.errors import ClosedByPolicy, PurposeOpensNot
from fengsui.features.policy.model import RECORDED, DataClass
from fengsui.features.policy.signing import DEMO_PACK, DEMO_PUBLISHER, FOLDER, Envelope, sign
from fengsui.settings import NodeSettings
from tests.node.approvals.office import FIRST, Office, Sign, approve, office_at, read, refused
from tests.node.conftest import create_database, settings_for, until
from tests.node.test_audit import records

DOCUMENT = Envelope.parse(DEMO_PACK.read_bytes()).document.decode()
KEY = Ed25519PrivateKey.generate()
DAY_S = 86_400


def pack(version: int = 1, *changes: tuple[str, str], key: Ed25519PrivateKey = KEY) -> str:
    """The demonstration's pack with changes, signed by the publisher of these tests."""
    text = DOCUMENT.replace("version = 1\n", f"version = {version}\n")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return sign(text.encode(), key).decode()


WIDER = ("ceiling_days = 90", "ceiling_days = 365")
NARROWER = ("gate_days = 30", "gate_days = 7")


def trust(folder: Path, key: Ed25519PrivateKey = KEY) -> None:
    """Puts the public half where the node looks."""
    (folder / FOLDER).mkdir(exist_ok=True)
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / FOLDER / "tests.pem").write_bytes(pem)


def settings_with(first: Path | None = None) -> NodeSettings:
    """A node that was installed with this pack."""
    base = settings_for().model_dump()
    return NodeSettings.model_validate({**base, "policy": {"first_pack": str(first or "")}})


@contextlib.asynccontextmanager
async def running(folder: Path, settings: NodeSettings, clock: ManualClock) -> AsyncIterator[Office]:
    """An office on this folder."""
    async with office_at(folder, settings, clock, Sign()) as office:
        yield office


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """Pack 1 is in force."""
    trust(tmp_path)
    first = tmp_path / "first"
    first.write_text(pack(), encoding="utf-8")
    async with running(tmp_path, settings_with(first), ManualClock()) as one:
        yield one


async def propose(office: Office, text: str, reason: str = "new regulation") -> httpx.Response:
    """The first administrator asks."""
    return await office.node.client.post("/policy", json={"pack": text, "reason": reason})


async def in_force(office: Office) -> dict[str, Any]:
    """What the node says of its policy."""
    answer = await office.node.client.get("/policy")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def value(entries: list[dict[str, str]], field: str) -> str:
    """Of one entry."""
    return next(one["value_en"] for one in entries if one["field"] == field)


async def test_without_a_pack_recorded_functions_are_closed(tmp_path: Path) -> None:
    async with running(tmp_path, settings_with(), ManualClock()) as office:
        policy = office.node.node.policy
        for function in Gated:
            if function in RECORDED:
                with pytest.raises(ClosedByPolicy) as caught:
                    policy.gate(function)
                assert caught.value.code == "policy.closed" and "signed pack" in caught.value.remedy_en
            else:
                policy.gate(function)
        investigator = Person(9, "li", (Appointment.of(Post.INVESTIGATOR),))
        camera = CameraFacts("52010200001320000001", "520102", CameraClass.GOVERNMENT)

        def door() -> str:
            decision = office.node.node.access.decide(investigator, Function.VIEW_RECORDED, camera, Footage(0, 3600))
            assert isinstance(decision, Refused)
            return type(decision.error).__name__

        assert door() == "NoPolicy"
        told = await in_force(office)
        assert policy.age_limit_s is None and told["in_force"] is None and told["purposes"] == []
        refused(await office.node.client.get("/policy/pack"), 403, "policy.closed")
        refused(await propose(office, pack()), 400, "policy.unknown_publisher")
        trust(tmp_path)
        second = await office.hire("second", "127.0.0.2")
        request = (await propose(office, pack())).json()["id"]
        assert (await approve(second, request)).json()["state"] == "approved", "opening what was closed is a loosening"
        with pytest.raises(ClosedByPolicy):
            policy.gate(Gated.VIEW_RECORDED)
        office.clock.advance(DAY_S + 1)
        await until(lambda: policy.in_force is not None, what="the wait is over")
        policy.gate(Gated.VIEW_RECORDED)
        assert door() == "TicketNeeded", "the door asks for the ticket now"
        policy.gate_purpose(Purpose.CRIME_INVESTIGATION, Gated.EXPORT)
        with pytest.raises(PurposeOpensNot):
            policy.gate_purpose(Purpose.AUDIT, Gated.EXPORT)


async def test_the_pack_a_node_was_installed_with_is_recorded_and_taken_once(office: Office, tmp_path: Path) -> None:
    told = await in_force(office)
    purpose = next(one for one in told["purposes"] if one["code"] == "traffic")
    assert purpose["functions"] == ["view-live", "view-recorded", "export", "search-passages"]
    assert (purpose["zh"], purpose["case_number"], len(purpose["basis"])) == ("交通事故与执法", "required", 2)
    assert told["tickets"] == {"default_hours": 72, "longest_hours": 720, "without_case_hours": 24, "unknown_case": "until-night"}
    assert told["in_force"]["name"] == "CN-base" and told["in_force"]["request"] == "" and told["may_change"]
    assert (await office.node.client.get("/policy/pack")).text == pack()
    first = next(one for one in records(office.node) if one.act == "policy.first")
    assert (first.object, first.result, first.role) == ("CN-base 1", "allowed", "node")
    assert records(office.node)[-1].policy == "CN-base 1", "each record says by which policy"
    assert office.node.node.audit.floor_days == 1095
    (tmp_path / "first").write_text(pack(9, WIDER), encoding="utf-8")
    await office.node.node.policy.start(str(tmp_path / "first"))
    assert (await in_force(office))["in_force"]["version"] == 1, "only where there never was one"


async def test_a_tightening_takes_two_and_holds_at_once(office: Office) -> None:
    second = await office.hire("second", "127.0.0.2")
    preview = (await office.node.client.post("/policy/preview", json={"pack": pack(2, NARROWER)})).json()
    assert preview["wait_hours"] == 0
    found = {one["field"]: (one["old_en"], one["new_en"], one["direction"]) for one in preview["differences"]}
    assert found == {"version": ("1", "2", "neutral"), "older_data.gate_days": ("30 days", "7 days", "tightening")}
    answer = await propose(office, pack(2, NARROWER))
    assert answer.status_code == 202 and office.node.node.policy.age_limit_s == 30 * DAY_S
    request = answer.json()["id"]
    refused(await approve(office.node.client, request), 403, "approvals.own_request")
    assert (await approve(second, request)).json()["state"] == "applied"
    assert office.node.node.policy.age_limit_s == 7 * DAY_S
    told = await in_force(office)
    assert told["in_force"]["version"] == 2 and [one["state"] for one in told["history"]] == ["in-force", "past"]
    assert (told["history"][0]["asked_by"], told["history"][0]["approved_by"]) == ("security", "second")
    assert "CN-base 2" in (await read(second, request))["title_en"]
    assert (await read(second, request))["content"] == {"pack": pack(2, NARROWER)}


async def test_a_loosening_waits_while_its_tightening_holds(office: Office) -> None:
    second = await office.hire("second", "127.0.0.2")
    request = (await propose(office, pack(2, WIDER, NARROWER))).json()["id"]
    answer = (await approve(second, request)).json()
    assert answer["state"] == "approved" and answer["due_at"]
    policy = office.node.node.policy
    assert policy.effective is not None
    assert policy.effective.retention[DataClass.VIDEO].ceiling_days == 90 and policy.age_limit_s == 7 * DAY_S
    told = await in_force(office)
    assert told["in_force"]["version"] == 1 and told["coming"]["version"] == 2
    assert [one["field"] for one in told["tightened"]] == ["older_data.gate_days"]
    notice = next(one for one in records(office.node) if one.act == "policy.notice")
    assert notice.object == "CN-base 2" and notice.detail.startswith("loosening takes effect at 2026-01-0")
    assert "asked security, approved second" in notice.detail
    refused(await office.node.client.post("/policy/preview", json={"pack": pack(3, WIDER)}), 409, "policy.change_waits")
    office.clock.advance(DAY_S - 60)
    await office.node.node.approvals.look()
    assert policy.effective.retention[DataClass.VIDEO].ceiling_days == 90
    office.clock.advance(61)
    await until(lambda: policy.in_force is not None and policy.in_force.pack.version == 2, what="the wait is over")
    assert policy.effective.retention[DataClass.VIDEO].ceiling_days == 365 and policy.coming is None


async def test_a_loosening_that_waits_is_stopped_by_one(office: Office) -> None:
    second = await office.hire("second", "127.0.0.2")
    request = (await propose(office, pack(2, WIDER, NARROWER))).json()["id"]
    await approve(second, request)
    stopped = await second.post(f"/approvals/{request}/withdraw", json={"reason": "not agreed with the province"})
    assert stopped.json()["state"] == "withdrawn"
    assert office.node.node.policy.age_limit_s == 30 * DAY_S and (await in_force(office))["coming"] is None
    office.clock.advance(2 * DAY_S)
    await office.node.node.approvals.look()
    assert office.node.node.policy.in_force is not None and office.node.node.policy.in_force.pack.version == 1
    again = (await propose_later(office, pack(2, WIDER))).json()
    assert again["state"] == "pending"


async def propose_later(office: Office, text: str) -> httpx.Response:
    """After a day the session is another one."""
    client = await office.sits("security", "127.0.0.1", FIRST)
    return await client.post("/policy", json={"pack": text, "reason": "agreed now"})


async def test_each_bad_file_is_refused_and_recorded(office: Office) -> None:
    second = await office.hire("second", "127.0.0.2")
    await approve(second, (await propose(office, pack(5, NARROWER))).json()["id"])
    stranger = Ed25519PrivateKey.generate()
    bad = {
        "policy.unknown_publisher": pack(6, key=stranger),
        "policy.wrong_signature": pack(6).replace("wait_hours = 24", "wait_hours = 48"),
        "policy.older_version": pack(4),
        "policy.same_version": pack(5, NARROWER),
        "policy.malformed": "no pack",
    }
    for code, text in bad.items():
        seen = len(records(office.node))
        answer = await propose(office, text)
        refused(answer, answer.status_code, code)
        assert answer.status_code in (400, 409)
        new = records(office.node)[seen:]
        assert [(one.act, one.object, one.result, one.detail) for one in new] == [("approval.ask", "policy.pack", "refused", code)]
        refused(await office.node.client.post("/policy/preview", json={"pack": text}), answer.status_code, code)
    refused(await propose(office, pack(6), reason=" "), 400, "approvals.reason_missing")
    for change, code in (
        (("floor_days = 30", "floor_days = 99"), "floor_above_ceiling"),
        (("ceiling_days = 90\n", ""), "empty_ceiling"),
    ):
        text = DOCUMENT.replace("version = 1\n", "version = 6\n").replace(*change, 1)
        signature = KEY.sign(b"fengsui-policy-1\n" + text.encode())
        envelope = Envelope(Envelope.parse(pack().encode()).key, signature, text.encode())
        refused(await propose(office, envelope.to_bytes().decode()), 400, f"policy.{code}")
    assert (await in_force(office))["in_force"]["version"] == 5
    assert (await office.node.client.get("/approvals", params={"box": "mine"})).json()["items"][0]["state"] == "applied"


async def test_a_publisher_who_is_no_longer_trusted_cannot_be_approved(office: Office, tmp_path: Path) -> None:
    second = await office.hire("second", "127.0.0.2")
    request = (await propose(office, pack(2, NARROWER))).json()["id"]
    opened = await read(second, request)
    (tmp_path / FOLDER / "tests.pem").unlink()
    answer = await second.post(f"/approvals/{request}/approve", json={"hash": opened["hash"]})
    refused(answer, 400, "policy.unknown_publisher")
    assert office.node.node.policy.age_limit_s == 30 * DAY_S


async def test_a_pack_changed_in_the_database_closes_what_is_recorded(tmp_path: Path) -> None:
    trust(tmp_path)
    first = tmp_path / "first"
    first.write_text(pack(), encoding="utf-8")
    settings, clock = settings_with(first), ManualClock()
    async with running(tmp_path, settings, clock) as office:
        changed = pack().replace("ceiling_days = 90", "ceiling_days = 999").encode()
        await office.touch("UPDATE policy_packs SET octets = :octets", octets=changed)
    async with running(tmp_path, settings, clock) as office:
        with pytest.raises(ClosedByPolicy):
            office.node.node.policy.gate(Gated.VIEW_RECORDED)
        told = await in_force(office)
        assert told["in_force"] is None and "签名" in told["fault_zh"] and told["fault_en"]
        closed = next(one for one in records(office.node) if one.act == "policy.closed")
        assert closed.detail == "policy.wrong_signature"


@pytest.mark.parametrize(
    "by_hand", ["UPDATE policy_packs SET state = 'past' WHERE version = 2", "SWAP", "DELETE FROM policy_packs"]
)
async def test_another_pack_put_in_force_in_the_database_opens_nothing(tmp_path: Path, by_hand: str) -> None:
    trust(tmp_path)
    first = tmp_path / "first"
    first.write_text(pack(), encoding="utf-8")
    settings, clock = settings_with(first), ManualClock()
    async with running(tmp_path, settings, clock) as office:
        second = await office.hire("second", "127.0.0.2")
        request = (await propose(office, pack(2, NARROWER))).json()["id"]
        assert (await approve(second, request)).json()["state"] == "applied"
    async with running(tmp_path, settings, clock) as office:
        assert office.node.node.policy.age_limit_s == 7 * DAY_S, "a restart keeps what the node did"
        assert not [one for one in records(office.node) if one.act == "database.changed"]
        if by_hand == "SWAP":  # the older, looser pack is signed as well
            await office.touch("UPDATE policy_packs SET state = 'past' WHERE version = 2")
            await office.touch("UPDATE policy_packs SET state = 'in-force' WHERE version = 1")
        else:
            await office.touch(by_hand)
    async with running(tmp_path, settings, clock) as office:
        assert office.node.node.policy.age_limit_s is None
        with pytest.raises(ClosedByPolicy):
            office.node.node.policy.gate(Gated.VIEW_RECORDED)
        told = [(one.object, one.result) for one in records(office.node) if one.act == "database.changed"]
        assert told == [("policy", "refused")]
        assert [one.detail for one in records(office.node) if one.act == "policy.closed"] == ["policy.changed_past"]
        second = await office.hire("third", "127.0.0.3")
        request = (await propose(office, pack(3, NARROWER))).json()["id"]
        assert (await approve(second, request)).json()["state"] == "approved", "two persons bring it in order again, in a day"
        policy = office.node.node.policy
        assert policy.coming is not None and policy.fault is None and policy.in_force is None, (
            "what was put there is not taken along"
        )


async def test_a_restart_between_approval_and_its_time(tmp_path: Path) -> None:
    trust(tmp_path)
    first = tmp_path / "first"
    first.write_text(pack(), encoding="utf-8")
    settings, clock = settings_with(first), ManualClock()
    async with running(tmp_path, settings, clock) as office:
        second = await office.hire("second", "127.0.0.2")
        request = (await propose(office, pack(2, WIDER, NARROWER))).json()["id"]
        assert (await approve(second, request)).json()["state"] == "approved"
    async with running(tmp_path, settings, clock) as office:
        policy = office.node.node.policy
        assert policy.coming is not None and policy.age_limit_s == 7 * DAY_S, "the tightening holds on"
    clock.advance(3 * 3600)
    async with running(tmp_path, settings, clock) as office:
        clock.advance(DAY_S - 3 * 3600 + 60)
        await office.node.node.approvals.look()
        assert office.node.node.policy.coming is not None, "three hours that nobody saw pass are no part of the wait"
        clock.advance(3 * 3600 - 120)
    clock.advance(120)
    async with running(tmp_path, settings, clock) as office:
        policy = office.node.node.policy
        assert policy.in_force is not None and policy.in_force.pack.version == 2 and policy.coming is None
        applied = [one for one in records(office.node) if one.act == "approval.apply"]
        assert len(applied) == 1 and "finished after a restart" in applied[0].detail
        async with office.node.node.store.reading() as tx:
            states = (await tx.execute(sa.text("SELECT version, state FROM policy_packs ORDER BY number"))).all()
        assert [tuple(row) for row in states] == [(1, "past"), (2, "in-force")]


@pytest.mark.postgres
async def test_the_same_on_postgresql(tmp_path: Path, postgresql: str) -> None:
    await create_database(postgresql, "policy")
    trust(tmp_path)
    (tmp_path / "first").write_text(pack(), encoding="utf-8")
    base = settings_with(tmp_path / "first").model_dump()
    settings = NodeSettings.model_validate({**base, "store": {"url": f"{postgresql.rpartition('/')[0]}/policy"}})
    async with running(tmp_path, settings, ManualClock()) as office:
        policy = office.node.node.policy
        second = await office.hire("second", "127.0.0.2")
        stopped = (await propose(office, pack(2, WIDER))).json()["id"]
        await approve(second, stopped)
        assert (await second.post(f"/approvals/{stopped}/withdraw", json={})).json()["state"] == "withdrawn"
        assert (await approve(second, (await propose(office, pack(2, NARROWER))).json()["id"])).json()["state"] == "applied"
        assert (await approve(second, (await propose(office, pack(3, WIDER))).json()["id"])).json()["state"] == "approved"
        office.clock.advance(DAY_S + 1)
        await until(lambda: policy.in_force is not None and policy.in_force.pack.version == 3, what="the wait is over")
        assert policy.age_limit_s == 30 * DAY_S


async def test_only_security_administrators_ask_and_everybody_signed_in_reads(office: Office) -> None:
    operator = await office.sits("duty", "127.0.0.3", FIRST)
    told = (await operator.get("/policy")).json()
    assert value(told["in_force"]["entries"], "older_data.gate_days") == "30 days" and not told["may_change"]
    refused(await operator.post("/policy", json={"pack": pack(2), "reason": "x"}), 403, "access.not_allowed")
    refused(await operator.post("/policy/preview", json={"pack": pack(2)}), 403, "access.not_allowed")
    async with httpx.AsyncClient(base_url=operator.base_url) as nobody:
        assert (await nobody.get("/policy")).status_code == 401


def test_the_demonstration_trusts_its_own_publisher() -> None:
    assert b"PUBLIC KEY" in DEMO_PUBLISHER.read_bytes()
