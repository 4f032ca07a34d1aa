"""Points as objects of their own: changed without losing their alarms, in test until an end, with what looks at them."""

from __future__ import annotations

import json
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fengsui.clock import ManualClock
from fengsui.features.alarms.model import PointCamera, with_hidden
from fengsui.wire.dc09.sending import request
from tests.node.alarm_hosts import burglary, datagram, entered, order, sender_of, told
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_alarms import ACCOUNT, alarms, port_of
from tests.node.test_audit import records
from tests.node.test_live import listed

FIRST, SECOND = "52010200001320000001", "52010200001320000002"
VAULT = {"zone": "5", "name": "金库门", "kind": "detector"}


async def rings(node: RunningNode, sequence: int, zone: str = "005") -> dict[str, Any]:
    """A burglary there; the alarm of it."""
    assert told(await datagram(port_of(node), burglary(sender_of(ACCOUNT), sequence, zone=zone)))[0] == "ACK"
    return (await alarms(node))[0]


async def host(node: RunningNode) -> dict[str, Any]:
    (found,) = (await node.client.get("/alarm-hosts")).json()["items"]
    return dict(found)


async def changed(node: RunningNode, before: dict[str, Any], **to: Any) -> Any:
    facts = {name: before[name] for name in ("revision", "site", "supervision_s")}
    return await node.client.put(f"/alarm-hosts/{before['id']}", json={**facts, "points": [VAULT], **to})


async def test_what_looks_at_a_point_and_where_it_is_come_with_its_alarm(tmp_path: Path, store_url: str) -> None:
    where = {"longitude": 106.713, "latitude": 26.578}
    async with running_node(tmp_path, settings_for(store_url)) as node:
        cameras = [simulated_camera(node.registrar, number) for number in (1, 2)]
        async with powered(*cameras):
            for one in (FIRST, SECOND):
                await until(lambda code=one: listed(node, code), what="the camera is listed")
            looks = {"camera": FIRST, "preset": 3, "others": [{"camera": SECOND}]}
            made = await entered(node, ACCOUNT, points=[{**VAULT, **looks, **where}])
        (point,) = made["points"]
        assert {name: point[name] for name in (*looks, *where)} == {
            **looks,
            "others": [{"camera": SECOND, "preset": None}],
            **where,
        }
        assert point["signalled_at"] is None and point["test"] is None
        alarm = await rings(node, 1)
        assert {name: alarm[name] for name in ("camera", *where)} == {"camera": FIRST, **where}
        shown = await node.get(f"/alarms/{alarm['id']}/cameras")
        assert shown["items"] == [
            {"camera": FIRST, "preset": 3, "rule": "金库门", "version": 0},
            {"camera": SECOND, "preset": None, "rule": "金库门", "version": 0},
        ]
        (point,) = (await host(node))["points"]
        assert point["signalled_at"] == alarm["received_at"], "its last signal"
    async with running_node(tmp_path, settings_for(store_url)) as node:
        (again,) = (await host(node))["points"]
        assert again == point, "also after a start"


async def test_a_point_that_is_changed_keeps_its_alarms_and_one_that_goes_does_not_count(tmp_path: Path, store_url: str) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        made = await entered(node, ACCOUNT)
        number = made["points"][0]["id"]
        open_alarm = await rings(node, 1)
        points = [{**VAULT, "name": "金库内门"}, {"zone": "6", "name": "大厅"}]
        renamed = await changed(node, made, points=points)
        await rings(node, 2)
        folded = await node.get(f"/alarms/{open_alarm['id']}")
        assert folded["work"]["folded"] == 1, "the same source"  # type: ignore[index]
        told_again = await changed(node, renamed.json(), site="南明支行", supervision_s=3_600, points=points)
        assert told_again.status_code == 200, told_again.text
        now = told_again.json()
        assert (now["site"], now["supervision_s"], now["interval_s"]) == ("南明支行", 3_600, 3_600)
        assert [(one["id"] == number, one["name"]) for one in now["points"]] == [(True, "金库内门"), (False, "大厅")]
        late = await changed(node, made, site="别处")
        assert (late.status_code, late.json()["code"]) == (409, "alarm_host.changed"), "two editors do not undo each other"
        fewer = await changed(node, now, site="南明支行", points=[{"zone": "6", "name": "大厅"}])
        assert fewer.status_code == 200, fewer.text
        assert (await rings(node, 3))["point"] == "", "nobody knows that zone any more"
        assert (await node.get(f"/alarms/{open_alarm['id']}"))["point"] == "金库门", "as it was called then"
        lines = [one.detail for one in records(node) if one.act == "alarm-host.change" and one.result == "allowed"]
        assert lines[0] == "5: 金库内门; with 6 大厅" and "site 南明银行 → 南明支行" in lines[1], lines
    async with running_node(tmp_path, settings_for(store_url)) as node:
        found = await host(node)
        assert {**found, "heard_at": None} == {**fewer.json(), "heard_at": None}


