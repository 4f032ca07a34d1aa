"""Rules about alarms on a whole node: written by whoever manages duty there, every version kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.test_alarm_repeats import LostAnswers
from tests.node.test_audit import records

HERE, ELSEWHERE = "520102", "520302"
RAISE = {"do": "raise", "to": 1}
NIGHTLY = {
    "name": "学校夜间入侵",
    "area": HERE,
    "when": {"categories": ["intrusion"], "windows": [{"days": [1, 2, 3, 4, 5], "from": "22:00", "to": "06:00"}]},
    "then": [RAISE, {"do": "incident", "type": "intrusion", "text": "夜间入侵"}],
}


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


async def written(node: RunningNode, **facts: Any) -> dict[str, Any]:
    answer = await node.client.post("/alarm-rules", json={**NIGHTLY, **facts})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def names(node: RunningNode) -> list[str]:
    return [one["name"] for one in (await node.client.get("/alarm-rules")).json()["items"]]


async def test_a_rule_is_written_changed_and_removed_and_every_version_stays(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        made = await written(node)
        path = f"/alarm-rules/{made['id']}"
        assert (made["version"], made["on"], made["area"], made["hidden_cameras"]) == (1, True, HERE, 0)
        assert made["when"]["windows"] == NIGHTLY["when"]["windows"]  # type: ignore[index]
        assert made["then"] == [RAISE, {"do": "incident", "type": "intrusion", "priority": None, "text": "夜间入侵"}]
        changed = await node.client.put(path, json={**NIGHTLY, "on": False, "version": 1})
        assert (changed.status_code, changed.json()["version"], changed.json()["on"]) == (200, 2, False)
        late = await node.client.put(path, json={**NIGHTLY, "on": True, "version": 1})
        assert (late.status_code, late.json()["code"]) == (409, "alarm_rule.changed")
        await written(node, name="先", position=1)
    async with running_node(tmp_path, settings_for()) as node:
        assert await names(node) == ["先", "学校夜间入侵"]
        assert (await node.client.delete(f"{path}?version=1")).status_code == 409
        assert (await node.client.delete(path)).status_code == 204
        assert await names(node) == ["先"]
        versions = (await node.client.get(f"{path}/versions")).json()["items"]
        assert [(one["rule"]["version"], one["rule"]["on"], one["removed"]) for one in versions] == [
            (3, False, True),
            (2, False, False),
            (1, True, False),
        ]
        acts = [one.act for one in records(node) if one.act.startswith("alarm-rule.") and one.result == "allowed"]
        assert acts == ["alarm-rule.add", "alarm-rule.change", "alarm-rule.add", "alarm-rule.remove"]
        assert (await written(node, name="后"))["id"] not in (made["id"], 2), "a number is never another rule's"


@pytest.mark.parametrize(
    ("facts", "status", "code"),
    [
        ({"name": ""}, 422, None),
        ({"name": "a\nb"}, 422, None),
        ({"area": "99"}, 422, "alarm_rule.unusable"),
        ({"then": []}, 422, None),
        ({"then": [RAISE, {"do": "raise", "to": 2}]}, 422, None),
        ({"then": [{"do": "raise", "to": 4}]}, 422, None),
        ({"then": [{"do": "fly"}]}, 422, None),
        ({"then": [{"do": "protect", "before_s": 601}]}, 422, None),
        ({"then": [{"do": "show", "cameras": []}]}, 422, None),
        ({"then": [{"do": "show", "cameras": [{"camera": "52010200001320009999"}]}]}, 404, "camera.unknown"),
        ({"then": [{"do": "incident", "type": "party"}]}, 422, None),
        ({"when": {"nonsense": 1}}, 422, None),
        ({"when": {"windows": [{"days": [8], "from": "22:00", "to": "06:00"}]}}, 422, None),
        ({"when": {"windows": [{"days": [1], "from": "24:00", "to": "06:00"}]}}, 422, None),
        ({"when": {"repeats": {"count": 1, "within_s": 60}}}, 422, None),
        ({"when": {"areas": [ELSEWHERE]}}, 422, "alarm_rule.unusable"),
    ],
)
async def test_what_is_no_rule_is_refused_and_nothing_is_kept(
    node: RunningNode, facts: dict[str, Any], status: int, code: str | None
) -> None:
    answer = await node.client.post("/alarm-rules", json={**NIGHTLY, **facts})
    assert (answer.status_code, code or answer.json()["code"]) == (status, answer.json()["code"]), answer.text
    assert await names(node) == []


async def test_one_name_is_one_rule(node: RunningNode) -> None:
    await written(node)
    answer = await node.client.post("/alarm-rules", json=NIGHTLY)
    assert (answer.status_code, answer.json()["code"]) == (409, "alarm_rule.name_taken")
    other = await written(node, name="另一条")
    answer = await node.client.put(f"/alarm-rules/{other['id']}", json={**NIGHTLY, "version": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "alarm_rule.name_taken")


async def test_rules_are_of_those_who_manage_duty_where_they_hold(node: RunningNode) -> None:
    made = await written(node)
    path, body = f"/alarm-rules/{made['id']}", {**NIGHTLY, "version": 1}
    li = await node.client_of("li-si", {"post": "operator", "area": HERE})
    assert [(await li.get("/alarm-rules")).status_code, (await li.put(path, json=body)).status_code] == [403, 403]
    zhao = await node.client_of("zhao", {"post": "duty-supervisor", "area": ELSEWHERE})
    assert (await zhao.get("/alarm-rules")).json()["items"] == []
    assert (await zhao.get(f"{path}/versions")).status_code == 404
    assert [(await zhao.put(path, json=body)).status_code, (await zhao.delete(path)).status_code] == [404, 404]
    answer = await zhao.post("/alarm-rules", json={**NIGHTLY, "name": "别处"})
    assert (answer.status_code, answer.json()["code"]) == (403, "access.out_of_scope")
    wang = await node.client_of("wang", {"post": "duty-supervisor", "area": HERE})
    widened = await wang.put(path, json={**body, "area": "52"})
    assert widened.status_code == 403, "a rule does not grow beyond whoever writes it"
    assert (await wang.put(path, json={**body, "on": False})).status_code == 200
    for client in (li, zhao, wang):
        await client.aclose()


async def test_what_is_known_of_rules_and_links_is_what_is_on_disk_though_an_answer_was_lost(node: RunningNode) -> None:
    answers = LostAnswers(node.node.store)
    answers.reading = node.node.store.reading  # type: ignore[attr-defined]
    rooms = node.node.incidents
    rooms.rules._store = rooms.links._store = answers  # type: ignore[assignment]
    link = {"name": "city-110", "title": "市局 110", "url": "https://peer.example/jobs", "area": HERE, "news": ["opened"]}
    for path, order in (("/alarm-rules", NIGHTLY), ("/dispatch-links", link)):
        answers.lose = True
        assert (await node.client.post(path, json=order)).status_code == 503
        (made,) = (await node.client.get(path)).json()["items"]
        assert made["name"] == order["name"], "it is on disk"
        answers.lose = True
        removed = await node.client.delete(f"{path}/{made['id']}", params={"version": made.get("version", 1)})
        assert removed.status_code == 503
        assert (await node.client.get(path)).json()["items"] == []
        answers.lose = False
