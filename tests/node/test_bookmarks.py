"""Bookmarks on a whole node: made and read as the footage is, under a use ticket; withdrawn, and never gone."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from fengsui.features.audit import AuditRecord
from fengsui.settings import NodeSettings
from tests.node.conftest import RunningNode, powered, running_node, simulated_camera, until
from tests.node.duty_room import CASE, HERE, centre_of, with_pack
from tests.node.test_audit import records
from tests.node.test_footage import order
from tests.node.test_live import listed
from tests.node.test_masks import add_box

INVESTIGATOR: dict[str, object] = {"post": "investigator", "area": HERE}
WORDS = "红色面包车停在路口,车牌看不清"
AT = datetime.now(UTC).replace(microsecond=123_457) - timedelta(minutes=30)
WIDE = timedelta(hours=1)


def ruled(tmp_path: Path, store_url: str) -> NodeSettings:
    settings = with_pack(tmp_path / "node", register=tmp_path / "cases.txt")
    return settings.model_copy(update={"store": settings.store.model_copy(update={"url": store_url})})


@contextlib.asynccontextmanager
async def beside_a_camera(tmp_path: Path, store_url: str = "") -> AsyncIterator[tuple[RunningNode, str, httpx.AsyncClient]]:
    """A node, a camera's code, and an investigator of its county."""
    async with running_node(tmp_path / "node", ruled(tmp_path, store_url)) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        await centre_of(node)
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            chen = await node.client_of("chen-qi", INVESTIGATOR)
            yield node, code, chen
            await chen.aclose()


async def mark(client: httpx.AsyncClient, code: str, at: datetime = AT, **facts: Any) -> httpx.Response:
    body = {"from": at.isoformat(), "text": WORDS, **facts}
    return await client.post(f"/cameras/{code}/bookmarks", json=body)


async def seen(client: httpx.AsyncClient, code: str, around: datetime = AT, **asked: Any) -> list[dict[str, Any]]:
    """What is told of the half hour around that time."""
    span = {"from": (around - WIDE / 4).isoformat(), "to": (around + WIDE / 4).isoformat()}
    answer = await client.get(f"/cameras/{code}/bookmarks", params={**span, **asked})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def noted(node: RunningNode, act: str) -> list[AuditRecord]:
    return [one for one in records(node) if one.act == act]


