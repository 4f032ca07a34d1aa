"""Connections to every TCP port are bounded in number, time and memory, for one address and in all; devices keep their own room."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client import REGISTRY

from fengsui.settings import NodeSettings
from fengsui.transports.paces import Paces
from fengsui.transports.places import Octets, Places
from tests.node.conftest import powered, running_node, settings_for, simulated_camera, trust_in, until
from tests.node.test_events import feed_of, line_of, token_of
from tests.node.test_metrics import more, scraped, total

HEAD = "MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP 1.2.3.4;branch=z9hG4bK1\r\nContent-Length: {}\r\n\r\n"


def with_limits(**sections: dict[str, object]) -> NodeSettings:
    """Settings on free ports with these limits."""
    base = settings_for().model_dump()
    return NodeSettings.model_validate({name: {**part, **sections.get(name, {})} for name, part in base.items()})


@contextlib.asynccontextmanager
async def connected(
    port: int, count: int, host: str = "127.0.0.1"
) -> AsyncIterator[list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]:
    """So many connections from one address."""
    opened = [await asyncio.open_connection("127.0.0.1", port, local_addr=(host, 0)) for _ in range(count)]
    try:
        yield opened
    finally:
        for _, writer in opened:
            writer.transport.abort()


async def ended(reader: asyncio.StreamReader) -> bool:
    """Whether the other side ends it, in a while; what comes before is read."""
    try:
        async with asyncio.timeout(20):
            while await reader.read(65_536):
                pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


async def survivors(opened: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]], wanted: int) -> None:
    """Awaits that so many of them are left."""
    await until(
        lambda: sum(not reader.at_eof() and reader.exception() is None for reader, _ in opened) == wanted,
        what=f"{wanted} are left",
    )


def test_places_are_bounded_for_one_and_for_all() -> None:
    chance, places, taken = random.Random(3), Places(20, 6, {"proxy"}.__contains__), Counter[str]()
    for _ in range(5_000):
        host = chance.choice(["a", "b", "c", "d", "e", "proxy"])
        if chance.random() < 0.45 and taken[host]:
            places.leave(host)
            taken[host] -= 1
            continue
        wanted = "total" if taken.total() >= 20 else "address" if host != "proxy" and taken[host] >= 6 else ""
        assert places.refusal(host) == wanted
        if not wanted:
            places.enter(host)
            taken[host] += 1
        assert len(places) == taken.total()


def test_octets_are_bounded_for_one_and_for_all() -> None:
    memory = Octets(100)
    assert memory.take("a", 20) and not memory.take("a", 6) and memory.take("a", 5)
    assert all(memory.take(host, 25) for host in "bcd") and not memory.take("e", 1)
    assert memory.take("a", -25) and memory.taken == 75 and memory.take("e", 25)


def test_a_pace_lets_so_much_come_at_once_and_then_its_rate_whatever_the_connection() -> None:
    paces = Paces(10, ahead_s=20, limit=2)

    def taken(key: str, now_s: float) -> int:
        pace, count = paces.of(key), 0
        while pace.wait_s(now_s) == 0.0:
            pace.spend()
            count += 1
        assert 0 < pace.wait_s(now_s) <= 0.1
        return count

    assert [taken("a", now_s) for now_s in (5.0, 5.0, 6.0, 4.0, 1_000.0)] == [200, 0, 10, 0, 200]
    assert taken("b", 1_000.0) == 200 and taken("a", 1_000.0) == 0
    assert taken("c", 1_000.0) == 200 and len(paces) == 2, "the latest are remembered"
    assert taken("a", 1_000.0) == 0


# ── SIP over TCP ─────────────────────────────────────────────────────


async def test_a_stranger_sends_no_long_message_and_a_device_does(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(max_stranger_message_kb=16)) as node:
        port = node.node.settings.signalling.port
        async with connected(port, 1) as [(reader, writer)]:
            writer.write(HEAD.format(16 * 1024 + 1).encode())
            assert await ended(reader), "its length alone is too much"
        camera = simulated_camera(node.registrar, transport="TCP")
        async with powered(camera):
            await until(camera.registered.is_set, what="the camera is registered")
            assert (await camera.send_octets(b"<Notify>" + b" " * (3 << 20))).status == 200
            assert camera.registered.is_set()


async def test_unfinished_messages_of_strangers_take_no_room_from_devices(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(max_unfinished_mb=1, message_s=60)) as node:
        port, before = node.node.settings.signalling.port, await scraped(node)
        camera = simulated_camera(node.registrar, transport="TCP")
        async with powered(camera), contextlib.AsyncExitStack() as stack:
            await until(camera.registered.is_set, what="the camera is registered")
            for host in range(50, 56):
                swarm = await stack.enter_async_context(connected(port, 10, f"127.0.0.{host}"))
                for _, writer in swarm:
                    writer.write(HEAD.format(60_000).encode() + bytes(50_000))
                if host == 50:
                    await survivors(swarm, 5)

            async def full() -> bool:
                now = await scraped(node)
                held = total(now, "fengsui_sip_unfinished_bytes", of="strangers")
                assert held <= 1 << 20
                return held > 900_000 and more(now, before, "fengsui_sip_ended_connections_total", why="memory") >= 40

            await until(full, what="the memory for strangers is taken, and no more")
            assert (await camera.send_octets(b"<Notify>" + b" " * 200_000)).status == 200

        async def given_back() -> bool:
            return total(await scraped(node), "fengsui_sip_unfinished_bytes", of="strangers") == 0

        await until(given_back, what="the memory is given back")


async def test_a_drip_of_octets_wins_a_stranger_no_time(tmp_path: Path) -> None:
    settings = settings_for(message_s=1)
    async with running_node(tmp_path, settings), connected(settings.signalling.port, 1) as [(reader, writer)]:
        dripping = asyncio.create_task(drip(writer, HEAD.format(1_000).encode() + bytes(1_000)))
        assert await ended(reader)
        dripping.cancel()


async def drip(writer: asyncio.StreamWriter, octets: bytes) -> None:
    """One octet at a time."""
    with contextlib.suppress(ConnectionError):
        for octet in octets:
            writer.write(bytes((octet,)))
            await asyncio.sleep(0.05)


# ── console and API ──────────────────────────────────────────────────

REQUEST = b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"


def refused(why: str) -> float:
    """How many connections to console and API were refused or ended for this since the process began."""
    return REGISTRY.get_sample_value("fengsui_http_refused_connections_total", {"why": why}) or 0.0


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_a_request_that_never_ends_is_ended(tmp_path: Path, *, tls: bool) -> None:
    async with running_node(tmp_path, with_limits(http={"head_s": 1, "body_s": 1, "tls": tls})) as node:
        port, before, context = node.node.settings.http.port, refused("slow request"), trust_in(node.node) if tls else None
        for begun in (b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", REQUEST):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
            writer.write(begun)
            dripping = asyncio.create_task(drip(writer, b"x" * 1_000 if begun else b""))
            assert await ended(reader), begun
            dripping.cancel()
            writer.transport.abort()
        assert refused("slow request") == before + 3
        for _ in range(3):  # one connection, one request after another, each with its own time
            await asyncio.sleep(0.5)
            assert (await node.client.get("/session")).status_code == 200


async def test_connections_to_the_console_are_bounded_and_given_back(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_limits(http={"max_connections": 12, "max_connections_per_address": 6})) as node:
        port, before = node.node.settings.http.port, (refused("address"), refused("total"))
        async with feed_of(node, token_of(node)) as news, connected(port, 20, "127.0.0.60") as swarm:
            await survivors(swarm, 6)
            assert refused("address") == before[0] + 14
            await line_of(news, "alive")
            assert (await node.client.get("/session")).status_code == 200, "another address has its places"
            async with connected(port, 20, "127.0.0.61") as others:
                await until(lambda: refused("total") > before[1], what="all places are taken")
                await until(lambda: open_now() == 12, what="and no more than those")
                assert others
        await until(lambda: open_now() <= 1, what="the places are given back, that of the WebSocket too")


def open_now() -> float:
    """Connections to console and API."""
    return REGISTRY.get_sample_value("fengsui_http_connections") or 0.0


async def test_a_trusted_proxy_is_bounded_by_the_total_alone(tmp_path: Path) -> None:
    limits = {"max_connections": 30, "max_connections_per_address": 2, "trusted_proxies": ["127.0.0.70", "127.0.9.0/24"]}
    settings = with_limits(http=limits)
    port = settings.http.port
    async with (
        running_node(tmp_path, settings),
        connected(port, 10, "127.0.0.70") as one,
        connected(port, 10, "127.0.9.3") as other,
        connected(port, 5, "127.0.0.71") as stranger,
    ):
        await survivors(stranger, 2)
        await survivors([*one, *other], 20)


async def test_bodies_are_bounded_before_they_are_read(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_limits(http={"max_body_mb": 1, "max_bodies_mb": 4})) as node:
        base = f"http://127.0.0.1:{node.node.settings.http.port}/api/v1/session"
        async with httpx.AsyncClient(timeout=20) as stranger:

            async def endless() -> AsyncIterator[bytes]:
                yield b"{"

            answers = [
                await stranger.post(base, content=endless()),
                await stranger.post(base, content=b" " * ((1 << 20) + 1)),
            ]
            assert [(one.status_code, one.json()["code"]) for one in answers] == [
                (411, "request.no_length"),
                (413, "request.too_large"),
            ]
            port, begun = node.node.settings.http.port, REQUEST.replace(b": 50", b": %d" % (900 << 10))
            async with connected(port, 1) as [(_, writer)]:
                writer.write(begun)

                async def held() -> bool:
                    return total(await scraped(node), "fengsui_http_body_bytes") == 900 << 10

                await until(held, what="the memory of its body is set aside")
                refused_now = await stranger.post(base, content=b" " * (200 << 10))
                assert (refused_now.status_code, refused_now.json()["code"]) == (503, "request.no_memory")
                assert (await stranger.post(base, json={"name": "nobody", "password": "x"})).status_code == 401
                other = httpx.AsyncHTTPTransport(local_address="127.0.0.80")
                async with httpx.AsyncClient(timeout=20, transport=other) as elsewhere:
                    assert (await elsewhere.post(base, content=b" " * (200 << 10))).status_code == 422

            async def given_back() -> bool:
                return total(await scraped(node), "fengsui_http_body_bytes") == 0

            await until(given_back, what="it is given back when the connection ends")


# ── media ────────────────────────────────────────────────────────────


async def test_connections_of_players_are_bounded_and_given_back(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_limits(media={"max_connections": 12, "max_connections_per_address": 5})) as node:
        port, before = node.node.settings.media.http_port, await scraped(node)
        async with connected(port, 20, "127.0.0.90") as swarm:
            for _, writer in swarm:
                writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            await survivors(swarm, 5)
            async with httpx.AsyncClient(timeout=20) as player:
                assert (await player.get(f"http://127.0.0.1:{port}/health")).text == "ok"
            now = await scraped(node)
            assert more(now, before, "fengsui_media_refused_viewers_total") == 15
            assert total(now, "fengsui_media_connections") >= 5

        async def given_back() -> bool:
            return total(await scraped(node), "fengsui_media_connections") == 0

        await until(given_back, what="the places are given back")
