"""Two nodes: an alarm that nobody of the lower one sees to in time is at the upper one, once, and each says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from fengsui.alarm_settings import DispatchLinksSection
from fengsui.features.dispatch_links.model import alarm_in, alarm_of
from tests.node.alarm_hosts import entered
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.duty_room import MovedClock
from tests.node.test_alarm_rule_runs import alarms, caught_up, sent
from tests.node.test_alarm_rules import HERE, written
from tests.node.test_alarm_work import ACCOUNT, act, on_record, with_clocks
from tests.node.test_dispatch_links import link
from tests.node.test_duty_centres import centre_for
from tests.test_alarm_work_model import LONG_S

NEXT, TITLE = "520103", "市级平台"
LATER = timedelta(minutes=6)
QUICKLY = DispatchLinksSection(first_wait_s=0.05, longest_wait_s=0.2)


@pytest.fixture(autouse=True)
def figures_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two nodes of one process."""
    monkeypatch.setattr("fengsui.app.node.REGISTRY", CollectorRegistry(auto_describe=False))


async def joined(lower: RunningNode, upper: RunningNode, **more: Any) -> dict[str, Any]:
    """The lower node's link to the upper one, which knows it as a source."""
    answer = await upper.client.post("/alarm-sources", json={"name": "nanming", "title": "南明区节点", "area": "5201"})
    assert answer.status_code == 201, answer.text
    url = f"http://127.0.0.1:{upper.node.settings.http.port}/api/v1/alarm-intake/nanming"
    order = {"name": "city", "title": TITLE, "url": url, "area": "5201", "news": ["upper"], "secret": answer.json()["secret"]}
    for wrong in ({"secret": ""}, {"url": f"{url}/cap"}, {"news": ["upper", "alarms"]}):
        refused = await lower.client.post("/dispatch-links", json={**order, **wrong})
        assert (refused.status_code, refused.json()["code"]) == (422, "dispatch_link.unusable"), wrong
    made = await lower.client.post("/dispatch-links", json={**order, **more})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()["link"]
    assert (await lower.client.post(f"/dispatch-links/{found['id']}/attempts")).status_code == 204, "a try is no alarm"
    return found


@asynccontextmanager
async def two_nodes(
    folder: Path, **clocks: tuple[float, float, float]
) -> AsyncIterator[tuple[RunningNode, RunningNode, MovedClock]]:
    """`clocks`: of the lower one."""
    clock, above, below = MovedClock(), with_clocks(settings_for(), claim_s=LONG_S), settings_for()
    hosts = below.alarm_hosts.model_copy(update=clocks)
    below = below.model_copy(update={"dispatch_links": QUICKLY, "alarm_hosts": hosts})
    async with running_node(folder / "upper", above, clock) as upper, running_node(folder / "lower", below, clock) as lower:
        await entered(lower, ACCOUNT, area=HERE)
        yield lower, upper, clock


async def steps(node: RunningNode, alarm: int) -> list[tuple[str, str]]:
    """Of its time line, what is about where it went."""
    items = (await node.get(f"/alarms/{alarm}/steps"))["items"]
    return [(one["act"], one["detail"]) for one in items if one["act"] in ("pass", "upper", "upper-took", "rule")]