async def test_a_bookmark_is_made_and_seen_as_the_footage_is(tmp_path: Path, store_url: str) -> None:
    async with beside_a_camera(tmp_path, store_url) as (node, code, chen):
        without = await mark(chen, code)
        assert (without.status_code, without.json()["rule"], without.json()["code"]) == (403, "A1", "ACC-TICKET"), without.text
        ticket = (await order(chen, code, AT - WIDE, AT + WIDE)).json()
        beyond = await mark(chen, code, AT - 2 * WIDE)
        assert (beyond.status_code, beyond.json()["rule"]) == (403, "A2")
        half = await mark(chen, code, AT, to=(AT + 2 * WIDE).isoformat())
        assert half.status_code in (403, 422), "a span that leaves the ticket, or lies in the future"

        made = await mark(chen, code)
        assert made.status_code == 201, made.text
        told = made.json()
        assert (told["text"], told["author"], told["own"], told["case_number"]) == (WORDS, "chen-qi", True, CASE)
        assert told["use_ticket"] == ticket["number"] and told["edited_at"] is None and told["withdrawn"] is None
        assert datetime.fromisoformat(told["from"]) == datetime.fromisoformat(told["to"]) == AT, "to the microsecond"
        span = await mark(chen, code, AT, to=(AT + timedelta(minutes=5)).isoformat(), text="  全程\u0000可见\n ")
        assert span.json()["text"] == "全程 可见", "what cannot be seen is not kept"
        assert [one["id"] for one in await seen(chen, code)] == [told["id"], span.json()["id"]]
        assert await seen(chen, code, AT + timedelta(minutes=20)) == [span.json()], "a span is found by its end as well"

        [added, *_] = noted(node, "bookmark.add")[-2:]
        assert (added.person, added.ticket, added.case, added.object) == ("chen-qi", ticket["number"], CASE, code)
        assert added.detail == WORDS and added.range.startswith(AT.isoformat()[:19])
        assert {one.result for one in noted(node, "bookmark.add")} == {"refused", "allowed"}
        assert noted(node, "bookmark.list")[-1].ticket == ticket["number"]

        zhou = await node.client_of("zhou-ba", INVESTIGATOR)
        asked = {"from": (AT - WIDE / 4).isoformat(), "to": (AT + WIDE / 4).isoformat()}
        blind = await zhou.get(f"/cameras/{code}/bookmarks", params=asked)
        assert (blind.status_code, blind.json()["rule"]) == (403, "A1"), "another's ticket opens nothing"
        assert (await order(zhou, code, AT - WIDE, AT + WIDE)).status_code == 201
        others = await seen(zhou, code)
        assert [one["text"] for one in others] == [WORDS, "全程 可见"] and not any(one["own"] for one in others)
        await zhou.aclose()
        sun = await node.client_of("sun-jiu", {"post": "investigator", "area": "520103"})
        assert (await sun.get(f"/cameras/{code}/bookmarks", params=asked)).json()["rule"] == "A1"
        assert (await order(sun, code, AT - WIDE, AT + WIDE)).status_code == 201
        elsewhere = await sun.get(f"/cameras/{code}/bookmarks", params=asked)
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "access.out_of_scope"), "a ticket opens no other area"
        await sun.aclose()
        wu = await node.client_of("wu-shi", {"post": "operator", "area": HERE})
        operator = await mark(wu, code)
        assert (operator.status_code, operator.json()["code"]) == (403, "access.not_allowed"), (
            "live view opens no recorded view (A5)"
        )
        await wu.aclose()


async def test_words_about_more_than_a_ticket_opens_are_not_read_by_its_border(tmp_path: Path) -> None:
    async with beside_a_camera(tmp_path) as (node, code, chen):
        assert (await order(chen, code, AT - WIDE, AT + WIDE)).status_code == 201
        inside = (await mark(chen, code, AT + timedelta(minutes=1))).json()
        over = (
            await mark(chen, code, AT - timedelta(minutes=1), to=(AT + timedelta(minutes=5)).isoformat(), text="之前的事")
        ).json()
        zhou = await node.client_of("zhou-ba", INVESTIGATOR)
        narrow = (await order(zhou, code, AT, AT + WIDE)).json()["number"]

        async def told(client: httpx.AsyncClient, since: datetime, until_: datetime) -> tuple[list[int], int]:
            span = {"from": since.isoformat(), "to": until_.isoformat()}
            answer = (await client.get(f"/cameras/{code}/bookmarks", params=span)).json()
            return [one["id"] for one in answer["items"]], answer["beyond"]

        end = AT + timedelta(minutes=10)
        assert await told(zhou, AT, end) == ([inside["id"]], 1), "the ticket begins within it: neither its words nor its time"
        assert await told(chen, AT, end) == ([over["id"], inside["id"]], 0), "another ticket's time, all of which is open to chen"
        wider = (await order(zhou, code, AT - timedelta(minutes=2), end)).json()["number"]
        assert await told(zhou, AT, end) == ([inside["id"]], 1), "the ticket on record opens no more than before"
        assert noted(node, "bookmark.list")[-1].ticket == narrow
        assert await told(zhou, AT - timedelta(minutes=1), end) == ([over["id"], inside["id"]], 0), "the wider one opens all of it"
        assert noted(node, "bookmark.list")[-1].ticket == wider, "on record under the ticket that opened it"
        await zhou.aclose()


