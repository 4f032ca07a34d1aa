"""Stolen cookies and tickets: on another workstation, for another camera, forged, expired, after the end. Refused, recorded."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import websockets

from fengsui.features.access.media_tickets import media_ticket
from fengsui.features.access.tables import api_tokens, users
from fengsui.features.access.tables import sessions as session_rows
from fengsui.features.access.workstation import same_workstation
from fengsui.settings import NodeSettings, Secrets
from fengsui.store import update_sealed
from tests.node.conftest import OWN_PASSWORD, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_audit import records
from tests.node.test_own_site import CONSOLE, base_of, browser

ELSEWHERE = "127.0.0.9"
WAYS = ("ws", "fmp4", "es", "hls", "webrtc")


def elsewhere(node: RunningNode, **how: Any) -> httpx.AsyncClient:
    """A client on another workstation."""
    transport = httpx.AsyncHTTPTransport(local_address=ELSEWHERE)
    return httpx.AsyncClient(base_url=f"{base_of(node)}/api/v1", timeout=20, transport=transport, **how)


def with_sign_in(**sign_in: object) -> NodeSettings:
    """Settings with another policy of signing in."""
    plain = settings_for()
    return plain.model_copy(update={"sign_in": plain.sign_in.model_copy(update=sign_in)})


async def test_a_stolen_cookie_opens_nothing_elsewhere_and_the_session_ends(node: RunningNode) -> None:
    async with browser(node) as victim, elsewhere(node, cookies=victim.cookies, headers=victim.headers) as thief:
        stolen = await thief.get("/session")
        assert (stolen.status_code, stolen.json()["code"]) == (401, "access.other_workstation")
        assert (await victim.get("/session")).status_code == 401, "whoever it was must sign in again"

    def found() -> list[tuple[str, str, str, str]]:
        return [(one.act, one.person, one.address, one.result) for one in records(node) if "other_workstation" in one.detail]

    assert ("inventory.read", "duty", ELSEWHERE, "refused") in found()
    await until(lambda: ("session.revoke", "", "", "allowed") in found(), what="the end of the session is on record")


async def test_a_stolen_cookie_opens_nothing_in_another_browser(node: RunningNode) -> None:
    async with browser(node) as victim:
        stolen = await victim.get("/session", headers={"user-agent": "another"})
        assert stolen.json()["code"] == "access.other_workstation"


async def test_a_stolen_cookie_is_no_token(node: RunningNode) -> None:
    async with browser(node) as victim:
        for cookie in victim.cookies.values():
            answer = await node.client.get("/session", headers={"authorization": f"Bearer {cookie}"})
            assert answer.status_code == 401
        assert (await victim.get("/session")).status_code == 200


async def test_a_policy_may_refuse_without_ending_the_session(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_sign_in(moved_session="refuse")) as node, browser(node) as victim:
        async with elsewhere(node, cookies=victim.cookies, headers=victim.headers) as thief:
            assert (await thief.get("/session")).status_code == 401
        assert (await victim.get("/session")).status_code == 200


async def test_a_policy_may_let_telephones_move(tmp_path: Path) -> None:
    async with (
        running_node(tmp_path, with_sign_in(workstation="browser")) as node,
        browser(node) as mover,
        elsewhere(node, cookies=mover.cookies, headers=mover.headers) as moved,
    ):
        assert (await moved.get("/session")).status_code == 200
        assert (await moved.get("/session", headers={"user-agent": "another"})).status_code == 401


@pytest.mark.parametrize(
    ("binding", "began", "now", "same"),
    [
        ("address", "10.1.0.7", "10.1.0.7", True),
        ("address", "10.1.0.7", "::ffff:10.1.0.7", True),
        ("address", "10.1.0.7", "10.1.0.8", False),
        ("address", "2001:db8:1:2::5", "2001:db8:1:2:99::1", True),
        ("address", "2001:db8:1:2::5", "2001:db8:1:3::5", False),
        ("address", "10.1.0.7", "2001:db8::1", False),
        ("network", "10.1.0.7", "10.1.0.200", True),
        ("network", "10.1.0.7", "10.1.1.7", False),
        ("browser", "10.1.0.7", "192.0.2.1", True),
        ("off", "10.1.0.7", "192.0.2.1", True),
        ("address", "", "", True),
    ],
)
def test_what_counts_as_the_same_workstation(binding: Any, began: str, now: str, same: bool) -> None:
    for browser_now in (None, "b"):
        assert same_workstation(binding, began_address=began, began_browser="b", address=now, browser=browser_now) is same
    other = same_workstation(binding, began_address=began, began_browser="b", address=now, browser="c")
    assert other is (binding == "off")


@contextlib.asynccontextmanager
async def watched(node: RunningNode, client: httpx.AsyncClient) -> AsyncIterator[dict[str, str]]:
    """A camera that plays, and the addresses that `client` was given for it."""
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        code = camera.identity.code

        async def listed() -> bool:
            return (await node.client.get(f"/cameras/{code}")).status_code == 200

        await until(listed, what="the camera is listed")
        answer = await client.post(f"/cameras/{code}/live", json={"codecs": ["h264", "h265"]}, headers=CONSOLE)
        assert answer.status_code == 201, answer.text

        async def plays() -> bool:
            return (await node.get(f"/cameras/{code}/live"))["state"] == "playing"

        await until(plays, what="the camera plays")
        yield answer.json()


def ticket_of(opened: dict[str, str]) -> str:
    return opened["ws_fmp4"].partition("?ticket=")[2]


async def asked(opened: dict[str, str], way: str, *, ticket: str = "", name: str = "", local: str = "127.0.0.1") -> int:
    """The status of a request by `way`, its ticket or source's name changed, from the address `local`."""
    genuine = opened["ws_fmp4"]
    source = genuine.partition("/ws/")[2].partition("?")[0]
    port = genuine.split(":")[2].partition("/")[0]
    query = f"{name or source}{'/index.m3u8' if way == 'hls' else ''}?ticket={ticket or ticket_of(opened)}"
    place = f"://127.0.0.1:{port}/{'whep' if way == 'webrtc' else way}/{query}"
    if way == "ws":
        async with websockets.connect(f"ws{place}", local_addr=(local, 0)) as opened_socket:
            first: dict[str, Any] = json.loads(await opened_socket.recv())
            return int(first.get("status", 101))
    async with (
        httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(local_address=local), timeout=20) as client,
        client.stream("POST" if way == "webrtc" else "GET", f"http{place}", content=b"v=0" if way == "webrtc" else None) as answer,
    ):
        return answer.status_code


