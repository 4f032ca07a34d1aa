"""Somebody sets the clock back: nothing that ended opens again, nothing that holds breaks, and it is on record."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import httpx
import pyotp
import pytest

from fengsui.app import Node
from fengsui.clock import ManualClock, SteadyTime, SystemClock
from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, demonstration, to_text
from fengsui.features.audit.verification import verify
from tests.node.conftest import RunningNode, powered, simulated_camera, until
from tests.node.test_audit import records
from tests.node.test_own_site import CONSOLE, browser
from tests.node.test_stolen import asked, with_sign_in

HOUR = 3_600.0


class MovedClock(SystemClock):
    """The machine's clock, which somebody sets."""

    def __init__(self) -> None:
        self.by = ManualClock()
        self._zero = self.by.now()

    def now(self) -> datetime:
        """The machine's time and what it was set by."""
        return super().now() + (self.by.now() - self._zero)


def test_steady_time_follows_forward_and_never_goes_back() -> None:
    clock = ManualClock()
    steady = SteadyTime(clock)
    began = steady.now_s()
    clock.advance(10)
    clock.set_by(-HOUR)
    assert steady.now_s() == began + 10
    clock.advance(5)
    assert steady.now_s() == began + 15, "it goes on while the wall clock catches up"
    clock.set_by(2 * HOUR)
    assert steady.now_s() == began + 15 + HOUR


async def test_sessions_tickets_locks_codes_and_the_log_stand_an_hour_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FIRST_PEOPLE, to_text(demonstration({one.name: "first-password" for one in DEMONSTRATION})))
    clock, settings = MovedClock(), with_sign_in(longest_s=HOUR, idle_s=HOUR)
    plain = Node(settings, tmp_path, clock)
    await plain.start()
    node = RunningNode(plain, httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.http.port}/api/v1", timeout=20), {})
    try:
        token = (await node.client.post("/session", json={"name": "duty", "password": "first-password"})).json()["token"]
        node.client.headers["Authorization"] = f"Bearer {token}"
        secret = (await node.client.post("/account/authenticator", json={"proof": "first-password"})).json()["secret"]

        def code() -> str:
            return pyotp.TOTP(secret).at(clock.now())

        first = code()
        assert (await node.client.post("/account/authenticator/confirm", json={"code": first})).status_code == 200
        for _ in range(settings.sign_in.wrong_passwords_limit):
            await node.client.post("/session", json={"name": "victim", "password": "x"})
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            path = f"/cameras/{camera.identity.code}"

            async def listed() -> bool:
                return (await node.client.get(path)).status_code == 200

            await until(listed, what="the camera is listed")
            clock.by.set_by(-HOUR)
            assert (await node.client.get("/session")).status_code == 200, "who works goes on working"
            locked = await node.client.post("/session", json={"name": "victim", "password": "x"})
            assert locked.status_code == 429, "and who waits goes on waiting"
            opened = (await node.client.post(f"{path}/live", json={"codecs": ["h264", "h265"]}, headers=CONSOLE)).json()
            assert await asked(opened, "es") == 200, "a new ticket opens"
        await until(lambda: any(one.act == "clock.set" for one in records(node)), what="the setting is on record")
        sign_in = {"name": "duty", "password": "first-password"}
        fresh = code()
        answer = await node.client.post("/session", json={**sign_in, "otp": fresh})
        assert answer.status_code == 201, "the code of now opens, though later ones were used"
        assert (await node.client.post("/session", json={**sign_in, "otp": fresh})).status_code == 401, "once"
        clock.by.set_by(HOUR)
        assert (await node.client.post("/session", json={**sign_in, "otp": first})).status_code == 401, (
            "a code seen before does not"
        )
        found = records(node)
        assert [one.sequence for one in found] == list(range(1, len(found) + 1))
        assert any(one.detail.startswith("-36") for one in found if one.act == "clock.set"), "by how much"
    finally:
        await node.client.aclose()
        await plain.stop()
    assert verify(tmp_path / "audit", plain.audit.files.signer.public).fault is None


async def test_an_ended_session_stays_ended_when_the_clock_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FIRST_PEOPLE, to_text(demonstration({one.name: "first-password" for one in DEMONSTRATION})))
    clock, settings = MovedClock(), with_sign_in(longest_s=HOUR, idle_s=HOUR)
    plain = Node(settings, tmp_path, clock)
    await plain.start()
    node = RunningNode(plain, httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.http.port}/api/v1", timeout=20), {})
    try:
        async with browser(node) as early:
            assert (await early.get("/session")).status_code == 200
            clock.by.set_by(HOUR + 5)
            assert (await early.get("/session")).status_code == 401
            clock.by.set_by(-HOUR - 5)
            assert (await early.get("/session")).status_code == 401
        async with browser(node) as late:
            clock.by.set_by(-3 * HOUR)
            await plain.stop()
            plain = Node(settings, tmp_path, clock)
            await plain.start()
            assert (await late.get("/session")).status_code == 200, "the node counts on from its log: the session goes on"
            clock.by.set_by(3 * HOUR + 2 * HOUR)
            assert (await late.get("/session")).status_code == 401, "and ends when its hour is over"
    finally:
        await node.client.aclose()
        await plain.stop()


def test_time_that_nobody_saw_pass_makes_no_wait_short() -> None:
    clock = ManualClock()
    steady = SteadyTime(clock)
    began = steady.now_s()
    clock.advance(HOUR)
    assert steady.leapt_since(began) == 0, "what passes is no leap"
    clock.set_by(2 * HOUR)
    assert steady.leapt_since(began) == 2 * HOUR and steady.leapt_since(steady.now_s()) == 0
    clock.set_by(-HOUR)
    clock.set_by(0.5 * HOUR)
    assert steady.leapt_since(began) == 2 * HOUR, "nor what only makes good what was taken"
    steady.leapt(steady.now_s(), 60.0)
    assert steady.leapt_since(began) == 2 * HOUR + 60