async def test_words_are_edited_and_withdrawn_by_who_wrote_them_and_never_vanish(tmp_path: Path, store_url: str) -> None:
    async with beside_a_camera(tmp_path, store_url) as (node, code, chen):
        await order(chen, code, AT - WIDE, AT + WIDE)
        one = (await mark(chen, code)).json()["id"]
        zhou = await node.client_of("zhou-ba", INVESTIGATOR)
        blind = await zhou.patch(f"/cameras/{code}/bookmarks/{one}", json={"text": "别的"})
        assert (blind.status_code, blind.json()["rule"]) == (403, "A1"), "without a ticket it is not even told whose it is"
        await order(zhou, code, AT - WIDE, AT + WIDE)
        foreign = await zhou.patch(f"/cameras/{code}/bookmarks/{one}", json={"text": "别的"})
        assert (foreign.status_code, foreign.json()["code"]) == (403, "bookmark.foreign") and "chen-qi" in foreign.json()["zh"]
        taken = await zhou.post(f"/cameras/{code}/bookmarks/{one}/withdrawal", json={"reason": "不是我写的"})
        assert taken.status_code == 403

        changed = await chen.patch(f"/cameras/{code}/bookmarks/{one}", json={"text": "红色面包车,贵A开头"})
        assert changed.status_code == 200 and changed.json()["edited_at"] is not None
        assert [found["text"] for found in await seen(zhou, code)] == ["红色面包车,贵A开头"]
        [edit] = [record for record in noted(node, "bookmark.change") if record.result == "allowed"]
        assert WORDS in edit.detail and "贵A开头" in edit.detail, "the words of before stand in the log"
        assert [record.detail for record in noted(node, "bookmark.change") if record.result == "refused"] == [
            "ACC-TICKET",
            "bookmark.foreign",
        ]

        gone = await chen.post(f"/cameras/{code}/bookmarks/{one}/withdrawal", json={"reason": "看错了车"})
        assert gone.status_code == 200, gone.text
        assert await seen(zhou, code) == []
        [kept] = await seen(zhou, code, withdrawn=True)
        assert kept["text"] == "红色面包车,贵A开头" and (kept["withdrawn"]["by"], kept["withdrawn"]["reason"]) == (
            "chen-qi",
            "看错了车",
        )
        [record] = [record for record in noted(node, "bookmark.withdraw") if record.result == "allowed"]
        assert "看错了车" in record.detail and "贵A开头" in record.detail
        for again in (
            await chen.post(f"/cameras/{code}/bookmarks/{one}/withdrawal", json={"reason": "再撤一次"}),
            await chen.patch(f"/cameras/{code}/bookmarks/{one}", json={"text": "改回来"}),
            await chen.patch(f"/cameras/{code}/bookmarks/{one + 1}", json={"text": "没有的"}),
        ):
            assert (again.status_code, again.json()["code"]) == (404, "bookmark.unknown")
        await zhou.aclose()


async def test_with_the_ticket_the_bookmarks_close_and_masks_cover_them_as_the_footage(tmp_path: Path) -> None:
    async with beside_a_camera(tmp_path) as (node, code, chen):
        number = (await order(chen, code, AT - WIDE, AT + WIDE)).json()["number"]
        one = (await mark(chen, code)).json()["id"]
        await add_box(node, code)
        masked = await mark(chen, code)
        assert (masked.status_code, masked.json()["code"], masked.json()["rule"]) == (403, "bookmark.masked", "A40")
        asked = {"from": (AT - WIDE / 4).isoformat(), "to": (AT + WIDE / 4).isoformat()}
        assert (await chen.get(f"/cameras/{code}/bookmarks", params=asked)).json()["code"] == "bookmark.masked"
        assert (await chen.patch(f"/cameras/{code}/bookmarks/{one}", json={"text": "x"})).json()["code"] == "bookmark.masked"
        closed = await chen.delete(f"/tickets/{number}")
        assert closed.status_code in (200, 204), closed.text
        over = await mark(chen, code)
        assert (over.status_code, over.json()["rule"]) == (403, "A1"), over.text


