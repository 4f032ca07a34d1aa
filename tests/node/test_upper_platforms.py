"""This node as a lower platform: two real nodes, and upper platforms that forget, refuse, go away and ask too much."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from fengsui.features.audit.acts import Act
from fengsui.features.audit.model import AuditRecord
from fengsui.features.upper_platforms import actions
from fengsui.features.upper_platforms.model import Liveness, Share, SharedCamera
from fengsui.features.upper_platforms.subscribing import changes
from fengsui.loops import failed
from fengsui.settings import NodeSettings
from fengsui.simulators.device import SimulatedDevice
from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueItem, CatalogueQuery
from fengsui.wire.gb28181.control import DeviceControl
from fengsui.wire.gb28181.device_facts import DeviceInfo, DeviceStatus, SimpleQuery
from fengsui.wire.gb28181.manscdp import Manscdp, encode
from fengsui.wire.gb28181.records import RecordQuery
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_audit import records
from tests.node.test_live import listed
from tests.node.upper_peer import CITY, PASSWORD, UpperPeer, entered, in_state, neighbour, no_secret, order, upper_peer

FIRST, SECOND = (f"{SERVER[:10]}1320{number:06d}" for number in (1, 2))
AS_CODE = "52019900001320000777"
SPAN = ("2026-11-01T00:00:00", "2026-11-02T00:00:00")
PROVINCE = "52000000002000000001"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt in vain is made again soon; two nodes of one process have figures of their own."""
    monkeypatch.setattr(actions, "RETRY_S", 0.2)
    monkeypatch.setattr("fengsui.app.node.REGISTRY", CollectorRegistry(auto_describe=False))


def city_settings() -> NodeSettings:
    """Of a city's node."""
    found = settings_for()
    return found.model_copy(update={"node": found.node.model_copy(update={"code": CITY, "level": "city"})})


@asynccontextmanager
async def county_and_city(folder: Path) -> AsyncIterator[tuple[RunningNode, RunningNode]]:
    """Two nodes."""
    async with running_node(folder / "city", city_settings()) as city, running_node(folder / "county", settings_for()) as county:
        yield county, city


async def camera_at(node: RunningNode, code: str) -> dict[str, Any] | None:
    """As it is there; None: it is not."""
    answer = await node.client.get(f"/cameras/{code}")
    return answer.json() if answer.status_code == 200 else None


def links_of(node: RunningNode) -> list[AuditRecord]:
    """What is on record of registrations."""
    return [one for one in records(node) if one.act == Act.UPPER_PLATFORM_LINK]


def asked_of(node: RunningNode) -> list[tuple[str, str, str]]:
    """What was asked: object, kind and result."""
    return [(one.object, one.range, one.result) for one in records(node) if one.act == Act.UPPER_PLATFORM_ASK]


