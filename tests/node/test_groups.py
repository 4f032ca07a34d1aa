"""Favourites and groups: kept, shared with a post or a centre, never more than one may see, and recorded where shared."""

from __future__ import annotations

from pathlib import Path

import httpx

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


async def test_a_group_of_a_post_whose_maker_left_is_kept_in_order_by_who_manages_duty_for_all_of_it(node: RunningNode) -> None:
    async with powered(simulated_camera(node.registrar)):
        await until(lambda: _has_camera(node), what="the camera is there")
        user, password = await node.appoint("wang", {"post": "operator", "area": GUIYANG})
        wang = await node.sign_in("wang", password)
        li = await node.client_of("li", {"post": "operator", "area": GUIYANG})
        lead = await node.client_of("lead", {"post": "duty-supervisor", "area": GUIYANG})
        far = await node.client_of("far", {"post": "duty-supervisor", "area": ZUNYI})
        made = (await wang.post("/camera-groups", json={"name": "早高峰", "cameras": [CODE], "post": "operator"})).json()
        empty = (await wang.post("/camera-groups", json={"name": "空组", "post": "operator"})).json()
        own = (await wang.post("/camera-groups", json={"name": "自用", "cameras": [CODE]})).json()
        path = f"/camera-groups/{made['id']}"
        seen = (await li.get(path)).json()
        assert (seen["may_change"], seen["maker_left"]) == (False, False)
        assert (await lead.get(path)).json()["may_change"] is True, "while the maker is there too"
        assert (await lead.get(f"/camera-groups/{own['id']}")).status_code == 404, "what is shared with nobody stays one's own"
        assert (await far.get(path)).status_code == 404 and (await far.delete(path)).status_code == 404
        assert (await li.get("/camera-groups")).json()["items"][0]["id"] == made["id"]

        for old in (await node.get(f"/users/{user['id']}"))["appointments"]:
            assert (await node.client.delete(f"/users/{user['id']}/appointments/{old['id']}")).status_code == 200
        assert (await li.get(path)).json()["maker_left"] is True
        refused = await li.delete(path)
        assert (refused.status_code, refused.json()["code"]) == (409, "group.of_another")
        assert "值班长" in refused.json()["remedy_zh"] and "duty" in refused.json()["remedy_en"]
        listed = {one["id"]: one for one in (await lead.get("/camera-groups")).json()["items"]}
        assert set(listed) == {made["id"]} and listed[made["id"]]["maker_left"] is True
        kept = await lead.patch(path, json={"name": "晚高峰", "post": "duty-supervisor"})
        assert (kept.status_code, kept.json()["post"], kept.json()["owner"]) == (200, "duty-supervisor", "wang")
        assert (await lead.patch(path, json={"post": "operator"})).status_code == 200, "with a post that takes duty, not held"
        held = await lead.patch(path, json={"post": "investigator"})
        assert (held.status_code, held.json()["code"]) == (409, "group.post_not_held")
        assert (await lead.delete(path)).status_code == 204 and (await li.get(path)).status_code == 404
        assert recorded(node)[-1][0] == "camera.group.remove"
        assert (await lead.get(f"/camera-groups/{empty['id']}")).status_code == 404
        everywhere = await node.client_of("chief", {"post": "duty-supervisor", "area": ""})
        assert (await everywhere.delete(f"/camera-groups/{empty['id']}")).status_code == 204, "an empty one of nobody's area"
        for client in (wang, li, lead, far, everywhere):
            await client.aclose()


async def test_a_group_of_investigators_is_no_supervisors_thing(node: RunningNode) -> None:
    async with powered(simulated_camera(node.registrar)):
        await until(lambda: _has_camera(node), what="the camera is there")
        user, password = await node.appoint("qian", {"post": "investigator", "area": GUIYANG})
        qian = await node.sign_in("qian", password)
        sun = await node.client_of("sun", {"post": "investigator", "area": GUIYANG})
        lead = await node.client_of("lead", {"post": "duty-supervisor", "area": GUIYANG})
        made = (await qian.post("/camera-groups", json={"name": "专案", "cameras": [CODE], "post": "investigator"})).json()
        path = f"/camera-groups/{made['id']}"
        assert (await lead.get(path)).status_code == 404
        assert (await sun.delete(path)).status_code == 409, "while its maker holds the post, it is the maker's"
        for old in (await node.get(f"/users/{user['id']}"))["appointments"]:
            assert (await node.client.delete(f"/users/{user['id']}/appointments/{old['id']}")).status_code == 200
        assert (await lead.get(path)).status_code == 404
        assert (await sun.delete(path)).status_code == 204, "then those keep it who use it"
        for client in (qian, sun, lead):
            await client.aclose()


async def test_cameras_change_places_and_what_one_may_not_take_is_named(node: RunningNode) -> None:
    cameras = [simulated_camera(node.registrar, number) for number in (1, 2, 3)]
    codes = [one.identity.code for one in cameras]
    async with powered(*cameras):

        async def all_there() -> bool:
            listed = (await node.get("/camera-names?area=520102"))["items"]
            return {one["code"] for one in listed} >= set(codes)  # type: ignore[attr-defined]

        await until(all_there, what="the cameras are there")
        wang = await node.client_of("wang", {"post": "operator", "area": GUIYANG})
        zhao = await node.client_of("zhao", {"post": "operator", "area": ZUNYI})

        def order(answer: httpx.Response) -> list[str]:
            assert answer.status_code in (200, 201), answer.text
            items = answer.json().get("cameras", answer.json().get("items"))
            return [one["code"] for one in items]

        made = await wang.post("/camera-groups", json={"name": "三路", "cameras": codes})
        path = f"/camera-groups/{made.json()['id']}"
        assert order(await wang.patch(path, json={"order": [codes[2], codes[0]]})) == [codes[2], codes[1], codes[0]]
        assert order(await wang.get(path)) == [codes[2], codes[1], codes[0]], "it is kept so"
        assert order(await wang.patch(path, json={"remove": [codes[1]], "order": ["nobody", codes[0], codes[2]]})) == [
            codes[0],
            codes[2],
        ]
        assert order(await wang.patch(path, json={"add": [codes[1]]})) == [codes[0], codes[2], codes[1]]
        assert order(await wang.patch("/favourites", json={"add": codes, "order": codes[::-1]})) == codes[::-1]
        assert order(await wang.get("/favourites")) == codes[::-1]

        whole = await wang.post("/camera-groups", json={"name": "选区", "cameras": [codes[0], "52010200001320999999"]})
        assert (whole.status_code, whole.json()["code"]) == (404, "camera.unknown")
        wanted = {"name": "选区", "cameras": [codes[0], "52010200001320999999"], "take_what_may": True}
        some = (await wang.post("/camera-groups", json=wanted)).json()
        assert [one["code"] for one in some["cameras"]] == [codes[0]]
        assert some["not_taken"] == [{"code": "52010200001320999999", "reason": "unknown"}]
        none = (await zhao.post("/camera-groups", json={"name": "远处", "cameras": codes, "take_what_may": True})).json()
        assert none["cameras"] == [] and {one["reason"] for one in none["not_taken"]} == {"out_of_scope"}
        assert (await wang.get(path)).json()["not_taken"] == []
        await wang.aclose()
        await zhao.aclose()
