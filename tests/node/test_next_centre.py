"""Alarms that nobody takes at a duty centre pass on to the next one: who may see to them then, and no longer than that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from fengsui.errors import StorageFault
from fengsui.features.alarm_work import pass_queries
from fengsui.settings import NodeSettings
from tests.node.alarm_hosts import entered, line_to
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.duty_room import MovedClock
from tests.node.test_alarm_work import ACCOUNT, act, on_record, port_of, queue, reported, with_clocks
from tests.node.test_duty_centres import centre_for
from tests.node.test_events import feed_of, line_of
from tests.node.test_live import listed
from tests.node.test_rights_end import nothing_opens, opened_by, until_cut
from tests.test_alarm_work_model import LONG_S

HERE, NEXT, LAST, OTHER = "520102", "520103", "520111", "520112"
LATER = timedelta(minutes=6)


@dataclass
class City:
    """Four centres, of which the first three are in a row, each five minutes after the one before."""

    node: RunningNode
    clock: MovedClock
    centres: dict[str, int] = field(default_factory=dict)
    people: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    async def follow(self, area: str, following: str | None, status: int = 200) -> dict[str, Any]:
        body = {"centre": None if following is None else self.centres[following], "minutes": 5}
        answer = await self.node.client.put(f"/duty/centres/{self.centres[area]}/next", json=body)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def person(self, name: str, area: str, *, seat: int = 0, **appointment: Any) -> httpx.AsyncClient:
        """An operator; `seat`: on shift at the centre of the area."""
        client = await self.node.client_of(name, {"post": "operator", "area": area, **appointment})
        self.people[name] = client
        if seat:
            answer = await client.post("/duty/shift", json={"centre": self.centres[area], "seat": seat})
            assert answer.status_code == 201, answer.text
        return client

    async def ring(self, sequence: int = 1, **facts: Any) -> None:
        async with line_to(port_of(self.node)) as line:
            await reported(line, sequence, **facts)

    async def id_of(self, name: str) -> int:
        people = (await self.node.client.get("/users")).json()["items"]
        return int(next(one["id"] for one in people if one["name"] == name))


def patient() -> NodeSettings:
    return with_clocks(settings_for(), claim_s=LONG_S, claim_at_most_s=LONG_S, verify_s=LONG_S)


def hasty(store_url: str) -> NodeSettings:
    return with_clocks(settings_for(store_url), claim_s=0.2, claim_at_most_s=0.5, verify_s=LONG_S)


@asynccontextmanager
async def city(data: Path, settings: NodeSettings | None = None) -> AsyncIterator[City]:
    clock = MovedClock()
    async with running_node(data, settings or patient(), clock) as node:
        found = City(node, clock)
        for area in (HERE, NEXT, LAST, OTHER):
            found.centres[area] = await centre_for(node, area)
        await found.follow(HERE, NEXT)
        await entered(node, ACCOUNT)
        try:
            yield found
        finally:
            for one in found.people.values():
                await one.aclose()


async def has(client: httpx.AsyncClient, number: int = 1) -> list[dict[str, Any]]:
    """Once as many stand in somebody's queue."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        answer = await client.get("/alarms", params={"queue": "open"})
        assert answer.status_code == 200, answer.text
        found[:] = answer.json()["items"]
        return len(found) >= number

    await until(there, what="it was passed on")
    assert len(found) == number
    return found


async def looked(at: City) -> None:
    """The node has looked for alarms that pass on, from here on, whole."""
    work = at.node.node.incidents.alarms.work
    before = work._looks
    await until(lambda: work._looks >= before + 2, what="it looked")