async def told(node: RunningNode, reason: str, ways: tuple[str, ...] = WAYS) -> list[Any]:
    """The records of refused tickets for `reason`, once each way has one."""

    def found() -> list[Any]:
        return [one for one in records(node) if one.act == "media.refused" and one.detail.startswith(f"media.{reason} ")]

    await until(lambda: {one.detail.split("(")[1].rstrip(")") for one in found()} >= set(ways), what=f"{reason} is on record")
    return found()


async def test_tickets_open_their_own_picture_for_their_own_workstation_alone(node: RunningNode) -> None:
    key = Secrets(node.node.data).key("media-tickets")
    async with browser(node) as client, watched(node, client) as opened:
        source = opened["ws_fmp4"].partition("/ws/")[2].partition("?")[0]
        for way in WAYS:
            assert await asked(opened, way) == {"ws": 101, "webrtc": 400}.get(way, 200), "the offer is none; the ticket was good"
        for way in WAYS:
            assert await asked(opened, way, local=ELSEWHERE) == 403, way
        stolen = await told(node, "other_workstation")
        assert {(one.person, one.address, one.object, one.result) for one in stolen} == {
            ("duty", ELSEWHERE, source.partition("/")[0], "refused")
        }
        for way in WAYS:
            assert await asked(opened, way, name="52010200001320000099/main") == 403, way
        assert {one.object for one in await told(node, "other_source")} == {"52010200001320000099"}
        payload, _, mac = ticket_of(opened).partition(".")
        longer = base64.urlsafe_b64decode(payload + "==").decode().replace("|127.0.0.1", f"|{ELSEWHERE}")
        forged = base64.urlsafe_b64encode(longer.encode()).rstrip(b"=").decode() + "." + mac
        ended = media_ticket(key, source=source, session="s", expires_unix=1_700_000_000, address="")
        for way in WAYS:
            assert await asked(opened, way, ticket=forged) == 403, way
            assert await asked(opened, way, ticket=ended) == 403, way
        await told(node, "forged")
        await told(node, "expired")
        assert (await client.delete(f"/live/{opened['session']}", headers=CONSOLE)).status_code == 204
        for way in WAYS:
            assert await asked(opened, way) == 403, way
        assert {one.person for one in await told(node, "revoked")} == {"duty"}, "whose it was is known after its end"
        metrics = (await node.client.get(f"{base_of(node)}/metrics")).text
        refused = next(line for line in metrics.splitlines() if line.startswith("fengsui_media_refused_tickets_total"))
        assert float(refused.split()[1]) >= 25


async def test_a_still_is_for_the_session_alone(node: RunningNode) -> None:
    async with browser(node) as client, watched(node, client) as opened:
        path = opened["still"].removeprefix("/api/v1")
        assert (await client.get(path)).content[:2] == b"\xff\xd8"
        async with elsewhere(node, cookies=client.cookies, headers=client.headers) as thief:
            assert (await thief.get(path)).status_code == 401
        assert (await client.get(path)).status_code == 401


async def test_a_storm_of_forged_tickets_is_counted_and_not_written_line_by_line(node: RunningNode) -> None:
    async with browser(node) as client, watched(node, client) as opened:
        port = int(opened["ws_fmp4"].split(":")[2].partition("/")[0])

        async def storm(number: int) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for attempt in range(100):
                writer.write(f"GET /es/{number}{attempt:03d}/main?ticket=a.b HTTP/1.1\r\nhost: x\r\n\r\n".encode())
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                await reader.readexactly(length)
            writer.close()

        await asyncio.gather(*(storm(number) for number in range(20)))
        assert node.node.engine.counters().refused_tickets >= 2_000
        assert await asked(opened, "es") == 200
        assert len([one for one in records(node) if one.act == "media.refused"]) < 100


