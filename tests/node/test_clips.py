"""Clips on a whole node: original pictures leave as an MP4 by two persons under a use ticket, and the log knows the file's hash."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import httpx
import pytest

from fengsui.features.audit.model import AuditRecord
from tests.node.clip_room import asked, clip_node, clip_of
from tests.node.conftest import RunningNode, powered, simulated_camera, until
from tests.node.duty_room import HERE, centre_of
from tests.node.test_audit import records
from tests.node.test_footage import footage_files, order, safe_for, state_of
from tests.node.test_live import listed
from tests.node.test_masks import add_box, approve

GROUP_S = 2.0
"""Of the simulated camera's pictures, from key frame to key frame."""


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node on which clips are taken."""
    async with clip_node(tmp_path / "node") as node:
        yield node


def packets(octets: bytes | Path) -> list[bytes]:
    """The pictures' own bytes, in order."""
    source = str(octets) if isinstance(octets, Path) else io.BytesIO(octets)
    with av.open(source, "r") as opened:
        return [bytes(one) for one in opened.demux(video=0) if one.size]


def decoded(octets: bytes) -> int:
    """Pictures; raises for what cannot be decoded."""
    with av.open(io.BytesIO(octets), "r") as opened:
        opened.streams.video[0].codec_context.options = {"err_detect": "explode"}
        return sum(1 for _ in opened.decode(video=0))


async def in_the_file(octets: bytes) -> str:
    """The comment in its head, as ffprobe reads it."""
    show = ("-v", "error", "-show_entries", "format_tags=comment", "-of", "default=noprint_wrappers=1:nokey=1", "-")
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    probe = await asyncio.create_subprocess_exec("ffprobe", *show, **pipes)
    told, _ = await probe.communicate(octets)
    assert probe.returncode == 0
    return told.decode()


