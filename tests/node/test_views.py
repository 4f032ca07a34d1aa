"""Saved walls and tours: whoever opens one sees of it what they may, and each change is on record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.features.views.model import Sharing, UnusableView, tiles_in
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_live import listed
from tests.node.test_masks import add_box, approve, lifted, open_live, take_ticket, two_offices
from tests.node.test_matrix import Witness

OPERATOR = {"post": "operator", "area": "5201"}
ELSEWHERE = {"post": "operator", "area": "5203"}


async def saved(client: httpx.AsyncClient, code: str, **facts: object) -> dict[str, Any]:
    """A wall of four with one camera."""
    wall = {"grid": "AB/CD", "tiles": [{"camera": code, "stream": "sub"}, None]}
    answer = await client.post("/views", json={"name": "东门", "wall": wall, **facts})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_grid_is_even_and_of_rectangles() -> None:
    assert [tiles_in(text) for text in ("A", "AB/CD", "AAB/AAC/DEF")] == [1, 4, 6]
    for text in ("", "AB/C", "AAB/BAA", "ABCDEFGHI", "/".join("A" * 9), "ABCDEFG/HIJKLMN/OPQRSTU/VWXYZab/cdefghi/jklmnop"):
        with pytest.raises(UnusableView):
            tiles_in(text)


async def test_a_wall_is_saved_shared_by_post_and_centre_and_seen_by_what_each_may(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        owner = await node.client_of("owner", OPERATOR)
        mate = await node.client_of("mate", OPERATOR)
        other = await node.client_of("other", {"post": "inspector", "area": "5201"})
        far = await node.client_of("far", ELSEWHERE)
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            view = await saved(owner, code)
            assert view["own"] and view["sharing"] == "own" and view["grid"] == "AB/CD"
            assert view["tiles"] == [
                {"camera": code, "name": camera.identity.name, "ptz_type": 3, "stream": "sub", "state": "shown"},
                None,
            ]
            path = f"/views/{view['id']}"
            assert (await mate.get(path)).json()["code"] == "views.unknown"
            shared = await owner.patch(path, json={"share": {"sharing": "post", "post": "operator"}})
            assert shared.json()["sharing"] == "post", shared.text
            assert [one["name"] for one in (await mate.get("/views")).json()["items"]] == ["东门"]
            for stranger in (other, far):
                assert (await stranger.get("/views")).json()["items"] == []
                assert (await stranger.get(path)).status_code == 404
            await node.put(code, "5203")
            seen = (await mate.get(path)).json()["tiles"][0]
            assert seen == {"camera": "", "name": "", "ptz_type": 0, "stream": "sub", "state": "refused"}
            await node.put(code, None)
            for forbidden in (await mate.delete(path), await mate.patch(path, json={"name": "我的"})):
                assert (forbidden.status_code, forbidden.json()["code"]) == (403, "views.foreign")
            assert (await owner.delete(path)).status_code == 204
            assert (await mate.get("/views")).json()["items"] == []
        records = await acts_of(node, "owner")
        assert [one for one in records if one.startswith("view.")] == ["view.add", "view.change", "view.remove"]


async def acts_of(node: RunningNode, person: str) -> list[str]:
    """What stands in the audit log of this person, the oldest first."""
    found = await node.get(f"/audit?person={person}&limit=200")
    return [one["act"] for one in reversed(found["items"])]  # type: ignore[call-overload]


async def test_nobody_saves_what_they_may_not_look_at_nor_what_is_no_wall(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        far = await node.client_of("far", ELSEWHERE)
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            witness = Witness(node)
            beyond = await far.post("/views", json={"name": "x", "wall": {"grid": "A", "tiles": [{"camera": code}]}})
            assert (beyond.status_code, beyond.json()["code"]) == (403, "access.out_of_scope")
            assert witness.refused("far") == [("view.add", "x", "access.out_of_scope")]
            for wall in ({"grid": "AB/C", "tiles": []}, {"grid": "A", "tiles": [None, None]}):
                answer = await far.post("/views", json={"name": "x", "wall": wall})
                assert (answer.status_code, answer.json()["code"]) == (422, "views.unusable")
            for body in ({"name": "x"}, {"name": "x", "steps": []}, {"name": "x", "steps": [{"dwell_s": 10}]}):
                assert (await far.post("/views", json=body)).status_code == 422
            for share in (
                {"sharing": "post", "post": "commander"},
                {"sharing": "post", "post": "?"},
                {"sharing": "centre", "centre": 9},
            ):
                answer = await far.post("/views", json={"name": "x", "wall": {"grid": "A", "tiles": []}, **share})
                assert answer.json()["code"] == "views.unusable", answer.text
            assert (await far.get("/views")).json()["items"] == []


async def test_a_tour_holds_views_and_cameras_and_says_which_are_gone(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        owner = await node.client_of("owner", OPERATOR)
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            view = await saved(owner, code)
            steps = [{"view": view["id"], "dwell_s": 20}, {"camera": code, "dwell_s": 10}]
            tour = (await owner.post("/views", json={"name": "夜巡", "steps": steps})).json()
            assert [(one["name"], one["dwell_s"], one["state"]) for one in tour["steps"]] == [
                ("东门", 20, "shown"),
                (camera.identity.name, 10, "shown"),
            ]
            nested = await owner.post("/views", json={"name": "x", "steps": [{"view": tour["id"]}]})
            assert nested.json()["code"] == "views.unusable"
            turned = await owner.patch(f"/views/{tour['id']}", json={"wall": {"grid": "A", "tiles": []}})
            assert turned.json()["code"] == "views.unusable"
            await owner.delete(f"/views/{view['id']}")
            assert [one["state"] for one in (await owner.get(f"/views/{tour['id']}")).json()["steps"]] == ["gone", "shown"]


async def test_a_supervisor_shares_with_a_centre_and_mends_what_is_shared(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        lead = await node.client_of("lead", {"post": "duty-supervisor", "area": "5201"})
        made = await lead.post("/duty/centres", json={"name": "南明", "area": "520102", "seats": 2})
        owner = await node.client_of("owner", OPERATOR)
        share = {"sharing": Sharing.CENTRE, "centre": made.json()["id"]}
        view = (await owner.post("/views", json={"name": "大厅", "wall": {"grid": "A", "tiles": []}, **share})).json()
        assert (await lead.patch(f"/views/{view['id']}", json={"name": "大厅东"})).json()["name"] == "大厅东"
        mine = (await owner.get("/views")).json()["items"]
        assert [(one["name"], one["owner"]) for one in mine] == [("大厅东", "owner")]


async def test_a_snapshot_is_on_record_and_never_of_a_picture_that_is_seen_clear(tmp_path: Path) -> None:
    async with two_offices(tmp_path) as (node, investigator, commander):
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            plain = await open_live(node, code)
            kept = await node.client.post(f"/live/{plain['session']}/snapshot")
            assert kept.status_code == 201 and kept.json()["name"] == camera.identity.name, kept.text
            assert (await investigator.post(f"/live/{plain['session']}/snapshot")).status_code in (403, 404)
            await add_box(node, code)
            await take_ticket(investigator, code)
            order = {"minutes": 30, "reason": "辨认入室者"}
            asked = await investigator.post(f"/cameras/{code}/mask-lifts", json=order)
            masked = (await investigator.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})).json()
            assert masked["masked"]
            assert (await investigator.post(f"/live/{masked['session']}/snapshot")).json()["ticket"]
            await approve(commander, asked.json()["id"])
            await until(lambda: lifted(investigator, code), what="it is lifted")
            clear = (await investigator.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})).json()
            assert not clear["masked"]
            refused = await investigator.post(f"/live/{clear['session']}/snapshot")
            assert (refused.status_code, refused.json()["code"]) == (409, "live.snapshot_of_clear")