async def sees_nothing(client: httpx.AsyncClient, alarm: int) -> None:
    assert await queue(client) == []
    assert (await client.get("/alarms", params={"id": alarm})).json()["items"] == []
    for path in ("", "/steps", "/cameras", "/procedures", "/site"):
        assert (await client.get(f"/alarms/{alarm}{path}")).status_code == 404, path
    for verb, body in (("acknowledge", {}), ("verify", {"result": "real"}), ("close", {"outcome": "handled"})):
        assert (await client.post(f"/alarms/{alarm}/{verb}", json=body)).status_code == 404, verb
    assert (await client.get("/alarm-queue/summary")).json()["open"] == 0


async def test_where_nobody_is_on_shift_the_next_centre_has_it_until_it_is_closed(tmp_path: Path) -> None:
    async with city(tmp_path) as at:
        li, wang = await at.person("li-si", HERE), await at.person("wang-wu", NEXT, seat=1)
        off, zhang = await at.person("off-shift", NEXT), await at.person("zhang-san", OTHER, seat=1)
        await at.ring()
        (alarm,) = await queue(li)
        await looked(at)
        for one in (wang, off, zhang):
            await sees_nothing(one, alarm["id"])
        token = wang.headers["Authorization"].removeprefix("Bearer ")
        async with feed_of(at.node, token) as news:
            at.clock.later += LATER
            (found,) = await has(wang)
            changed, rings = await line_of(news, "alarm.work"), await line_of(news, "alarm.passed")
        assert (changed["id"], changed["passed_to"], changed["raised"]) == (alarm["id"], [at.centres[NEXT]], False)
        assert (rings["id"], rings["priority"], rings["centre"]) == (alarm["id"], 2, at.centres[NEXT])
        (passed,) = found["work"]["passed_to"]
        assert (passed["centre"], passed["name"], passed["why"]) == (at.centres[NEXT], f"{NEXT} 中心", "nobody")
        assert (await wang.get("/alarm-queue/summary")).json()["open"] == 1
        for one in (off, zhang):
            await sees_nothing(one, alarm["id"])
        assert on_record(at.node, "alarm.pass") == 1
        # Beyond these alarms they have no right: no shelf, no incident, no figures, no list of the area.
        figures = (await wang.get("/alarm-figures", params={"span": "day"})).json()
        assert figures["areas"] == [] and figures["kinds"] == []
        until_then = (at.clock.now() + timedelta(minutes=5)).isoformat()
        shelf = {"alarm": alarm["id"], "scope": "point", "until": until_then, "reason": "works"}
        answer = await wang.post("/alarm-shelves", json=shelf)
        assert (answer.status_code, answer.json()["code"]) == (404, "alarm.unknown"), answer.text
        assert (await wang.get(f"/alarms/{alarm['id']}/site")).status_code == 404, "whom to call: for whoever has taken it"
        await act(wang, found, "acknowledge")
        assert (await wang.get(f"/alarms/{alarm['id']}/site")).status_code == 200
        (seen,) = await queue(li)
        assert seen["work"]["owner"]["name"] == "wang-wu", "its own centre sees who took it"
        await act(wang, found, "verify", result="real")
        done = await act(wang, found, "close", outcome="handled")
        assert (done["work"]["state"], done["work"]["passed_to"]) == ("closed", [])
        await sees_nothing(wang, alarm["id"])
        steps = (await li.get(f"/alarms/{alarm['id']}/steps")).json()["items"]
        assert [one["act"] for one in steps] == ["pass", "claim", "verify", "close"]
        assert steps[0]["detail"] == f"{HERE} 中心 → {NEXT} 中心" and steps[0]["who"] == ""


async def test_whoever_sits_there_sees_what_their_post_holds_there_and_nothing_else(tmp_path: Path) -> None:
    async with city(tmp_path) as at:
        wang = await at.person("wang-wu", NEXT, seat=1)
        qian = await at.person("qian-er", NEXT, seat=2, classes=["government"])
        await at.ring()
        async with at.node.node.store.transaction() as tx:
            await tx.execute(sa.text("UPDATE alarms SET camera_class = 'restricted'"))
        at.clock.later += LATER
        (alarm,) = await has(wang)
        await sees_nothing(qian, alarm["id"])
        to = await at.id_of("qian-er")
        await act(wang, alarm, "acknowledge")
        assert (await act(wang, alarm, "hand-over", 422, to=to))["code"] == "alarm.unknown_colleague"