async def test_a_clip_leaves_by_two_persons_with_the_original_pictures_and_its_hash_on_record(
    ruled: RunningNode, tmp_path: Path
) -> None:
    node, camera = ruled, simulated_camera(ruled.registrar)
    code = camera.identity.code
    await centre_of(node)
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
        safe = await safe_for(node, code, 12)
        since = datetime.fromisoformat((await state_of(node, code))["since"])
        chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
        zhou = await node.client_of("zhou-ba", {"post": "commander", "area": HERE, "rank": "unit-head"})
        wu = await node.client_of("wu-jiu", {"post": "inspector", "area": HERE})

        # Deny unless granted: no ticket, no right, no paper, no footage, too long.
        without = await asked(chen, code, since, safe)
        assert (without.status_code, without.json()["rule"]) == (403, "A1"), without.text
        ticket = await order(chen, code, since, datetime.now(UTC) + timedelta(hours=1))
        assert ticket.status_code == 201, ticket.text
        number = ticket.json()["number"]
        assert (await asked(wu, code, since, safe)).status_code == 403, "looking is not taking"
        assert (await asked(chen, code, since - timedelta(hours=1), safe)).json()["rule"] == "A2"
        assert (await asked(chen, code, safe, since)).json()["code"] == "clips.period"
        assert (await asked(chen, code, since, since + timedelta(hours=7))).json()["code"] == "clips.period"
        assert (await asked(chen, code, since, safe, document=None)).json()["rule"] == "A16"
        later = datetime.now(UTC) + timedelta(minutes=40)
        assert (await asked(chen, code, later, later + timedelta(minutes=1))).json()["code"] == "clips.no_footage"
        assert (await chen.get("/clips")).json() == {"items": [], "next": None, "total": 0, "needs_document": True}

        end, within = safe - timedelta(seconds=2), await within_a_group(node, code, since)
        answer = await asked(chen, code, within, end)
        assert answer.status_code == 202, answer.text
        request = answer.json()["id"]
        assert (answer.json()["state"], answer.json()["use_ticket"]) == ("pending", number)
        early = await chen.post(f"/clips/{request}/download", json={})
        assert (early.status_code, early.json()["rule"]) == (409, "A14"), "asked for is not granted"
        assert (await chen.get(f"/clips/{request}/manifest")).json()["code"] == "clips.nothing_taken"
        assert (await zhou.get(f"/approvals/{request}")).json()["differences"][0]["new_zh"].endswith(code)
        await approve(zhou, request)
        assert (await clip_of(chen, request))["state"] == "applied"

        # It is handed over once a time, whole, and says whose it is; nobody else takes it.
        foreign = await node.client_of("li-shi", {"post": "investigator", "area": HERE})
        assert (await order(foreign, code, since, datetime.now(UTC) + timedelta(hours=1))).status_code == 201
        assert (await foreign.post(f"/clips/{request}/download", json={})).json()["code"] == "clips.unknown"
        address = (await chen.post(f"/clips/{request}/download", json={})).json()
        async with httpx.AsyncClient() as browser:
            file = await browser.get(address["url"])
            assert file.status_code == 200, file.text
            assert file.headers["content-disposition"] == f'attachment; filename="{address["file"]}"'
            again = await browser.get(address["url"])
            assert again.status_code in (403, 404), "the address is for once"
        octets = file.content
        await until(lambda: _taken(chen, request, 1), what="it is told")
        clip = await clip_of(chen, request)
        [taken] = clip["taken"]
        assert taken["sha256"] == hashlib.sha256(octets).hexdigest() and taken["bytes"] == len(octets)
        assert (taken["ended"], taken["damaged"], taken["pictures"]) == ("whole", 0, decoded(octets))
        assert datetime.fromisoformat(taken["to"]) <= end and datetime.fromisoformat(taken["from"]) > within
        kept = [one for path in footage_files(tmp_path / "node") for one in packets(path)]
        mine = packets(octets)
        begin = kept.index(mine[0])
        assert begin > 0, "the group that began before is not in it"
        assert mine == kept[begin : begin + len(mine)], "not a byte of a picture is another"
        with av.open(io.BytesIO(octets), "r") as opened:
            words = opened.metadata
        assert code in words["title"]
        assert all(one in words["comment"] for one in ("chen-qi", number, request, "zhou-ba")), words
        basis, ends = ticket.json()["legal_basis"], ticket.json()["expires_at"].partition(".")[0].removesuffix("Z")
        told = await in_the_file(octets)
        assert all(one in told for one in ("crime-investigation", basis, f"ticket until {ends}Z")), told

        beside = (await chen.get(f"/clips/{request}/manifest")).json()
        assert (beside["sha256"], beside["file"], beside["use_ticket"]) == (taken["sha256"], address["file"], number)
        assert (beside["exported_by"], beside["approved_by"], beside["reason"]) == ("chen-qi", "zhou-ba", "还原案发经过")
        assert (beside["purpose"], beside["legal_basis"], beside["ticket_until"]) == ("crime-investigation", basis, f"{ends}Z")
        assert "调证〔2026〕17号" in beside["document"] and beside["whole"] is True
        told = lambda: [one for one in records(node) if one.act.startswith("clip.") and one.result == "allowed"]  # noqa: E731
        await until(lambda: len(told()) == 3, what="all of it is on record")
        assert [one.act for one in told()] == ["clip.allow", "clip.take", "clip.taken"], told()
        assert all((one.ticket, one.object, one.recipient) == (number, code, "chen-qi") for one in told())
        assert taken["sha256"] in told()[-1].detail

        # The rest of it by itself; beyond what was approved nothing.
        part = (await chen.post(f"/clips/{request}/download", json={"from": taken["from"]})).json()
        async with httpx.AsyncClient() as browser:
            assert (await browser.get(part["url"])).content == octets, "the same file, whenever it is taken"
        beyond = await chen.post(f"/clips/{request}/download", json={"from": safe.isoformat()})
        assert beyond.json()["code"] == "clips.period"

        await cut_under_masks(node, chen, zhou, code, since, end, number)
        for client in (chen, zhou, wu, foreign):
            await client.aclose()


