"""A rule forwards an alarm to another system: on disk with the rule's own note, sent once, and told where it cannot be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.errors import StorageFault
from fengsui.features.alarm_rules import queries
from fengsui.features.dispatch_links.queries import is_told
from tests.node.alarm_hosts import entered
from tests.node.conftest import RunningNode, powered, running_node, simulated_camera, until
from tests.node.dispatch_peer import Peer, serving
from tests.node.test_alarm_rule_runs import INCIDENT, alarms, caught_up, incidents, sent, steps
from tests.node.test_alarm_rules import HERE, RAISE, written
from tests.node.test_alarm_work import ACCOUNT
from tests.node.test_audit import records
from tests.node.test_device_alarms import alarm_of, listed
from tests.node.test_dispatch_links import link, linked, quick


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving(Peer()) as found:
        yield found


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, quick()) as running:
        await entered(running, ACCOUNT, area=HERE)
        yield running


def forward(to: dict[str, Any]) -> dict[str, Any]:
    return {"do": "forward", "link": to["id"]}


async def all_sent(node: RunningNode, count: int) -> None:
    """So many, and nothing waits."""

    async def is_so() -> bool:
        found = await link(node)
        return (found["sent"], found["waiting"]) == (count, 0)

    await until(is_so, what="all is sent")


async def test_an_alarm_is_forwarded_once_as_it_stands_and_said_at_the_alarm_and_on_record(node: RunningNode, peer: Peer) -> None:
    made = await linked(node, peer, news=["forwarded"], least_urgent=1)
    rule = await written(node, when={"categories": ["intrusion"]}, then=[{"do": "raise", "to": 2}, forward(made)])
    await written(node, name="又一条", position=200, when={}, then=[forward(made)])
    await sent(node, 1)
    await sent(node, 2)  # it counts with the first
    await sent(node, 3, zone="006", code="RP")  # what is for the record goes out too where a rule says so
    await caught_up(node)
    first, _, third = await alarms(node)
    await all_sent(node, 2)
    assert [said["id"].rpartition("-")[2] for said in peer.jobs] == [str(first["id"]), str(third["id"])]
    assert (peer.tried, peer.repeated, peer.unproven) == (2, 0, 0)
    said = peer.jobs[0]
    assert (said["type"], said["area"], said["priority"], said["change"]) == ("intrusion", HERE, 2, "new")
    what = f"规则 / rule “{rule['name']}” v1: 转发至“市局 110” / forward to “市局 110”"
    assert [one for one in await steps(node, first["id"]) if "forward" in one] == [what], "it is said once, too"
    noted = [one for one in records(node) if one.act == "alarm-rule.run" and one.object == str(first["id"])]
    assert [one.detail for one in noted if "forward" in one.detail] == [f"{what}: link {made['id']}"]
    assert all(one["failures"] == 0 for one in (await node.client.get("/alarm-rules")).json()["items"])


async def test_what_was_raised_goes_out_raised(node: RunningNode, peer: Peer) -> None:
    made = await linked(node, peer, news=["forwarded"])
    await written(node, when={}, then=[RAISE, forward(made)])
    await sent(node, 1)
    await all_sent(node, 1)
    assert peer.jobs[0]["priority"] == 1


async def test_a_link_that_carries_alarms_by_itself_has_each_once_whoever_is_first(tmp_path: Path, peer: Peer) -> None:
    async with running_node(tmp_path, quick()) as node:
        await entered(node, ACCOUNT, area=HERE)
        made = await linked(node, peer, news=["alarms"], least_urgent=2)
        await written(node, when={}, then=[forward(made)])
        await node.node.incidents.runs.stop()
        await sent(node, 1)
        await all_sent(node, 1)
    async with running_node(tmp_path, quick()) as node:  # the rule is late
        await caught_up(node)
        (first,) = await alarms(node)
        assert await steps(node, first["id"]) == []
        await node.node.incidents.sender.stop()
        await sent(node, 2, zone="006")
        await sent(node, 3, zone="007", code="RP")  # the link by itself leaves it out
        await caught_up(node)
        assert (await link(node))["waiting"] == 2
    async with running_node(tmp_path, quick()) as node:  # and so is the link
        await all_sent(node, 3)
        found = [str(one["id"]) for one in await alarms(node)]
        assert [said["id"].rpartition("-")[2] for said in peer.jobs] == found
        assert (peer.tried, peer.repeated) == (3, 0)


async def test_what_leaves_the_node_is_what_links_tell_of_such_an_alarm(node: RunningNode, peer: Peer) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    with serving(Peer()) as other:
        await linked(node, other, name="upper", title="上级平台", news=["alarms"], least_urgent=4)
        made = await linked(node, peer, news=["forwarded"])
        await written(node, when={}, then=[forward(made)])
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            await node.put(code, HERE)
            await node.note(code, camera_class="restricted")
            assert (await camera.send(alarm_of(code, longitude=106.71, latitude=26.57))).status == 200
        await until(lambda: len(other.taken) == len(peer.taken) == 1, what="both are told")
        assert peer.taken == other.taken
        (alarm,) = await alarms(node)
        assert code not in str(await steps(node, alarm["id"]))


async def test_what_the_node_died_in_is_sent_once(tmp_path: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_node(tmp_path, quick()) as node:
        await entered(node, ACCOUNT, area=HERE)
        made = await linked(node, peer, news=["forwarded"])
        await written(node, when={}, then=[forward(made)])
        await node.node.incidents.runs.stop()
        await sent(node, 1)
    added, tries = queries.add_run, list[int]()

    async def fails_first(tx: AsyncConnection, one: queries.Run) -> None:
        await added(tx, one)
        tries.append(one.alarm_id)
        if len(tries) == 1:  # all of it is written, and not committed
            assert await is_told(tx, made["id"], one.alarm_id)
            raise StorageFault(what="the disk")

    monkeypatch.setattr(queries, "add_run", fails_first)
    async with running_node(tmp_path, quick()) as node:
        await caught_up(node)
        await all_sent(node, 1)
        (alarm,) = await alarms(node)
        assert len(tries) == 2 and len(await steps(node, alarm["id"])) == 1
        assert (len(peer.taken), peer.repeated) == (1, 0)


async def test_a_link_that_is_off_or_gone_is_told_as_the_rules_failure_and_the_rest_goes_on(node: RunningNode, peer: Peer) -> None:
    made = await linked(node, peer, news=["forwarded"])
    path = f"/dispatch-links/{made['id']}"
    rule = await written(node, when={}, then=[forward(made), INCIDENT])
    assert (await node.client.put(f"{path}/state", json={"on": False})).status_code == 200
    await sent(node, 1)
    await caught_up(node)
    (shown,) = (await node.client.get("/alarm-rules")).json()["items"]
    why = "该对接不能转发报警:已停用 / No alarm can be forwarded over that link: it is off"
    assert (shown["failures"], shown["last_error"]) == (1, why)
    (alarm,) = await alarms(node)
    said = "转发失败:该对接不能转发报警:已停用 / forward failed: No alarm can be forwarded over that link: it is off"
    assert f"规则 / rule “{rule['name']}” v1: {said}" in await steps(node, alarm["id"])
    assert (await node.client.put(f"{path}/state", json={"on": True})).status_code == 200
    assert (await node.client.delete(path)).status_code == 204
    again = await linked(node, peer, news=["forwarded"])
    assert again["id"] != made["id"], "a number is never another link's: nothing goes to whom the rule did not name"
    await sent(node, 2, zone="006")
    await caught_up(node)
    (shown,) = (await node.client.get("/alarm-rules")).json()["items"]
    assert (shown["failures"], shown["last_error"]) == (2, "没有这条对接 / There is no such link")
    assert len(await incidents(node)) == 2, "its other acts went on"
    assert peer.taken == []
    order = {name: shown[name] for name in ("name", "area", "position", "when", "then", "version")}
    refused = await node.client.put(f"/alarm-rules/{rule['id']}", json={**order, "on": True})
    assert (refused.status_code, refused.json()["code"]) == (404, "dispatch_link.unknown")
    assert (await node.client.put(f"/alarm-rules/{rule['id']}", json={**order, "on": False})).status_code == 200


@pytest.mark.parametrize(
    ("more", "area", "off"),
    [
        ({"news": ["opened"]}, HERE, False),
        ({"news": ["forwarded"], "area": "520103"}, HERE, False),
        ({"news": ["forwarded"]}, "5201", False),
        ({"news": ["forwarded"]}, HERE, True),
    ],
)
async def test_a_rule_names_a_link_that_takes_alarms_of_its_whole_area(
    node: RunningNode, peer: Peer, more: dict[str, Any], area: str, off: bool
) -> None:
    made = await linked(node, peer, **more)
    if off:
        await node.client.put(f"/dispatch-links/{made['id']}/state", json={"on": False})
    order = {"name": "转发", "area": area, "then": [forward(made)]}
    answer = await node.client.post("/alarm-rules", json=order)
    assert (answer.status_code, answer.json()["code"]) == (422, "dispatch_link.unfit"), answer.text
    unknown = await node.client.post("/alarm-rules", json={**order, "then": [{"do": "forward", "link": 77}]})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "dispatch_link.unknown")
    assert (await node.client.get("/alarm-rules")).json()["items"] == []


async def test_the_dry_run_says_to_whom_and_why_not(node: RunningNode, peer: Peer) -> None:
    here = await linked(node, peer, news=["forwarded"])
    elsewhere = await linked(node, peer, name="other", area="520103", news=["forwarded"])
    await sent(node, 1)
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()

    async def would(to: dict[str, Any], **more: Any) -> list[dict[str, str]]:
        tried = {"rule": {"name": "试", "area": HERE, "then": [forward(to)], **more}, "from": since}
        answer = await node.client.post("/alarm-rules/dry-run", json=tried)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"][0]["would"]  # type: ignore[no-any-return]

    assert await would(here) == [{"zh": "转发至“市局 110”", "en": "forward to “市局 110”"}]
    (said,) = await would(elsewhere, on=False)
    assert "不包含该行政区划" in said["zh"] and "does not lie over this area" in said["en"]
    assert peer.taken == []


async def test_whoever_writes_rules_may_choose_among_links_of_where_they_do(node: RunningNode, peer: Peer) -> None:
    wide = await linked(node, peer, name="city", title="市局", area="5201", news=["alarms"])
    here = await linked(node, peer, name="district", title="分局", news=["forwarded"])
    await linked(node, peer, name="incidents", news=["opened"])
    await linked(node, peer, name="elsewhere", area="520103", news=["forwarded"])
    off = await linked(node, peer, name="off", news=["forwarded"])
    await node.client.put(f"/dispatch-links/{off['id']}/state", json={"on": False})
    wang = await node.client_of("wang", {"post": "duty-supervisor", "area": HERE})
    items = (await wang.get("/alarm-rules/links")).json()["items"]
    assert [(one["id"], one["title"], one["area"]) for one in items] == [(here["id"], "分局", HERE), (wide["id"], "市局", "5201")]
    assert set(items[0]) == {"id", "title", "area", "area_name"}, "neither its address nor what came of it"
    assert (await wang.get("/dispatch-links")).status_code == 403
    order = {"name": "转发", "area": HERE, "then": [forward(wide)]}
    assert (await wang.post("/alarm-rules", json=order)).status_code == 201
    li = await node.client_of("li-si", {"post": "operator", "area": HERE})
    assert (await li.get("/alarm-rules/links")).status_code == 403
    for client in (wang, li):
        await client.aclose()


async def test_the_intake_of_a_node_takes_what_is_forwarded(node: RunningNode) -> None:
    source = {"name": "lower", "title": "下级平台", "area": HERE}
    secret = (await node.client.post("/alarm-sources", json=source)).json()["secret"]
    url = f"http://127.0.0.1:{node.node.settings.http.port}/api/v1/alarm-intake/lower"
    order = {"name": "upper", "title": "上级平台", "url": url, "area": HERE, "news": ["forwarded"], "secret": secret}
    made = (await node.client.post("/dispatch-links", json=order)).json()["link"]
    await written(node, when={"protocols": ["dc09"]}, then=[forward(made)])
    await sent(node, 1)

    async def is_there() -> bool:
        return len(await alarms(node)) == 2

    await until(is_there, what="it came back, for here the two nodes are one")
    ours, theirs = await alarms(node)
    assert (theirs["protocol"], theirs["category"], theirs["area"]) == ("https", "intrusion", HERE)
    assert theirs["priority"] == ours["priority"]