@pytest.mark.parametrize("transport", ["udp", "TCP"])
async def test_a_city_has_the_cameras_of_its_county_under_the_codes_and_names_that_were_agreed(
    tmp_path: Path, transport: str
) -> None:
    async with county_and_city(tmp_path) as (county, city):
        cameras = [simulated_camera(county.registrar, number) for number in (1, 2, 3)]
        async with powered(*cameras):
            for camera in cameras:
                await until(partial(listed, county, camera.identity.code), what="the county has its cameras")
            share = {"areas": [SERVER[:6]], "cameras": [{"code": SECOND, "as_code": AS_CODE, "as_name": "广场东口"}]}
            port = city.node.settings.signalling.port
            made = await entered(county, CITY, port, transport=transport, password="node-password", share=share, items=2)
            assert "password" not in json.dumps(made)
            found = await in_state(county, "online")
            assert found["address"] == f"127.0.0.1:{port}" and found["heard_at"] and not found["fault"]
            await until(lambda: listed(city, AS_CODE), what="the city has the camera under the other code")
            await until(lambda: listed(city, FIRST), what="and the other one under its own")
            shown = await camera_at(city, AS_CODE)
            assert shown is not None and (shown["name"], shown["device"], shown["status"]) == ("广场东口", SERVER, "online")
            assert await camera_at(city, SECOND) is None, "its own code is nobody's business there"
            device = await city.get(f"/devices/{SERVER}")
            assert device["status"] == "online" and device["transport"] == transport.upper()
            tree = (await city.get(f"/devices/{SERVER}/tree"))["items"]
            assert {one["code"] for one in tree if one["kind"] == "area"} == {SERVER[:6]}
            await until(lambda: (SERVER, "Catalog", "allowed") in asked_of(county), what="what it asked is on record")
            assert [one.detail for one in links_of(county)] == [f"registered at 127.0.0.1:{port} for 3600 s"]
            assert (await county.client.delete(f"/neighbours/{made['id']}")).status_code == 204

            async def gone() -> bool:
                return bool((await city.get(f"/devices/{SERVER}"))["status"] == "offline")

            await until(gone, what="it has unregistered")
            after = await camera_at(city, FIRST)
            assert after is not None and after["status"] == "unknown", "kept, and not known"
            assert (await county.get("/neighbours"))["items"] == []
            assert links_of(county)[-1].detail == f"unregistered at 127.0.0.1:{port}"


async def test_it_registers_anew_when_it_is_forgotten_unheard_or_before_it_expires(node: RunningNode) -> None:
    async with upper_peer(qop="auth", granted_s=2) as upper:
        await entered(node, CITY, upper.port, keepalive_s=1)
        await in_state(node, "online")
        await until(lambda: len(upper.registers) >= 3, what="it is renewed before two seconds are over")
        first = upper.registers[0]
        assert {one.headers.get("call-id") for one in upper.registers} == {first.headers.get("call-id")}
        assert first.headers.get("x-gb-ver") == "3.0" and first.headers.get("expires") == "3600"
        upper.granted_s = 0
        await until(lambda: upper.keepalives >= 2, what="it keeps alive")
        for status in (403, 404):
            before = upper.registers[-1].headers.get("call-id")
            upper.beats = [status]

            def anew(before: str = before) -> bool:
                return upper.registers[-1].headers.get("call-id") != before

            await until(anew, what=f"{status}: it registers anew")
        await until(lambda: links_of(node)[-1].detail.startswith("registered at "), what="it has it again")
        assert "away: a keep-alive was answered with 403" in [one.detail for one in links_of(node)]


async def test_three_keep_alives_without_an_answer_and_it_is_away(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "BEAT_ANSWER_S", 0.4)
    async with upper_peer() as upper:
        await entered(node, CITY, upper.port, keepalive_s=1)
        await in_state(node, "online")
        upper.is_deaf = True
        away = await in_state(node, "away")
        await until(lambda: "keep-alives were not answered" in links_of(node)[-1].detail, what="it is on record")
        assert away["since"]
        faults = (await node.client.get("/node", headers={"Authorization": f"Bearer {node.tokens['system']}"})).text
        assert "upper_platform.away" in faults
        upper.is_deaf = False
        await in_state(node, "online")


async def test_its_addresses_are_tried_in_their_order_and_several_platforms_have_it_at_once(node: RunningNode) -> None:
    async with upper_peer() as upper, upper_peer(PROVINCE) as province:
        # TCP: nobody listens there, which is known at once; the second address takes it.
        second = [{"host": "127.0.0.1", "port": node.node.settings.signalling.port}]
        await entered(node, "52010000002000000009", 9, transport="TCP", more_addresses=second)
        await entered(node, PROVINCE, province.port, share={})
        await entered(node, CITY, upper.port)
        await in_state(node, "online")
        await in_state(node, "online", PROVINCE)
        asked = await in_state(node, "refused", "52010000002000000009")
        assert asked["fault"].startswith("127.0.0.1:") and asked["address"] == ""
        assert await province.ask(CatalogueQuery(7, SERVER)) == 200
        answer = await province.told(lambda one: isinstance(one, CatalogueAnswer), what="it is told of its part")
        assert [one.device_id for one in answer.items] == [SERVER], "nothing is shared with it but who we are"


