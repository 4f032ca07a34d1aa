"""Catalogue subscriptions on a whole node: begun, heard, renewed after a restart of the device. GB/T 28181-2022 §9.11."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import pytest

from fengsui.features.cameras import subscriptions as rules
from fengsui.features.cameras.subscriptions import CatalogueSubscriptions
from fengsui.features.devices import NoAnswer
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.faults import Faults
from fengsui.simulators.identity import Channel, DeviceIdentity
from fengsui.wire.gb28181.alarm import AlarmNotification
from fengsui.wire.gb28181.catalog import CatalogueItem
from fengsui.wire.gb28181.control import ResultAnswer
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import CONTENT_TYPE, encode, parse
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, until
from tests.node.test_metrics import more, scraped

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
    return node.node.cameras.reading.subscriptions


async def test_a_recorder_reports_its_changes(node: RunningNode) -> None:
    device = recorder(node)
    async with powered(device):
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


async def test_a_device_has_so_many_items_and_no_more_however_they_come(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(max_catalogue_items=3)) as node:
        before, device = await scraped(node), recorder(node)
        async with powered(device):
            await until(lambda: subscriptions(node).is_subscribed(RECORDER), what="the node knows that it is told")
            await device.notify(*(item(number, event="ADD") for number in (3, 4, 5)), item(2, event="UPDATE", name="改名"))

            async def counted() -> bool:
                return more(await scraped(node), before, "fengsui_catalogue_dropped_items_total") == 2

            await until(counted, what="what is above the limit is counted")
            assert set(await names(node)) == {item(number).device_id for number in (1, 2, 3)}
            assert (await node.get(f"/cameras/{item(2).device_id}"))["name"] == "改名"
        larger = SimulatedDevice(device.identity, node.registrar, [Channel(item(number), {}) for number in range(1, 9)], [])
        async with powered(larger):

            async def read() -> bool:
                return more(await scraped(node), before, "fengsui_catalogue_dropped_items_total") >= 7

            await until(read, what="its larger catalogue is read as far as the limit")
            assert len(await names(node)) == 3


def news_of(*items: str) -> bytes:
    """A notification as a maker writes it."""
    listed = "".join(f"<Item>{one}</Item>" for one in items)
    return (
        f'<?xml version="1.0" encoding="GB2312"?><Notify><CmdType>Catalog</CmdType><SN>7</SN><DeviceID>{RECORDER}</DeviceID>'
        f'<SumNum>{len(items)}</SumNum><DeviceList Num="{len(items)}">{listed}</DeviceList></Notify>'
    ).encode("gb2312")


def said(number: int, event: str, rest: str = "") -> str:
    return f"<DeviceID>{item(number).device_id}</DeviceID><Event>{event}</Event>{rest}"


def recorder_of_full_items(node: RunningNode) -> SimulatedDevice:
    facts = {"manufacturer": "厂家", "model": "型号", "address": "门口", "longitude": 106.7, "latitude": 26.6, "ptz_type": 3}
    items = [item(number, parents=(RECORDER,), **facts) for number in (1, 2)]
    return SimulatedDevice(recorder(node).identity, node.registrar, [Channel(one, {}) for one in items], [])


async def told_as(node: RunningNode, wanted: dict[int, str]) -> None:
    """Awaits statuses by number of the item."""
    by_code = {item(number).device_id: status for number, status in wanted.items()}

    async def told() -> bool:
        return await names(node) == by_code

    await until(told, what=f"the statuses {wanted}")


async def test_every_event_takes_effect_in_order_and_a_partial_update_clears_nothing(node: RunningNode) -> None:
    device = recorder_of_full_items(node)
    async with powered(device):
        await until(lambda: subscriptions(node).is_subscribed(RECORDER), what="the node is told of changes")
        first = item(1).device_id
        before = await node.get(f"/cameras/{first}")
        for event, status in (("DEFECT", "fault"), ("on", "online"), ("off", "offline"), ("vlost", "fault"), ("ON", "online")):
            await device.notify(octets=news_of(said(1, event)))
            await told_as(node, {1: status, 2: "online"})
        await device.notify(octets=news_of(said(1, "OFF"), said(1, "update", "<Name>新名</Name>"), said(1, "surprise")))
        await told_as(node, {1: "offline", 2: "online"})
        after = await node.get(f"/cameras/{first}")
        assert after == {**before, "name": "新名", "reported_name": "新名", "status": "offline"}, (
            "what an update does not say stays"
        )
        assert (after["maker"], after["address"], after["longitude"], after["ptz_type"]) == ("厂家", "门口", 106.7, 3)
        again = said(2, "ADD", "<Name>又来</Name><Status>OFF</Status>")
        await device.notify(octets=news_of(said(2, "DEL"), again, said(3, "ADD", "<Name>三</Name>"), said(3, "DEFECT")))
        await told_as(node, {1: "offline", 2: "offline", 3: "fault"})
        assert (await node.get(f"/cameras/{item(2).device_id}"))["maker"] == "", "what was taken away leaves nothing behind"
        for event, status in (("DEL", {1: "offline", 2: "offline"}), ("ADD", {1: "offline", 2: "offline", 3: "online"})):
            await device.notify(item(3, event=event))
            await told_as(node, status)
        node.node.cameras.reading.ask_catalogue(RECORDER)
        await told_as(node, {1: "online", 2: "online"})
        assert await node.get(f"/cameras/{first}") == before, "the next catalogue is believed"


async def test_a_device_whose_statuses_are_not_believed_reports_the_rest(node: RunningNode) -> None:
    device = recorder_of_full_items(node)
    async with powered(device):
        await until(lambda: subscriptions(node).is_subscribed(RECORDER), what="the node is told of changes")
        ignoring = await node.client.patch(f"/devices/{RECORDER}", json={"ignore_notified_status": True})
        assert ignoring.status_code == 200
        update = said(1, "UPDATE", "<Name>新名</Name><Status>OFF</Status>")
        await device.notify(octets=news_of(said(1, "OFF"), said(2, "DEFECT"), update, said(3, "ADD", "<Status>OFF</Status>")))
        await told_as(node, {1: "online", 2: "online", 3: "online"})
        assert (await node.get(f"/cameras/{item(1).device_id}"))["name"] == "新名"
        await device.notify(octets=news_of(said(2, "DEL")))
        await told_as(node, {1: "online", 3: "online"})


async def test_a_subscription_is_renewed_in_its_dialog_and_begun_anew_when_the_device_forgot(node: RunningNode) -> None:
    device = recorder(node)
    async with powered(device):
        await until(lambda: subscriptions(node).is_subscribed(RECORDER), what="the node has subscribed, and knows it")
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
        await until(lambda: subscriptions(node).is_subscribed(RECORDER), what="the node has subscribed, and knows it")
    await until(lambda: not subscriptions(node).is_subscribed(RECORDER), what="the subscription is forgotten")


async def test_what_was_asked_before_the_device_went_away_says_nothing_of_it_once_it_is_back(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, kept = recorder(node), subscriptions(node)
    async with powered(device):
        await until(lambda: kept.is_subscribed(RECORDER), what="the node has subscribed, and knows it")
        state, asked, silent = node.node.devices.get(RECORDER), asyncio.Event(), asyncio.Event()
        ask = node.node.signalling.subscribe

        async def unanswered(*_: object, **__: object) -> int:
            asked.set()
            await silent.wait()
            raise NoAnswer(code=RECORDER, peer=RECORDER)

        monkeypatch.setattr(kept._signalling, "subscribe", unanswered)
        renewal = asyncio.create_task(kept.ask(state))
        await asked.wait()
        kept.end(RECORDER)
        monkeypatch.setattr(kept._signalling, "subscribe", ask)
        await kept.ask(state)
        assert kept.is_subscribed(RECORDER), "it is back, and agreed"
        silent.set()
        await renewal
        assert kept.is_subscribed(RECORDER), "the old request went unanswered, and that is no refusal"
        kept.end(RECORDER)
        monkeypatch.setattr(kept._signalling, "subscribe", unanswered)
        asked.clear()
        silent.clear()
        renewal = asyncio.create_task(kept.ask(state))
        await asked.wait()
        kept.end(RECORDER)
        silent.set()
        await renewal
        assert not kept.is_asked(RECORDER), "whoever sees it come back asks it at once, not in minutes"


async def events_sent(node: RunningNode) -> list[str]:
    """The Event of each SUBSCRIBE to the catalogue in the device's trace."""
    traced = (await node.get(f"/devices/{RECORDER}/trace"))["items"]
    asked = [one["text"] for one in traced if one["text"].startswith("SUBSCRIBE ")]  # type: ignore[attr-defined]
    sent = [text for text in asked if "<CmdType>Catalog<" in text]
    return [found[1] for text in sent if (found := re.search(r"(?im)^Event:[ ]*(.*?)\r?$", text))]


