"""Another system is told of incidents: signed, in order, each once, however often it was away; and its number comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from fengsui.alarm_settings import DispatchLinksSection
from fengsui.features.dispatch_links.model import is_refused
from fengsui.settings import NodeSettings
from tests.node.alarm_sources import FIRE, registered, report
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.dispatch_peer import Peer, serving
from tests.node.test_audit import records

BANK: dict[str, Any] = {"type": "intrusion", "place": "南明银行", "area": "520102", "text": "后窗被撬", "priority": 2}


def quick() -> NodeSettings:
    """A node that soon tries again."""
    again = DispatchLinksSection(first_wait_s=0.05, longest_wait_s=0.2)
    return settings_for().model_copy(update={"dispatch_links": again})


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving(Peer()) as found:
        yield found


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, quick()) as running:
        yield running


async def linked(node: RunningNode, peer: Peer, **more: Any) -> dict[str, Any]:
    order = {"name": "city-110", "title": "市局 110", "url": peer.url, "area": "520102", "news": ["opened", "changed", "closed"]}
    answer = await node.client.post("/dispatch-links", json={**order, **more})
    assert answer.status_code == 201, answer.text
    peer.secret = answer.json()["secret"]
    return answer.json()["link"]  # type: ignore[no-any-return]


async def opened(node: RunningNode, **more: Any) -> dict[str, Any]:
    answer = await node.client.post("/incidents", json={**BANK, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def numbered(node: RunningNode, one: dict[str, Any]) -> bool:
    lines = (await node.get(f"/incidents/{one['id']}"))["lines"]
    return any(line["facts"].get("number") == "JQ-1" for line in lines)


async def link(node: RunningNode) -> dict[str, Any]:
    (found,) = (await node.get("/dispatch-links"))["items"]
    return found


async def test_an_incident_is_told_from_its_first_word_to_its_end_and_their_number_is_kept(node: RunningNode, peer: Peer) -> None:
    await linked(node, peer)
    one = await opened(node, longitude=106.7, latitude=26.5)
    await until(lambda: len(peer.taken) == 1, what="it is told once")
    first = peer.jobs[0]
    wanted = {"number": one["number"], "state": "received", **BANK, "longitude": 106.7, "latitude": 26.5}
    assert {name: first[name] for name in wanted} == wanted
    assert set(first) == {*wanted, "time"}, "nobody's name is among it"
    await until(lambda: numbered(node, one), what="their number is known")
    for step in ("verify", "confirm"):
        assert (await node.client.post(f"/incidents/{one['id']}/state", json={"step": step})).status_code == 200
    assert (await node.client.post(f"/incidents/{one['id']}/notes", json={"text": "只在本地"})).status_code == 201
    assert (await node.client.post(f"/incidents/{one['id']}/close", json={"disposition": "handled"})).status_code == 200
    await until(lambda: len(peer.taken) == 4, what="it is told four times")
    assert [said["state"] for said in peer.jobs] == ["received", "received", "verified", "closed"]
    assert {said.get("yours") for said in peer.jobs[1:]} == {"JQ-1"}
    assert len({key for key, _ in peer.taken}) == 4 and peer.repeated == 0 and peer.unproven == 0

    async def all_sent() -> bool:
        found = await link(node)
        return (found["sent"], found["waiting"], found["failures"]) == (4, 0, 0) and found["sent_at"] is not None

    await until(all_sent, what="all sent")


async def test_while_it_is_away_nothing_overtakes_and_it_is_told(node: RunningNode, peer: Peer) -> None:
    await linked(node, peer)
    peer.away = 4
    first, second = await opened(node), await opened(node, place="甲秀楼")

    async def told() -> bool:
        return any(one["code"] == "dispatch_link.waits" for one in (await node.get("/node"))["faults"])

    await until(told, what="told")
    await until(lambda: len(peer.taken) == 2, what="it is told twice")
    assert [said["number"] for said in peer.jobs] == [first["number"], second["number"]]
    assert (peer.tried, peer.repeated) == (6, 0)

    async def well() -> bool:
        return not await told() and (await link(node))["fault"] == ""

    await until(well, what="well")


async def test_only_what_the_link_is_for_is_sent(node: RunningNode, peer: Peer) -> None:
    await linked(node, peer, least_urgent=2, news=["opened", "closed"])
    await opened(node, priority=3)
    await opened(node, area="520103")
    one = await opened(node)
    await until(lambda: numbered(node, one), what="their number is known")
    assert (await node.client.patch(f"/incidents/{one['id']}", json={"priority": 3, "reason": "较轻"})).status_code == 200
    assert (await node.client.post(f"/incidents/{one['id']}/close", json={"disposition": "handled"})).status_code == 200
    await until(lambda: len(peer.taken) == 2, what="it is told twice")
    assert [(said["number"], said["state"]) for said in peer.jobs] == [(one["number"], "received"), (one["number"], "closed")]


async def test_a_link_that_is_off_is_told_nothing_and_one_that_is_removed_is_forgotten(node: RunningNode, peer: Peer) -> None:
    made = await linked(node, peer)
    state = f"/dispatch-links/{made['id']}/state"
    assert (await node.client.put(state, json={"on": False})).json()["on"] is False
    await opened(node)
    assert (await link(node))["waiting"] == 0
    assert (await node.client.put(state, json={"on": True})).json()["on"] is True
    one = await opened(node)
    await until(lambda: len(peer.taken) == 1, what="it is told once")
    assert peer.jobs[0]["number"] == one["number"]
    assert (await node.client.delete(f"/dispatch-links/{made['id']}")).status_code == 204
    assert (await node.get("/dispatch-links"))["items"] == []
    assert (await node.client.post(f"/dispatch-links/{made['id']}/attempts")).status_code == 404


async def test_alarms_go_out_as_another_node_takes_them(node: RunningNode, peer: Peer) -> None:
    secret = await registered(node)
    assert (await report(node, secret, {**FIRE, "id": "before"})).status_code == 202
    await linked(node, peer, news=["alarms"], least_urgent=2)
    found = await report(node, secret, {**FIRE, "id": "FA-2", "point": "9", "longitude": 106.7, "latitude": 26.5})
    assert (await report(node, secret, {**FIRE, "id": "FA-3", "type": "technical", "point": "8"})).status_code == 202
    await until(lambda: len(peer.taken) == 1, what="it is told once")
    (said,) = peer.jobs
    assert (said["id"].rpartition("-")[2], said["type"], said["area"]) == (str(found.json()["alarm"]), "fire", "520102")
    assert (said["longitude"], said["priority"], said["change"]) == (106.7, 1, "new")


async def test_a_try_tells_what_the_other_system_says(node: RunningNode, peer: Peer) -> None:
    made = await linked(node, peer)
    attempts = f"/dispatch-links/{made['id']}/attempts"
    assert (await node.client.post(attempts)).status_code == 204
    assert peer.jobs == [{"ping": True}]
    peer.redirect = "http://127.0.0.1:9/elsewhere"
    answer = await node.client.post(attempts)
    assert (answer.status_code, answer.json()["code"]) == (502, "dispatch_link.away") and "HTTP 307" in answer.json()["en"]
    peer.redirect, peer.secret = "", "another secret, 16 and more"
    assert "HTTP 401" in (await node.client.post(attempts)).json()["en"]


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://10.1.2.3/jobs"},
        {"url": "http://example.org/jobs"},
        {"url": "ftp://127.0.0.1/jobs"},
        {"url": "https://name:word@example.org/"},
        {"url": "https:///jobs"},
        {"url": "https://example.org:0/"},
        {"url": "https://[::1/"},
        {"news": ["opened", "alarms"]},
        {"area": "529999"},
        {"secret": "short"},
        {"name": "X"},
    ],
)
async def test_what_is_no_link_is_refused(node: RunningNode, peer: Peer, change: dict[str, Any]) -> None:
    order = {"name": "city-110", "title": "市局 110", "url": peer.url, "area": "520102", "news": ["opened"]}
    assert (await node.client.post("/dispatch-links", json={**order, **change})).status_code == 422
    assert (await node.get("/dispatch-links"))["items"] == []


async def test_a_private_network_is_reached_in_the_clear_where_the_settings_say_so(tmp_path: Path) -> None:
    section = DispatchLinksSection(plain_to=["10.1.2.0/24"])
    async with running_node(tmp_path, settings_for().model_copy(update={"dispatch_links": section})) as node:
        await linked(node, Peer(url="http://10.1.2.3/jobs"))
        again = {"name": "city-110", "title": "x", "url": "https://example.org/", "news": ["opened"]}
        assert (await node.client.post("/dispatch-links", json=again)).status_code == 409


async def test_what_waits_is_sent_after_a_restart_under_its_key(tmp_path: Path, peer: Peer) -> None:
    slow = settings_for().model_copy(update={"dispatch_links": DispatchLinksSection(first_wait_s=3600, longest_wait_s=3600)})
    async with running_node(tmp_path, slow) as node:
        await linked(node, peer)
        peer.away = 1
        one = await opened(node)
        await until(lambda: peer.tried == 1, what="it is tried")

        async def waits() -> bool:
            return (await link(node))["failures"] == 1

        await until(waits, what="waits")
        assert (await link(node))["waiting"] == 1
    async with running_node(tmp_path, slow) as node:
        await until(lambda: len(peer.taken) == 1, what="it is told once")
        assert peer.jobs[0]["number"] == one["number"]


async def aside(node: RunningNode) -> dict[str, Any] | None:
    """The node's fault about what is set aside."""
    return next((one for one in (await node.get("/node"))["faults"] if one["code"] == "dispatch_link.set_aside"), None)