async def test_a_wrong_password_is_told_and_nothing_of_the_right_one_is_to_be_read(
    node: RunningNode, capsys: pytest.CaptureFixture[str]
) -> None:
    async with upper_peer() as upper:
        made = await entered(node, CITY, upper.port, password="upper-secret-0")
        refused = await in_state(node, "refused")
        assert "403" in refused["fault"] and upper.refused
        assert (await node.client.delete(f"/neighbours/{made['id']}")).status_code == 204
        again = await node.client.post("/neighbours", json=order(CITY, upper.port))
        assert again.status_code == 201 and no_secret(again.text)
        await in_state(node, "online")
        assert no_secret(json.dumps(await neighbour(node)))
        assert all(no_secret(one.detail) for one in records(node))
        rows = [path.read_bytes() for path in node.node.data.glob("node.db*")]
        assert not any(PASSWORD.encode() in one for one in rows)
    assert no_secret("".join(capsys.readouterr()))


async def test_a_node_that_stops_unregisters_and_registers_again_after_its_start(tmp_path: Path) -> None:
    settings = settings_for()
    async with upper_peer() as upper:
        async with running_node(tmp_path, settings) as node:
            await entered(node, CITY, upper.port)
            await in_state(node, "online")
        assert upper.expiries == ["3600", "0"]
        again = RunningNode(type(node.node)(settings, tmp_path), node.client, node.tokens)
        await again.node.start()
        try:
            await until(lambda: upper.expiries == ["3600", "0", "3600"], what="it is registered again")
        finally:
            await again.node.stop()


@asynccontextmanager
async def asked(node: RunningNode, *cameras: SimulatedDevice, **more: Any) -> AsyncIterator[UpperPeer]:
    """An upper platform that has the node, whose cameras are there."""
    async with upper_peer() as upper, powered(*cameras):
        for camera in cameras:
            await until(partial(listed, node, camera.identity.code), what="the camera is there")
        await entered(node, CITY, upper.port, **more)
        await in_state(node, "online")
        yield upper


async def catalogue_of(upper: UpperPeer, sn: int, root: str = SERVER) -> list[CatalogueAnswer]:
    """All messages of it."""
    assert await upper.ask(CatalogueQuery(sn, root)) == 200

    def parts() -> list[CatalogueAnswer]:
        return [one for one in upper.heard if isinstance(one, CatalogueAnswer) and one.sn == sn]

    await until(lambda: parts() and sum(len(one.items) for one in parts()) == parts()[0].total, what="the whole catalogue")
    return parts()


async def test_a_catalogue_comes_in_pages_with_one_number_and_its_sum(node: RunningNode) -> None:
    cameras = [simulated_camera(node.registrar, number) for number in range(1, 7)]
    async with asked(node, *cameras, items=3) as upper:
        parts = await catalogue_of(upper, 41)
        assert [len(one.items) for one in parts] == [3, 3, 2] and {one.total for one in parts} == {8}
        own, area, *items = [item for one in parts for item in one.items]
        assert (own.device_id, own.parents, own.status) == (SERVER, (), "ON")
        assert (area.device_id, bool(area.name)) == (SERVER[:6], True)
        assert [one.device_id for one in items] == [one.identity.code for one in cameras]
        assert {(one.parents, one.civil_code, one.status, one.parental) for one in items} == {((SERVER,), SERVER[:6], "ON", 0)}
        below = await catalogue_of(upper, 42, SERVER[:4])
        assert sum(len(one.items) for one in below) == 7, "the area and its cameras, without the node itself"
        (one,) = await catalogue_of(upper, 43, FIRST)
        assert [item.device_id for item in one.items] == [FIRST]