async def test_a_host_that_is_renamed_goes_on_with_its_open_alarms_and_one_that_is_entered_anew_does_not(
    tmp_path: Path, store_url: str
) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        before = await entered(node, ACCOUNT)
        first = await rings(node, 1)
        assert (await changed(node, before, site="南明支行")).status_code == 200
        again = await rings(node, 2)
        assert (again["site"], again["id"] > first["id"]) == ("南明支行", True)
    async with running_node(tmp_path, settings_for(store_url)) as node:
        assert (await changed(node, await host(node), site="花溪支行")).status_code == 200
        await rings(node, 3)
        whole = await node.get(f"/alarms/{first['id']}")
        assert whole["work"]["folded"] == 2, "also after a start"  # type: ignore[index]
        over = request(sender_of(ACCOUNT), "SIA-DCS", 4, f"#{ACCOUNT}|Nri2/BR005")
        assert told(await datagram(port_of(node), over))[0] == "ACK"
        whole = await node.get(f"/alarms/{first['id']}")
        assert whole["work"]["active"] is False, "what it tells to be over is over"  # type: ignore[index]
        gone = await host(node)
        assert (await node.client.delete(f"/alarm-hosts/{gone['id']}")).status_code == 204
        anew = await entered(node, ACCOUNT)
        assert anew["id"] != gone["id"], "no number is given twice"
        other = await rings(node, 5)
        assert other["work"]["state"] == "open", "it is another house"


