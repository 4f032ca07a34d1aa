"""Alarms of a camera that moved or left are told by where it was while it alarmed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from tests.node.clip_room import clip_node
from tests.node.conftest import powered, simulated_camera, until
from tests.node.duty_room import HERE, centre_of
from tests.node.moved_room import CHANNEL, ELSEWHERE, Moving, moving, withdrawn
from tests.node.test_device_alarms import alarm_of
from tests.node.test_live import listed


async def texts(client: httpx.AsyncClient) -> list[str] | int:
    """What its alarms say, the newest first; why not, else."""
    answer = await client.get("/alarms", params={"camera": CHANNEL})
    if answer.status_code != 200:
        return answer.status_code
    items: list[dict[str, Any]] = answer.json()["items"]
    assert {one["camera"] for one in items} <= {CHANNEL}, items
    return [one["text"] for one in items]


async def alarm(film: Moving, text: str, sn: int, event: str) -> None:
    assert (await film.nvr.send(alarm_of(CHANNEL, sn=sn, event=event, description=text))).status == 200

    async def is_there() -> bool:
        found = await film.node.client.get("/alarms", params={"device": film.nvr.identity.code})
        return text in [one["text"] for one in found.json()["items"]]

    await until(is_there, what="the alarm is on disk")


async def test_alarms_of_a_moved_camera_stay_with_those_whose_they_were(tmp_path: Path) -> None:
    async with moving(tmp_path / "node") as film:
        await alarm(film, "此处", 7, "1")
        assert (await texts(film.chen), await texts(film.wu)) == (["此处"], 404)
        await film.move()
        await alarm(film, "别处", 8, "2")
        assert await texts(film.chen) == ["此处"]
        assert await texts(film.wu) == ["别处"]
        assert await texts(film.both) == ["别处", "此处"]


async def test_a_camera_without_footage_is_kept_for_its_alarms(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node:
        await centre_of(node)
        await until(lambda: not node.node.engine.footage_counters().looking, what="the index has all footage")
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await camera.send(alarm_of(code))).status == 200
            await until(lambda: bool(camera.alarm_results), what="the alarm is on disk")
        assert (await node.client.delete(f"/devices/{code}")).status_code == 204
        chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
        other = await node.client_of("wu-jiu", {"post": "investigator", "area": ELSEWHERE})
        assert (await withdrawn(chen), await withdrawn(other)) == ([code], [])
        await node.node.footage.retention._records.forget()
        assert await withdrawn(chen) == [code], "as long as it is referred to"
        [told] = (await chen.get("/alarms", params={"camera": code})).json()["items"]
        assert told["camera"] == code
        assert (await other.get("/alarms", params={"camera": code})).json()["code"] == "camera.unknown"