async def test_facts_of_what_is_shared_alone_are_told(node: RunningNode) -> None:
    async with asked(
        node, simulated_camera(node.registrar), simulated_camera(node.registrar, 2), share={"cameras": [{"code": FIRST}]}
    ) as upper:
        assert await upper.ask(SimpleQuery("DeviceInfo", 1, SERVER)) == 200
        info = await upper.told(lambda one: isinstance(one, DeviceInfo), what="who we are")
        assert (info.sn, info.device_id, info.channels, info.result) == (1, SERVER, 1, "OK")
        assert await upper.ask(SimpleQuery("DeviceStatus", 2, FIRST)) == 200
        status = await upper.told(lambda one: isinstance(one, DeviceStatus), what="how the camera is")
        assert (status.sn, status.device_id, status.online) == (2, FIRST, True)
        for number, code in enumerate((SECOND, "52010200001320009999", "5202", "", "x" * 40), 10):
            assert await upper.ask(SimpleQuery("DeviceStatus", number, code)) == 404, code
            assert await upper.ask(CatalogueQuery(number, code)) == 404, code
        of_second = [one for one in records(node) if one.act == Act.UPPER_PLATFORM_ASK and one.object == SECOND]
        assert [(one.result, one.detail, one.person) for one in of_second] == [
            ("refused", "DeviceStatus: not shared", CITY),
            ("refused", "Catalog: not shared", CITY),
        ]
        assert (FIRST, "DeviceStatus", "allowed") in asked_of(node)
        assert not [one for one in upper.heard if getattr(one, "device_id", "") == SECOND], "nothing more is told of it"


