"""Every way to a picture and to the news against every post: what is not granted is refused by rule, what is granted opens.

The ways are the media server's own list: one that is added there without a row here fails. Rules A7, A10 and A65.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from starlette.routing import BaseRoute, Route, WebSocketRoute

from fengsui.app.routes import bare_app
from fengsui.features.access.posts import POSTS, Function, Post
from fengsui.media import media_paths
from tests.media.test_offers import offer
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_audit import records
from tests.node.test_matrix import ELSEWHERE, appoint
from tests.node.test_own_site import base_of, browser
from tests.node.test_stolen import ticket_of, watched

Said = tuple[int, dict[str, Any]]
"""The status, and the document of a refusal; empty where there is a picture."""


@dataclass(frozen=True)
class Ask:
    """One workstation's try at one source."""

    client: httpx.AsyncClient
    local: str
    port: int
    source: str
    ticket: str

    def url(self, way: str, tail: str = "") -> str:
        """An address of the media port."""
        scheme, query = "ws" if way == "ws" else "http", f"?ticket={self.ticket}" if self.ticket else ""
        return f"{scheme}://127.0.0.1:{self.port}/{way}/{self.source}{tail}{query}"


def said(answer: httpx.Response) -> Said:
    """The document of a refusal, looked at."""
    if answer.status_code < 300:
        return answer.status_code, {}
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    return answer.status_code, problem


async def by_websocket(ask: Ask) -> Said:
    """A browser reads no answer to a handshake: it is told over the connection, which is then closed with a reason."""
    async with websockets.connect(ask.url("ws"), local_addr=(ask.local, 0), max_size=None, max_queue=None) as socket:
        first: dict[str, Any] = json.loads(await socket.recv())
        if "code" not in first:
            head = await socket.recv()
            assert isinstance(head, bytes) and head[4:8] == b"ftyp"
            return 200, {}
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()
        goodbye = closed.value.rcvd
        assert goodbye is not None and goodbye.code == 4_000 + first["status"]
        assert goodbye.reason.startswith(f"{first['code']} {first['zh'][:8]}")
        return first["status"], first


def by_body(way: str) -> Callable[[Ask], Awaitable[Said]]:
    """An endless body: its first bytes are enough."""

    async def ask_for(ask: Ask) -> Said:
        async with ask.client.stream("GET", ask.url(way)) as answer:
            if answer.status_code == 200:
                assert await anext(answer.aiter_raw())
                return 200, {}
            await answer.aread()
            return said(answer)

    return ask_for


def by_hls(file: str) -> Callable[[Ask], Awaitable[Said]]:
    """The playlist, or what stands in one; whoever gets none asks for a file all the same."""

    async def ask_for(ask: Ask) -> Said:
        playlist = await ask.client.get(ask.url("hls", "/index.m3u8"))
        if file == "index.m3u8":
            return said(playlist)
        pattern = rf"{file}[0-9.]+m4s" if file.endswith("/") else re.escape(file)
        found = re.search(pattern, playlist.text) if playlist.status_code == 200 else None
        assert (found is None) == (playlist.status_code != 200)
        child = found[0] if found is not None else f"{file}1.0.m4s" if file.endswith("/") else file
        return said(await ask.client.get(ask.url("hls", f"/{child}")))

    return ask_for


async def by_webrtc(ask: Ask) -> Said:
    """An offer that is answered; its viewer ends at once."""
    answer = await ask.client.post(ask.url("whep"), content=offer("h264"), headers={"content-type": "application/sdp"})
    if answer.status_code == 201:
        ended = await ask.client.delete(f"http://127.0.0.1:{ask.port}{answer.headers['location']}")
        assert ended.status_code == 204
    return said(answer)


ROWS: Mapping[str, Callable[[Ask], Awaitable[Said]]] = {
    "GET /ws/{name}": by_websocket,
    "GET /fmp4/{name}": by_body("fmp4"),
    "GET /es/{name}": by_body("es"),
    "GET /hls/{name}/index.m3u8": by_hls("index.m3u8"),
    "GET /hls/{name}/init.mp4": by_hls("init.mp4"),
    "GET /hls/{name}/seg/{file}": by_hls("seg/"),
    "GET /hls/{name}/part/{file}": by_hls("part/"),
    "POST /whep/{name}": by_webrtc,
}
RECORDED = {"GET /playback/{name}", "GET /clip/{name}"}
"""Recorded footage, under tickets of its own: `test_playback`, `test_clips`."""
WITHOUT_PICTURE = {"GET /health", "DELETE /whep/{name}/{viewer}"}
"""Whether the port lives; and the end of a viewer for whoever knows its secret name: `test_a_guess_ends_nobodys_picture`."""