@pytest.mark.parametrize(
    ("edition", "form"),
    [
        (Edition.V2011, r"presence"),
        (Edition.V2014, r"Catalog;id=\d+"),
        (Edition.V2016, r"Catalog;id=\d+"),
        (Edition.V2022, r"Catalog;id=\d+"),
    ],
)
async def test_a_subscription_is_asked_for_as_the_edition_of_the_device_names_it(
    node: RunningNode, edition: Edition, form: str
) -> None:
    device = recorder(node)
    device.identity.edition = edition
    async with powered(device):
        await until(lambda: subscriptions(node).is_subscribed(RECORDER), what="the node has subscribed, and knows it")
        await subscriptions(node)._subscribe(node.node.devices.get(RECORDER))
        assert device.subscribed == 2
        first, second = await events_sent(node)
        assert re.fullmatch(form, first), first
        assert second == first, "one dialog, one Event"
        device._subscription = None
        await subscriptions(node)._subscribe(node.node.devices.get(RECORDER))
        *_, renewal, anew = await events_sent(node)
        assert renewal == first and re.fullmatch(form, anew)


async def test_the_200_to_a_notification_says_its_result_up_to_2016_and_nothing_later(node: RunningNode) -> None:
    device = recorder(node)
    async with powered(device):
        await until(lambda: subscriptions(node).is_subscribed(RECORDER), what="the node is told of changes")
        alarm = AlarmNotification(8, RECORDER, priority=1)
        for pinned, told in (("2.0", True), ("1.0", True), ("3.0", False), ("", False)):  # the recorder announces 2022
            answer = await node.client.patch(f"/devices/{RECORDER}", json={"pinned_edition": pinned})
            assert answer.status_code == 200, answer.text
            for command, sent in (("Catalog", news_of(said(1, "ON"))), ("Alarm", encode(alarm))):
                response = await device.notify(octets=sent)
                assert response.status == 200
                if told:
                    assert parse(response.body) == ResultAnswer(command, parse(sent).sn, RECORDER, accepted=True)
                    assert response.headers.get("content-type") == CONTENT_TYPE
                else:
                    assert response.body == b""
                assert (await device.send_octets(sent)).body == b"", "that to a MESSAGE never has a body"