async def test_where_somebody_is_on_shift_only_what_waited_longest_passes_and_its_clocks_go_on(
    tmp_path: Path, store_url: str
) -> None:
    async with city(tmp_path, hasty(store_url)) as at:
        li, wang = await at.person("li-si", HERE, seat=1), await at.person("wang-wu", NEXT, seat=1)
        await at.ring(1, zone="001")
        await at.ring(2, zone="002")
        first, second = await queue(li)
        await act(li, second, "acknowledge")

        async def told_of() -> bool:
            return bool((await li.get(f"/alarms/{first['id']}")).json()["work"]["escalated"] == 2)

        await until(told_of, what="it waited as long as it may")
        await looked(at)
        await sees_nothing(wang, first["id"])
        at.clock.later += LATER
        (found,) = await has(wang)
        assert (found["id"], found["work"]["passed_to"][0]["why"]) == (first["id"], "untaken")
        await sees_not(wang, second["id"])
        taken = (await act(wang, found, "acknowledge"))["work"]
        assert taken["due_at"] is not None and taken["escalated_most"] == 2, "it has a clock with them too"
        assert (await act(li, found, "acknowledge", 409))["code"] == "alarm.taken"


async def sees_not(client: httpx.AsyncClient, alarm: int) -> None:
    assert (await client.get(f"/alarms/{alarm}")).status_code == 404


async def test_it_goes_one_centre_at_a_time_and_never_back(tmp_path: Path) -> None:
    async with city(tmp_path) as at:
        await at.follow(NEXT, LAST)
        assert (await at.follow(LAST, HERE, 400))["code"] == "duty.unusable"
        assert (await at.follow(HERE, HERE, 400))["code"] == "duty.unusable"
        answer = await at.node.client.delete(f"/duty/centres/{at.centres[LAST]}")
        assert answer.status_code in (400, 409), "others pass on to it"
        li = await at.person("li-si", HERE)
        chen = await at.person("chen-qi", LAST, seat=1)
        at.clock.later += LATER
        await at.ring()
        (alarm,) = await queue(li)

        async def passes() -> list[int]:
            found = (await li.get(f"/alarms/{alarm['id']}")).json()["work"]["passed_to"]
            return [one["centre"] for one in found]

        async def at_next() -> bool:
            return bool(await passes())

        await until(at_next, what="it went to the next centre")
        await looked(at)
        assert await passes() == [at.centres[NEXT]], "one hop at a time"
        await sees_nothing(chen, alarm["id"])
        at.clock.later += LATER
        await has(chen)
        assert await passes() == [at.centres[NEXT], at.centres[LAST]]
        at.clock.later += LATER
        await looked(at)
        assert await passes() == [at.centres[NEXT], at.centres[LAST]], "and there it stays"
        wang = await at.person("wang-wu", NEXT, seat=1)
        assert [one["id"] for one in await queue(wang)] == [alarm["id"]], "whoever comes may take it"


