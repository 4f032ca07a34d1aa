"""Catalogue subscriptions on a whole node: begun, heard, renewed after a restart of the device. GB/T 28181-2022 §9.11."""

from __future__ import annotations

from fengsui.features.cameras.subscriptions import CatalogueSubscriptions
from fengsui.simulators.device import Channel, DeviceIdentity, SimulatedDevice
from fengsui.wire.gb28181.catalog import CatalogueItem
from tests.node.conftest import SERVER, RunningNode, powered, until

RECORDER = f"{SERVER[:10]}1110000001"


def item(number: int, **changes: object) -> CatalogueItem:
    values: dict[str, object] = {"name": f"通道{number}", "civil_code": "520102", "status": "ON", **changes}
    return CatalogueItem(f"{SERVER[:10]}1310000{number:03d}", **values)  # type: ignore[arg-type]


def recorder(node: RunningNode, transport: str = "UDP") -> SimulatedDevice:
    identity = DeviceIdentity(RECORDER, "录像机", transport=transport, keepalive_s=1.0)
    return SimulatedDevice(identity, node.registrar, [Channel(item(number), {}) for number in (1, 2)], [])


async def names(node: RunningNode) -> dict[str, str]:
    found = await node.get("/cameras")
    return {camera["code"]: camera["status"] for camera in found["items"]}  # type: ignore[index, union-attr]


def subscriptions(node: RunningNode) -> CatalogueSubscriptions:
    return node.node.cameras.subscriptions


async def test_a_recorder_reports_its_changes(node: RunningNode) -> None:
    device = recorder(node)
    async with powered(device):
        await until(lambda: device.subscribed == 1, what="the node subscribes")
        await until(lambda: subscriptions(node).is_subscribed(RECORDER), what="the node knows that it is told")
        first, second, third = item(1), item(2), item(3)
        answer = await device.notify(
            CatalogueItem(first.device_id, event="OFF"),
            CatalogueItem(second.device_id, event="DEL"),
            item(3, event="ADD"),
        )
        assert answer.status == 200

        async def told() -> bool:
            return await names(node) == {first.device_id: "offline", third.device_id: "online"}

        await until(told, what="the changes are shown")
        await device.notify(CatalogueItem(first.device_id, event="VLOST"))

        async def faulty() -> bool:
            return (await names(node))[first.device_id] == "fault"

        await until(faulty, what="a lost picture is a fault")


async def test_a_subscription_is_renewed_in_its_dialog_and_begun_anew_when_the_device_forgot(node: RunningNode) -> None:
    device = recorder(node)
    async with powered(device):
        await until(lambda: device.subscribed == 1, what="the node subscribes")
        state = node.node.devices.get(RECORDER)
        await subscriptions(node)._subscribe(state)
        assert device.subscribed == 2
        device._subscription = None  # its memory is gone, the node's is not
        await subscriptions(node)._subscribe(state)
        assert device.subscribed == 3
        assert subscriptions(node).is_subscribed(RECORDER)


async def test_what_a_device_granted_is_void_when_it_goes_away(node: RunningNode) -> None:
    device = recorder(node, "TCP")
    async with powered(device):
        await until(lambda: device.subscribed == 1, what="the node subscribes")
    await until(lambda: not subscriptions(node).is_subscribed(RECORDER), what="the subscription is forgotten")
