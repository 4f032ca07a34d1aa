"""What a catalogue says beside name and place: stored, completed by partial changes, shown to whom it concerns."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fengsui.features.cameras import queries
from fengsui.features.cameras.endpoints import FOR_KEEPERS
from fengsui.features.cameras.rows import details_of, stored_details
from fengsui.features.cameras.schemas import CameraDetails
from fengsui.features.cameras.tables import catalogue_items
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.identity import Channel, DeviceIdentity
from fengsui.wire.gb28181.catalog import CatalogueItem
from fengsui.wire.gb28181.catalog_details import NOTHING_SAID, ItemDetails
from fengsui.wire.gb28181.edition import Edition
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, until

RECORDER, CAMERA = f"{SERVER[:10]}1110000009", f"{SERVER[:10]}1310000901"
DETAILS = ItemDetails(
    block="520102010000", register_way=1, secrecy=0, ip_address="192.0.2.64", port=5060, imaging=(1, 2), room=1, light=2,
    direction=6, resolution="6/1920x1080", horizontal_angle=90.5, grassroots="001002", point_class=1, common_name="老东门",
    mac="00-1B-44-11-3A-B7", functions=("03", "99"), video_codec="5", installed_at="2024-05-01T00:00:00", managing_unit="南明分局",
    contact="0851-85550000", kept_days=90,
)  # fmt: skip


@pytest.fixture
async def node(store_url: str, tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node on each database."""
    async with running_node(tmp_path, settings_for(store_url)) as running:
        yield running


def recorder(node: RunningNode) -> SimulatedDevice:
    item = CatalogueItem(CAMERA, "东门", "厂家", "型号", civil_code="520102", status="ON", ptz_type=5, details=DETAILS)
    identity = DeviceIdentity(RECORDER, "录像机", edition=Edition.V2022, keepalive_s=1.0)
    return SimulatedDevice(identity, node.registrar, [Channel(item, {})], [])


def update(inside: str) -> bytes:
    return (
        f"<Notify><CmdType>Catalog</CmdType><SN>7</SN><DeviceID>{RECORDER}</DeviceID><SumNum>1</SumNum><DeviceList Num='1'>"
        f"<Item><DeviceID>{CAMERA}</DeviceID><Event>UPDATE</Event>{inside}</Item></DeviceList></Notify>"
    ).encode()


async def of_keeper(node: RunningNode) -> dict[str, Any]:
    """The details as the system administrator sees them."""
    keeper = {"Authorization": f"Bearer {node.tokens['system']}"}
    found: dict[str, Any] = (await node.client.get(f"/cameras/{CAMERA}", headers=keeper)).json().get("details", {})
    return found


async def test_details_are_kept_completed_and_shown_to_whom_they_concern(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = recorder(node)
    async with powered(device):
        await until(lambda: node.node.cameras.reading.subscriptions.is_subscribed(RECORDER), what="the catalogue is read")
        shown = await of_keeper(node)
        wanted = json.loads(json.dumps({**DETAILS._asdict(), "withheld": False}))
        assert shown == wanted
        of_duty = (await node.get(f"/cameras/{CAMERA}"))["details"]
        hidden = {name: getattr(NOTHING_SAID, name) for name in FOR_KEEPERS}
        assert of_duty == {**wanted, **hidden, "withheld": True}, "how to reach it is not for everybody"
        assert "details" not in (await node.get("/cameras"))["items"][0]

        written: list[str] = []
        write = queries.write_items

        async def watched(tx: Any, rows: list[dict[str, Any]]) -> None:
            written.extend(row["code"] for row in rows)
            await write(tx, rows)

        monkeypatch.setattr(queries, "write_items", watched)
        await device.notify(octets=update("<Name>东门</Name><Info><RoomType>1</RoomType></Info>"))
        await device.notify(octets=update("<Password>hunter2</Password><Info><RoomType>2</RoomType><MAC>none</MAC></Info>"))

        async def moved_indoors() -> bool:
            return bool((await of_keeper(node))["room"] == 2)

        await until(moved_indoors, what="a part of the details changes")
        assert await of_keeper(node) == {**wanted, "room": 2, "unreadable": ["MAC"]}, "and nothing else"
        assert written == [CAMERA], "what says nothing new is not written"
        await device.notify(octets=update("<Info><MAC>00:1B:44:11:3A:B8</MAC></Info>"))

        async def readable() -> bool:
            return bool((await of_keeper(node))["unreadable"] == [])

        await until(readable, what="the address can be read")
        assert (await of_keeper(node))["mac"] == "00-1B-44-11-3A-B8"
        async with node.node.store.reading() as tx:
            rows = (await tx.execute(sa.select(catalogue_items))).all()
        assert "hunter2" not in repr(rows)


def test_every_detail_is_shown_and_stored_ones_of_another_version_do_no_harm() -> None:
    assert set(CameraDetails.model_fields) == {*ItemDetails._fields, "withheld"}
    assert details_of(stored_details(DETAILS)) == DETAILS and stored_details(NOTHING_SAID) == ""
    assert details_of('{"room":2,"of_tomorrow":[1],"imaging":[1]}') == ItemDetails(room=2, imaging=(1,))