async def test_from_a_centre_that_is_given_up_it_goes_on_to_the_one_that_follows_by_then(tmp_path: Path) -> None:
    async with city(tmp_path) as at:
        li = await at.person("li-si", HERE)
        wang, chen = await at.person("wang-wu", NEXT), await at.person("chen-qi", LAST, seat=1)
        await at.ring()
        at.clock.later += LATER
        (alarm,) = await queue(li)

        async def passes() -> list[int]:
            found = (await li.get(f"/alarms/{alarm['id']}")).json()["work"]["passed_to"]
            return [one["centre"] for one in found]

        async def at_next() -> bool:
            return await passes() == [at.centres[NEXT]]

        await until(at_next, what="it went to the next centre")
        await at.follow(HERE, LAST)
        await looked(at)
        at.clock.later += LATER
        await looked(at)
        await sees_nothing(chen, alarm["id"])  # there it stays as long as it stands at a centre that is there
        assert (await at.node.client.delete(f"/duty/centres/{at.centres[NEXT]}")).status_code == 204
        (found,) = await has(chen)
        assert found["id"] == alarm["id"] and await passes() == [at.centres[LAST]], "the one that is gone is shown no more"
        await sees_nothing(wang, alarm["id"])
        steps = (await li.get(f"/alarms/{alarm['id']}/steps")).json()["items"]
        assert [one["detail"] for one in steps if one["act"] == "pass"] == [f"{HERE} 中心 → {area} 中心" for area in (NEXT, LAST)]
        await looked(at)
        assert on_record(at.node, "alarm.pass") == 2, "once"


async def test_what_passed_on_stands_after_a_start_and_what_was_to_pass_does(tmp_path: Path) -> None:
    settings = patient()
    async with city(tmp_path, settings) as at:
        await at.follow(NEXT, LAST)
        await at.person("wang-wu", NEXT, seat=1)
        await at.person("chen-qi", LAST, seat=1)
        li = await at.person("li-si", HERE)
        await at.ring(1, zone="001")
        at.clock.later += LATER
        (first,) = await has(at.people["wang-wu"])
        await act(at.people["wang-wu"], first, "acknowledge")
        # The answer to a commit is lost: it is passed on all the same, once.
        work, add = at.node.node.incidents.alarms.work, pass_queries.add

        async def lost(tx: Any, one: Any) -> Any:
            pass_queries.add = add
            raise StorageFault(what="gone")

        pass_queries.add = lost
        await at.ring(2, zone="002")
        found = await has(at.people["wang-wu"], 2)
        assert not work.passes.doubted and len(await queue(li)) == 2
        second = next(one for one in found if one["id"] != first["id"])
        passwords = {name: one.headers["Authorization"] for name, one in at.people.items()}
    async with running_node(tmp_path, settings, at.clock) as node:
        for name, token in passwords.items():
            client = httpx.AsyncClient(base_url=node.client.base_url, headers={"Authorization": token}, timeout=20)
            found = await queue(client)
            if name == "wang-wu":
                assert [one["id"] for one in found] == [first["id"], second["id"]]
                assert (await act(client, first, "verify", result="real"))["work"]["owner"]["name"] == "wang-wu"
            elif name == "chen-qi":
                assert found == []
            await client.aclose()


async def test_given_back_it_is_its_own_centres_again_and_goes_on_past_whoever_gave_it_back(tmp_path: Path) -> None:
    async with city(tmp_path) as at:
        li, wang = await at.person("li-si", HERE), await at.person("wang-wu", NEXT, seat=1)
        await at.ring()
        at.clock.later += LATER
        (alarm,) = await has(wang)
        await act(wang, alarm, "acknowledge")
        back = await act(wang, alarm, "release", note="不在本辖区")
        assert (back["work"]["owner"], back["work"]["passed_to"]) == (None, [])
        await sees_nothing(wang, alarm["id"])
        at.clock.later += LATER
        await looked(at)
        await sees_nothing(wang, alarm["id"])
        assert len(await queue(li)) == 1
        chen = await at.person("chen-qi", LAST, seat=1)
        await at.follow(NEXT, LAST)
        at.clock.later += LATER
        # Somebody is on shift there, and it has not waited as long as it may.
        assert await queue(chen) == []
        assert (await wang.post("/duty/shift/sign-off", json={"reason": "下班"})).status_code == 204
        at.clock.later += LATER
        await has(chen)
        await sees_nothing(wang, alarm["id"])


