"""The console's news: no gap unnoticed, alive while nothing happens, and an end as soon as the sign-in ends."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from fengsui.features.access import EVERYBODY, RightsChanged
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera
from tests.node.test_live import open_live


def feed_of(node: RunningNode, token: str, since: int | None = None) -> connect:
    """The node's news for whoever holds `token`."""
    query = f"token={token}" + ("" if since is None else f"&since={since}")
    return connect(f"ws://127.0.0.1:{node.node.settings.http.port}/api/v1/events?{query}")


def token_of(node: RunningNode) -> str:
    """Somebody's who sees every camera."""
    return node.tokens["duty"]


async def line_of(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next event of this type."""
    async with asyncio.timeout(20):
        while True:
            line: dict[str, Any] = json.loads(await socket.recv())
            if line["type"] == kind:
                return line


async def test_a_stream_tells_its_states_and_a_silent_node_that_it_lives(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    async with feed_of(node, token_of(node)) as socket:
        before = (await line_of(socket, "alive"))["seq"]
        async with powered(camera):
            await line_of(socket, "device.status")
            await open_live(node, camera.identity.code)
            states = [(await line_of(socket, "live.state"))["state"] for _ in range(2)]
            assert states[0] == "inviting" and states[1] in ("waiting_media", "playing")
            assert (await line_of(socket, "alive"))["seq"] >= before + 2


async def test_joined_news_are_the_same_in_arrays(node: RunningNode) -> None:
    url = f"ws://127.0.0.1:{node.node.settings.http.port}/api/v1/events?token={token_of(node)}"
    plain, joined = list[dict[str, Any]](), list[dict[str, Any]]()
    async with connect(url) as one, connect(f"{url}&joined=true") as other:
        await line_of(one, "alive")
        first = json.loads(await other.recv())
        assert [line["type"] for line in first] == ["alive"]
        for user in range(50):
            node.node.bus.publish(RightsChanged(EVERYBODY if user else 2**40))
        async with asyncio.timeout(20):
            while len(plain) < 49:
                plain += [line for line in [json.loads(await one.recv())] if line["type"] != "alive"]
            while len(joined) < 49:
                several = json.loads(await other.recv())
                joined += [line for line in several if line["type"] != "alive"]
    assert joined == plain and {line["user_id"] for line in joined} == {EVERYBODY}, "nobody else's"


async def test_an_old_number_is_told_as_a_gap_also_over_a_restart(tmp_path: Path) -> None:
    async with running_node(tmp_path / "first", settings_for()) as node:
        async with feed_of(node, token_of(node)) as socket:
            before = (await line_of(socket, "alive"))["seq"]
        async with feed_of(node, token_of(node), before) as socket:
            assert json.loads(await socket.recv())["type"] == "alive", "nothing was missed"
    async with running_node(tmp_path / "again", settings_for()) as again, feed_of(again, token_of(again), before) as socket:
        assert json.loads(await socket.recv())["type"] == "gap"


@pytest.mark.parametrize("how", ["signed out", "session ended elsewhere"])
async def test_the_news_end_with_the_sign_in(node: RunningNode, how: str) -> None:
    theirs = await node.sign_in("duty", "first-password")
    token = theirs.headers["Authorization"].removeprefix("Bearer ")
    async with feed_of(node, token) as socket, feed_of(node, token_of(node)) as other:
        await line_of(socket, "alive")
        if how == "signed out":
            ended = await theirs.delete("/session")
        else:
            sessions = (await node.get("/account/sessions"))["items"]
            elsewhere = next(one["id"] for one in sessions if not one["current"])  # type: ignore[attr-defined]
            ended = await node.client.delete(f"/account/sessions/{elsewhere}")
        assert ended.status_code == 204
        with pytest.raises(ConnectionClosed) as closed:
            await line_of(socket, "never")
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4401
        await line_of(other, "alive")
    await theirs.aclose()
    with pytest.raises(InvalidStatus):
        async with feed_of(node, token):
            pass
