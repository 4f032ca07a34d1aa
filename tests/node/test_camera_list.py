"""Lists by status: whole, page by page, whoever is online; and a removed device leaves no cameras behind."""

from __future__ import annotations

from pathlib import Path

from fengsui.features.cameras import queries
from fengsui.store import Store
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_camera_names import stored_item


async def all_pages(node: RunningNode, status: str, size: int) -> tuple[list[str], int]:
    """Codes of every page and the total that the first one told."""
    codes: list[str] = []
    cursor, total = "", -1
    while True:
        answer = await node.client.get("/cameras", params={"status": status, "limit": size, "cursor": cursor})
        page = answer.json()
        total = page["total"] if total < 0 else total
        codes += [item["code"] for item in page["items"]]
        if page["next"] is None:
            return codes, total
        cursor = page["next"]


async def test_a_list_by_status_is_whole(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'node.db'}")
    store = await Store.open(settings.store.url)
    away = [stored_item(f"{SERVER[:10]}1320001{number:03d}", f"远端{number}", "520102") for number in range(20)]
    async with store.transaction() as tx:
        await queries.write_items(tx, away)
    await store.close()
    async with running_node(tmp_path, settings) as node:
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            await until(lambda: _is_online(node), what="the camera is online")
            assert await all_pages(node, "online", 3) == ([camera.identity.code], 1)
            gone, total = await all_pages(node, "offline", 6)
            assert gone == [str(row["code"]) for row in away] and total == 20
            assert await all_pages(node, "unknown", 6) == ([], 0)
            assert len((await all_pages(node, "", 4))[0]) == 21


async def _is_online(node: RunningNode) -> bool:
    return (await node.get("/cameras?status=online"))["total"] == 1


async def test_a_removed_device_takes_its_cameras_along(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: _is_online(node), what="the camera is online")
        assert (await node.client.patch(f"/cameras/{code}", json={"own_name": "东门"})).status_code == 200
    assert (await node.client.delete(f"/devices/{code}")).status_code == 204
    assert (await node.client.get(f"/cameras/{code}")).status_code == 404
    async with powered(simulated_camera(node.registrar)):
        await until(lambda: _is_online(node), what="it is back")
        assert (await node.get(f"/cameras/{code}"))["name"] == "东门"
