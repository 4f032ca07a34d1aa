"""Cameras on the map: columns of one length, in the caller's scope, with the operator's places, and their states alone."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx

from fengsui.features.cameras import queries
from fengsui.store import Store
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_camera_names import stored_item

COUNT = 110_000
LIMIT_S, LIMIT_BYTES = 6.0, 4_000_000
ONLINE, OFFLINE, FAULT, UNKNOWN = "0123"
COLUMNS = ("codes", "names", "longitudes", "latitudes", "areas", "classes", "ptz_types")
SAID = ("directions", "horizontal_angles", "view_distances")


async def points(client: httpx.AsyncClient) -> dict[str, Any]:
    """What the map is told; every column has one length."""
    answer = await client.get("/camera-points")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert {len(told[name]) for name in (*COLUMNS, *SAID, "states")} == {len(told["codes"])}
    return told


def at(told: dict[str, Any], code: str) -> dict[str, Any]:
    """One camera of the columns."""
    place = told["codes"].index(code)
    return {name: told[name][place] for name in (*COLUMNS, *SAID, "states")}


async def test_places_that_are_none_are_counted_and_not_shown(store_url: str, tmp_path: Path) -> None:
    store = await Store.open(store_url)
    numbers = range(7)
    rows = [stored_item(f"5201030000132{number:07d}", f"中华北路{number}号", "520103") for number in numbers]
    places = [(106.7, 26.6), (0, 0), (None, None), (999.0, 26.6), (106.7, None), (0.0, 51.5), (106.71, 26.61)]
    for row, (longitude, latitude) in zip(rows, places, strict=True):
        row |= {"longitude": longitude, "latitude": latitude}
    rows[0]["details"] = '{"direction":3,"horizontal_angle":87.5,"view_distance":60.0}'
    rows[6]["camera_class"] = "private"
    async with store.transaction() as tx:
        await queries.write_items(tx, rows)
    await store.close()
    async with running_node(tmp_path, settings_for(store_url)) as node:
        told = await points(node.client)
        assert told["codes"] == [rows[number]["code"] for number in (0, 5, 6)] and told["unplaced"] == 4
        first = at(told, rows[0]["code"])
        assert (first["longitudes"], first["latitudes"], first["areas"]) == (106.7, 26.6, "520103")
        assert (first["directions"], first["horizontal_angles"], first["view_distances"]) == (3, 87.5, 60.0)
        assert told["classes"] == ["government", "government", "private"]
        assert told["states"] == OFFLINE * 3, "no such device was ever here"
        states = (await node.client.get("/camera-states")).json()
        assert states == {"cameras": told["cameras"], "states": told["states"]}


async def test_states_follow_the_device_and_places_the_operator(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar, transport="TCP")  # whose loss is noticed at once
    code = camera.identity.code

    async def state() -> str:
        told = (await node.client.get("/camera-states")).json()
        return str(told["states"])

    async with powered(camera):
        await until(lambda: listed(node, code), what="it is listed")
        answer = await node.client.patch(f"/cameras/{code}", json={"own_name": "北门", "longitude": 106.71, "latitude": 26.58})
        assert answer.status_code == 200, answer.text
        shown = at(await points(node.client), code)
        assert (shown["names"], shown["longitudes"], shown["latitudes"]) == ("北门", 106.71, 26.58)
        before = (await points(node.client))["cameras"]

        async def online() -> bool:
            return await state() == ONLINE

        await until(online, what="it is online")

    async def gone() -> bool:
        return await state() == OFFLINE

    await until(gone, what="it went")
    assert (await points(node.client))["cameras"] == before, "the same cameras"


async def listed(node: RunningNode, code: str) -> bool:
    """Whether the catalogue was read."""
    return (await node.client.get(f"/cameras/{code}")).status_code == 200


async def test_somebody_of_another_city_is_told_of_none(node: RunningNode) -> None:
    user, password = await node.appoint("map-reader", {"post": "duty-supervisor", "area": "5203"})
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        await until(lambda: listed(node, camera.identity.code), what="it is listed")
        placed = {"longitude": 106.71, "latitude": 26.58}
        assert (await node.client.patch(f"/cameras/{camera.identity.code}", json=placed)).status_code == 200
        assert (await points(node.client))["codes"] == [camera.identity.code]
        theirs = await node.sign_in("map-reader", password)
        told = await points(theirs)
        assert (told["codes"], told["unplaced"], told["states"]) == ([], 0, ""), user
        assert (await theirs.get("/camera-states")).json()["states"] == ""
        await theirs.aclose()


async def test_a_city_of_110_000_is_a_quick_small_answer_and_holds_nobody_up(store_url: str, tmp_path: Path) -> None:
    store = await Store.open(store_url)
    rows = [
        stored_item(f"5201030000132{number:07d}", f"云岩区中华北路{number:06d}号", "520103")
        | {"longitude": 106.0 + number % 331 * 0.003, "latitude": 26.0 + number // 331 * 0.003}
        for number in range(COUNT)
    ]
    async with store.transaction() as tx:
        for first in range(0, COUNT, 5_000):
            await queries.write_items(tx, rows[first : first + 5_000])
    await store.close()
    async with running_node(tmp_path, settings_for(store_url)) as node:
        begun = time.perf_counter()
        answer = await node.client.get("/camera-points", headers={"accept-encoding": "gzip"})
        took_s = time.perf_counter() - begun
        assert answer.headers["content-encoding"] == "gzip" and len(answer.json()["codes"]) == COUNT
        assert int(answer.headers["content-length"]) < LIMIT_BYTES and took_s < LIMIT_S, took_s
        begun = time.perf_counter()
        states = await node.client.get("/camera-states", headers={"accept-encoding": "gzip"})
        print(f"points {took_s:.2f} s, {answer.headers['content-length']} bytes; states {time.perf_counter() - begun:.2f} s")
        assert len(states.json()["states"]) == COUNT and int(states.headers["content-length"]) < 10_000
        plain = await node.client.get("/camera-states", headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers and plain.json() == states.json()
