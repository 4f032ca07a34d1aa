"""Devices behind NAT, and devices that go elsewhere: answered where they came from, called where they are now, never flapping."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from fengsui.features.devices import DeviceCameOnline, DeviceWentOffline
from fengsui.settings import AddressesSection
from fengsui.simulators.device import SimulatedDevice
from fengsui.wire.gb28181.device_facts import DeviceInfo, SimpleQuery
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.nat import OUTSIDE, PRIVATE, Nat
from tests.node.test_live import open_live, read_pictures


@pytest.fixture
def node(hasty: RunningNode) -> RunningNode:
    """Calls end soon after their last viewer."""
    return hasty


def behind(nat: Nat, *, number: int = 1, transport: str = "UDP") -> SimulatedDevice:
    """A camera that knows nothing of the translator; its packets leave from the outer address."""
    camera = simulated_camera(nat.registrar, number, transport=transport)
    camera.identity.claimed, camera.identity.local_host = PRIVATE, OUTSIDE
    return camera


@asynccontextmanager
async def comings_and_goings(node: RunningNode) -> AsyncIterator[list[object]]:
    """What is told of devices going offline or beginning anew within the block."""
    news = node.node.bus.subscribe(DeviceWentOffline, DeviceCameOnline, name="test")
    told: list[object] = []

    async def follow() -> None:
        while True:
            told.extend(await news.batch())

    follower = asyncio.create_task(follow())
    try:
        yield told
    finally:
        follower.cancel()


async def answers(node: RunningNode, code: str) -> bool:
    """Whether the device answers a query now."""
    signalling = node.node.signalling
    asked = SimpleQuery("DeviceInfo", signalling.next_sn(), code)
    return isinstance(await signalling.query(node.node.devices.get(code), asked, timeout_s=8), DeviceInfo)


async def trace(node: RunningNode, code: str, direction: str, begins: str) -> list[dict[str, str]]:
    """The messages of a device's trace whose text begins so, the newest last."""
    items: list[dict[str, str]] = (await node.get(f"/devices/{code}/trace"))["items"]  # type: ignore[assignment]
    return [item for item in items if item["direction"] == direction and item["text"].startswith(begins)]


@pytest.mark.parametrize("media", ["udp", "tcp-passive", "tcp-active"])
@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_a_camera_behind_nat_is_answered_where_it_came_from_and_plays(node: RunningNode, transport: str, media: str) -> None:
    async with Nat(node.registrar).running() as nat:
        camera = behind(nat, transport=transport)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: camera.registered.is_set(), what="it is registered")
            device = await node.get(f"/devices/{code}")
            assert str(device["address"]).startswith(f"{OUTSIDE}:")
            assert (await node.client.patch(f"/devices/{code}", json={"media_transport": media})).status_code == 200
            assert await answers(node, code)
            port = str(device["address"]).rpartition(":")[2]
            granted = (await trace(node, code, "out", "SIP/2.0 200"))[0]["text"]
            assert f"{PRIVATE[0]}:{PRIVATE[1]}" in granted, "its own Via comes back"
            assert f";rport={port};received={OUTSIDE}" in granted, "and says where it came from"
            opened = await open_live(node, code)
            assert len(await read_pictures(opened, 5)) >= 5
            assert (await node.get(f"/cameras/{code}/live"))["transport"] == media
            invite = (await trace(node, code, "out", "INVITE"))[-1]
            assert invite["text"].startswith(f"INVITE sip:{code}@{OUTSIDE}:{port} SIP/2.0")
            assert invite["peer"] == f"{OUTSIDE}:{port}"
            assert (await node.client.delete(f"/live/{opened['session']}")).status_code == 204
            await until(lambda: not camera._senders, what="its BYE finds it")