async def test_what_is_not_agreed_is_refused_and_on_record(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    async with asked(node, camera) as upper:
        turn = DeviceControl(3, FIRST, ptz="A50F01021F0000D6")
        for body in (turn, RecordQuery(4, FIRST, *SPAN), SimpleQuery("PresetQuery", 5, FIRST)):
            assert await upper.ask(body) == 403, body
        for method in ("INVITE", "SUBSCRIBE", "INFO"):
            answer = await upper.send(upper.request(method, encode(SimpleQuery("PresetQuery", 6, FIRST)), to=FIRST))
            assert answer.status == 403 and "access.platform_not_agreed" in answer.headers.get("warning"), method
        assert (await upper.send(upper.request("OPTIONS"))).status == 200
        assert (await upper.send(upper.request("BYE"))).status == 481
        forged = await upper.send(upper.request("MESSAGE", encode(CatalogueQuery(7, SERVER)), code=PROVINCE))
        assert forged.status == 403, "from the same address under another name"
        assert not camera.controls and camera.invited == 0

        def refused() -> list[str]:
            return [one.detail for one in records(node) if one.act == Act.PLATFORM_REFUSED]

        await until(lambda: any("platform_not_agreed" in one for one in refused()), what="it is on record")


async def test_what_changes_is_told_as_long_as_the_platform_subscribes(node: RunningNode) -> None:
    cameras = [simulated_camera(node.registrar, number, transport="TCP") for number in (1, 2, 3)]
    async with asked(node, cameras[0]) as upper:
        async with powered(cameras[1]):
            await until(partial(listed, node, SECOND), what="it is there")
        await until(partial(is_off, node, SECOND), what="and gone")
        unknown = await upper.send(upper.subscribe("52010200001320009999", 600))
        assert unknown.status == 404
        begun = await upper.send(upper.subscribe(SERVER, 600))
        assert begun.status == 200 and begun.headers.get("expires") == "600" and not begun.body
        await until(lambda: upper.events == [("OFF", SECOND)], what="at first what is off")
        request, body = upper.notified[0]
        assert request.headers.get("event") == "Catalog;id=7" and body.total == 1 and body.device_id == SERVER
        assert request.headers.get("subscription-state").startswith("active;expires=")
        async with powered(cameras[1], cameras[2]):
            third = cameras[2].identity.code
            await until(lambda: {("ON", SECOND), ("ADD", third)} <= set(upper.events), what="what came")
            added = next(item for _, body in upper.notified for item in body.items if item.event == "ADD")
            assert (added.parents, added.civil_code, added.status) == ((SERVER,), SERVER[:6], "ON")
            again = await upper.send(upper.subscribe(SERVER, 600, within=begun, number=2))
            assert again.status == 200
        await until(lambda: ("OFF", third) in upper.events, what="what went, in the same dialog")
        assert len({one.headers.get("call-id") for one, _ in upper.notified}) == 1
        assert (await upper.send(upper.subscribe(SERVER, 0, within=begun, number=3))).status == 200
        assert (await upper.send(upper.subscribe(SERVER, 600, within=begun, number=4))).status == 481, "it is over"
        assert (SERVER, "Catalog subscription", "allowed") in asked_of(node)


async def is_off(node: RunningNode, code: str) -> bool:
    """Whether the camera is offline."""
    return bool((await node.get(f"/cameras/{code}"))["status"] == "offline")


async def test_a_city_sees_a_camera_of_its_county_go_and_come_back(tmp_path: Path) -> None:
    async with county_and_city(tmp_path) as (county, city):
        camera = simulated_camera(county.registrar, transport="TCP")
        async with powered(camera):
            await until(partial(listed, county, FIRST), what="the county has it")
            await entered(county, CITY, city.node.settings.signalling.port, password="node-password")
            await until(partial(listed, city, FIRST), what="the city has it")
            await until(lambda: (SERVER, "Catalog subscription", "allowed") in asked_of(county), what="the city subscribes")
        await until(partial(is_off, city, FIRST), what="it is off there too")
        assert (await city.get(f"/devices/{SERVER}"))["status"] == "online"
        async with powered(camera):

            async def is_back() -> bool:
                return bool((await city.get(f"/cameras/{FIRST}"))["status"] == "online")

            await until(is_back, what="it is back there too")


async def test_nothing_malformed_from_an_upper_platform_harms_the_node_or_the_platform(node: RunningNode) -> None:
    said = random.Random(28181)
    async with asked(node, simulated_camera(node.registrar)) as upper:
        asks: list[Manscdp] = [CatalogueQuery(1, SERVER), SimpleQuery("DeviceStatus", 2, FIRST), RecordQuery(3, FIRST, *SPAN)]
        bodies = [*(encode(one) for one in asks), b"", b"<Query>", b"<Query><CmdType>Catalog</CmdType><SN>x</SN></Query>"]
        bodies += [b"<!DOCTYPE a [<!ENTITY b 'c'>]><Query/>"]
        for number in range(600):
            method = said.choice(("MESSAGE", "MESSAGE", "SUBSCRIBE", "INVITE", "INFO", "BYE", "CANCEL", "OPTIONS", "NOTIFY", "X"))
            octets = bytearray(upper.request(method, said.choice(bodies)).to_bytes())
            for _ in range(said.randrange(8)):
                at = said.randrange(len(octets))
                match said.randrange(3):
                    case 0:
                        octets[at] = said.randrange(256)
                    case 1:
                        del octets[at : at + said.randrange(1, 30)]
                    case _:
                        octets[at:at] = said.randbytes(said.randrange(1, 30))
                octets = octets or bytearray(b"x")
            upper.throw(bytes(octets))
            if number % 50 == 49:
                assert (await upper.send(upper.request("OPTIONS"))).status == 200, "it is still answered"
        (whole,) = await catalogue_of(upper, 4_242)
        assert [one.device_id for one in whole.items] == [SERVER, SERVER[:6], FIRST]
        assert not failed(600.0), "no surprise in any loop"
        assert (await neighbour(node))["state"] == "online"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": SERVER}, "upper_platform.unusable"),
        ({"host": "0.0.0.0"}, "upper_platform.unusable"),
        ({"host": "999.1.1.1"}, "upper_platform.unusable"),
        ({"share": {"areas": ["99"]}}, "upper_platform.unusable"),
        ({"share": {"cameras": [{"code": "52010200001320009999"}]}}, "camera.unknown"),
        ({"role": "peer"}, "request.invalid"),
        ({"password": ""}, "request.invalid"),
        ({"nothing": 1}, "request.invalid"),
    ],
)
async def test_what_cannot_be_entered_is_said(node: RunningNode, change: dict[str, Any], code: str) -> None:
    answer = await node.client.post("/neighbours", json=order(CITY, 9, **change))
    assert answer.status_code in (404, 422) and answer.json()["code"] == code, answer.text
    assert (await node.get("/neighbours"))["items"] == []


