"""A place that loses its power is one alarm that counts its points; what is more urgent there stands for itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fengsui.wire.dc09.sending import request
from tests.node.alarm_hosts import datagram, entered, line_to, sender_of, told
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_alarm_work import ACCOUNT, act, port_of, queue, reported
from tests.node.test_events import feed_of, line_of


async def shown(node: RunningNode, number: int) -> list[dict[str, Any]]:
    """The queue, once as many stand in it."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        found[:] = await queue(node.client)
        return len(found) == number

    await until(there, what=f"{number} alarms stand in the queue")
    return found


async def lost(node: RunningNode, zones: range, code: str = "AT", first: int = 1) -> None:
    async with line_to(port_of(node)) as line:
        for at, zone in enumerate(zones):
            await reported(line, first + at, zone=f"{zone:03}", code=code)


async def test_five_points_without_power_are_one_alarm_and_a_burglary_stands_for_itself(tmp_path: Path, store_url: str) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        await entered(node, ACCOUNT)
        await lost(node, range(1, 5))
        four = await shown(node, 4)
        assert {(one["category"], one["code"]) for one in four} == {("power", "AT")}
        await lost(node, range(9, 10), code="BA", first=20)
        async with feed_of(node, node.tokens["duty"]) as news:
            await line_of(news, "alive")
            await lost(node, range(5, 6), first=30)
            burglary, cause = await shown(node, 2)
            assert (burglary["category"], burglary["zone"], burglary["work"]["folded"]) == ("intrusion", "009", 0)
            wanted = {
                "category": "power",
                "code": "SITE",
                "priority": 3,
                "account": ACCOUNT,
                "site": four[0]["site"],
            }
            assert {name: cause[name] for name in wanted} == wanted
            assert cause["work"]["folded"] + 1 == 5 and cause["work"]["active"] and cause["work"]["due_at"] is not None
            while (await line_of(news, "alarm.received"))["id"] != cause["id"]:
                pass  # it rings itself
        await lost(node, range(6, 8), first=40)
        await lost(node, range(6, 7), first=50)

        async def counted() -> bool:
            _, found = await shown(node, 2)
            return bool(found["work"]["folded"] + 1 == 8)

        await until(counted, what="what comes after it counts with it, also anew")
        await lost(node, range(1, 7), code="AR", first=60)
        assert (await node.get(f"/alarms/{cause['id']}"))["work"]["active"], "one is still without"
        await lost(node, range(7, 8), code="AR", first=70)

        async def over() -> bool:
            return not (await node.get(f"/alarms/{cause['id']}"))["work"]["active"]

        await until(over, what="all of them have power again")
        assert len(await shown(node, 2)) == 2, "somebody closes it"
        await act(node.client, cause, "acknowledge")
        await act(node.client, cause, "verify", result="real")
        closed = await act(node.client, cause, "close", outcome="handled")
        assert closed["work"]["state"] == "closed"
        await lost(node, range(1, 2), first=80)
        assert [one["code"] for one in await shown(node, 2)] == ["BA", "AT"], "with the next one it begins anew"


async def test_what_somebody_has_taken_stays_theirs_and_a_cause_goes_on_after_a_start(tmp_path: Path) -> None:
    settings = settings_for()
    async with running_node(tmp_path, settings) as node:
        await entered(node, ACCOUNT)
        await lost(node, range(1, 2))
        (taken,) = await shown(node, 1)
        await act(node.client, taken, "acknowledge")
        await lost(node, range(2, 6), code="YC", first=10)
        mine, cause = await shown(node, 2)
        assert (mine["id"], mine["work"]["folded"], cause["code"], cause["work"]["folded"] + 1) == (taken["id"], 0, "SITE", 4)
    async with running_node(tmp_path, settings) as node:
        await lost(node, range(7, 8), first=30)

        async def counted() -> bool:
            _, found = await shown(node, 2)
            return bool((found["id"], found["work"]["folded"] + 1) == (cause["id"], 5))

        await until(counted, what="it counts with that of before")


async def test_hosts_that_stand_in_one_protected_place_lose_their_power_together(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        accounts = [f"43{number}" for number in range(20, 26)]
        for account in accounts:
            await entered(node, account, site=f"{account} 栋")
        place = {"name": "第一幼儿园", "kind": "kindergarten", "hosts": accounts[:5]}
        answer = await node.client.post("/alarm-sites", json=place)
        assert answer.status_code == 201, answer.text
        for account in reversed(accounts):
            frame = request(sender_of(account), "SIA-DCS", 1, f"#{account}|Nri0/AT")
            assert told(await datagram(port_of(node), frame))[0] == "ACK"
        other, cause = sorted(await shown(node, 2), key=lambda one: str(one["code"]))
        assert (other["account"], other["code"]) == (accounts[5], "AT"), "it stands elsewhere"
        assert (cause["code"], cause["site"], cause["work"]["folded"] + 1) == ("SITE", "第一幼儿园", 5)
        shown_place = (await node.get(f"/alarms/{cause['id']}/site"))["site"]
        assert shown_place["name"] == "第一幼儿园", "whom to call there"


async def test_a_verified_one_is_over_when_one_frame_tells_that_all_of_its_points_are(tmp_path: Path, store_url: str) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        await entered(node, ACCOUNT)
        await lost(node, range(1, 6))
        (cause,) = await shown(node, 1)
        await act(node.client, cause, "acknowledge")
        await act(node.client, cause, "verify", result="real")
        frame = request(sender_of(ACCOUNT), "SIA-DCS", 90, f"#{ACCOUNT}|Nri2/{'/'.join(f'AR{zone:03}' for zone in range(1, 6))}")
        assert told(await datagram(port_of(node), frame))[0] == "ACK"
        assert not (await node.get(f"/alarms/{cause['id']}"))["work"]["active"], "it is on disk before the acknowledgement"