async def came(upper: RunningNode, count: int) -> list[dict[str, Any]]:
    """Once as many are at the upper node."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        found[:] = await alarms(upper)
        return len(found) >= count

    await until(there, what="it is at the upper node")
    assert len(found) == count
    return found


async def test_what_waits_to_the_last_goes_up_once_with_its_place_and_the_unit_that_has_it(tmp_path: Path) -> None:
    # The most urgent waits for whoever takes it; once it is taken, and all else from the beginning, it has little time.
    little = {"verify_s": (0.2,) * 3, "claim_s": (LONG_S, 0.2, 0.2), "claim_at_most_s": (LONG_S, 0.4, 0.4)}
    async with two_nodes(tmp_path, **little) as (lower, upper, _):
        made = await joined(lower, upper)
        await centre_for(lower, HERE)
        unit = await lower.client.post("/organisations", json={"name": "南明分局", "area": HERE})
        assert unit.status_code == 201, unit.text
        li = await lower.client_of("li-si", {"post": "operator", "area": HERE}, unit=unit.json()["id"])
        await sent(lower, 1, code="FA")
        (fire,) = await alarms(lower)
        await sent(lower, 2, zone="006")
        (first,) = await came(upper, 1)
        assert (first["protocol"], first["category"], first["area"], first["priority"]) == ("https", "intrusion", HERE, 2)
        assert first["site"] == "南明区节点" and first["point"].startswith("南明银行") and first["camera"] == ""
        assert first["text"] == f"处置单位 in charge: {HERE} 中心"
        (_, waiting) = await alarms(lower)

        async def took() -> bool:
            return await steps(lower, waiting["id"]) == [("upper", TITLE), ("upper-took", f"{TITLE}; № {first['id']}")]

        await until(took, what="each says so")
        assert await steps(lower, fire["id"]) == []
        await act(li, fire, "acknowledge")  # and says nothing more of it in time
        _, second = await came(upper, 2)
        assert (second["category"], second["priority"]) == ("fire", 1)
        assert second["text"] == "处置单位 in charge: 南明分局" and "li-si" not in str(second)
        # What a rule has forwarded there already does not go up again, and what came from there never does.
        await written(lower, when={}, then=[{"do": "forward", "link": made["id"]}])
        await sent(lower, 3, zone="007")
        await caught_up(lower)
        third = (await alarms(lower))[-1]

        async def told_of() -> bool:
            return bool((await lower.get(f"/alarms/{third['id']}"))["work"]["escalated"] == 2)

        await until(told_of, what="it waited to the last")
        await came(upper, 3)
        assert [what for what, _ in await steps(lower, third["id"])].count("upper") == 0
        assert on_record(lower, "alarm.upper") == 2
        await until(lambda: all_sent(lower, 3), what="nothing waits")
        await li.aclose()


async def all_sent(node: RunningNode, count: int) -> bool:
    found = await link(node)
    return (found["sent"], found["waiting"], found["failures"]) == (count, 0, 0)


async def test_with_next_centres_it_goes_up_with_the_last_hop_and_what_is_none_of_its_business_stays(tmp_path: Path) -> None:
    long = {name: (LONG_S,) * 3 for name in ("claim_s", "claim_at_most_s", "verify_s")}
    async with two_nodes(tmp_path, **long) as (lower, upper, clock):
        await joined(lower, upper, least_urgent=2)
        here, following = await centre_for(lower, HERE), await centre_for(lower, NEXT)
        answer = await lower.client.put(f"/duty/centres/{here}/next", json={"centre": following, "minutes": 5})
        assert answer.status_code == 200, answer.text
        await sent(lower, 1)
        await sent(lower, 2, zone="006", code="AT")  # for the record, or less urgent than the link carries
        clock.later += LATER
        (first,) = await came(upper, 1)
        assert first["text"] == f"处置单位 in charge: {NEXT} 中心"
        alarm = (await alarms(lower))[0]

        async def took() -> bool:
            return [what for what, _ in await steps(lower, alarm["id"])] == ["pass", "upper", "upper-took"]

        await until(took, what="each says so")
        assert (on_record(lower, "alarm.pass") >= 1, on_record(lower, "alarm.upper")) == (True, 1)
        assert await all_sent(lower, 1)


async def test_where_the_centre_behind_is_taken_away_it_goes_up_from_where_it_waits(tmp_path: Path) -> None:
    long = {name: (LONG_S,) * 3 for name in ("claim_s", "claim_at_most_s", "verify_s")}
    async with two_nodes(tmp_path, **long) as (lower, upper, clock):
        await joined(lower, upper)
        here, following, last = [await centre_for(lower, area) for area in (HERE, NEXT, "520111")]
        for one, other in ((here, following), (following, last)):
            answer = await lower.client.put(f"/duty/centres/{one}/next", json={"centre": other, "minutes": 5})
            assert answer.status_code == 200, answer.text
        await sent(lower, 1)
        clock.later += LATER
        (alarm,) = await alarms(lower)

        async def passed() -> bool:
            return [what for what, _ in await steps(lower, alarm["id"])] == ["pass"]

        await until(passed, what="it is at the next centre, and another follows")
        answer = await lower.client.put(f"/duty/centres/{following}/next", json={"centre": None, "minutes": 5})
        assert answer.status_code == 200, answer.text
        (first,) = await came(upper, 1)
        assert first["text"] == f"处置单位 in charge: {NEXT} 中心"


@pytest.mark.parametrize(
    ("said", "number"),
    [(b'{"alarm":12,"left_out":[]}', "12"), (b'{"alarm":0}', ""), (b'{"alarm":true}', ""), (b'{"alarm":"12"}', ""), (b"[", "")],
)
def test_the_number_is_read_of_what_the_intake_answers(said: bytes, number: str) -> None:
    assert alarm_in(said) == number
    assert (alarm_of("52010200002000000001-alarm-7"), alarm_of("n-IN20261130-0001.1"), alarm_of("n-alarm-x")) == (7, 0, 0)
