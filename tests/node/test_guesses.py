"""A storm of wrong passwords: they open nothing, lock nobody out of her own workstation, and fill neither memory nor log."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import httpx
import pytest
from argon2 import extract_parameters

from fengsui.clock import ManualClock
from fengsui.features.access import hashing
from fengsui.features.access.guesses import MAX_KEPT, Guesses
from fengsui.features.access.hashing import Hashing, TooManyTries
from fengsui.features.access.model import LockedOut
from fengsui.features.audit.acts import Act
from fengsui.features.audit.folding import MAX_FOLDED, Folding, Try
from fengsui.features.audit.model import Result
from fengsui.settings import SignInSection
from tests.node.conftest import PRODUCT_COST, RunningNode
from tests.node.test_audit import records
from tests.node.test_live_failures import resident_bytes
from tests.node.test_own_site import base_of, browser
from tests.rounds import rounds

WRONG, GUESSERS = rounds(600, 10_000), rounds(6, 20)
LIMIT = SignInSection().wrong_passwords_limit


@pytest.fixture
def full_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password takes the product's memory, though not its time, of which thousands would take minutes."""
    monkeypatch.setattr(hashing, "COST", replace(hashing.COST, memory_cost=PRODUCT_COST.memory_cost))


def guesses() -> tuple[Guesses, ManualClock]:
    clock = ManualClock()
    return Guesses(clock, SignInSection(), bytes(32)), clock


def locked(counts: Guesses, name: str, address: str, workstation: str = "") -> bool:
    try:
        counts.refuse_locked(name, address, workstation)
    except LockedOut:
        return True
    return False


