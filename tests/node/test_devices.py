"""Devices over real sockets: registration, refusal, the waiting list, two of one code, silence, restart."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_live import open_live, read_pictures


async def device_status(node: RunningNode, code: str) -> str:
    answer = await node.client.get(f"/devices/{code}")
    return str(answer.json()["status" if answer.status_code == 200 else "code"])


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_a_camera_registers_and_its_catalogue_is_read(node: RunningNode, transport: str) -> None:
    camera = simulated_camera(node.registrar, transport=transport)
    async with powered(camera):
        await until(lambda: _online(node, camera.identity.code), what="the camera is listed online")
        device = await node.get(f"/devices/{camera.identity.code}")
        assert (device["status"], device["transport"], device["maker"]) == ("online", transport, "Fengsui")


async def _online(node: RunningNode, code: str) -> bool:
    cameras = await node.get("/cameras?status=online")
    items = cameras["items"]
    assert isinstance(items, list)
    return any(item["code"] == code for item in items)


async def test_what_an_operator_wrote_survives_a_new_catalogue(store_url: str, tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            await until(lambda: _online(node, camera.identity.code), what="the camera is listed online")
            found = await node.get("/cameras?q=测试")
            assert found["total"] == 1
            change = await node.client.patch(f"/cameras/{camera.identity.code}", json={"own_name": "东门", "tags": ["学校"]})
            assert (change.json()["name"], change.json()["tags"]) == ("东门", ["学校"])
            await node.client.post(f"/devices/{camera.identity.code}/catalogue")
            await until(lambda: _catalogue_done(node, camera.identity.code), what="the catalogue is read again")
            assert (await node.get(f"/cameras/{camera.identity.code}"))["name"] == "东门"


async def _catalogue_done(node: RunningNode, code: str) -> bool:
    return bool((await node.get(f"/devices/{code}/catalogue"))["done"])


async def test_a_wrong_password_is_refused_and_then_locked_out(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(wrong_passwords_limit=2)) as node:
        wrong = simulated_camera(replace(node.registrar, password="guess"))
        await wrong._connect()
        assert not await wrong._register()
        assert not await wrong._register()
        # Locked: not even the right password helps for a while.
        right = simulated_camera(node.registrar)
        await right._connect()
        assert not await right._register()
        assert await device_status(node, right.identity.code) == "device.unknown"


async def test_an_unknown_device_waits_until_it_is_admitted(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(admission="waiting-list")) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        await camera._connect()
        assert not await camera._register()
        waiting = await node.get("/waiting-devices")
        assert [(item["code"], item["state"], item["maker"]) for item in waiting["items"]] == [(code, "waiting", "Fengsui SIM-1")]  # type: ignore[attr-defined]
        assert (await node.client.post(f"/waiting-devices/{code}/admit", json={"password": "its-own"})).status_code == 200
        assert not await camera._register(), "the node's password is not this device's"
        admitted = simulated_camera(replace(node.registrar, password="its-own"))
        async with powered(admitted):
            await until(lambda: _online(node, code), what="the admitted camera is online")
        assert (await node.get("/waiting-devices"))["items"] == []


@pytest.mark.parametrize("decision", ["refuse", "block"])
async def test_who_is_refused_or_blocked_stays_out_over_a_restart_until_admitted(tmp_path: Path, decision: str) -> None:
    settings = settings_for(admission="waiting-list")
    state = {"refuse": "refused", "block": "blocked"}[decision]

    async def listed(node: RunningNode) -> dict[str, object]:
        (item,) = (await node.get("/waiting-devices"))["items"]  # type: ignore[misc]
        return dict(item)

    async with running_node(tmp_path, settings) as node:
        camera = simulated_camera(node.registrar)
        code, path = camera.identity.code, f"/waiting-devices/{camera.identity.code}"
        await camera._connect()
        assert not await camera._register()
        decided = await node.client.post(f"{path}/{decision}")
        assert (decided.status_code, decided.json()["state"]) == (200, state)
        assert not await camera._register(), "the right password helps nobody whom an operator refused"
        told = await listed(node)
        assert (told["code"], told["state"], told["maker"]) == (code, state, "Fengsui SIM-1")
        assert str(told["address"]) == "127.0.0.1" and told["transport"] == "UDP"
        assert (await node.client.post(f"/waiting-devices/{code[:-1]}9/{decision}")).status_code == 404
        assert (await node.get("/node"))["devices"]["waiting"] == 0, "it is decided, nobody need look"  # type: ignore[index, call-overload]
        camera._close_link()
    async with running_node(tmp_path, settings) as node:
        camera = simulated_camera(node.registrar)
        await camera._connect()
        assert not await camera._register()
        assert (await listed(node))["state"] == state, "the decision is kept"
        camera._close_link()
        assert (await node.client.post(f"{path}/admit", json={})).status_code == 200
        async with powered(simulated_camera(node.registrar)):
            await until(lambda: _online(node, code), what="admitted after all")
        assert (await node.get("/waiting-devices"))["items"] == []


async def test_a_second_device_with_the_same_code_is_refused_and_the_first_stays(node: RunningNode) -> None:
    first = simulated_camera(node.registrar)
    second = simulated_camera(node.registrar)
    second.identity.local_host = "127.0.0.2"
    async with powered(first):
        await until(lambda: _online(node, first.identity.code), what="the first is online")
        await second._connect()
        assert not await second._register()
        device = await node.get(f"/devices/{first.identity.code}")
        assert device["status"] == "online"
        assert device["conflict"] == "127.0.0.2"
        assert str(device["address"]).startswith("127.0.0.1:")


async def test_a_silent_device_goes_offline_and_comes_back(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(keepalive_interval_s=1, keepalive_missed_limit=2)) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: _online(node, code), what="online")

        async def offline() -> bool:
            return await device_status(node, code) == "offline"

        await until(offline, seconds=60, what="silence is noticed")
        async with powered(simulated_camera(node.registrar)):
            await until(lambda: _online(node, code), what="back")


async def test_a_lost_connection_takes_its_device_offline(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar, transport="TCP")
    async with powered(camera):
        await until(lambda: _online(node, camera.identity.code), what="online")

    async def offline() -> bool:
        return await device_status(node, camera.identity.code) == "offline"

    await until(offline, seconds=60, what="the loss is noticed, and not by three missing heartbeats")


async def test_bindings_survive_a_restart_of_the_node_and_pictures_come_before_and_after(store_url: str, tmp_path: Path) -> None:
    settings = settings_for(store_url)
    async with contextlib.AsyncExitStack() as power:
        async with running_node(tmp_path, settings) as node:
            camera = simulated_camera(node.registrar)
            code = camera.identity.code
            await power.enter_async_context(powered(camera))
            await until(lambda: _online(node, code), what="online")
            assert len(await read_pictures(await open_live(node, code), 3)) >= 3
        async with running_node(tmp_path, settings) as again:
            assert (await again.get(f"/devices/{code}"))["status"] == "online"
            await until(lambda: _online(again, code), what="still online")
            assert len(await read_pictures(await open_live(again, code), 3)) >= 3


async def test_noise_on_the_sip_port_disturbs_nobody(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        await until(lambda: _online(node, camera.identity.code), what="online")
        loop = asyncio.get_running_loop()
        address = ("127.0.0.1", node.node.settings.signalling.port)
        transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=address)
        for number in range(2000):
            transport.sendto(bytes((number * 7 + index) % 256 for index in range(40)))
            transport.sendto(f"REGISTER sip:x SIP/2.0\r\nFrom: <sip:{number}@x>\r\nCSeq: {number} REGISTER\r\n\r\n".encode())
        transport.close()
        _, writer = await asyncio.open_connection(*address)
        writer.write(b"\xff" * 100_000)
        await writer.drain()
        await until(lambda: _online(node, camera.identity.code), what="still online")
        writer.close()
        assert (await node.get("/devices"))["total"] == 1
