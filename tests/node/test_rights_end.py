"""What a right opened ends with it: pictures, tickets, events; and the account when a prerequisite lapses (A7, A9)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from fengsui.errors import StorageFault
from fengsui.features.audit.folder import segments
from fengsui.features.audit.model import record_of
from fengsui.features.live import LiveStateChanged
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.duty_room import MovedClock
from tests.node.test_live import listed

HERE, ELSEWHERE = "520102", "520103"


SOON = timedelta(minutes=10)


def soon() -> str:
    """When an appointment ends; the clock is moved there once it has opened what it opens."""
    return (datetime.now(UTC) + SOON).isoformat()


async def opened_by(client: httpx.AsyncClient, code: str) -> dict[str, str]:
    answer = await client.post(f"/cameras/{code}/live", json={"codecs": ["h264", "h265"]})
    assert answer.status_code == 201, answer.text
    opened: dict[str, str] = answer.json()
    return opened


def ways(opened: dict[str, str]) -> dict[str, str]:
    """Every way out of the media engine that is a GET, with this ticket."""
    http = opened["ws_fmp4"].replace("ws://", "http://")
    return {"fmp4": http.replace("/ws/", "/fmp4/"), "es": http.replace("/ws/", "/es/"), "hls": opened["hls"]}


async def until_cut(opened: dict[str, str]) -> int:
    """Reads a running picture to its end; how many octets came."""
    octets = 0
    async with httpx.AsyncClient(timeout=30) as client, client.stream("GET", ways(opened)["es"]) as answer:
        assert answer.status_code == 200
        async for chunk in answer.aiter_bytes():
            octets += len(chunk)
    return octets


async def nothing_opens(opened: dict[str, str]) -> None:
    """The old ticket is good for no way out."""
    async with httpx.AsyncClient(timeout=10) as client:
        for way, url in ways(opened).items():
            assert (await client.get(url)).status_code == 403, way
        offer = {"content-type": "application/sdp"}
        assert (await client.post(opened["webrtc"], content="v=0\r\n", headers=offer)).status_code == 403
    async with connect(opened["ws_fmp4"]) as socket:
        assert json.loads(await socket.recv())["code"] == "media.ticket_revoked"
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4403


@pytest.mark.parametrize("how", ["withdrawn", "expired", "disabled", "trained until yesterday", "camera moved away"])
async def test_a_running_picture_ends_with_the_right_to_it(tmp_path: Path, how: str) -> None:
    settings = settings_for()
    rules = settings.access.model_copy(update={"prerequisites": ["training"]})
    clock = MovedClock()
    async with running_node(tmp_path, settings.model_copy(update={"access": rules}), clock) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            ends = {"valid_until": soon()} if how == "expired" else {}
            user, password = await node.appoint("wang", {"post": "operator", "area": HERE, **ends})
            client = await node.sign_in("wang", password)
            opened = await opened_by(client, code)
            reading = asyncio.create_task(until_cut(opened))
            await until(lambda: node.node.engine.counters().readers >= 1, what="the picture is read")
            path = f"/users/{user['id']}"
            if how == "withdrawn":
                appointment = user["appointments"][0]["id"]
                assert (await node.client.delete(f"{path}/appointments/{appointment}")).status_code == 200
            elif how == "disabled":
                assert (await node.client.patch(path, json={"disabled": True})).status_code == 200
            elif how == "trained until yesterday":
                assert (await node.client.patch(path, json={"training_until": "2020-01-01"})).status_code == 200
            elif how == "camera moved away":
                await node.put(code, ELSEWHERE)
            elif how == "expired":
                clock.later = SOON
            assert await reading > 0
            await nothing_opens(opened)
            renewed = await client.post(f"/live/{opened['session']}/renew")
            assert renewed.status_code in (401, 403, 404), renewed.text
            again = await client.post(f"/cameras/{code}/live")
            assert again.status_code in (401, 403), again.text
            await client.aclose()
        everything = b"".join(one.path.read_bytes() for one in segments(node.node.audit.files.folder))
        acts = [one.act for one in map(record_of, everything.splitlines(keepends=True)) if one.person == "wang"]
        assert acts.count("live.view") == (1 if how == "disabled" else 2), "the first, and the refused one while signed in"
        assert acts.count("live.stop") == 1


async def test_events_are_told_by_scope_and_end_with_the_right(node: RunningNode) -> None:
    camera, other = simulated_camera(node.registrar, 1), simulated_camera(node.registrar, 2)
    async with powered(camera, other):
        for one in (camera, other):
            await until(lambda one=one: listed(node, one.identity.code), what="the cameras are listed")
        await node.put(other.identity.code, ELSEWHERE)
        user, password = await node.appoint("li", {"post": "operator", "area": HERE})
        client = await node.sign_in("li", password)
        token = client.headers["Authorization"].removeprefix("Bearer ")
        base = str(client.base_url).replace("http://", "ws://").rstrip("/")
        told: list[dict[str, Any]] = []

        async def follow() -> int:
            async with connect(f"{base}/events?token={token}&since=0") as socket:
                try:
                    async for line in socket:
                        told.append(json.loads(line))
                except ConnectionClosed:
                    pass
                return socket.close_code or 0

        following = asyncio.create_task(follow())

        def publish() -> None:
            for one in (other, camera):
                node.node.bus.publish(LiveStateChanged(one.identity.code, "main", "playing", "", ""))

        publish()
        await until(lambda: [one for one in told if one["type"] == "live.state"], what="the own camera's news")
        assert {one["camera"] for one in told if one["type"] == "live.state"} == {camera.identity.code}
        assert not any(one["type"] == "waiting.changed" for one in told)
        assert (await node.client.delete(f"/users/{user['id']}/appointments/{user['appointments'][0]['id']}")).status_code == 200
        publish()
        assert await following == 4403
        assert {one["camera"] for one in told if one["type"] == "live.state"} == {camera.identity.code}
        await client.aclose()


async def test_lists_counts_and_the_tree_hold_only_what_one_may_see(node: RunningNode) -> None:
    cameras = [simulated_camera(node.registrar, number) for number in (1, 2, 3)]
    codes = [one.identity.code for one in cameras]
    async with powered(*cameras):
        for code in codes:
            await until(lambda code=code: listed(node, code), what="the cameras are listed")
        await node.put(codes[1], ELSEWHERE)
        restricted = await node.client.patch(f"/cameras/{codes[2]}", json={"camera_class": "restricted"})
        assert restricted.json()["camera_class"] == "restricted"
        classes = ["government", "private"]
        client = await node.client_of("zhao", {"post": "operator", "area": HERE, "classes": classes})
        for path in ("/cameras", "/cameras?q=1320", "/camera-names", f"/camera-names?area={HERE}", "/cameras?status=online"):
            page = (await client.get(path)).json()
            assert ([one["code"] for one in page["items"]], page["total"]) == ([codes[0]], 1), path
        tree = {one["code"]: one["cameras_total"] for one in (await client.get("/areas")).json()["items"]}
        assert tree == {"52": 1, "5201": 1, HERE: 1}
        for path in (f"/cameras?area={ELSEWHERE}", f"/camera-names?area={ELSEWHERE}", f"/cameras/{codes[1]}"):
            assert (await client.get(path)).json()["code"] == "access.out_of_scope", path
        assert (await client.get(f"/cameras/{codes[2]}")).json()["code"] == "access.class_withheld"
        tree_of_device = (await client.get(f"/devices/{codes[2]}/tree")).json()["items"]
        assert codes[2] not in [one["code"] for one in tree_of_device]
        await client.aclose()


async def test_a_lapsed_prerequisite_closes_the_account_with_its_reason(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        user, password = await node.appoint("sun", {"post": "operator"})
        client = await node.sign_in("sun", password)
        path = f"/users/{user['id']}"
        for before, facts, reason in (
            ({}, {"training_until": "2020-01-01"}, "培训"),
            ({"training_until": "2099-01-01"}, {"vetted_on": None}, "审查"),
            ({"vetted_on": "2026-01-01"}, {"undertaking_on": None}, "承诺书"),
        ):
            if before:
                await node.change_account(user["id"], **before)
            changed = await node.client.patch(path, json=facts)
            assert reason in changed.json()["closed_zh"] and changed.json()["closed_en"]
            for refused in (
                await client.get("/cameras"),
                await client.post("/session", json={"name": "sun", "password": "own-password-1"}),
            ):
                problem = refused.json()
                assert (refused.status_code, problem["code"], problem["rule"]) == (403, "access.account_closed", "A9")
                assert reason in problem["zh"] and problem["contact"]
        wrong = await client.post("/session", json={"name": "sun", "password": "guess"})
        assert wrong.json()["code"] == "access.wrong_password", "told only to whoever knows the password"
        await node.change_account(user["id"], undertaking_on="2026-02-01")
        assert (await node.get(path))["closed_zh"] == ""
        assert (await client.get("/cameras")).status_code == 200
        await client.aclose()


async def test_whoever_may_not_listen_gets_a_picture_without_sound(tmp_path: Path) -> None:
    settings = settings_for()
    patient = settings.media.model_copy(update={"grace_s": 8.0})
    async with contextlib.AsyncExitStack() as stack:
        node = await stack.enter_async_context(running_node(tmp_path, settings.model_copy(update={"media": patient})))
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        await stack.enter_async_context(powered(camera))
        await until(lambda: listed(node, code), what="the camera is listed")
        assert (await node.client.patch(f"/cameras/{code}", json={"audio_basis": "求助点对讲"})).status_code == 200
        hearing = await opened_by(node.client, code)
        assert not hearing["transcoded"]
        owner = await node.client_of("owner", {"post": "partner-owner", "area": HERE})
        silent: dict[str, Any] = (await owner.post(f"/cameras/{code}/live", json={"codecs": ["h264", "h265"]})).json()
        assert silent["transcoded"] and f"{code}/main/h264?" in silent["ws_fmp4"]
        async with connect(silent["ws_fmp4"]) as socket:
            head = json.loads(await socket.recv())
            assert head["sound"] == "" and head["width"] > 0
        token = await node.client.post(
            "/account/tokens", json={"name": "wall", "functions": ["view-live"], "days": 1, "proof": "first-password"}
        )
        async with httpx.AsyncClient(base_url=node.client.base_url, timeout=20) as program:
            program.headers["Authorization"] = f"Bearer {token.json()['text']}"
            assert (await program.post(f"/cameras/{code}/live", json={"codecs": ["h264", "h265"]})).json()["transcoded"]
        await owner.aclose()


@pytest.mark.parametrize("how", ["delisted", "unreadable", "lapsed while away", "changed while away"])
async def test_a_picture_whose_right_cannot_be_decided_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    clock = MovedClock()
    async with running_node(tmp_path, settings_for(), clock) as node:
        camera = simulated_camera(node.registrar)
        code, store = camera.identity.code, node.node.store
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            ends = {"valid_until": soon()} if how == "lapsed while away" else {}
            user, password = await node.appoint("wang", {"post": "operator", "area": HERE, **ends})
            client = await node.sign_in("wang", password)
            opened = await opened_by(client, code)
            reading = asyncio.create_task(until_cut(opened))
            await until(lambda: node.node.engine.counters().readers >= 1, what="the picture is read")
            if how == "delisted":
                await _execute(node, "DELETE FROM catalogue_items WHERE code = :code", code)
            elif how == "unreadable":
                await _execute(node, "UPDATE catalogue_items SET camera_class = 'temple' WHERE code = :code", code)
            else:

                @contextlib.asynccontextmanager
                async def gone() -> AsyncIterator[Any]:
                    raise StorageFault(what="away", remedy_zh="", remedy_en="")
                    yield

                monkeypatch.setattr(store, "reading", gone)
                if how == "changed while away":
                    node.node.access.persons.forget(user["id"])
                else:
                    clock.later = SOON
            async with asyncio.timeout(60):
                assert await reading > 0
            monkeypatch.undo()
            if how == "unreadable":  # and rights are followed as before
                await _execute(node, "UPDATE catalogue_items SET camera_class = '' WHERE code = :code", code)
                reading = asyncio.create_task(until_cut(await opened_by(client, code)))
                await until(lambda: node.node.engine.counters().readers >= 1, what="the picture is read")
                assert (await node.client.patch(f"/users/{user['id']}", json={"disabled": True})).status_code == 200
                async with asyncio.timeout(60):
                    assert await reading > 0
            await client.aclose()


async def _execute(node: RunningNode, statement: str, code: str) -> None:
    async with node.node.store.transaction() as tx:
        await tx.execute(sa.text(statement), {"code": code})
