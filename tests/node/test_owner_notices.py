"""What a partner owner is told of, and what waits until they could know it (A37)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.node.approvals.office import approve
from tests.node.conftest import powered, running_node, simulated_camera, until
from tests.node.duty_room import CAMERA, HERE, MovedClock
from tests.node.test_audit import records
from tests.node.test_duty_policy import ruled_by
from tests.node.test_live import listed
from tests.node.test_policy import WIDER, pack

OWNER = {"post": "partner-owner", "area": HERE}
BOX = [[0, 0], [5000, 0], [5000, 5000]]


async def told(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get("/policy/owner-notices")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def in_a_day(at: str) -> bool:
    return datetime.fromisoformat(at) - datetime.now(UTC) > timedelta(hours=23)


async def test_an_owner_is_told_what_changes_and_loosening_waits(tmp_path: Path) -> None:
    async with running_node(tmp_path, ruled_by(tmp_path)) as node, powered(simulated_camera(node.registrar)):
        assert node.second is not None
        await until(lambda: listed(node, CAMERA), what="the camera is listed")
        shop = await node.client_of("shop", OWNER)
        elsewhere = await node.client_of("mall", {**OWNER, "area": "520103"})
        narrow = await node.client_of("hotel", {**OWNER, "classes": ["operating-unit"]})
        _, password = await node.appoint("sun-ba", {"post": "commander", "area": HERE, "rank": "county-head"})
        lead = await node.sign_in("sun-ba", password, at="127.0.0.23")
        assert (await node.client.post(f"/cameras/{CAMERA}/masks", json={"points": BOX})).status_code == 201
        assert await told(shop) == [], "a government camera is no owner's"
        assert (await node.client.patch(f"/cameras/{CAMERA}", json={"camera_class": "private"})).status_code == 200
        (now_private,) = await told(shop)
        assert (now_private["about"], now_private["camera"], now_private["unread"]) == ("class", CAMERA, True)
        assert "社会自建" in now_private["zh"] and now_private["due_at"] is None
        assert await told(elsewhere) == [] and await told(narrow) == [], "nothing of theirs"

        assert (await node.client.post(f"/cameras/{CAMERA}/masks", json={"points": BOX})).status_code == 201
        assert [one["about"] for one in await told(shop)] == ["mask", "class"]
        masks = [one["id"] for one in (await node.get(f"/cameras/{CAMERA}/masks"))["items"]]  # type: ignore[attr-defined]
        asked = await node.client.post(f"/cameras/{CAMERA}/masks/{masks[0]}/removal", json={"reason": "窗户已封"})
        assert asked.status_code == 202, asked.text
        assert (await approve(lead, asked.json()["id"])).json()["state"] == "approved"
        assert in_a_day((await told(shop))[0]["due_at"]), "a mask of theirs goes after a day, and they know"
        assert len((await node.get(f"/cameras/{CAMERA}/masks"))["items"]) == 2  # type: ignore[arg-type]

        order = {"camera_class": "operating-unit", "reason": "产权移交"}
        system = {"Authorization": f"Bearer {node.tokens['system']}"}
        asked = await node.client.post(f"/cameras/{CAMERA}/class", json=order, headers=system)
        assert asked.status_code == 202, asked.text
        assert (await approve(node.second, asked.json()["id"])).json()["state"] == "approved"
        assert in_a_day((await told(shop))[0]["due_at"])
        assert [one["about"] for one in await told(narrow)] == ["class"], "they would be its owner"

        wider = await node.client.post("/policy", json={"pack": pack(2, WIDER), "reason": "new regulation"})
        assert wider.status_code == 202, wider.text
        assert (await approve(node.second, wider.json()["id"])).json()["state"] == "approved"
        for one in (shop, elsewhere, narrow):
            newest = (await told(one))[0]
            assert newest["about"] == "policy" and in_a_day(newest["due_at"]), "everybody, for it holds everywhere"
        on_record = [one.range for one in records(node) if one.act == "owner.notice"]
        assert len(on_record) == 5, on_record

        newest = (await told(shop))[0]["id"]
        assert (await shop.post("/policy/owner-notices/read", json={"until": newest})).status_code == 204
        assert not any(one["unread"] for one in await told(shop)) and any(one["unread"] for one in await told(narrow))
        assert [one.object for one in records(node) if one.act == "owner.notice.read"] == ["shop"]

        clock = MovedClock()
        node.node.approvals._progress._clock, clock.later = clock, timedelta(hours=24, minutes=1)
        await until(lambda: _masks_left(shop, 1), what="the mask is gone when its day has come")
        await until(lambda: _classes(shop, 3), what="and the class is another one")
        for one in (shop, elsewhere, narrow, lead):
            await one.aclose()


async def test_owners_of_both_areas_are_told_when_a_camera_is_to_be_moved(tmp_path: Path) -> None:
    async with running_node(tmp_path, ruled_by(tmp_path)) as node, powered(simulated_camera(node.registrar)):
        assert node.second is not None
        await until(lambda: listed(node, CAMERA), what="the camera is listed")
        shop, mall = await node.client_of("shop", OWNER), await node.client_of("mall", {**OWNER, "area": "520103"})
        chain = await node.client_of("chain", {**OWNER, "area": "5201"})
        assert (await node.client.patch(f"/cameras/{CAMERA}", json={"camera_class": "private"})).status_code == 200
        system = {"Authorization": f"Bearer {node.tokens['system']}"}
        order = {"own_area": "520103", "reason": "搬迁"}
        asked = await node.client.post(f"/cameras/{CAMERA}/area", json=order, headers=system)
        assert asked.status_code == 202, asked.text
        assert (await approve(node.second, asked.json()["id"])).json()["state"] == "approved"
        for one, count in ((shop, 2), (mall, 1), (chain, 2)):
            notices = await told(one)
            assert [one["about"] for one in notices] == ["area", "class"][:count], notices
            assert "520102" in notices[0]["en"] and "520103" in notices[0]["en"] and in_a_day(notices[0]["due_at"])
            await one.aclose()


async def _masks_left(client: httpx.AsyncClient, count: int) -> bool:
    return len((await client.get(f"/cameras/{CAMERA}/masks")).json()["items"]) == count


async def _classes(client: httpx.AsyncClient, count: int) -> bool:
    return [one["about"] for one in await told(client)].count("class") == count