async def test_a_new_token_is_not_taken_for_one_that_was_removed(node: RunningNode) -> None:
    order = {"name": "wall", "functions": ["look-around", "view-live"], "days": 1, "proof": "first-password"}
    headers = {"Authorization": f"Bearer {node.tokens['duty']}"}
    old = (await node.client.post("/account/tokens", json=order, headers=headers)).json()["token"]["id"]
    assert (await node.client.delete(f"/account/tokens/{old}", headers=headers)).status_code == 204
    made = (await node.client.post("/account/tokens", json=order, headers=headers)).json()
    program = httpx.AsyncClient(base_url=node.client.base_url, headers={"Authorization": f"Bearer {made['text']}"}, timeout=20)
    async with program, watched(node, program) as opened:
        for way in WAYS:
            assert await asked(opened, way) == {"ws": 101, "webrtc": 400}.get(way, 200), way


async def in_database(node: RunningNode, table: sa.Table, **values: float) -> None:
    """As if time had passed for the rows of wang, by the node's own hand."""
    async with node.node.store.transaction() as tx:
        mine = sa.select(users.c.id).where(users.c.name == "wang").scalar_subquery()
        await update_sealed(tx, table, table.c.user_id == mine, values)


@pytest.mark.parametrize(
    "end", ["sign out", "locked", "disabled", "password", "revoked", "token", "expired token", "expired session"]
)
async def test_everything_ends_within_seconds_of_the_right_to_it(tmp_path: Path, end: str) -> None:
    """API, news, pictures, stills, tickets; pictures by WebRTC: `test_revocation` in the browser."""
    async with running_node(tmp_path, settings_for()) as node, contextlib.AsyncExitStack() as stack:
        user, password = await node.appoint("wang", {"post": "operator"})
        client = await node.sign_in("wang", password)
        stack.push_async_callback(client.aclose)
        token = client.headers["Authorization"].removeprefix("Bearer ")
        program = (
            await client.post(
                "/account/tokens",
                json={"name": "wall", "functions": ["look-around", "view-live"], "days": 1, "proof": OWN_PASSWORD},
            )
        ).json()
        if "token" in end:
            client.headers["Authorization"] = f"Bearer {program['text']}"
        opened = await stack.enter_async_context(watched(node, client))
        body = await stack.enter_async_context(
            httpx.AsyncClient(timeout=20).stream("GET", opened["ws_fmp4"].replace("ws://", "http://").replace("/ws/", "/fmp4/"))
        )
        socket_ = await stack.enter_async_context(websockets.connect(opened["ws_fmp4"], max_size=None))
        chunks = body.aiter_bytes()
        assert await anext(chunks) and await socket_.recv()
        theirs = client.headers["Authorization"].removeprefix("Bearer ")
        news = await stack.enter_async_context(websockets.connect(f"ws{base_of(node)[4:]}/api/v1/events?token={theirs}&since=0"))
        told_ = await stack.enter_async_context(client.stream("GET", "/events"))
        lines = told_.aiter_lines()
        assert await news.recv() and await anext(lines)
        still = opened["still"].removeprefix("/api/v1")
        assert (await client.get(still)).status_code == 200 and await asked(opened, "hls") == 200
        match end:
            case "sign out":
                await client.delete("/session")
            case "locked":
                await client.post("/session/lock", json={})
            case "disabled":
                await node.client.patch(f"/users/{user['id']}", json={"disabled": True})
            case "password":
                await node.reset(user["id"])
            case "revoked":
                sessions = (await client.get("/account/sessions")).json()["items"]
                for one in sessions:
                    await client.delete(f"/account/sessions/{one['id']}")
            case "token":
                other = httpx.AsyncClient(base_url=node.client.base_url, headers={"Authorization": f"Bearer {token}"})
                assert (await other.delete(f"/account/tokens/{program['token']['id']}")).status_code == 204
                await other.aclose()
            case "expired token":
                await in_database(node, api_tokens, expires_at=node.node.access.steady.now_s() + 0.5)
            case "expired session":
                await in_database(node, session_rows, created_at=1.0)

        async def is_out() -> bool:
            return (await client.get("/cameras")).status_code == 401

        async def ended() -> None:
            async for _ in chunks:
                pass
            async for _ in lines:
                pass
            for one in (socket_, news):
                with contextlib.suppress(websockets.ConnectionClosed):
                    while True:
                        await one.recv()
            await until(is_out, what="the API is closed")

        async with asyncio.timeout(30):  # a busy machine's seconds; a ticket that nobody revokes is good for ten minutes
            await ended()
        assert news.close_code == 4401
        assert (await client.get("/cameras")).status_code == (await client.get(still)).status_code == 401
        for way in WAYS:
            assert await asked(opened, way) == 403, way
