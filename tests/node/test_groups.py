"""Favourites and groups: kept, shared with a post or a centre, never more than one may see, and recorded where shared."""

from __future__ import annotations

from pathlib import Path

from fengsui.features.audit import Act
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_audit import CODE, _has_camera, records

GUIYANG, ZUNYI = "5201", "5203"


def recorded(node: RunningNode) -> list[tuple[str, str, str]]:
    acts = (Act.GROUP_ADD, Act.GROUP_CHANGE, Act.GROUP_REMOVE)
    return [(one.act, one.object, one.detail) for one in records(node) if one.act in acts and one.result == "allowed"]


async def test_favourites_are_ones_own_and_shown_while_one_may_see_them(node: RunningNode) -> None:
    async with powered(simulated_camera(node.registrar)):
        await until(lambda: _has_camera(node), what="the camera is there")
        user, password = await node.appoint("wang", {"post": "operator", "area": GUIYANG})
        wang = await node.sign_in("wang", password)
        li = await node.client_of("li", {"post": "operator", "area": GUIYANG})
        for _ in range(2):
            marked = await wang.patch("/favourites", json={"add": [CODE]})
            assert [one["code"] for one in marked.json()["items"]] == [CODE]
        assert (await li.get("/favourites")).json()["items"] == []
        unknown = await wang.patch("/favourites", json={"add": ["52010200001320999999"], "remove": [CODE]})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "camera.unknown")
        assert [one["code"] for one in (await wang.get("/favourites")).json()["items"]] == [CODE], "all or nothing"
        for old in (await node.get(f"/users/{user['id']}"))["appointments"]:
            assert (await node.client.delete(f"/users/{user['id']}/appointments/{old['id']}")).status_code == 200
        await node.give(user["id"], post="operator", area=ZUNYI)
        assert (await wang.get("/favourites")).json()["items"] == []
        refused = await li.patch("/favourites", json={"remove": [CODE]})
        assert refused.status_code == 200
        await li.aclose()
        await wang.aclose()


async def test_a_group_is_shared_with_a_post_and_a_centre_and_shows_nobody_more_than_they_may_see(node: RunningNode) -> None:
    async with powered(simulated_camera(node.registrar)):
        await until(lambda: _has_camera(node), what="the camera is there")
        wang = await node.client_of("wang", {"post": "operator", "area": GUIYANG})
        li = await node.client_of("li", {"post": "operator", "area": GUIYANG})
        zhao = await node.client_of("zhao", {"post": "operator", "area": ZUNYI})
        lead = await node.client_of("lead", {"post": "duty-supervisor", "area": GUIYANG})
        made = (await wang.post("/camera-groups", json={"name": " 早高峰 ", "cameras": [CODE, CODE]})).json()
        assert (made["name"], made["mine"], [one["code"] for one in made["cameras"]]) == ("早高峰", True, [CODE])
        taken = await wang.post("/camera-groups", json={"name": "早高峰"})
        assert (taken.status_code, taken.json()["code"]) == (409, "group.name_taken")
        path = f"/camera-groups/{made['id']}"
        assert (await li.get(path)).status_code == 404 and (await li.get("/camera-groups")).json()["items"] == []
        assert [one[:2] for one in recorded(node)] == [("camera.group.add", "早高峰")], "one's own arrangement too"

        not_held = await wang.patch(path, json={"post": "investigator"})
        assert (not_held.status_code, not_held.json()["code"]) == (409, "group.post_not_held")
        assert (await wang.patch(path, json={"post": "operator"})).json()["post"] == "operator"
        assert recorded(node)[-1] == (
            "camera.group.change",
            "早高峰",
            f"cameras={CODE}, as before; centre=none, as before; name=早高峰, as before; post=none→operator",
        )
        seen = (await li.get(path)).json()
        assert (seen["mine"], seen["may_change"], [one["code"] for one in seen["cameras"]]) == (False, False, [CODE])
        foreign = await li.patch(path, json={"remove": [CODE]})
        assert (foreign.status_code, foreign.json()["code"]) == (409, "group.of_another")
        assert (await zhao.get(path)).status_code == 404, "nothing of it is theirs to see, so not even its name"
        assert (await zhao.get("/camera-groups")).json()["items"] == []
        outside = await zhao.post("/camera-groups", json={"name": "远处", "cameras": [CODE]})
        assert (outside.status_code, outside.json()["code"]) == (403, "access.out_of_scope")

        centre = (await lead.post("/duty/centres", json={"name": "值班室", "area": GUIYANG, "seats": 2})).json()["id"]
        far = await zhao.post("/camera-groups", json={"name": "借用", "centre": centre})
        assert (far.status_code, far.json()["code"]) == (409, "group.no_centre")
        shared = (await wang.patch(path, json={"post": None, "centre": centre})).json()
        assert (shared["post"], shared["centre_name"]) == (None, "值班室")
        assert [one["id"] for one in (await li.get("/camera-groups")).json()["items"]] == [made["id"]]
        renamed = await lead.patch(path, json={"name": "晚高峰"})
        assert renamed.status_code == 200, "whoever manages duty at the centre keeps its groups in order"
        assert (await li.delete(path)).status_code == 409
        assert (await lead.delete(path)).status_code == 204 and (await wang.get(path)).status_code == 404
        assert [one[0] for one in recorded(node)] == [
            "camera.group.add",
            *["camera.group.change"] * 3,
            "camera.group.remove",
        ]
        for client in (wang, li, zhao, lead):
            await client.aclose()


async def test_favourites_and_groups_outlive_the_node(tmp_path: Path, store_url: str) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node, powered(simulated_camera(node.registrar)):
        await until(lambda: _has_camera(node), what="the camera is there")
        wang = await node.client_of("wang", {"post": "operator", "area": GUIYANG})
        assert (await wang.patch("/favourites", json={"add": [CODE]})).status_code == 200
        made = (await wang.post("/camera-groups", json={"name": "校园", "cameras": [CODE], "post": "operator"})).json()
        assert (await wang.patch(f"/camera-groups/{made['id']}", json={"remove": [CODE]})).json()["cameras"] == []
        assert (await wang.patch(f"/camera-groups/{made['id']}", json={"add": [CODE]})).json()["cameras"] != []
        await wang.aclose()
        async with node.node.store.reading() as tx:
            found = await tx.exec_driver_sql("SELECT camera FROM camera_group_items")
            assert [row[0] for row in found] == [CODE]