def test_every_way_of_the_media_port_has_its_row() -> None:
    assert set(media_paths()) == ROWS.keys() | RECORDED | WITHOUT_PICTURE


def every_route(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Those of included routers too, without their prefix."""
    for one in routes:
        inside = getattr(one, "original_router", None)
        if inside is None:
            yield one
        else:
            yield from every_route(inside.routes)


def test_no_route_of_the_node_is_outside_the_matrix() -> None:
    """What the OpenAPI document does not tell: the news by WebSocket, and what shows nothing of any camera."""
    routes = list(every_route(bare_app().routes))
    assert {one.path for one in routes if isinstance(one, WebSocketRoute)} == {"/events"}
    hidden = {one.path for one in routes if isinstance(one, Route) and not one.include_in_schema}
    assert hidden == {"/api/openapi.json", "/healthz", "/readyz", "/metrics", "/ca.pem", "/{path:path}"}


def look_at(problem: dict[str, Any], code: str, rule: str) -> None:
    """A refusal says in both languages why, by which rule, what to do instead and whom to ask."""
    assert (problem["code"], problem["rule"]) == (code, rule), problem
    for member in ("title", "detail", "zh", "en", "remedy_zh", "remedy_en", "contact"):
        assert problem[member] and "{" not in problem[member], problem
    assert not problem["zh"].isascii() and problem["en"].isascii()


async def all_refused(ask: Ask, code: str, rule: str = "A7") -> None:
    """Every way refuses this ticket for this reason."""
    for way, act in ROWS.items():
        status, problem = await act(ask)
        assert status == 403, (way, status, problem)
        look_at(problem, code, rule)


async def opened_by(node: RunningNode, client: httpx.AsyncClient, local: str, camera: str) -> Ask:
    """The lawful way of that workstation."""
    answer = await client.post(f"/cameras/{camera}/live", json={"codecs": ["h264"]})
    assert answer.status_code == 201, answer.text
    source = answer.json()["ws_fmp4"].partition("/ws/")[2].partition("?")[0]
    return Ask(client, local, node.node.settings.media.http_port, source, ticket_of(answer.json()))


async def follows(node: RunningNode, client: httpx.AsyncClient, local: str) -> Said:
    """The news by WebSocket; a refused handshake has the document too."""
    token = client.headers["Authorization"].removeprefix("Bearer ")
    try:
        async with websockets.connect(f"ws{base_of(node)[4:]}/api/v1/events?token={token}", local_addr=(local, 0)) as socket:
            assert json.loads(await socket.recv())["seq"]
            return 101, {}
    except websockets.InvalidStatus as error:
        return error.response.status_code, json.loads(error.response.body or b"{}")


@pytest.mark.timeout(400)
async def test_every_way_to_pictures_and_news_opens_to_whoever_has_the_right_alone(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node, browser(node) as duty, watched(node, duty) as lawful:
        camera = lawful["still"].split("/")[-2]
        source, ticket = lawful["ws_fmp4"].partition("/ws/")[2].partition("?")[0], ticket_of(lawful)
        payload, _, mac = ticket.partition(".")
        for number, post in enumerate(Post):
            local, name = f"127.0.0.{40 + number}", f"the-{post}"
            user, password = await node.appoint(name, {"post": post, "area": "5201"})
            client = await node.sign_in(name, password, at=local)
            stranger = Ask(client, local, node.node.settings.media.http_port, source, "")
            await all_refused(stranger, "media.ticket_missing")
            await all_refused(replace(stranger, ticket=ticket), "media.ticket_other_workstation", "A10")
            stolen = base64.urlsafe_b64decode(payload + "==").decode().replace("|127.0.0.1", f"|{local}")
            forged = base64.urlsafe_b64encode(stolen.encode()).rstrip(b"=").decode() + "." + mac
            await all_refused(replace(stranger, ticket=forged), "media.ticket_forged")
            own = None
            if Function.VIEW_LIVE in POSTS[post]:
                own = await opened_by(node, client, local, camera)
                for way, act in ROWS.items():
                    status, problem = await act(own)
                    assert status in (200, 201), (post, way, problem)
                await all_refused(replace(own, source=f"{camera[:-1]}9/main"), "media.ticket_other_source")
                still = await client.get(f"/cameras/{camera}/picture")
                assert still.content[:2] == b"\xff\xd8", still.text
            else:
                for method, path in (("POST", "live"), ("GET", "picture")):
                    status, problem = said(await client.request(method, f"/cameras/{camera}/{path}"))
                    assert (status, problem["code"]) in ((403, "access.not_allowed"), (403, "access.office")), (post, problem)
            # A patrol asks for its own task: the news of others are not for it.
            assert (await follows(node, client, local))[0] == (403 if post is Post.PATROL else 101), post
            await appoint(node, user["id"], post=post, area=ELSEWHERE)
            if own is not None:
                await until(lambda own=own: shut(own), what=f"the ticket of {post} ends with the right")
                await all_refused(own, "media.ticket_revoked")
                assert said(await client.post(f"/cameras/{camera}/live"))[1]["code"] == "access.out_of_scope"
            await appoint(node, user["id"], post=post, area="", valid_from="2999-01-01T00:00:00Z")
            status, problem = await follows(node, client, local)
            assert status == 403
            look_at(problem, "access.not_allowed" if post is Post.PATROL else "access.appointment_not_in_force", "A7")
            await client.aclose()
        places = {f"127.0.0.{40 + number}" for number, _ in enumerate(Post)}
        for reason in ("missing", "other_workstation", "forged"):
            await until(lambda reason=reason: told(node, reason) == places, what=f"{reason} is on record from every workstation")


def told(node: RunningNode, reason: str) -> set[str]:
    """From where tickets were refused for this reason, by the audit log."""
    return {one.address for one in records(node) if one.detail.startswith(f"media.{reason} ")}


async def shut(ask: Ask) -> bool:
    """The ticket opens nothing any more."""
    return (await ROWS["GET /hls/{name}/index.m3u8"](ask))[0] == 403


async def test_a_guess_ends_nobodys_picture(node: RunningNode) -> None:
    async with browser(node) as client, watched(node, client) as opened:
        answer = await client.post(opened["webrtc"], content=offer("h264"), headers={"content-type": "application/sdp"})
        assert answer.status_code == 201
        name, _, secret = answer.headers["location"].rpartition("/")
        readers = node.node.engine.counters().readers
        assert readers == 1
        place = opened["webrtc"].partition("/whep/")[0]
        seen = len(records(node))
        for guess in ("0" * 32, "1", secret[:-1], secret[::-1]):
            assert said(await client.delete(f"{place}{name}/{guess}"))[1]["code"] == "media.no_such_viewer", guess
        elsewhere = await client.delete(f"{place}{name.replace('/main', '/sub')}/{secret}")
        assert said(elsewhere)[0] == 404, "the address of another source names nobody"
        assert node.node.engine.counters().readers == readers
        assert (await client.delete(f"{place}{name}/{secret}")).status_code == 204
        await until(lambda: node.node.engine.counters().readers == 0, what="its own name ends it")
        gone = await client.delete(f"{place}{name}/{secret}")
        assert said(gone)[0] == 404, "and is gone then"

        def told() -> list[str]:
            return [one.detail for one in records(node)[seen:] if one.detail.startswith("media.no_such_viewer")]

        await until(lambda: told(), what="the guesses are on record")
        assert told() == ["media.no_such_viewer (webrtc)"], "four guesses and a wrong address are one record, their number follows"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "media.no_such_address"),
        ("PUT", "/es/1/main", 405, "media.no_such_method"),
        ("GET", "/whep/1/main", 405, "media.no_such_method"),
        ("GET", "/hls/1/main/other.mp4", 400, "media.bad_request"),
        ("GET", "/hls/index.m3u8", 400, "media.bad_request"),
    ],
)
async def test_what_the_media_port_does_not_have_it_says_in_both_languages(
    node: RunningNode, method: str, path: str, status: int, code: str
) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.request(method, f"http://127.0.0.1:{node.node.settings.media.http_port}{path}")
    found, problem = said(answer)
    assert (found, problem["code"]) == (status, code)
    assert not problem["zh"].isascii() and problem["en"].isascii()
