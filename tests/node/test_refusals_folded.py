"""The same refusal of the same person within a minute is one record and a number; whoever is refused is told when rights change."""

from __future__ import annotations

import json
from pathlib import Path

import websockets

from fengsui.features.access.posts import Post
from fengsui.features.audit.acts import Act
from fengsui.features.audit.folding import MAX_FOLDED, Folding, Try
from fengsui.features.audit.model import AuditRecord, Result
from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.test_audit import records
from tests.node.test_own_site import base_of

HERE = "520102"
FIRST, SECOND = "52010200001320000001", "52010200001320000002"


def refused(node: RunningNode) -> list[AuditRecord]:
    """Of the person of this test."""
    return [one for one in records(node) if (one.person, one.result) == ("li-si", "refused")]


async def test_a_refusal_that_comes_again_is_one_record_and_a_number(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        li = await node.client_of("li-si", {"post": Post.SYSTEM_ADMINISTRATOR.value, "area": HERE})
        codes = []
        for path in (f"/cameras/{FIRST}/live",) * 5 + (f"/cameras/{SECOND}/live", f"/cameras/{FIRST}/live"):
            answer = await li.post(path, json={})
            assert answer.status_code == 403
            codes.append(answer.json()["code"])
            assert refused(node), "on disk before the answer"
        assert (await li.get(f"/cameras/{FIRST}/picture")).status_code == 403
        assert [(one.act, one.object) for one in refused(node)] == [
            ("live.view", FIRST),
            ("live.view", SECOND),
            ("live.picture", FIRST),
        ]
        first = refused(node)[0]
        assert {first.detail} == set(codes) and first.role == "system-administrator"
        await li.aclose()
    counted = refused(node)[-1]
    assert counted.detail == f"{first.detail}; 5 more times"
    assert (counted.object, counted.role, counted.session) == (FIRST, first.role, first.session)


def test_a_persons_refusals_are_never_told_as_one_of_many() -> None:
    folding = Folding(named=True)
    tries = [
        Try(Act.LIVE_VIEW, Result.REFUSED, "li-si", "10.0.0.1", f"{number}", "access.x", "") for number in range(MAX_FOLDED + 5)
    ]
    assert [folding.take(one, 0.0) for one in tries] == tries, "beyond the bound each is a record of its own"
    assert len(folding) == MAX_FOLDED
    assert folding.take(tries[0], 1.0) is None and folding.take(tries[-1], 1.0) == tries[-1]


async def test_whoever_is_refused_is_told_when_rights_change_and_nobody_else(node: RunningNode) -> None:
    li = await node.client_of("li-si", {"post": "operator", "area": HERE})
    wang = await node.client_of("wang-wu", {"post": "operator", "area": HERE})
    centre = (await node.client.post("/duty/centres", json={"name": "值班室", "area": HERE, "seats": 1})).json()["id"]
    tokens = [one.headers["Authorization"].removeprefix("Bearer ") for one in (li, wang)]
    news = f"ws{base_of(node)[4:]}/api/v1/events?token="
    heard: dict[str, list[int]] = {"li": [], "wang": []}
    async with websockets.connect(f"{news}{tokens[0]}") as of_li, websockets.connect(f"{news}{tokens[1]}") as of_wang:
        await of_li.recv(), await of_wang.recv()
        assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
        for name, feed in (("li", of_li), ("wang", of_wang)):
            while True:
                event = json.loads(await feed.recv())
                if event["type"] == "rights.changed":
                    heard[name].append(event["user_id"])
                if event["type"] == "duty.changed" and event["state"] == "on-duty":
                    break
    (user,) = [one["id"] for one in (await node.get("/users"))["items"] if one["name"] == "li-si"]
    assert heard == {"li": [user], "wang": []}
    await li.aclose()
    await wang.aclose()