@pytest.mark.parametrize("stored", ["elsewhere", "x", "[]"])
async def test_a_row_that_was_changed_past_the_node_is_not_believed(tmp_path: Path, stored: str) -> None:
    settings = settings_for()
    async with upper_peer() as upper, upper_peer(PROVINCE) as other:
        async with running_node(tmp_path, settings) as node:
            await entered(node, CITY, upper.port)
            await in_state(node, "online")
            async with node.node.store.transaction() as tx:
                moved = json.dumps([["127.0.0.1", other.port]]) if stored == "elsewhere" else stored
                await tx.exec_driver_sql(f"UPDATE upper_platforms SET addresses = '{moved}'")
        async with _started(tmp_path, settings, node) as again:
            assert (await again())["state"] == "distrusted", "and the node has started"
            assert not other.registers and not other.refused


@asynccontextmanager
async def _started(folder: Path, settings: NodeSettings, before: RunningNode) -> AsyncIterator[Any]:
    node = type(before.node)(settings, folder)
    await node.start()
    try:

        async def state() -> dict[str, str]:
            (known,) = node.upper_rooms.uppers.all()
            return {"state": known.standing.state.value}

        yield state
    finally:
        await node.stop()


text = st.text(max_size=20)
shares = st.builds(Share, st.lists(text).map(tuple), st.lists(st.builds(SharedCamera, text, text, text)).map(tuple))


@given(shares)
def test_a_share_is_read_as_it_was_written(share: Share) -> None:
    assert Share.of_text(share.to_text()) == share


named = st.tuples(st.text("ab", max_size=1), st.sampled_from(["ON", "OFF"]))
items = st.dictionaries(
    st.text("123", min_size=1, max_size=2), named.map(lambda one: CatalogueItem("", one[0], status=one[1])), max_size=5
)


@given(items, items)
def test_whoever_is_told_every_change_has_what_there_is(before: dict[str, CatalogueItem], now: dict[str, CatalogueItem]) -> None:
    before, now = ({code: item._replace(device_id=code) for code, item in one.items()} for one in (before, now))
    known = dict(before)
    for told in changes(before, now):
        code = told.device_id
        match told.event:
            case "DEL":
                del known[code]
            case "ON" | "OFF":
                known[code] = known[code]._replace(status=told.event)
            case _:
                known[code] = told._replace(event="")
    assert known == now


@given(st.integers(1, 300), st.integers(2, 604_800), st.lists(st.booleans(), max_size=30))
def test_a_registration_is_renewed_before_its_end_and_lost_after_three_in_a_row(
    keepalive_s: int, granted_s: int, answered: list[bool]
) -> None:
    liveness, now_s, missed = Liveness(keepalive_s, granted_s, 0.0), 0.0, 0
    for heard in answered:
        now_s = liveness.due_s()
        if liveness.must_renew(now_s=now_s):
            assert now_s < granted_s
            return
        missed = 0 if heard else missed + 1
        assert liveness.beaten(answered=heard, now_s=now_s) == (missed < 3)
