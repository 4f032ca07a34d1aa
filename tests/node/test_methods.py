"""Methods on a whole node: written by those who lead, read on duty, and linked to the closed incidents that they served."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.test_audit import records
from tests.node.test_incidents import opened

HERE, ELSEWHERE = "520102", "520302"
FENCE = {
    "title": "围栏夜间巡查",
    "area": HERE,
    "kinds": ["intrusion"],
    "steps": "先调后门预置位,再看前 60 秒录像",
    "places": "多在 1–4 时,沿河一侧围栏",
    "cameras": "后门球机、河岸枪机",
    "tags": ["围栏", "夜间"],
    "state": "published",
}


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


async def sent(client: httpx.AsyncClient, path: str, body: dict[str, Any], status: int = 201) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == status, (path, answer.text)
    found: dict[str, Any] = answer.json()
    return found


async def titles(client: httpx.AsyncClient, **asked: str) -> list[str]:
    answer = await client.get("/methods", params=asked)
    assert answer.status_code == 200, answer.text
    return [one["title"] for one in answer.json()["items"]]


async def closed(node: RunningNode, **facts: Any) -> int:
    one = await opened(node.client, **facts)
    await sent(node.client, f"/incidents/{one['id']}/close", {"disposition": "handled"}, 200)
    return int(one["id"])


async def test_a_method_is_written_published_and_withdrawn_and_every_version_stays(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        made = await sent(node.client, "/methods", {**FENCE, "state": "draft"})
        path = f"/methods/{made['id']}"
        assert (made["version"], made["state"], made["served"], made["editable"]) == (1, "draft", 0, True)
        published = await node.client.put(path, json={**FENCE, "version": 1})
        assert (published.status_code, published.json()["version"], published.json()["state"]) == (200, 2, "published")
        late = await node.client.put(path, json={**FENCE, "version": 1})
        assert (late.status_code, late.json()["code"]) == (409, "method.changed")
        back = await node.client.put(path, json={**FENCE, "state": "draft", "version": 2})
        assert (back.status_code, back.json()["code"]) == (422, "method.unusable")
        assert (await sent(node.client, "/methods", FENCE, 409))["code"] == "method.title_taken"
    async with running_node(tmp_path, settings_for()) as node:
        assert (await node.client.get(path)).json() == published.json()
        gone = await node.client.put(path, json={**FENCE, "state": "withdrawn", "version": 2})
        assert gone.json()["state"] == "withdrawn"
        versions = (await node.client.get(f"{path}/versions")).json()["items"]
        assert [(one["version"], one["state"], one["changed_by"]) for one in versions] == [
            (3, "withdrawn", "duty"),
            (2, "published", "duty"),
            (1, "draft", "duty"),
        ]
        acts = [one.act for one in records(node) if one.act.startswith("method.") and one.result == "allowed"]
        assert acts == ["method.add", "method.change", "method.change"]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"kinds": []}, "request.invalid"),
        ({"kinds": ["intrusion", "intrusion"]}, "request.invalid"),
        ({"kinds": ["party"]}, "request.invalid"),
        ({"state": "withdrawn"}, "method.unusable"),
        ({"area": "99"}, "method.unusable"),
        ({"steps": "找 52010219900101123X 问话"}, "method.unusable"),
        ({"places": "电话 13812345678"}, "method.unusable"),
        ({"suspect": "王某"}, "request.invalid"),
    ],
)
async def test_what_is_no_method_is_refused_and_nothing_is_kept(node: RunningNode, facts: dict[str, Any], code: str) -> None:
    assert (await sent(node.client, "/methods", {**FENCE, **facts}, 422))["code"] == code
    assert await titles(node.client) == []


async def test_the_code_of_a_camera_is_no_number_of_a_person(node: RunningNode) -> None:
    await sent(node.client, "/methods", {**FENCE, "cameras": "52010200001320000001 转向河岸"})


async def test_methods_are_found_by_kind_words_and_state(node: RunningNode) -> None:
    await sent(node.client, "/methods", FENCE)
    await sent(node.client, "/methods", {**FENCE, "title": "Bridge crowding", "kinds": ["crowding"], "tags": ["Bridge"]})
    await sent(node.client, "/methods", {**FENCE, "title": "草稿", "state": "draft"})
    assert await titles(node.client) == ["Bridge crowding", "围栏夜间巡查", "草稿"]
    assert await titles(node.client, state="published", kind="intrusion") == ["围栏夜间巡查"]
    assert await titles(node.client, words="bridge 河岸") == ["Bridge crowding"]
    assert await titles(node.client, words="河岸 没有的词") == []
    assert (await node.client.get("/methods", params={"kind": "party"})).status_code == 422


async def test_who_is_on_duty_reads_what_is_published_and_writes_nothing(node: RunningNode) -> None:
    made = await sent(node.client, "/methods", FENCE)
    draft = await sent(node.client, "/methods", {**FENCE, "title": "草稿", "state": "draft"})
    li = await node.client_of("li", {"post": "operator", "area": HERE})
    assert await titles(li) == ["围栏夜间巡查"]
    assert (await li.get(f"/methods/{made['id']}")).json()["editable"] is False
    assert (await li.get(f"/methods/{draft['id']}")).status_code == 404
    refused = await li.put(f"/methods/{made['id']}", json={**FENCE, "version": 1})
    assert refused.status_code == 403
    chief = await node.client_of("chief", {"post": "commander", "area": HERE})
    assert (await sent(chief, "/methods", {**FENCE, "title": "指挥长的"}))["editable"] is True
    far = await node.client_of("far", {"post": "duty-supervisor", "area": ELSEWHERE})
    assert await titles(far) == []
    assert (await far.get(f"/methods/{made['id']}")).status_code == 404
    assert (await far.put(f"/methods/{made['id']}", json={**FENCE, "version": 1})).status_code == 404
    for one in (li, chief, far):
        await one.aclose()


async def test_a_closed_incident_names_what_served_it_and_the_method_counts_it(node: RunningNode) -> None:
    made = await sent(node.client, "/methods", FENCE)
    draft = await sent(node.client, "/methods", {**FENCE, "title": "草稿", "state": "draft"})
    still = await opened(node.client, area=HERE)
    early = await sent(node.client, f"/incidents/{still['id']}/methods", {"method": made["id"]}, 409)
    assert early["code"] == "method.incident_not_closed"
    done = await closed(node, area=HERE)
    path = f"/incidents/{done}/methods"
    assert (await sent(node.client, path, {"method": draft["id"]}, 409))["code"] == "method.not_published"
    assert (await node.client.get(path)).json() == {"used": [], "offered": [{"method": made["id"], "title": "围栏夜间巡查"}]}
    linked = await sent(node.client, path, {"method": made["id"], "note": "后门预置位先看到"})
    assert [(one["title"], one["version"], one["note"], one["by"]) for one in linked["used"]] == [
        ("围栏夜间巡查", 1, "后门预置位先看到", "duty")
    ]
    assert linked["offered"] == []
    assert (await sent(node.client, path, {"method": made["id"]}, 409))["code"] == "method.linked"
    line = (await node.client.get(f"/incidents/{done}")).json()["lines"][-1]
    assert (line["kind"], line["facts"]["method"], line["text"]) == ("method", "围栏夜间巡查", "后门预置位先看到")
    await node.client.put(f"/methods/{made['id']}", json={**FENCE, "steps": "改过的做法", "version": 1})
    shown = (await node.client.get(f"/methods/{made['id']}")).json()
    month = (
        datetime.fromisoformat(shown["incidents"][0]["opened_at"]).astimezone(node.node.settings.node.time_zone).strftime("%Y-%m")
    )
    assert (shown["served"], shown["months"]) == (1, [{"month": month, "count": 1}])
    assert [(one["incident"], one["version"]) for one in shown["incidents"]] == [(done, 1)]
    parted = await sent(node.client, f"{path}/{made['id']}/removal", {"reason": "没有用上"}, 200)
    assert parted["used"] == []
    again = await sent(node.client, f"{path}/{made['id']}/removal", {"reason": "没有用上"}, 409)
    assert again["code"] == "method.not_linked"
    assert (await node.client.get(f"/methods/{made['id']}")).json()["served"] == 0


async def test_a_method_counts_alone_the_incidents_that_its_reader_may_see(node: RunningNode) -> None:
    made = await sent(node.client, "/methods", {**FENCE, "area": "52"})
    for area in (HERE, HERE, ELSEWHERE):
        await sent(node.client, f"/incidents/{await closed(node, area=area)}/methods", {"method": made["id"]})
    li = await node.client_of("li", {"post": "operator", "area": ELSEWHERE})
    shown = (await li.get(f"/methods/{made['id']}")).json()
    assert (shown["served"], [one["count"] for one in shown["months"]], len(shown["incidents"])) == (1, [1], 1)
    assert [one["served"] for one in (await li.get("/methods")).json()["items"]] == [1]
    whole = (await node.client.get(f"/methods/{made['id']}")).json()
    assert (whole["served"], [one["count"] for one in whole["months"]], len(whole["incidents"])) == (3, [3], 3)
    await li.aclose()