async def test_it_passes_with_a_seat_and_is_anybodys_when_the_shift_ends(tmp_path: Path) -> None:
    async with city(tmp_path) as at:
        wang, zhao = await at.person("wang-wu", NEXT, seat=1), await at.person("zhao-liu", NEXT)
        await at.ring(1, zone="001")
        at.clock.later += LATER
        (alarm,) = await has(wang)
        await act(wang, alarm, "acknowledge")
        await at.ring(2, zone="002")
        await has(wang, 2)
        successor = await at.id_of("zhao-liu")
        assert (await act(wang, alarm, "hand-over", 422, to=successor))["code"] == "alarm.unknown_colleague", "not on shift"
        assert (await wang.post("/duty/shift/hand-over", json={"successor": successor})).status_code == 200
        offered = (await zhao.get("/duty")).json()
        centre = next(one for one in offered["centres"] if one["id"] == at.centres[NEXT])
        matters = [one["id"] for one in centre["matters"]]
        assert set(matters) == {f"alarm:{alarm['id']}", "alarms:waiting"}
        answer = await zhao.post(f"/duty/shifts/{offered['offered']['id']}/accept", json={"matters": matters})
        assert answer.status_code == 201, answer.text
        assert [one["id"] for one in await queue(zhao, "mine")] == [alarm["id"]]
        await sees_nothing(wang, alarm["id"])
        li = await at.person("li-si", HERE)
        shift = next(one.id for one in at.node.node.duty.all_lasting() if one.name == "zhao-liu")
        assert (await at.node.client.post(f"/duty/shifts/{shift}/end", json={"reason": "另有任务"})).status_code == 204

        async def free() -> bool:
            return all(one["work"]["owner"] is None for one in await queue(li))

        await until(free, what="it is anybody's")
        await sees_nothing(zhao, alarm["id"])


async def test_a_row_that_the_node_did_not_write_shows_no_picture_and_its_camera_is_shown_while_one_has_it(tmp_path: Path) -> None:
    clock = MovedClock()
    async with running_node(tmp_path, patient(), clock) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            at = City(node, clock)
            for area in (HERE, NEXT):
                at.centres[area] = await centre_for(node, area)
            await at.follow(HERE, NEXT)
            await entered(node, ACCOUNT, points=[{"zone": "5", "name": "金库门", "kind": "detector", "camera": code}])
            wang, qian = await at.person("wang-wu", NEXT, seat=1), await at.person("qian-er", NEXT, seat=2)
            await at.ring()
            clock.later += LATER
            (alarm,) = await has(wang)
            assert alarm["camera"] == "", "nobody has taken it: no camera is named"
            assert (await wang.post(f"/cameras/{code}/live", json={})).status_code == 403
            taken = await act(wang, alarm, "acknowledge")
            assert taken["camera"] == code
            shown = await opened_by(wang, code)
            reading = asyncio.create_task(until_cut(shown))
            await until(lambda: node.node.engine.counters().readers >= 1, what="the picture is read")
            for who, path in ((wang, "/record-now"), (wang, "/picture"), (wang, "/presets"), (qian, "/live")):
                answer = await who.request("GET" if path in ("/picture", "/presets") else "POST", f"/cameras/{code}{path}", json={})
                assert answer.status_code == 403, path
            await act(wang, alarm, "verify", result="false", reason="animal")
            await act(wang, alarm, "close", outcome="no_action")
            assert (await wang.post(f"/cameras/{code}/live", json={})).status_code == 403, "at once"
            assert await reading > 0
            await nothing_opens(shown)
            # Past the node a pass is written: it shows nobody a camera.
            await at.ring(2)
            (second,) = await has(wang)
            await act(wang, second, "acknowledge")
            assert (await wang.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})).status_code == 201
            async with node.node.store.transaction() as tx:
                await tx.execute(sa.text("UPDATE alarm_passes SET at = at - 1 WHERE ended_at IS NULL"))
            await node.node.incidents.alarms.work.start()
            assert (await wang.post(f"/cameras/{code}/live", json={})).status_code == 403
            for one in (wang, qian):
                await one.aclose()
