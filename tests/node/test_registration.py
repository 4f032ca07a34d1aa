"""What the registrar answers: by policy without a challenge, with the time, and to a device that says goodbye or begins anew."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fengsui.clock import SystemClock
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import Keepalive, encode
from fengsui.wire.sip.digest import Challenge
from fengsui.wire.sip.headers import expires_of, parse_gb_date
from tests.node.conftest import SERVER, RunningNode, running_node, settings_for, simulated_camera, until
from tests.node.test_nat import comings_and_goings


async def test_a_node_that_challenges_nobody_takes_the_first_register(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(challenge=False)) as node:
        camera = simulated_camera(node.registrar)
        await camera._connect()
        answer = await camera._send_register("")
        camera._close_link()
        assert (answer.status, expires_of(answer.headers)) == (200, camera.identity.expires_s)
        assert (await node.get(f"/devices/{camera.identity.code}"))["status"] == "online"


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_sha_256_is_believed_for_the_right_password_only(node: RunningNode, transport: str) -> None:
    camera = simulated_camera(node.registrar, transport=transport)
    await camera._connect()
    uri = f"sip:{camera.registrar.server_code}@{camera.registrar.domain}"
    try:
        for password, algorithm, cnonce, wanted in (
            ("wrong", "SHA-256", "", 403),
            ("node-password", "SHA-256", "", 200),
            ("node-password", "SHA-256", "0a4f113b", 200),
            ("node-password", "MD5", "0a4f113b", 200),
        ):
            challenged = await camera._send_register("")
            assert challenged.status == 401
            challenge = Challenge.parse(challenged.headers.get("www-authenticate"))
            assert challenge.algorithm == "MD5", "what every device can"
            chosen = replace(challenge, algorithm=algorithm, qop="auth" if cnonce else "")
            credentials = chosen.answer(username=camera.identity.code, password=password, method="REGISTER", uri=uri, cnonce=cnonce)
            assert (await camera._send_register(credentials.to_text())).status == wanted, (algorithm, cnonce)
        assert (await node.get(f"/devices/{camera.identity.code}"))["status"] == "online"
        unknown = credentials.to_text().replace("algorithm=MD5", "algorithm=SHA-512-256")
        assert (await camera._send_register(unknown)).status in (401, 403), "an algorithm that nobody knows opens nothing"
    finally:
        camera._close_link()


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_the_edition_is_told_to_who_tells_theirs_and_spoken(node: RunningNode, transport: str) -> None:
    """Every answer to a REGISTER with X-GB-Ver has it (2022, annex I); a device of 2011 or 2016 is spoken to in its own."""
    for number, edition, charset in ((1, Edition.V2022, b"GB18030"), (2, Edition.V2016, b"GB2312")):
        camera = simulated_camera(node.registrar, number, transport=transport)
        camera.identity.edition = edition
        await camera._connect()
        asked: list[bytes] = []
        camera._take = noting(asked, camera._take)  # type: ignore[method-assign]
        camera._socket._take = camera._take  # type: ignore[union-attr]
        challenged = await camera._send_register("")
        assert (challenged.status, challenged.headers.get("x-gb-ver")) == (401, "3.0")
        assert await camera._register()
        granted = [octets for octets in asked if octets.startswith(b"SIP/2.0 200") and b"REGISTER" in octets]
        assert granted and all(b"X-GB-Ver: 3.0" in octets for octets in granted)
        await until(lambda seen=asked: any(b"DeviceInfo" in one for one in seen), what="it is asked what it is")
        query = next(octets for octets in asked if b"<CmdType>DeviceInfo" in octets)
        assert b'encoding="' + charset + b'"' in query
        camera._close_link()


def noting(kept: list[bytes], take: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """Keeps what comes, and hands it on."""

    def noted(octets: bytes) -> None:
        kept.append(octets)
        take(octets)

    return noted


async def test_the_answer_tells_the_time_of_the_node(node: RunningNode) -> None:
    camera, clock = simulated_camera(node.registrar), SystemClock()
    granted = []
    await camera._connect()
    asked = camera._send_register

    async def remembered(authorization: str) -> object:
        granted.append(await asked(authorization))
        return granted[-1]

    camera._send_register = remembered  # type: ignore[assignment,method-assign]
    before = clock.now() - timedelta(milliseconds=1)
    assert await camera._register()
    camera._close_link()
    assert before <= parse_gb_date(granted[-1].headers.get("date")) <= clock.now()


async def test_a_device_that_unregisters_is_offline_at_once_and_may_come_back(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    await camera._connect()
    assert await camera._register()
    async with comings_and_goings(node) as told:
        camera.identity.expires_s = 0
        assert await camera._register()
        assert (await node.get(f"/devices/{code}"))["status"] == "offline"
        camera.identity.expires_s = 3600
        camera._call_id = secrets.token_hex(8)
        assert await camera._register()
        assert (await node.get(f"/devices/{code}"))["status"] == "online"
        await until(lambda: len(told) >= 2, what="both are told")
    camera._close_link()
    assert [type(event).__name__ for event in told] == ["DeviceWentOffline", "DeviceCameOnline"]
    assert (told[0].reason, told[1].restarted) == ("unregistered", True)  # type: ignore[attr-defined]


async def test_a_heartbeat_too_long_for_the_fast_door_is_answered_by_the_node_and_counts(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code, front = camera.identity.code, node.node.signalling.endpoint._front
    assert front is not None
    heartbeat = encode(Keepalive(1, code), edition=camera.identity.edition)
    faulty = b"".join(f"<DeviceID>{SERVER[:10]}1320{number:06d}</DeviceID>".encode() for number in range(2, 14))
    long = heartbeat.replace(b"</Notify>", b"<Info>" + faulty + b"</Info></Notify>")
    assert len(heartbeat) <= 400 < len(long)
    await camera._connect()
    assert await camera._register()
    for octets, by_the_door in ((heartbeat, True), (long, False)):
        before = front.counters()
        heard_at = (await node.get(f"/devices/{code}"))["last_seen_at"]
        assert (await camera.send_octets(octets)).status == 200
        after = front.counters()
        assert after.heartbeats - before.heartbeats == by_the_door, "the long one is the node's own"
        await until(lambda heard_at=heard_at: heard_later(node, code, heard_at), what="it is heard")
    camera._close_link()


async def test_a_closed_port_takes_back_nothing_of_what_it_counted(tmp_path: Path) -> None:
    """The node closes its port before it ends what looks at the counters."""
    async with running_node(tmp_path, settings_for()) as node:
        camera, devices = simulated_camera(node.registrar), node.node.devices
        await camera._connect()
        assert await camera._register()
        assert (await camera.send_octets(encode(Keepalive(1, camera.identity.code), edition=camera.identity.edition))).status == 200
        camera._close_link()
        devices._presence.look_at_door()
        counted = devices._presence.door.counters()
        assert counted.heartbeats >= 1
        await node.node.stop()
        devices._presence.look_at_door()
        assert devices._presence.door.counters().heartbeats >= counted.heartbeats


async def heard_later(node: RunningNode, code: str, heard_at: object) -> bool:
    return (await node.get(f"/devices/{code}"))["last_seen_at"] != heard_at
