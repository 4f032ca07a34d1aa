"""Who steers a camera: one person, taken by a higher rank with a reason alone, and a camera that never turns on by itself (A11)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from fengsui.features.access import Principal
from fengsui.features.audit.acts import Act
from fengsui.features.steering import SteeringChanged
from fengsui.settings import NodeSettings
from fengsui.simulators.device import SimulatedDevice
from fengsui.wire.gb28181.edition import Edition
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.duty_room import centre_of, with_pack
from tests.node.test_audit import records
from tests.node.test_control import STOPS
from tests.node.test_events import feed_of, line_of
from tests.node.test_live import listed

RIGHT = "A50F0101800000"
CODE = "52010200001320000001"
PTZ = f"/cameras/{CODE}/ptz"
STEERING = f"/cameras/{CODE}/steering"


def with_steering(settings: NodeSettings, **facts: object) -> NodeSettings:
    return settings.model_copy(update={"steering": settings.steering.model_copy(update=facts)})


@pytest.fixture
async def camera(node: RunningNode) -> AsyncIterator[SimulatedDevice]:
    device = simulated_camera(node.registrar)
    async with powered(device):
        await until(lambda: listed(node, CODE), what="the camera is listed")
        yield device


async def operator(node: RunningNode, name: str = "li-si", **facts: object) -> httpx.AsyncClient:
    return await node.client_of(name, {"post": "operator", "area": "520102"}, **facts)


def sent(camera: SimulatedDevice) -> list[str]:
    return [one.ptz for one in camera.controls]


def acts(node: RunningNode, *wanted: Act) -> list[tuple[str, str, str]]:
    return [(one.person, one.result, one.detail) for one in records(node) if one.act in wanted]


async def pushed(client: httpx.AsyncClient, action: str = "right") -> httpx.Response:
    return await client.post(PTZ, json={"action": action})


async def test_the_first_order_takes_the_camera_and_everybody_elses_is_refused(node: RunningNode, camera: SimulatedDevice) -> None:
    li, wang = await operator(node, full_name="李四"), await operator(node, "wang-wu")
    news = node.node.bus.subscribe(SteeringChanged, name="test")
    assert (await li.get(STEERING)).json()["holder"] is None
    assert (await pushed(li)).status_code == 204
    holder = (await wang.get(STEERING)).json()["holder"]
    assert (holder["name"], holder["post"], holder["mine"]) == ("李四", "operator", False)
    assert (await li.get(STEERING)).json()["holder"]["mine"]
    told = (await news.batch())[-1]
    assert (told.camera, told.name, told.lost_by) == (CODE, "李四", 0)
    box = {"window_length": 9, "window_width": 9, "middle_x": 4, "middle_y": 4, "box_length": 2, "box_width": 2}
    for refused in (
        await pushed(wang, "left"),
        await pushed(wang, "stop"),
        await wang.post(f"/cameras/{CODE}/presets/1/go"),
        await wang.put(f"/cameras/{CODE}/presets/1", json={"name": "x"}),
        await wang.delete(f"/cameras/{CODE}/presets/1"),
        await wang.put(f"/cameras/{CODE}/home-position", json={"enabled": True}),
        await wang.post(f"/cameras/{CODE}/drag-zoom", json={"direction": "in", **box}),
        await wang.post(f"/cameras/{CODE}/centre", json={"x": 0.2, "y": 0.5}),
        await wang.put(f"/cameras/{CODE}/patrols/1", json={"stops": [{"preset": 1, "stay_s": 5}]}),
        await wang.post(f"/cameras/{CODE}/patrols/stop"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "ptz.held"), refused.text
        assert "李四" in refused.json()["zh"] and refused.json()["rule"] == "A11"
    assert sent(camera) == [RIGHT + "36"], "of the other's orders none was sent, not even the stop"
    of_wang = [one for one in records(node) if one.person == "wang-wu" and one.act.startswith("camera.")]
    assert len(of_wang) == 9, "each on record; the second of one operation within a minute counts as a number"
    assert {(one.result, one.detail) for one in of_wang} == {("refused", "ptz.held")}
    assert acts(node, Act.CAMERA_PTZ)[0] == ("li-si", "allowed", "right, speed 50; takes control")


async def test_a_higher_rank_takes_it_with_a_reason_and_the_camera_is_stopped_first(
    node: RunningNode, camera: SimulatedDevice
) -> None:
    li = await operator(node, full_name="李四")
    assert (await pushed(li)).status_code == 204
    without = await node.client.post(STEERING, json={"reason": " "})
    assert (without.status_code, without.json()["code"]) == (422, "ptz.reason_missing")
    news = node.node.bus.subscribe(SteeringChanged, name="test")
    taken = await node.client.post(STEERING, json={"reason": "人民广场有人落水"})
    assert taken.status_code == 200 and taken.json()["holder"]["mine"] and taken.json()["holder"]["post"] == "duty-supervisor"
    assert sent(camera) == [RIGHT + "36", *STOPS], "it does not go on turning in other hands"
    told = (await news.batch())[-1]
    assert (told.reason, told.lost_by) == ("人民广场有人落水", (await li.get("/session")).json()["id"])
    assert (await pushed(li)).json()["code"] == "ptz.held"
    (take,) = acts(node, Act.CONTROL_TAKE)
    assert take == ("duty", "allowed", "from li-si: 人民广场有人落水")
    assert acts(node, Act.CONTROL_END) == [("", "allowed", "li-si: taken")]
    lower = await li.post(STEERING, json={"reason": "我先来的"})
    assert (lower.status_code, lower.json()["code"]) == (409, "ptz.not_higher")
    assert [one[1:] for one in acts(node, Act.CONTROL_TAKE)][-1] == ("refused", "ptz.not_higher")


async def test_an_equal_has_to_ask_and_gets_it_when_it_is_given(node: RunningNode, camera: SimulatedDevice) -> None:
    li, wang = await operator(node), await operator(node, "wang-wu", full_name="王五")
    assert (await pushed(li)).status_code == 204
    assert (await li.post(f"{STEERING}/pass")).json()["code"] == "ptz.nobody_asks"
    assert (await wang.post(STEERING, json={"reason": "看一眼东门"})).json()["code"] == "ptz.not_higher"
    holder = (await li.get(STEERING)).json()["holder"]
    assert (holder["asked_by"], holder["asked_why"]) == ("王五", "看一眼东门")
    assert (await wang.post(f"{STEERING}/pass")).json()["code"] == "ptz.not_holding", "nobody gives himself another's camera"
    given = await li.post(f"{STEERING}/pass")
    assert given.status_code == 200 and given.json()["holder"]["name"] == "王五" and not given.json()["holder"]["mine"]
    assert sent(camera)[-2:] == STOPS
    assert (await pushed(wang, "left")).status_code == 204
    assert (await pushed(li)).json()["code"] == "ptz.held"
    assert ("li-si", "allowed", "to wang-wu") in acts(node, Act.CONTROL_PASS)


async def test_giving_back_frees_it_and_only_the_holder_can(node: RunningNode, camera: SimulatedDevice) -> None:
    li, wang = await operator(node), await operator(node, "wang-wu")
    assert (await pushed(li)).status_code == 204
    assert (await wang.delete(STEERING)).json()["code"] == "ptz.not_holding"
    assert (await li.delete(STEERING)).status_code == 204
    await until(lambda: sent(camera)[-2:] == STOPS, what="it was moving, and is stopped")
    assert (await pushed(wang, "left")).status_code == 204


async def test_silence_stops_the_movement_and_later_frees_the_camera(tmp_path: Path) -> None:
    settings = with_steering(settings_for(), hold_s=5, dead_man_s=0.6)
    async with running_node(tmp_path, settings) as node:
        device = simulated_camera(node.registrar)
        async with powered(device):
            await until(lambda: listed(node, CODE), what="the camera is listed")
            li, wang = await operator(node), await operator(node, "wang-wu")
            loop = asyncio.get_running_loop()
            begun = loop.time()
            while loop.time() < begun + 2:
                assert (await pushed(li)).status_code == 204
                await asyncio.sleep(0.1)
            assert sent(device) == [RIGHT + "36"], "while it is repeated it goes on, and is sent once"
            assert len(acts(node, Act.CAMERA_PTZ)) == 1, "a repetition is no order of its own"
            silent = loop.time()
            await until(lambda: sent(device)[1:] == STOPS, what="nothing is heard any more")
            assert loop.time() - silent < 2
            assert (await pushed(wang)).status_code == 409, "it is still li's"
            await until(lambda: free(node, wang), what="the hold runs out")
            assert loop.time() - silent >= 4
            assert acts(node, Act.CONTROL_END) == [("", "allowed", "li-si: idle")]
            assert (await pushed(wang, "left")).status_code == 204


async def free(node: RunningNode, client: httpx.AsyncClient) -> bool:
    return (await client.get(STEERING)).json()["holder"] is None


async def test_it_is_lost_with_the_session_and_with_the_right(node: RunningNode, camera: SimulatedDevice) -> None:
    li = await operator(node)
    assert (await pushed(li)).status_code == 204
    assert (await li.delete("/session")).status_code == 204
    await until(lambda: free(node, node.client), what="who has gone steers nothing")
    await until(lambda: sent(camera)[-2:] == STOPS, what="and the camera is stopped")
    user, password = await node.appoint("zhao-liu", {"post": "operator", "area": "520102"})
    zhao = await node.sign_in("zhao-liu", password)
    assert (await pushed(zhao)).status_code == 204
    seen = len(sent(camera))
    ended = await node.client.delete(f"/users/{user['id']}/appointments/{user['appointments'][0]['id']}")
    assert ended.status_code == 200, ended.text
    await until(lambda: free(node, node.client), what="without the post nobody steers")
    await until(lambda: sent(camera)[seen:] == STOPS, what="and the camera is stopped")
    assert [one[2] for one in acts(node, Act.CONTROL_END)] == ["li-si: session", "zhao-liu: right"]


async def test_it_is_lost_with_the_end_of_the_shift(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_pack(tmp_path)) as node:
        device = simulated_camera(node.registrar)
        async with powered(device):
            await until(lambda: listed(node, CODE), what="the camera is listed")
            li = await operator(node)
            centre = await centre_of(node)
            assert (await li.post("/duty/shift", json={"centre": centre, "seat": 2})).status_code == 201
            assert (await pushed(li)).status_code == 204
            assert (await li.post("/duty/shift/sign-off", json={"reason": "下班"})).status_code == 204
            await until(lambda: sent(device)[-2:] == STOPS, what="off duty nobody steers")
            await until(lambda: acts(node, Act.CONTROL_END) == [("", "allowed", "li-si: right")], what="it is on record")


async def test_a_node_that_was_killed_stops_what_was_steered_when_it_is_back(tmp_path: Path) -> None:
    settings = with_steering(settings_for(), dead_man_s=30)
    async with running_node(tmp_path, settings) as node:
        device = simulated_camera(node.registrar)
        async with powered(device):
            await until(lambda: listed(node, CODE), what="the camera is listed")
            assert (await pushed(await operator(node))).status_code == 204
            node.node.steering.holds._held.clear()  # as a killed node leaves it: the row stays
            for moving in node.node.steering._control._moving.values():
                moving.stop.cancel()
            assert sent(device) == [RIGHT + "36"]
    assert sent(device) == [RIGHT + "36"], "nobody has stopped it"
    async with running_node(tmp_path, settings), powered(device):
        await until(lambda: sent(device)[1:] == STOPS, what="the node that is back stops it")


async def test_a_node_that_stops_leaves_no_camera_turning(tmp_path: Path) -> None:
    settings = with_steering(settings_for(), dead_man_s=30)
    device: SimulatedDevice | None = None
    async with running_node(tmp_path, settings) as node:
        device = simulated_camera(node.registrar)
        task = asyncio.create_task(device.run())
        await until(lambda: listed(node, CODE), what="the camera is listed")
        assert (await pushed(await operator(node))).status_code == 204
    assert sent(device) == [RIGHT + "36", *STOPS]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(("post", "priority"), [("operator", 5), ("duty-supervisor", 6), ("commander", 7)])
async def test_devices_before_2022_are_told_the_holders_priority(node: RunningNode, post: str, priority: int) -> None:
    device = simulated_camera(node.registrar)
    device.identity.edition = Edition.V2016
    async with powered(device):
        await until(lambda: listed(node, CODE), what="the camera is listed")
        someone = await node.client_of("someone", {"post": post, "area": "5201"})
        assert (await pushed(someone)).status_code == 204
        await until(lambda: len(device.controls) >= 1, what="the order arrives")
        assert device.controls[0].priority == priority


async def test_consoles_are_told_who_steers_until_when_and_why(node: RunningNode, camera: SimulatedDevice) -> None:
    li = await operator(node, full_name="李四")
    elsewhere = await node.client_of("zhao-liu", {"post": "operator", "area": "520103"})
    token = elsewhere.headers["Authorization"].removeprefix("Bearer ")
    async with feed_of(node, node.tokens["duty"]) as socket, feed_of(node, token) as other:
        assert (await pushed(li)).status_code == 204
        line = await line_of(socket, "steering.changed")
        assert (line["camera"], line["name"], line["post"], line["reason"]) == (CODE, "李四", "operator", "")
        assert line["until"] > line["at"]
        assert (await li.delete(STEERING)).status_code == 204
        line = await line_of(socket, "steering.changed")
        assert (line["user_id"], line["ended"], line["lost_by"]) == (0, "given-back", 0)
        async with asyncio.timeout(10):
            while (await line_of(other, "alive"))["seq"] < line["seq"]:
                pass
    assert (await elsewhere.get(STEERING)).status_code == 403
    listed_for = (await li.get("/steering", params={"camera": [CODE, "52010200001320009999"]})).json()["items"]
    assert [one["camera"] for one in listed_for] == [CODE]
    assert (await elsewhere.get("/steering", params={"camera": CODE})).json()["items"] == [], "what one may not see is not listed"


async def test_steering_by_axes_is_one_order_and_nought_is_a_stop(node: RunningNode, camera: SimulatedDevice) -> None:
    li = await operator(node)
    assert (await li.post(PTZ, json={"action": "steer", "pan": -100, "tilt": 50, "zoom": 20})).status_code == 204
    assert (await li.post(PTZ, json={"action": "steer"})).status_code == 204
    assert sent(camera) == ["A50F011AFF80307E", *STOPS]
    assert (await li.post(PTZ, json={"action": "steer", "pan": 101})).status_code == 422


async def test_a_movement_that_comes_after_a_later_stop_is_not_sent(node: RunningNode, camera: SimulatedDevice) -> None:
    li = await operator(node)

    async def said(number: int, line: str, **order: object) -> None:
        answer = await li.post(PTZ, json={"action": "right", "line": line, "number": number, **order})
        assert answer.status_code == 204, answer.text

    await said(1, "hand")
    await said(3, "hand", action="stop")
    await said(2, "hand")
    await said(2, "hand", action="steer", pan=40)
    assert sent(camera) == [RIGHT + "36", *STOPS], "their requests overtook each other"
    await said(1, "another hand")
    await said(4, "hand")
    await said(3, "hand", action="stop")
    assert sent(camera)[3:] == [RIGHT + "36", *STOPS], "the same movement goes on; a late stop stops"
    assert (await li.post(PTZ, json={"action": "left", "number": -1})).status_code == 422


async def test_a_stop_that_overtakes_its_movement_inside_the_node_holds_it_back(
    node: RunningNode, camera: SimulatedDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    li, audit = await operator(node), node.node.audit
    there, go, record = asyncio.Event(), asyncio.Event(), audit.record

    async def slow(who: Principal, act: Act, *rest: object, **facts: object) -> None:
        if act is Act.CAMERA_PTZ:
            there.set()
            await go.wait()
        await record(who, act, *rest, **facts)  # type: ignore[arg-type]

    monkeypatch.setattr(audit, "record", slow)
    moving = asyncio.create_task(pushed(li))
    await there.wait()
    assert (await pushed(li, "stop")).status_code == 204
    go.set()
    assert (await moving).status_code == 204
    assert sent(camera) == STOPS


async def test_a_movement_that_is_under_way_when_another_takes_the_camera_is_not_sent(
    node: RunningNode, camera: SimulatedDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    li, chief = await operator(node), await node.client_of("zhao-liu", {"post": "commander", "area": "520102"})
    there, go, control = asyncio.Event(), asyncio.Event(), node.node.steering._control

    async def slow(camera_code: str) -> None:
        there.set()
        await go.wait()

    monkeypatch.setattr(control, "_about_to_move", slow)
    moving = asyncio.create_task(pushed(li))
    await there.wait()
    assert (await chief.post(STEERING, json={"reason": "人民广场有人落水"})).status_code == 200
    go.set()
    refused = await moving
    assert (refused.status_code, refused.json()["code"]) == (409, "ptz.held")
    assert set(sent(camera)) <= set(STOPS), "it turned at no time"
