"""Footage of a camera that left the catalogue: opened, held and taken out by the facts with which it left, and by nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.wire.gb28181.catalog import CatalogueItem
from tests.node.clip_room import PAPER, Filmed, clip_node, clip_of, filmed
from tests.node.conftest import powered, simulated_camera, until
from tests.node.duty_room import HERE, centre_of
from tests.node.moved_room import CHANNEL, ELSEWHERE, RECORDER, city_recorder, withdrawn
from tests.node.test_footage import order, safe_for, state_of
from tests.node.test_live import listed
from tests.node.test_masks import BOX, approve
from tests.node.test_playback import decoded, opened, player_of


async def everything(_: AsyncConnection, codes: Sequence[str]) -> Sequence[str]:
    return codes


async def plays(client: httpx.AsyncClient, code: str, since: datetime, end: datetime) -> httpx.Response:
    """Opens it, and where that may be sees its first pictures."""
    answer = await opened(client, code, since, end)
    if answer.status_code == 201:
        async with player_of(answer.json()["url"]) as player:
            _, media = await player.ask("all", since, count=2)
            assert decoded(media), "pictures are shown"
    return answer


def hold_of(film: Filmed) -> dict[str, Any]:
    span = {"from": film.since.isoformat(), "to": film.end.isoformat()}
    return {**span, "review_at": (film.end + timedelta(days=150)).isoformat(), "reason": "案件尚在侦查", "document": PAPER}


async def told_of(film: Filmed) -> None:
    """What rooms of footage say of it."""
    span = {"from": film.since.isoformat(), "to": film.end.isoformat()}
    listed_ = await film.chen.get(f"/cameras/{film.code}/recordings", params=span)
    assert listed_.status_code == 200 and listed_.json()["items"], listed_.text
    alarms = await film.chen.get("/alarms", params={"camera": film.code, **span})
    assert alarms.status_code == 200, alarms.text
    for what in ("recorded-days", "retention", "footage-holds", "footage-removals", "recording-events"):
        answer = await film.chen.get(f"/cameras/{film.code}/{what}")
        assert answer.status_code == 200, (what, answer.text)


@pytest.mark.timeout(240)
async def test_footage_of_a_removed_camera_is_played_held_and_taken_as_before(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node, filmed(node, 4) as film:
        code, chen = film.code, film.chen
        permitted = await film.permit()
        assert await withdrawn(chen) == []
        assert (await node.client.delete(f"/devices/{code}")).status_code == 204

        assert await withdrawn(chen) == [code]
        [told] = (await chen.get("/withdrawn-cameras", params={"q": "测试"})).json()["items"]
        assert (told["name"], told["area"]) == ("测试摄像机1", HERE)
        await told_of(film)
        assert (await plays(chen, code, film.since, film.end)).status_code == 201
        marked = await chen.post(f"/cameras/{code}/bookmarks", json={"from": film.since.isoformat(), "text": "白车"})
        assert marked.status_code == 201, marked.text

        address = (await film.take(permitted)).json()
        async with httpx.AsyncClient() as browser:
            assert (await browser.get(address["url"])).status_code == 200
        again = await film.permit()
        assert (await clip_of(chen, again))["state"] == "applied"
        held = await chen.post(f"/cameras/{code}/footage-holds", json=hold_of(film))
        assert held.status_code == 202, held.text
        await approve(film.zhou, held.json()["id"])
        assert len((await chen.get(f"/cameras/{code}/footage-holds")).json()["items"]) == 1

        for refused in (
            await chen.post(f"/cameras/{code}/live", json={"stream": "main"}),
            await node.client.get(f"/cameras/{code}"),
            await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"}),
        ):
            assert (refused.status_code, refused.json()["code"]) == (404, "camera.withdrawn"), refused.text
        other = await node.client_of("wu-jiu", {"post": "investigator", "area": ELSEWHERE})
        assert await withdrawn(other) == []
        assert (await order(other, code, film.since, film.end)).status_code == 201
        stranger = await opened(other, code, film.since, film.end)
        assert (stranger.status_code, stranger.json()["rule"]) == (403, "A7"), stranger.text

    async with clip_node(tmp_path / "node") as node:
        assert await withdrawn(node.client) == [code], "after a restart too"
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            await until(lambda: listed(node, code), what="it is itself again")
            assert await withdrawn(node.client) == []
            assert (await node.get(f"/cameras/{code}"))["code"] == code


async def test_masks_of_a_removed_camera_hide_its_footage_until_they_are_lifted(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node, filmed(node, 3) as film:
        mask = await node.client.post(f"/cameras/{film.code}/masks", json={"preset": 0, "name": "窗", "points": BOX})
        assert mask.status_code == 201, mask.text
        assert (await node.client.delete(f"/devices/{film.code}")).status_code == 204
        answer = await opened(film.chen, film.code, film.since, film.end)
        assert (answer.status_code, answer.json()["code"]) == (403, "playback.masked")
        told = (await film.chen.get(f"/cameras/{film.code}/masks")).json()
        assert ([one["name"] for one in told["items"]], told["lifted_until"]) == (["窗"], None)

        asked = await film.chen.post(f"/cameras/{film.code}/mask-lifts", json={"minutes": 10, "reason": "辨认入室者"})
        assert asked.status_code == 202, asked.text
        await approve(film.zhou, asked.json()["id"])
        assert (await plays(film.chen, film.code, film.since, film.end)).status_code == 201
        assert (await film.chen.get(f"/cameras/{film.code}/masks")).json()["lifted_until"]
        assert (await film.chen.post(f"/cameras/{film.code}/masks/restore")).status_code == 204
        again = await opened(film.chen, film.code, film.since, film.end)
        assert (again.status_code, again.json()["code"]) == (403, "playback.masked")


async def live(client: httpx.AsyncClient, code: str) -> tuple[int, Any]:
    answer = await client.post(f"/cameras/{code}/live", json={"stream": "main"})
    return answer.status_code, answer.json().get("code")


@pytest.mark.timeout(240)
async def test_a_camera_that_comes_back_elsewhere_opens_nothing_from_before(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node:
        await centre_of(node)
        nvr = city_recorder(node)
        async with powered(nvr):
            await until(lambda: listed(node, CHANNEL), what="the recorder's cameras are listed")
            await until(lambda: node.node.cameras.reading.subscriptions.is_subscribed(RECORDER), what="it reports its changes")
            plan = await node.client.put(f"/cameras/{CHANNEL}/recording-plan", json={"mode": "always"})
            assert plan.status_code == 200
            end = await safe_for(node, CHANNEL, 4)
            since = datetime.fromisoformat((await state_of(node, CHANNEL))["since"])
            chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
            wu = await node.client_of("wu-jiu", {"post": "investigator", "area": ELSEWHERE})
            for one in (chen, wu):
                assert (await order(one, CHANNEL, since, datetime.now(UTC) + timedelta(hours=1))).status_code == 201
            name = (await node.get(f"/cameras/{CHANNEL}"))["reported_name"]
            await nvr.notify(CatalogueItem(CHANNEL, name, event="DEL"))

            async def is_withdrawn() -> bool:
                return await withdrawn(chen) == [CHANNEL]

            await until(is_withdrawn, what="its recorder lists it no more")
            assert await withdrawn(wu) == []
            assert (await plays(chen, CHANNEL, since, end)).status_code == 201
            assert (await opened(wu, CHANNEL, since, end)).json()["rule"] == "A7"

            back = CatalogueItem(CHANNEL, name, civil_code=ELSEWHERE, status="ON", event="ADD")
            await nvr.notify(back)
            await until(lambda: listed(node, CHANNEL), what="it is listed in another county")
            assert (await node.get(f"/cameras/{CHANNEL}"))["area"] == ELSEWHERE
            assert (await withdrawn(node.client)) == []
            assert (await plays(chen, CHANNEL, since, end)).status_code == 201, "whoever could see it can"
            assert (await opened(wu, CHANNEL, since, end)).json()["rule"] == "A7", "and nobody else"
            later = datetime.now(UTC) + timedelta(minutes=1)
            assert (await opened(wu, CHANNEL, later, later + timedelta(minutes=1))).status_code == 201, "what comes is theirs"
            both = await opened(wu, CHANNEL, since, later)
            assert both.json()["rule"] == "A7"

            # What is changed past the node opens nothing.
            async with node.node.store.transaction() as tx:
                await tx.execute(sa.text("UPDATE withdrawn_cameras SET area = :area"), {"area": ELSEWHERE})
            assert (await opened(wu, CHANNEL, since, end)).json()["rule"] == "A7"
            assert (await opened(chen, CHANNEL, since, end)).json()["rule"] == "A7"


async def test_nothing_is_kept_of_a_camera_without_footage_or_record(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node:
        await until(lambda: not node.node.engine.footage_counters().looking, what="the index has all footage")
        cameras = [simulated_camera(node.registrar, number) for number in (1, 2)]
        codes = [one.identity.code for one in cameras]
        async with powered(*cameras):
            for code in codes:
                await until(partial(listed, node, code), what="the camera is listed")
        assert (await node.client.delete(f"/devices/{codes[0]}")).status_code == 204
        assert await withdrawn(node.client) == []
        assert (await node.client.get(f"/cameras/{codes[0]}/recorded-days")).json()["code"] == "camera.unknown"

        records = node.node.cameras.kept.records_of
        node.node.cameras.kept.records_of = everything
        assert (await node.client.delete(f"/devices/{codes[1]}")).status_code == 204
        node.node.cameras.kept.records_of = records
        assert await withdrawn(node.client) == [codes[1]], "nobody knew yet of which there is footage"
        await node.node.footage.retention._records.forget()
        assert await withdrawn(node.client) == []
