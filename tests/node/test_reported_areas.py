"""A reported area decides who sees a camera: outside the device's own it counts for nothing, each change is told (A7, A37)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest

from fengsui.features.cameras.model import counted_area, home_of
from fengsui.simulators.device import SimulatedDevice
from fengsui.wire.gb28181.catalog import CatalogueItem
from tests.node.conftest import RunningNode, powered, until
from tests.node.test_audit import records
from tests.node.test_refused_channels import CODES, FIRST, all_have, first_nvr


@pytest.mark.parametrize(
    ("reported", "device", "before", "counts"),
    [
        ("520102", "52010200001180000001", "", "520102"),
        ("520103", "52010200001180000001", "", "520102"),
        ("520103", "52010200001180000001", "520102", "520102"),
        ("5201", "52010200001180000001", "520102", "520102"),
        ("520103", "52010000002000000001", "520102", "520103"),
        ("520302", "52010000002000000001", "520102", "520102"),
        ("520302", "52010000002000000001", "", "5201"),
        ("520302", "52000000002000000001", "", "520302"),
        ("440106", "52000000002000000001", "520115", "520115"),
        ("520102", "maker-serial-1", "", "520102"),
    ],
)
def test_a_device_speaks_for_its_own_area_alone(reported: str, device: str, before: str, counts: str) -> None:
    assert counted_area(reported, device, before) == counts
    assert counts.startswith(home_of(device))


@contextlib.asynccontextmanager
async def node_with(node: RunningNode, recorder: SimulatedDevice) -> AsyncIterator[None]:
    """The recorder runs, is listed, and reports its changes."""
    async with powered(recorder):
        await until(lambda: all_have(node, FIRST), what="the recorder's cameras are listed")
        await until(lambda: node.node.cameras.reading.subscriptions.is_subscribed(FIRST), what="it reports its changes")
        yield


async def test_a_recorder_does_not_move_its_cameras_to_other_people(node: RunningNode) -> None:
    recorder = first_nvr(node)
    code = CODES[0]
    async with node_with(node, recorder):
        await recorder.notify(CatalogueItem(code, "移走", civil_code="520303", status="ON", event="UPDATE"))

        async def renamed() -> bool:
            return bool((await node.get(f"/cameras/{code}"))["reported_name"] == "移走")

        await until(renamed, what="the change is read")
        assert (await node.get("/cameras?area=520303"))["total"] == 0
        assert code in [one["code"] for one in (await node.get("/camera-names?area=520102"))["items"]]


async def test_a_change_of_area_that_counts_is_on_record_with_old_and_new(node: RunningNode) -> None:
    recorder = first_nvr(node)
    code = CODES[0]
    async with node_with(node, recorder):
        async with node.node.store.transaction() as tx:
            await tx.exec_driver_sql(f"UPDATE catalogue_items SET shown_area = '520115' WHERE code = '{code}'")
        await recorder.notify(CatalogueItem(code, "回来", civil_code="520102", status="ON", event="UPDATE"))
        told = f"shown_area: 520115→520102, as {FIRST} reports"
        await until(lambda: [one for one in records(node) if (one.object, one.detail) == (code, told)], what="it is told")