async def test_what_was_changed_past_the_node_is_not_believed(tmp_path: Path) -> None:
    async with beside_a_camera(tmp_path) as (node, code, chen):
        await order(chen, code, AT - WIDE, AT + WIDE)
        one = (await mark(chen, code)).json()["id"]
        async with node.node.store.transaction() as tx:
            await tx.execute(sa.text("UPDATE bookmarks SET text = 'nothing to be seen'"))
        assert await seen(chen, code) == []
        assert (await chen.patch(f"/cameras/{code}/bookmarks/{one}", json={"text": "x"})).status_code == 404


async def test_bounds_of_time_words_and_number(tmp_path: Path, monkeypatch: Any) -> None:
    async with beside_a_camera(tmp_path) as (_, code, chen):
        await order(chen, code, AT - WIDE, AT + timedelta(days=2))
        wrong = {
            "backwards": await mark(chen, code, AT, to=(AT - timedelta(seconds=1)).isoformat()),
            "too long": await mark(chen, code, AT, to=(AT + timedelta(hours=25)).isoformat()),
            "to come": await mark(chen, code, datetime.now(UTC) + WIDE),
            "nothing seen": await mark(chen, code, text="\u200b\u0007"),
            "too many words": await mark(chen, code, text="长" * 501),
            "no words": await mark(chen, code, text="  "),
        }
        assert {what: answer.status_code for what, answer in wrong.items()} == dict.fromkeys(wrong, 422)
        assert {wrong[what].json()["code"] for what in ("backwards", "too long", "to come")} == {"bookmark.unusable"}
        assert wrong["nothing seen"].json()["code"] == "bookmark.words"
        ages = {"from": (AT - timedelta(days=32)).isoformat(), "to": AT.isoformat()}
        assert (await chen.get(f"/cameras/{code}/bookmarks", params=ages)).json()["code"] == "bookmark.unusable"
        monkeypatch.setattr("fengsui.features.bookmarks.actions.MOST_OF_CAMERA", 2)
        assert [(await mark(chen, code)).status_code for _ in range(3)] == [201, 201, 409]
        monkeypatch.setattr("fengsui.features.bookmarks.actions.MOST_OF_CAMERA", 9)
        monkeypatch.setattr("fengsui.features.bookmarks.actions.MOST_A_DAY", 2)
        full = await mark(chen, code)
        assert (full.status_code, full.json()["code"]) == (409, "bookmark.too_many")
        monkeypatch.setattr("fengsui.features.bookmarks.actions.MOST_LISTED", 1)
        asked = {"from": (AT - WIDE / 4).isoformat(), "to": (AT + WIDE / 4).isoformat()}
        told = (await chen.get(f"/cameras/{code}/bookmarks", params=asked)).json()
        assert len(told["items"]) == 1 and told["whole"] is False


async def test_events_are_told_to_who_sees_the_camera(tmp_path: Path) -> None:
    async with beside_a_camera(tmp_path) as (node, code, chen):
        for mode, after in (("event", 5), ("event", 6)):
            plan = {"mode": mode, "before_s": 2, "after_s": after}
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json=plan)).status_code == 200
        happened = datetime.now(UTC)
        assert node.node.footage.recording.trigger(code, "alarm", happened.timestamp()) is not None
        [told] = (await chen.get(f"/cameras/{code}/recording-events")).json()["items"]
        assert told["cause"] == "alarm" and abs((datetime.fromisoformat(told["at"]) - happened).total_seconds()) < 1
        assert datetime.fromisoformat(told["from"]) < happened < datetime.fromisoformat(told["to"])
        past = {"from": (happened - timedelta(hours=2)).isoformat(), "to": (happened - timedelta(hours=1)).isoformat()}
        assert (await chen.get(f"/cameras/{code}/recording-events", params=past)).json()["items"] == []
        backwards = {"from": past["to"], "to": past["from"]}
        assert (await chen.get(f"/cameras/{code}/recording-events", params=backwards)).json()["code"] == "recording.span"
        sun = await node.client_of("sun-jiu", {"post": "investigator", "area": "520103"})
        assert (await sun.get(f"/cameras/{code}/recording-events")).status_code == 403
        await sun.aclose()