async def test_a_subscription_that_the_device_ends_is_begun_anew_and_its_end_needs_no_body(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SHORTEST_S", 0)
    device = recorder(node)
    async with powered(device):
        await until(lambda: subscriptions(node).is_subscribed(RECORDER), what="the node is told of changes")
        before = await scraped(node)
        assert device._subscription is not None
        old_call = device._subscription.call_id
        assert (await device.end_subscription(reason="timeout")).status == 200
        await until(lambda: device.subscribed == 2, what="the node subscribes again")
        assert device._subscription is not None and device._subscription.call_id != old_call
        await until(lambda: subscriptions(node).is_subscribed(RECORDER), what="the node is told of changes again")
        assert (await device.notify(item(3, event="ADD"))).status == 200
        await told_as(node, {1: "online", 2: "online", 3: "online"})
        assert more(await scraped(node), before, "fengsui_unreadable_bodies_total") == 0


async def test_a_device_that_ends_a_subscription_for_good_is_left_alone(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SHORTEST_S", 0)
    device = recorder(node)
    async with powered(device):
        await until(lambda: subscriptions(node).is_subscribed(RECORDER), what="the node is told of changes")
        asked_at_s = node.node.cameras.reading._clock.monotonic_s()
        assert (await device.end_subscription(reason="noresource")).status == 200
        assert not subscriptions(node).is_subscribed(RECORDER)
        assert subscriptions(node)._due[RECORDER] >= asked_at_s + rules.RETRY_S


async def test_notifications_without_a_subscription_are_told_so_unless_they_report_something(node: RunningNode) -> None:
    device = recorder(node)
    async with powered(device):
        await until(lambda: subscriptions(node).is_subscribed(RECORDER), what="the node is told of changes")
        kept = device._subscription
        assert kept is not None
        assert (await device.end_subscription(call_id="nobody-knows-it")).status == 481
        assert subscriptions(node).is_subscribed(RECORDER), "another dialog's end is not this one's"
        device._subscription = kept
        kept.call_id = "nor-this-one"
        assert (await device.notify(CatalogueItem(item(1).device_id, event="OFF"))).status == 200
        await told_as(node, {1: "offline", 2: "online"})


@pytest.mark.parametrize(("granted_s", "subscribed"), [(0, False), (1, True)], ids=["nothing", "too little"])
async def test_what_is_granted_is_believed_within_reason(node: RunningNode, granted_s: int, subscribed: bool) -> None:
    device = recorder(node)
    device.identity = replace(device.identity, faults=Faults(grants_s=granted_s))
    async with powered(device):
        due = subscriptions(node)._due
        await until(lambda: RECORDER in due, what="the node has heard what is granted")
        assert subscriptions(node).is_subscribed(RECORDER) is subscribed
        left_s = due[RECORDER] - node.node.cameras.reading._clock.monotonic_s()
        shortest_s = rules.SHORTEST_S * rules.RENEW_SHARE if subscribed else rules.RETRY_S
        assert left_s <= shortest_s and device.subscribed == 1, "asked again no oftener"