async def within_a_group(node: RunningNode, code: str, since: datetime) -> datetime:
    """A moment in the midst of the second group of pictures: between two key frames."""
    [(start, _), *_] = await asyncio.to_thread(node.node.engine.footage, f"{code}/main", int(since.timestamp() * 1e6), 2**62)
    return datetime.fromtimestamp(start / 1e6, UTC) + timedelta(seconds=GROUP_S * 1.5)


async def _taken(client: httpx.AsyncClient, request: str, count: int) -> bool:
    return len((await clip_of(client, request))["taken"]) == count


async def cut_under_masks(
    node: RunningNode, chen: httpx.AsyncClient, zhou: httpx.AsyncClient, code: str, since: datetime, end: datetime, number: str
) -> None:
    """A mask voids what waits and closes what was allowed."""
    first = (await asked(chen, code, since, end)).json()["id"]
    await approve(zhou, first)
    second = (await asked(chen, code, since, end)).json()["id"]
    address = (await chen.post(f"/clips/{first}/download", json={})).json()
    await add_box(node, code)
    void = (await zhou.get(f"/approvals/{second}")).json()["request"]["state"]
    assert void == "void", "it was asked for without masks"
    masked = await chen.post(f"/clips/{first}/download", json={})
    assert (masked.status_code, masked.json()["code"], masked.json()["rule"]) == (403, "clips.masked", "A40")
    assert (await asked(chen, code, since, end)).json()["code"] == "clips.masked"

    def cut() -> list[AuditRecord]:
        return [one for one in records(node) if one.act == "clip.taken" and "clips.masked" in one.detail]

    await until(cut, what="what was promised is not handed over under masks")
    assert [one.ticket for one in cut()] == [number]
    async with httpx.AsyncClient() as browser:
        refused = await browser.get(address["url"])
    assert (refused.status_code, refused.json()["code"]) == (403, "media.ticket_revoked"), refused.text


async def test_a_clip_ends_where_the_camera_changes_its_pictures_and_the_rest_is_another_file(ruled: RunningNode) -> None:
    node = ruled
    await centre_of(node)
    first, second = simulated_camera(node.registrar), simulated_camera(node.registrar, footage="street.10fps.h265")
    code = first.identity.code
    async with powered(first):
        await until(lambda: listed(node, code), what="the camera is listed")
        assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
        changes = await safe_for(node, code, 5)
    since = datetime.fromisoformat((await state_of(node, code))["since"])
    async with powered(second):
        begun = (changes - since).total_seconds()
        safe = await safe_for(node, code, begun + 12)
    chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
    zhou = await node.client_of("zhou-ba", {"post": "commander", "area": HERE, "rank": "unit-head"})
    assert (await order(chen, code, since, datetime.now(UTC) + timedelta(hours=1))).status_code == 201
    request = (await asked(chen, code, since, safe)).json()["id"]
    await approve(zhou, request)
    codecs: list[str] = []
    begins: str | None = None
    for count in (1, 2):
        address = (await chen.post(f"/clips/{request}/download", json={"from": begins})).json()
        async with httpx.AsyncClient() as browser:
            octets = (await browser.get(address["url"])).content
        await until(lambda: _taken(chen, request, count), what="it is told")  # noqa: B023
        taken = (await clip_of(chen, request))["taken"][-1]
        with av.open(io.BytesIO(octets), "r") as opened:
            codecs.append(f"{taken['ended']} {opened.streams.video[0].codec_context.name}")
        assert taken["sha256"] == hashlib.sha256(octets).hexdigest() and decoded(octets) == taken["pictures"] > 10
        begins = taken["to"]
    assert codecs == ["changed h264", "whole hevc"]
    for client in (chen, zhou):
        await client.aclose()