@pytest.mark.rounds
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("full_memory")
async def test_a_storm_of_wrong_passwords_opens_nothing_and_locks_no_owner_out(node: RunningNode) -> None:
    chance, codes = random.Random(1), dict.fromkeys(("access.wrong_password", "access.locked_out", "access.too_many_tries"), 0)
    names = ["duty", *(f"guessed{number}" for number in range(2_000))]
    async with browser(node) as owner:
        before = resident_bytes()

        async def guess(number: int) -> None:
            transport = httpx.AsyncHTTPTransport(local_address=f"127.0.1.{number + 1}")
            async with httpx.AsyncClient(base_url=f"{base_of(node)}/api/v1", transport=transport, timeout=60) as guesser:
                for _ in range(WRONG // GUESSERS):
                    name = "duty" if chance.random() < 0.5 else chance.choice(names)
                    answer = await guesser.post("/session", json={"name": name, "password": f"guess-{chance.random()}"})
                    codes[answer.json()["code"]] += 1

        async def works() -> int:
            done = 0
            while not storm.done():
                again = await owner.post("/session", json={"name": "duty", "password": "first-password"})
                assert again.status_code == 201, again.text
                done += 1
                await asyncio.sleep(0.2)  # as a person, not a storm of ours
            return done

        storm = asyncio.gather(*(guess(number) for number in range(GUESSERS)))
        signed_in = await works()
        await storm
        assert sum(codes.values()) == WRONG and codes["access.wrong_password"] < GUESSERS * LIMIT * 4 + 100, codes
        assert codes["access.locked_out"] > WRONG / 2
        assert signed_in > 0
        stranger = httpx.AsyncClient(base_url=f"{base_of(node)}/api/v1")
        refused = await stranger.post("/session", json={"name": "duty", "password": "first-password"})
        assert refused.json()["code"] == "access.locked_out", "where she never was before, she waits as everybody"
        await stranger.aclose()
        listed = (await node.get("/users"))["items"]
        assert next(one for one in listed if one["name"] == "duty")["locked"] is True  # type: ignore[attr-defined]
        assert resident_bytes() < before + 80_000_000
        assert node.node.access.guesses.kept() < 5_000
    wrong = [one for one in records(node) if one.act == "session.begin" and one.result == "failed"]
    assert GUESSERS <= len(wrong) < 2_000
    assert {one.address for one in wrong} >= {f"127.0.1.{number + 1}" for number in range(GUESSERS)}


async def test_the_rest_of_a_storm_is_on_record_as_numbers(node: RunningNode) -> None:
    async with httpx.AsyncClient(base_url=f"{base_of(node)}/api/v1", timeout=60) as guesser:
        for number in range(300):
            await guesser.post("/session", json={"name": f"name{number % 100}", "password": "x"})
    await node.node.stop()
    try:
        wrong = [one for one in records(node) if one.result == "failed"]
        told = sum(int(one.detail.partition("; ")[2].split(" ")[0]) if ";" in one.detail else 1 for one in wrong)
        assert told == 300 and len(wrong) < 60
        assert any(one.person == "*" for one in wrong)
    finally:
        await node.node.start()


def test_a_stranger_is_locked_and_the_known_workstation_is_not() -> None:
    counts, clock = guesses()
    cookie = counts.cookie_for("wang")
    mine = counts.known(cookie, "wang")
    assert mine and not counts.known(cookie, "li") and not counts.known(cookie + "0", "wang") and not counts.known("烽", "wang")
    for number in range(LIMIT):
        counts.wrong("wang", f"10.0.0.{number}")
    assert locked(counts, "wang", "10.9.9.9") and counts.locked_names() == {"wang"}
    assert not locked(counts, "wang", "10.0.0.1", mine) and not locked(counts, "li", "10.9.9.9")
    for _ in range(LIMIT):
        counts.wrong("wang", "10.0.0.1", mine)
    assert locked(counts, "wang", "10.0.0.1", mine), "whoever took the workstation may not guess without end either"
    assert not locked(counts, "wang", "10.0.0.1", counts.known(counts.cookie_for("wang"), "wang"))
    clock.advance(SignInSection().lockout_s)
    assert not locked(counts, "wang", "10.9.9.9")


def test_an_unlock_opens_the_places_from_which_that_name_was_tried_and_no_others() -> None:
    counts, _ = guesses()
    for number in range(LIMIT * 4):
        counts.wrong(f"guess{number % 3}", "10.0.0.1")
        counts.wrong("far.away", "10.7.7.7")
    counts.wrong("wang", "10.0.0.1")
    assert locked(counts, "somebody", "10.0.0.1") and locked(counts, "somebody", "10.7.7.7")
    counts.unlock("wang")
    assert not locked(counts, "somebody", "10.0.0.1")
    assert locked(counts, "somebody", "10.7.7.7"), "of another area"
    for number in range(2_000):
        counts.wrong(f"flood{number}", "10.7.7.7")
    assert len(counts._addresses._names["10.7.7.7"]) <= 32


def test_each_lock_is_longer_and_forgotten_after_an_hour_of_peace() -> None:
    counts, clock = guesses()
    waits = []
    for _ in range(LIMIT + 6):
        counts.wrong("wang", "10.0.0.1")
        waited = 0
        while locked(counts, "wang", "10.0.0.2"):
            clock.advance(1)
            waited += 1
        waits.append(waited)
    assert waits == [0] * (LIMIT - 1) + [60, 120, 240, 480, 960, 960, 960]
    clock.advance(3_601)
    counts.wrong("wang", "10.0.0.1")
    assert not locked(counts, "wang", "10.0.0.2")


def test_a_flood_of_names_neither_grows_without_end_nor_frees_a_locked_one() -> None:
    counts, _ = guesses()
    for _ in range(LIMIT):
        counts.wrong("wang", "10.0.0.1")
    for number in range(3 * MAX_KEPT):
        counts.wrong(f"n{number}", f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
    assert counts.kept() <= 3 * MAX_KEPT and locked(counts, "wang", "192.0.2.1")


def test_one_host_of_ipv6_has_one_count() -> None:
    counts, _ = guesses()
    for number in range(4 * LIMIT):
        counts.wrong(f"n{number}", f"2001:db8:1:2::{number:x}")
    assert locked(counts, "other", "2001:db8:1:2:ffff::1") and not locked(counts, "other", "2001:db8:1:3::1")


@pytest.mark.usefixtures("full_cost")
async def test_a_password_costs_what_rfc_9106_asks() -> None:
    cost = extract_parameters(await Hashing().hash("right"))
    assert (cost.type.name, cost.memory_cost, cost.time_cost, cost.parallelism) == ("ID", 65_536, 3, 4)


@pytest.mark.usefixtures("full_memory")
async def test_strangers_wait_for_strangers_and_are_refused_beyond_a_bound() -> None:
    threads = Hashing()
    hashed = await threads.hash("right")
    tries = [asyncio.create_task(threads.matches(hashed, "wrong", known=False)) for _ in range(80)]
    assert await threads.matches(hashed, "right", known=True), "a known workstation is served meanwhile"
    assert not all(one.done() for one in tries)
    ended = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, TooManyTries) for one in ended) == 16 and ended.count(False) == 64


def attempt(name: str = "wang", address: str = "10.0.0.1") -> Try:
    return Try(Act.SIGN_IN, Result.FAILED, name, address, name, "access.wrong_password")


def test_repetitions_are_one_record_with_their_number() -> None:
    folding = Folding()
    assert folding.take(attempt(), 0.0) == attempt()
    assert [folding.take(attempt(), 1.0) for _ in range(5)] == [None] * 5
    assert folding.due(59.0) == [] and folding.due(60.0) == [(attempt(), 5)]
    assert folding.take(attempt(), 61.0) == attempt() and folding.due(200.0) == [] and len(folding) == 0


@pytest.mark.parametrize("addresses", [1, 100_000])
def test_folding_is_bounded_whatever_is_tried(addresses: int) -> None:
    folding = Folding()
    told = sum(
        folding.take(attempt(f"n{number}", f"a{number % addresses}"), number / 10_000) is not None for number in range(100_000)
    )
    assert told <= (22 if addresses == 1 else MAX_FOLDED + 1) and len(folding) <= MAX_FOLDED + 1
    assert told + sum(count for _, count in folding.rest()) == 100_000 and len(folding) == 0


def test_the_log_of_a_year_of_wrong_tries_forgets_nothing_it_counts() -> None:
    folding, told = Folding(), 0
    for minute in range(600):
        for _ in range(7):
            told += folding.take(attempt(), minute * 61.0) is not None
        told += sum(count for _, count in folding.due(minute * 61.0 + 60.5))
    assert told == 4_200