async def is_aside(node: RunningNode) -> bool:
    return bool((await link(node))["set_aside"])


async def test_what_is_refused_for_good_is_set_aside_and_the_rest_goes_on(tmp_path: Path, peer: Peer) -> None:
    peer.refused = [BANK["place"]]
    async with running_node(tmp_path, quick()) as node:
        await linked(node, peer)
        first = await opened(node)
        second = await opened(node, place="甲秀楼")
        await until(lambda: is_aside(node), what="it is set aside")
        await until(lambda: len(peer.taken) == 1, what="the one behind it has its turn")
        assert peer.jobs[0]["number"] == second["number"] and peer.tried == 11

        async def well() -> bool:
            found = await link(node)
            return (found["failures"], found["waiting"]) == (0, 0)

        await until(well, what="the link is well again")
        found = await link(node)
        assert (found["set_aside"], found["set_aside_why"], found["waiting"]) == (1, "HTTP 400", 0)
        assert found["set_aside_since"] is not None
        told = await aside(node)
        assert told is not None and "市局 110" in told["zh"] and "HTTP 400" in told["en"]
    async with running_node(tmp_path, quick()) as node:  # it is kept
        assert (await link(node))["set_aside"] == 1 and await aside(node) is not None
        path = f"/dispatch-links/{found['id']}/set-aside"
        peer.refused = []
        answer = await node.client.post(path, json={"do": "send"})
        assert (answer.status_code, answer.json()["set_aside"]) == (200, 0)
        await until(lambda: len(peer.taken) == 2, what="it is sent again")
        assert peer.jobs[1]["number"] == first["number"] and await aside(node) is None
        peer.refused = ["河滨公园"]
        await opened(node, place="河滨公园")
        await until(lambda: is_aside(node), what="it is set aside")
        answer = await node.client.post(path, json={"do": "leave-out"})
        assert (answer.json()["set_aside"], answer.json()["waiting"]) == (0, 0)
        tried = peer.tried
        await opened(node, place="花溪")
        await until(lambda: len(peer.taken) == 3, what="the next is told")
        assert (peer.jobs[2]["place"], peer.tried) == ("花溪", tried + 1)
        noted = [one for one in records(node) if one.act == "dispatch-link.settle"]
        assert [one.detail.rpartition(": ")[2] for one in noted] == ["1 sent again", "1 left out"]


@pytest.mark.parametrize("status", [403, 429, 503])
async def test_what_may_change_is_sent_for_ever(node: RunningNode, peer: Peer, status: int) -> None:
    peer.refused, peer.refusing = [BANK["place"]], status
    await linked(node, peer)
    await opened(node)
    await until(lambda: peer.tried > 11, what="it is sent again and again")
    assert (await link(node))["set_aside"] == 0
    peer.refusing = 400
    tried = peer.tried
    await until(lambda: is_aside(node), what="it is set aside")
    assert peer.tried >= tried + 10, "ten in a row"


def test_which_answers_will_not_change() -> None:
    asked = (302, 400, 401, 403, 404, 408, 409, 413, 422, 425, 429, 500, 503)
    assert [one for one in asked if is_refused(one)] == [400, 404, 409, 413, 422]