async def test_cameras_that_a_keeper_does_not_see_stay_linked(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        cameras = [simulated_camera(node.registrar, number) for number in (1, 2)]
        async with powered(*cameras):
            for one in (FIRST, SECOND):
                await until(lambda code=one: listed(node, code), what="the camera is listed")
            looks = {"camera": FIRST, "preset": 3, "others": [{"camera": SECOND}]}
            made = await entered(node, ACCOUNT, area="520103", points=[{**VAULT, **looks}, {"zone": "6", "name": "大厅"}])
            assert made["points"][0]["hidden"] == 0
            there = await node.client_of("there", {"post": "system-administrator", "area": "520103"})
            (seen,) = (await there.get("/alarm-hosts")).json()["items"]
            point, hall = seen["points"]
            assert (point["camera"], point["others"], point["hidden"]) == ("", [], 2)
            swapped = [
                {**VAULT, "name": "金库内门", "zone": "6", "id": point["id"]},
                {"zone": "5", "name": "大厅", "id": hall["id"]},
            ]
            change = {"revision": seen["revision"], "site": "支行", "points": swapped}
            answer = await there.put(f"/alarm-hosts/{seen['id']}", json=change)
            assert (answer.status_code, [one["hidden"] for one in answer.json()["points"]]) == (200, [2, 0]), answer.text
            await there.aclose()
            now = await host(node)
            point, other = now["points"]
            assert [(one["id"], one["zone"]) for one in now["points"]] == [(seen["points"][0]["id"], "6"), (hall["id"], "5")]
            for unfit in ([{**other, "id": 9_999}], [{**other, "zone": "7"}, {**other, "zone": "8"}]):
                kept = [{name: one[name] for name in ("id", "zone", "name")} for one in unfit]
                refused = await node.client.put(
                    f"/alarm-hosts/{now['id']}", json={"revision": now["revision"], "site": "x", "points": kept}
                )
                assert (refused.status_code, refused.json()["code"]) == (422, "alarm_host.unusable")
            assert any("5 → 6: 金库内门" in one.detail for one in records(node) if one.act == "alarm-host.change")
            assert (point["name"], point["camera"], point["preset"], point["hidden"]) == ("金库内门", FIRST, 3, 0)
            assert [one["camera"] for one in point["others"]] == [SECOND]


CODES = [f"5201020000132000000{at}" for at in range(8)]


@given(st.permutations(CODES), st.integers(0, 8), st.sets(st.sampled_from(CODES)), st.randoms())
def test_hidden_cameras_stay_and_what_is_said_keeps_its_order(
    codes: list[str], there: int, hidden: set[str], chance: random.Random
) -> None:
    before = [PointCamera(code) for code in codes[:there]]
    given = [PointCamera(code) for code in codes if code not in hidden and chance.random() < 0.5]
    found = with_hidden(before, given, hidden)
    kept = [one for one in before if one.camera in hidden]
    assert [one for one in found if one in kept] == kept and [one for one in found if one in given] == given
    assert len(found) == len(kept) + len(given)
    if given == [one for one in before if one not in kept]:
        assert list(found) == before, "who changes nothing changes nothing"


@pytest.mark.parametrize(
    ("points", "code"),
    [
        ([VAULT, {**VAULT, "zone": "005"}], "alarm_host.unusable"),
        ([{**VAULT, "camera": FIRST}], "camera.unknown"),
        ([{**VAULT, "longitude": 106.7}], "request.invalid"),
        ([{**VAULT, "others": [{"camera": FIRST}]}], "request.invalid"),
        ([{**VAULT, "camera": FIRST, "preset": 0}], "request.invalid"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(tmp_path: Path, points: list[dict[str, Any]], code: str) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        made = await entered(node, ACCOUNT)
        refused = await changed(node, made, points=points)
        assert (refused.status_code in (404, 422), refused.json()["code"]) == (True, code), refused.text
        assert await host(node) == made


async def test_a_point_in_test_rings_nobody_until_its_end_and_the_others_do(tmp_path: Path, store_url: str) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with running_node(tmp_path, settings_for(store_url), clock) as node:
        made = await entered(node, ACCOUNT, points=[VAULT, {"zone": "6", "name": "大厅", "kind": "button"}])
        vault, hall = (one["id"] for one in made["points"])
        path = f"/alarm-hosts/{made['id']}/test"
        foreign = await node.client.put(path, json={"minutes": 30, "reason": "维护", "points": [hall + 1]})
        assert (foreign.status_code, foreign.json()["code"]) == (422, "alarm_host.unknown_point")
        for wrong in ({"minutes": 0, "reason": "维护"}, {"minutes": 481, "reason": "维护"}, {"minutes": 5, "reason": " "}):
            assert (await node.client.put(path, json=wrong)).status_code == 422
        begun = await node.client.put(path, json={"minutes": 30, "reason": "维护", "points": [vault]})
        assert begun.status_code == 200, begun.text
        tests = [one["test"] for one in begun.json()["points"]]
        assert tests[1] is None and (tests[0]["reason"], tests[0]["by"]) == ("维护", "system")
        assert datetime.fromisoformat(tests[0]["until"]) - datetime.fromisoformat(tests[0]["begun_at"]) == timedelta(minutes=30)
        tested = await rings(node, 1)
        assert (tested["tested"], tested["priority"], tested["work"]) == (True, 4, None), "on record, and nobody's work"
        other = await rings(node, 2, "006")
        assert (other["tested"], other["work"]["state"]) == (False, "open")
    async with running_node(tmp_path, settings_for(store_url), clock) as node:
        assert (await rings(node, 3))["tested"], "a start does not end it"
        clock.advance(30 * 60)
        assert (await host(node))["points"][0]["test"] is None
        real = await rings(node, 4)
        assert (real["tested"], real["priority"], real["work"]["state"]) == (False, 2, "open"), "it rings again by itself"
        assert (await node.client.put(path, json={"minutes": 5, "reason": "维护"})).status_code == 200
        assert all(one["test"] for one in (await host(node))["points"]), "all of them where none is named"
        ended = await node.client.delete(path)
        assert [one["test"] for one in ended.json()["points"]] == [None, None]
        acts = [one.act for one in records(node) if one.act.startswith("alarm-host.test") and one.result == "allowed"]
        assert acts == ["alarm-host.test", "alarm-host.test", "alarm-host.test-end"]


async def test_hosts_are_found_by_what_they_are_called_and_by_their_state(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        vault = await entered(node, "4321")
        await entered(node, "4322", site="实验小学", points=[{"zone": "1", "name": "东门按钮", "kind": "button"}])

        async def found(**asked: str) -> list[str]:
            answer = await node.client.get("/alarm-hosts", params=asked)
            assert answer.status_code == 200 and answer.json()["total"] == len(answer.json()["items"]), answer.text
            return [one["account"] for one in answer.json()["items"]]

        assert await found(q="小学") == await found(q="东门") == await found(q="4322") == ["4322"]
        assert await found(q="nobody") == await found(state="tested") == await found(state="silent") == []
        assert (await node.client.put(f"/alarm-hosts/{vault['id']}/test", json={"minutes": 5, "reason": "维护"})).status_code == 200
        assert await found(state="tested") == ["4321"] and await found(state="tested", q="小学") == []


async def test_a_test_that_was_written_past_the_node_silences_nothing(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        made = await entered(node, ACCOUNT)
        number = made["points"][0]["id"]
    with sqlite3.connect(tmp_path / "node.db") as database:
        row = (number, made["id"], 0.0, 4e9, "x", "nobody", "0" * 64)
        database.execute("INSERT INTO alarm_point_tests VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    async with running_node(tmp_path, settings_for()) as node:
        alarm = await rings(node, 1)
        assert (alarm["tested"], alarm["work"]["state"]) == (False, "open")


async def test_who_does_not_keep_the_area_changes_and_tests_nothing(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        made = await entered(node, ACCOUNT)
        elsewhere = await node.client_of("keeper-2", {"post": "system-administrator", "area": "520303"})
        path = f"/alarm-hosts/{made['id']}"
        body = {"revision": made["revision"], "site": "别处", "points": []}
        assert (await elsewhere.put(path, json=body)).status_code == 403
        assert (await elsewhere.put(f"{path}/test", json={"minutes": 5, "reason": "x"})).status_code == 403
        assert (await elsewhere.delete(f"{path}/test")).status_code == 403
        assert await host(node) == made
        await elsewhere.aclose()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats() | st.text(max_size=8),
    lambda some: (
        st.lists(some, max_size=3) | st.dictionaries(st.sampled_from(["zone", "name", "camera", "others", "preset"]), some)
    ),
    max_leaves=6,
)


async def test_bodies_of_any_form_are_answered_and_harm_nothing(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        made = await entered(node, ACCOUNT)
        bodies = list[Any]()

        @settings(max_examples=60, suppress_health_check=list(HealthCheck))
        @given(JSON, st.lists(JSON, max_size=2))
        def gather(site: Any, points: list[Any]) -> None:
            bodies.append({"revision": made["revision"], "site": site, "points": points})

        gather()
        for body in bodies:
            if not isinstance(body["site"], str) or body["points"]:
                text = json.dumps(body)
                answer = await node.client.put(
                    f"/alarm-hosts/{made['id']}", content=text, headers={"content-type": "application/json"}
                )
                assert answer.status_code in (404, 409, 422), (body, answer.text)
        assert await host(node) == made
        assert order(ACCOUNT)["account"] == made["account"]