async def test_a_network_of_its_own_address_is_told_that_address_everywhere(tmp_path: Path) -> None:
    """Contact, Via and SDP, by way of a second address of this machine; the camera finds it, or there would be no picture."""
    settings = settings_for(host="0.0.0.0")
    told = "127.0.0.9"
    changes = {
        "addresses": AddressesSection(networks={"127.0.0.0/8": told}),
        "media": settings.media.model_copy(update={"rtp_host": told}),
    }
    async with running_node(tmp_path, settings.model_copy(update=changes)) as node:
        camera = simulated_camera(node.registrar)
        code, sip = camera.identity.code, node.registrar.port
        async with powered(camera):
            opened = await open_live(node, code)
            assert len(await read_pictures(opened, 2)) >= 2
            lines = (await trace(node, code, "out", "INVITE"))[-1]["text"].splitlines()
            assert f"Contact: <sip:{SERVER}@{told}:{sip}>" in lines
            assert f"c=IN IP4 {told}" in lines and any(line.startswith(f"o={SERVER} ") and line.endswith(told) for line in lines)
            assert next(line for line in lines if line.startswith("Via:")).startswith(f"Via: SIP/2.0/UDP {told}:{sip};")
            ssrc = next(line for line in lines if line.startswith("y=")).removeprefix("y=")
            assert f"Subject: {code}:{ssrc},{SERVER}:0" in lines, "sender and receiver with their stream numbers (annex L)"
            acknowledged = (await trace(node, code, "out", "ACK"))[-1]["text"]
            assert f"Via: SIP/2.0/UDP {told}:{sip};" in acknowledged
            assert (await node.get(f"/devices/{code}"))["told_address"] == told


async def test_a_new_port_of_the_nat_is_followed_without_going_offline(node: RunningNode) -> None:
    async with Nat(node.registrar).running() as nat:
        camera = behind(nat)
        code = camera.identity.code
        async with powered(camera):
            opened = await open_live(node, code)
            assert len(await read_pictures(opened, 2)) >= 2
            before = (await node.get(f"/devices/{code}"))["address"]
            async with comings_and_goings(node) as told:
                nat.forget()

                async def moved() -> bool:
                    return (await node.get(f"/devices/{code}"))["address"] != before

                await until(moved, what="the next heartbeat tells the new port")
                assert await answers(node, code), "requests go to the new port"
                assert (await node.client.delete(f"/live/{opened['session']}")).status_code == 204
                await until(lambda: not camera._senders, what="the BYE of a call made before goes there too")
                assert not told
            device = await node.get(f"/devices/{code}")
            assert (device["status"], device["conflict"]) == ("online", "")


@pytest.mark.parametrize(("first", "then"), [("UDP", "TCP"), ("TCP", "UDP")])
async def test_a_camera_that_changes_its_transport_is_called_by_the_new_one(node: RunningNode, first: str, then: str) -> None:
    camera = simulated_camera(node.registrar, transport=first)
    code = camera.identity.code
    async with powered(camera):
        opened = await open_live(node, code)
        assert len(await read_pictures(opened, 2)) >= 2
        async with comings_and_goings(node) as told:
            assert await camera.move(transport=then)
            assert (await node.get(f"/devices/{code}"))["transport"] == then
            assert await answers(node, code)
            assert (await trace(node, code, "out", "MESSAGE"))[-1]["transport"] == then
            assert (await node.client.delete(f"/live/{opened['session']}")).status_code == 204
            await until(lambda: not camera._senders, what="the call made before is ended by the new way")
            assert (await trace(node, code, "out", "BYE"))[-1]["transport"] == then
            assert not told, "it was never gone, nor did it begin anew"
        assert len(await read_pictures(await open_live(node, code), 2)) >= 2


async def test_a_camera_that_changes_its_address_is_called_at_the_new_one(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: camera.registered.is_set(), what="it is registered")
        async with comings_and_goings(node) as told:
            assert await camera.move(local_host="127.0.0.52")
            assert str((await node.get(f"/devices/{code}"))["address"]).startswith("127.0.0.52:")
            assert await answers(node, code)
            assert not told
        assert len(await read_pictures(await open_live(node, code), 2)) >= 2


async def test_two_devices_of_one_code_behind_one_nat_are_reported_and_neither_flaps(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(keepalive_interval_s=2)) as node, Nat(node.registrar).running() as nat:
        first, second = behind(nat), behind(nat)
        code = first.identity.code
        async with powered(first):
            await until(lambda: first.registered.is_set(), what="the first is registered")
            await second._connect()
            assert await second._register(), "it may be the first, begun anew"
            alive = asyncio.create_task(second._keep_alive())
            try:

                async def reported() -> bool:
                    return str((await node.get(f"/devices/{code}"))["conflict"]).startswith(f"{OUTSIDE}:")

                await until(reported, what="the first is heard as well, so they are two")
                bound = (await node.get(f"/devices/{code}"))["address"]
                async with comings_and_goings(node) as told:
                    assert not await first.move(), "the first is refused, from whichever port"
                    assert await answers(node, code)
                    assert (await node.get(f"/devices/{code}"))["address"] == bound
                    assert not told
            finally:
                alive.cancel()
                second._close_link()
