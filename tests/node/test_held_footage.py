"""Footage beyond its time: seen for the case that holds it and by nobody else; what was removed is refused with its record."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from fengsui.cli.removals import removals
from fengsui.features.retention import actions
from fengsui.features.retention.model import Hold, cases_holding, cases_of, root_of
from fengsui.features.second_tier import actions as second_tier
from fengsui.settings import NodeSettings
from tests.node.clip_room import PAPER, filmed
from tests.node.conftest import RunningNode, running_node, until
from tests.node.duty_room import CASE, HERE
from tests.node.test_audit import records
from tests.node.test_footage import footage_files
from tests.node.test_masks import approve
from tests.node.test_playback import decoded, opened, player_of
from tests.node.test_retention import LaterClock, looks, ruled
from tests.node.test_second_tier import BUCKET, objects, s3, tiered
from tests.s3_server import Server

OTHER_CASE = "A5201022026110002"
DAYS = 92
"""Plain video is kept for 90 by the demonstration's pack."""
__all__ = ["s3"]


@pytest.fixture(autouse=True)
def hasty_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the node does it, only sooner."""
    for room in (actions, second_tier):
        monkeypatch.setattr(room, "LOOK_S", 0.3)
    monkeypatch.setattr(actions, "FIRST_S", 0.1)
    monkeypatch.setattr(second_tier, "SOONEST_S", 0.0)


@dataclass(frozen=True)
class Span:
    code: str
    since: datetime
    end: datetime

    def part(self, begin: float, end: float) -> Span:
        lasts = self.end - self.since
        return Span(self.code, self.since + begin * lasts, self.since + end * lasts)

    @property
    def body(self) -> dict[str, str]:
        return {"from": self.since.isoformat(), "to": self.end.isoformat()}


async def ticket(client: httpx.AsyncClient, span: Span, case: str) -> None:
    rules = (await client.get("/ticket-purposes")).json()["items"]
    crime = next(one for one in rules if one["code"] == "crime-investigation")
    wide = {"since": (span.since - timedelta(hours=9)).isoformat(), "until": (span.end + timedelta(hours=9)).isoformat()}
    body = {"purpose": crime["code"], "case_number": case, "legal_basis": crime["basis"][0]}
    answer = await client.post("/tickets", json={**body, "bounds": {"cameras": [span.code], **wide}})
    assert answer.status_code == 201, answer.text


async def tries(client: httpx.AsyncClient, span: Span) -> dict[str, httpx.Response]:
    """Every way to what a camera recorded."""
    code, times = span.code, span.body
    region = [{"x": x, "y": y} for x, y in ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))]
    return {
        "playback": await opened(client, code, span.since, span.end),
        "clip": await client.post(f"/cameras/{code}/clips", json={**times, "reason": "还原案发经过", "document": PAPER}),
        "curve": await client.get(f"/cameras/{code}/activity", params=times),
        "changes": await client.post(f"/cameras/{code}/changes", json={**times, "region": region}),
    }


@asynccontextmanager
async def two_persons(
    node: RunningNode, names: tuple[str, str], **facts: object
) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    async with (
        aclosing(await node.client_of(names[0], {"post": "investigator", "area": HERE}, **facts)) as one,
        aclosing(await node.client_of(names[1], {"post": "commander", "area": HERE, "rank": "unit-head"})) as other,
    ):
        yield one, other


def hold_body(span: Span) -> dict[str, Any]:
    review = (span.end + timedelta(days=150)).isoformat()
    return {**span.body, "review_at": review, "reason": "案件尚在侦查", "document": PAPER}


@contextmanager
def failing_commit_of_holds(node: RunningNode) -> Iterator[None]:
    """The database takes a hold's row and then does not commit it."""
    engine, wrote = node.node.store.engine.sync_engine, set[Any]()

    def look(connection: Any, _: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT INTO footage_holds"):
            wrote.add(connection)

    def refuse(connection: Any) -> None:
        if connection in wrote:
            raise sa.exc.OperationalError("COMMIT", {}, OSError("a bad block"))

    events = (("before_cursor_execute", look), ("commit", refuse))
    for name, act in events:
        sa.event.listen(engine, name, act)
    try:
        yield
    finally:
        for name, act in events:
            sa.event.remove(engine, name, act)
    assert wrote, "no hold came as far as that"


async def hold(node: RunningNode, span: Span, asker: httpx.AsyncClient, approver: httpx.AsyncClient) -> None:
    asked = await asker.post(f"/cameras/{span.code}/footage-holds", json=hold_body(span))
    assert asked.status_code == 202, asked.text
    await approve(approver, asked.json()["id"])


def settings_of(tmp_path: Path) -> NodeSettings:
    settings = ruled(tmp_path)
    (tmp_path / "cases.txt").write_text(f"{CASE}\n{OTHER_CASE}\n", encoding="utf-8")
    return settings


@pytest.mark.timeout(300)
async def test_held_footage_beyond_its_time_is_there_for_its_case_alone(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    async with running_node(tmp_path / "node", settings, LaterClock(0)) as node, filmed(node, 6) as found:
        span = Span(found.code, found.since, found.end)
        unit = (await node.client.post("/organisations", json={"name": "刑侦大队", "area": HERE})).json()["id"]
        async with two_persons(node, ("sun-wu", "feng-liu"), unit=unit) as (sun, _):
            await ticket(sun, span, CASE)
            await hold(node, span, sun, found.zhou)
        assert {name: one.status_code for name, one in (await tries(found.chen, span)).items()} == {
            "playback": 201,
            "clip": 202,
            "curve": 200,
            "changes": 202,
        }, "within its time a hold changes nothing"
    kept = footage_files(tmp_path / "node")

    async with (
        running_node(tmp_path / "node", settings, LaterClock(DAYS)) as node,
        two_persons(node, ("wu-shi", "zheng-yi"), unit=unit) as (wu, zheng),
        two_persons(node, ("qian-er", "jiang-san")) as (stranger, _),
    ):
        await looks(node)
        assert footage_files(tmp_path / "node") == kept
        await ticket(wu, span, OTHER_CASE)
        ways = await tries(wu, span)
        ways["list"] = await wu.get(f"/cameras/{span.code}/recordings", params=span.body)
        ways["bookmarks"] = await wu.get(f"/cameras/{span.code}/bookmarks", params=span.body)
        ways["edge"] = await opened(wu, span.code, span.since - timedelta(hours=1), span.since - timedelta(seconds=1))
        for name, answer in ways.items():
            told = answer.json()
            assert (answer.status_code, told["code"], told["rule"]) == (403, "access.footage_held", "A52"), f"{name}: {told}"
            assert "仅为案件保全" in told["zh"] and "以该案件的使用单查看" in told["remedy_zh"]
            assert CASE not in answer.text, "which case it is is nobody's business"
        refused = [one for one in records(node) if one.detail == "access.footage_held"]
        assert {one.result for one in refused} == {"refused"} and {one.case for one in refused} == {OTHER_CASE}

        await ticket(stranger, span, CASE)
        for name, answer in (await tries(stranger, span)).items():
            told = answer.json()
            assert (answer.status_code, told["code"]) == (403, "access.footage_held"), f"{name}: the case's number is no key"
        refused = [one for one in records(node) if one.detail == "access.footage_held" and one.person == "qian-er"]
        assert {one.act for one in refused} >= {"playback.open", "approval.ask", "footage.changes"}
        assert {(one.result, one.case) for one in refused} == {("refused", CASE)}
        listed = await stranger.get(f"/cameras/{span.code}/footage-holds")
        assert [(one["case_number"], one["reason"]) for one in listed.json()["items"]] == [(None, "")]
        assert CASE not in listed.text

        await ticket(wu, span, CASE)
        answer = await opened(wu, span.code, span.since, span.end)
        assert answer.status_code == 201, "of the unit that asked for the hold: " + answer.text
        async with player_of(answer.json()["url"]) as player:
            shown, media = await player.ask("all", span.since, count=2)
            assert shown["pieces"][0]["kind"] == "init" and decoded(media)
        ways = await tries(wu, span)
        assert {name: one.status_code for name, one in ways.items()} == {
            "playback": 201,
            "clip": 202,
            "curve": 200,
            "changes": 202,
        }, ways

        [one] = (await wu.get(f"/cameras/{span.code}/footage-holds")).json()["items"]
        assert one["case_number"] == CASE
        asked = await wu.post(
            f"/cameras/{span.code}/footage-holds/{one['id']}/release", json={"reason": "案件已审结", "document": PAPER}
        )
        await approve(zheng, asked.json()["id"])
        await looks(node)
        clips = (await wu.get("/clips")).json()["items"]
        (clip,) = [one for one in clips if one["id"] == ways["clip"].json()["id"]]
        assert clip["state"] == "void", "what nobody could take any more holds nothing"
        assert clip["ended_reason"]["code"].startswith("access.footage_"), clip
        await until(lambda: not footage_files(tmp_path / "node"), seconds=60, what="released, its clock runs again")
        await until(partial(_has_record, node, span.code), what="its removal is written down")
        gone = await opened(wu, span.code, span.since, span.end)
        assert (gone.status_code, gone.json()["code"]) == (410, "retention.removed"), gone.text


@pytest.mark.timeout(300)
async def test_older_footage_is_open_to_a_case_that_two_persons_hold_it_for_and_no_moment_beyond(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    async with running_node(tmp_path / "node", settings, LaterClock(0)) as node, filmed(node, 6) as found:
        span = Span(found.code, found.since, found.end)
    async with (
        running_node(tmp_path / "node", settings, LaterClock(45)) as node,
        two_persons(node, ("wu-shi", "zheng-yi")) as (wu, zheng),
    ):
        await ticket(wu, span, CASE)
        for name, answer in (await tries(wu, span)).items():
            told = answer.json()
            assert (answer.status_code, told["code"], told["rule"]) == (403, "access.footage_too_old", "A8"), f"{name}: {told}"
            assert "申请录像保全" in told["remedy_zh"] and "hold" in told["remedy_en"]
        assert {one.case for one in records(node) if one.detail == "access.footage_too_old"} == {CASE}
        with failing_commit_of_holds(node):
            asked = (await wu.post(f"/cameras/{span.code}/footage-holds", json=hold_body(span))).json()["id"]
            shown = (await zheng.get(f"/approvals/{asked}")).json()["hash"]
            failed = await zheng.post(f"/approvals/{asked}/approve", json={"hash": shown})
            assert failed.status_code == 503, failed.text
            assert {one.status_code for one in (await tries(wu, span)).values()} == {403}, "what is not on disk opens nothing"
        await hold(node, span, wu, zheng)
        assert {name: one.status_code for name, one in (await tries(wu, span)).items()} == {
            "playback": 201,
            "clip": 202,
            "curve": 200,
            "changes": 202,
        }, "a superior has approved it"
        await ticket(wu, span, OTHER_CASE)
        path, numbers = f"/cameras/{span.code}/footage-holds", {}
        for one in (await wu.get("/tickets")).json()["items"]:
            numbers[one["case_number"]] = one["number"]
        for named, case in ((None, OTHER_CASE), (numbers[CASE], CASE), (numbers[OTHER_CASE], OTHER_CASE)):
            asked_for = await wu.post(path, json={**hold_body(span), "use_ticket": named})
            assert asked_for.status_code == 202, asked_for.text
            shown = (await zheng.get(f"/approvals/{asked_for.json()['id']}")).text
            assert f"为案件 {case} 保全" in shown, "the ticket that is named, or the one whose case does not hold it yet"
        foreign = await wu.post(path, json={**hold_body(span), "use_ticket": "UT20260101-0001"})
        assert (foreign.status_code, foreign.json()["rule"]) == (403, "A1"), foreign.text
        closed = await wu.delete(f"/tickets/{numbers[OTHER_CASE]}")
        assert closed.status_code == 204, closed.text
        minute = timedelta(minutes=1)
        for since, end in (
            (span.since - minute, span.end),
            (span.since, span.end + minute),
            (span.end + minute, span.end + 2 * minute),
        ):
            beyond = await opened(wu, span.code, since, end)
            assert (beyond.status_code, beyond.json()["rule"]) == (403, "A8"), beyond.text
        await ticket(zheng, span, OTHER_CASE)
        other = await opened(zheng, span.code, span.since, span.end)
        assert (other.status_code, other.json()["rule"]) == (403, "A8"), "another case has its own approval"

        retention = node.node.footage.retention
        bounds = await retention.bounds_of(span.code)
        assert bounds is not None
        before = datetime.fromtimestamp(bounds.over_before(retention.holds.now(), retention._completeness.zone), UTC)
        border = Span(span.code, before - minute, before)
        await ticket(wu, Span(span.code, before - timedelta(hours=1), before + timedelta(hours=40)), CASE)
        await hold(node, border, wu, zheng)
        assert (await opened(wu, span.code, border.since, border.end)).status_code == 201
        wide = await opened(wu, span.code, before - timedelta(hours=1), before + timedelta(hours=40))
        assert (wide.status_code, wide.json()["rule"]) == (403, "A8"), "a minute that is held opens no day that is not"


async def _has_record(node: RunningNode, code: str) -> bool:
    return bool((await node.client.get(f"/cameras/{code}/footage-removals")).json()["items"])


@pytest.mark.timeout(300)
async def test_fifty_removed_spans_are_refused_each_with_its_record(tmp_path: Path, s3: Server) -> None:
    settings = tiered(tmp_path, s3)
    (tmp_path / "cases.txt").write_text(f"{CASE}\n{OTHER_CASE}\n", encoding="utf-8")
    async with running_node(tmp_path / "node", settings, LaterClock(0)) as node, filmed(node, 6) as found:
        span = Span(found.code, found.since, found.end)
    async with running_node(tmp_path / "node", settings, LaterClock(0)):
        await until(lambda: objects(s3), what="it has moved")
    keys = list(objects(s3))
    async with (
        running_node(tmp_path / "node", settings, LaterClock(DAYS)) as node,
        two_persons(node, ("wu-shi", "zheng-yi")) as (
            wu,
            _,
        ),
    ):
        await until(lambda: not footage_files(tmp_path / "node"), seconds=60, what="its time is over")
        await until(partial(_has_record, node, span.code), what="its removal is written down")
        [removal] = (await node.client.get(f"/cameras/{span.code}/footage-removals")).json()["items"]
        on_record = [one for one in records(node) if one.act == "footage.remove" and removal["root"] in one.detail]
        assert len(on_record) == 1
        for name, answer in (await tries(wu, span)).items():
            told = answer.json()
            assert (answer.status_code, told["rule"]) == (403, "A1"), f"{name}: {told}"
            assert removal["root"] not in answer.text, "whoever has no ticket for it does not learn what became of it"
        await ticket(wu, span, CASE)
        dice = random.Random(50)
        for _ in range(50):
            begin, end = sorted(dice.sample(range(101), 2))
            for name, answer in (await tries(wu, span.part(begin / 100, end / 100))).items():
                told = answer.json()
                assert (answer.status_code, told["code"], told["rule"]) == (410, "retention.removed", "A53"), f"{name}: {told}"
                for text in (told["zh"], told["en"]):
                    assert removal["root"] in text and removal["day"] in text, text
        for key in keys:
            client = s3.client()
            with pytest.raises(client.exceptions.NoSuchKey):
                client.get_object(Bucket=BUCKET, Key=key)
        tried = Counter(one.act for one in records(node) if one.detail == "retention.removed")
        assert [tried[act] for act in ("playback.open", "approval.ask", "footage.changes")] == [50, 50, 50], tried
        assert len(tried) == 4, "whoever tries is on record; what only asks for figures once, with how often"

    def weighed() -> list[tuple[str, str]]:
        later = LaterClock(DAYS + 1).now()
        data = tmp_path / "node"
        return [(one.mark, one.en) for one in removals(f"sqlite:///{data / 'node.db'}", settings.audit.folder_in(data), later)]

    [(mark, said)] = await asyncio.to_thread(weighed)
    assert mark == "✓" and said.startswith("1 removals of footage (1 files) agree"), said
    shutil.copy(tmp_path / "node" / "node.db", tmp_path / "whole.db")
    other = root_of([b"x" * 32]).hex()
    for statement, expected in (
        ("UPDATE footage_removals SET digests = zeroblob(32)", "do not make up their Merkle roots"),
        (f"UPDATE footage_removals SET root = x'{other}'", "do not make up their Merkle roots"),
        (f"UPDATE footage_removals SET digests = x'{b'x'.hex() * 32}', root = x'{other}'", "are not what the audit log says"),
        ("UPDATE footage_removals SET day = '2026-01-01'", "are not what the audit log says"),
        ("UPDATE footage_removals SET bytes = 1", "are not what the audit log says"),
        ("DELETE FROM footage_removals", "lacks the digests of 1 removals"),
    ):
        shutil.copy(tmp_path / "whole.db", tmp_path / "node" / "node.db")
        with sqlite3.connect(tmp_path / "node" / "node.db") as database:
            database.execute(statement)
        database.close()
        lines = await asyncio.to_thread(weighed)
        assert any(expected in en and span.code in en and mark in "✗!" for mark, en in lines), (statement, lines)
        assert all(mark != "✓" for mark, _ in lines)


def held(since: float, until_: float, case: str) -> Hold:
    return Hold(0, "camera", since, until_, case, *("", "", ""), 0.0, 0.0)


HOUR = 3600.0
TIMES = st.integers(0, 40).map(lambda hour: hour * HOUR)


@given(st.lists(st.tuples(TIMES, TIMES, st.sampled_from("AB")), max_size=5), TIMES, TIMES, TIMES)
def test_a_case_sees_what_it_holds_and_nothing_that_another_alone_holds(
    drawn: list[tuple[float, float, str]], one: float, other: float, before: float
) -> None:
    since, end = sorted((one, other))
    holds = [held(min(a, b), max(a, b) + HOUR, case) for a, b, case in drawn]
    cases = cases_of(holds, since, end, before)
    moments = [since + n * HOUR / 2 for n in range(int((min(end, before) - since) / HOUR * 2))]

    def holding(at: float) -> set[str]:
        return {hold.case_number for hold in holds if hold.since <= at < hold.until}

    if cases is None:
        assert not any(map(holding, moments)), "what is held beyond its time never leaves with the rest"
    else:
        assert since < before
        assert all(case in holding(at) for case in cases for at in moments if holding(at))


def test_a_case_holds_a_span_when_it_holds_each_moment_of_it() -> None:
    holds: list[Any] = [held(0, 10, "A"), held(10, 20, "A"), held(12, 14, "B"), held(15, 30, "B")]
    assert cases_holding(holds, 1, 19) == frozenset("A")
    assert cases_holding(holds, 15, 19) == frozenset("AB")
    assert cases_holding(holds, 12, 19) == frozenset("A") and not cases_holding(holds, 12, 21)
    assert cases_holding(holds, 14.5, 14.5) == frozenset("A") and not cases_holding(holds, 30, 30), "an instant"


def test_holds_of_one_case_side_by_side_are_one() -> None:
    holds: list[Any] = [held(0, 10, "A"), held(10, 20, "A"), held(12, 14, "B")]
    assert cases_of(holds, 1, 19, 100) == frozenset("A")
    assert cases_of(holds, 12, 13, 100) == frozenset("AB")
    assert cases_of(holds, 1, 19, 1) is None
    assert cases_of(holds, 20 + 7_201, 30_000, 1e9) is None
    assert cases_of(holds, 15, 15, 100) is not None, "an instant"
