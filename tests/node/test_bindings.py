"""Where a device is, who may say so, and who may lock it out: the registrar's rules on a store of its own, without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fengsui.bus import Bus
from fengsui.clock import ManualClock
from fengsui.errors import StorageFault
from fengsui.features.devices import DeviceCameOnline, Devices, Peer, queries
from fengsui.features.devices.door import NoDoor
from fengsui.features.devices.model import DeviceState, Nonces
from fengsui.features.devices.silence import Silences
from fengsui.features.devices.strangers import Proof, Strangers
from fengsui.settings import SignallingSection
from fengsui.store import Store
from fengsui.wire.sip.digest import Challenge
from fengsui.wire.sip.message import SipRequest, parse_message
from tests.node.conftest import SERVER, settings_for, until

CODE, DOMAIN = "52010200001320000001", SERVER[:10]
HERE, THERE = Peer("UDP", "10.0.0.7", 5060), Peer("UDP", "10.0.0.7", 40001)
LIFE_S = 3600


def said(method: str, number: int, call: str, code: str = CODE) -> SipRequest:
    """A request of the device."""
    read = parse_message(
        f"{method} sip:{SERVER}@{DOMAIN} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.7;branch=z9hG4bK{number}\r\n"
        f"From: <sip:{code}@{DOMAIN}>;tag=1\r\nTo: <sip:{SERVER}@{DOMAIN}>\r\nCall-ID: {call}\r\nCSeq: {number} {method}\r\n"
        f"Expires: {LIFE_S}\r\nContent-Length: 0\r\n\r\n".encode()
    )
    assert isinstance(read, SipRequest)
    return read


class Registrar:
    """Devices that are asked for no password."""

    def __init__(self, store: Store) -> None:
        self.bus, self.clock, self.store, self.number = Bus(), ManualClock(), store, 0
        self.news = self.bus.subscribe(DeviceCameOnline, name="test")
        self.devices = Devices(store, self.bus, self.clock, settings_for("", challenge=False), "")
        self.answers: list[int] = []
        self.devices.use_reply(lambda _, answer, __: self.answers.append(answer.status))

    async def register(self, peer: Peer, call: str, code: str = CODE) -> int:
        """The status of the answer."""
        self.number += 1
        told = len(self.answers)
        at_once = self.devices.register(said("REGISTER", self.number, call, code), peer)
        if at_once is not None:
            return at_once.status
        await until(lambda: len(self.answers) > told, what="it is answered after the commit")
        return self.answers[-1]

    def beat(self, peer: Peer) -> int:
        """The status of the answer to a keep-alive."""
        self.number += 1
        return self.devices.keepalive(said("MESSAGE", self.number, f"k{self.number}"), peer, CODE).status

    @property
    def port(self) -> int:
        """Where the device is called."""
        peer = self.devices.get(CODE).peer
        assert peer is not None
        return peer.port

    async def on_disk(self) -> list[tuple[str, int]]:
        """Code and port of every device there."""
        async with self.store.reading() as tx:
            return [(row.code, row.port) for row in await queries.all_devices(tx)]

    async def told(self) -> list[bool]:
        """Of each coming since the last look: whether the device had started anew."""
        self.bus.publish(DeviceCameOnline("", False))  # so that there is one to wait for
        return [one.restarted for one in await self.news.batch() if one.code]


@pytest.fixture
async def registrar(tmp_path: Path) -> AsyncIterator[Registrar]:
    """With one device that has been admitted."""
    store = await Store.open(f"sqlite:///{tmp_path / 'node.db'}", SERVER)
    made = Registrar(store)
    await made.devices.start()
    await made.devices.admit(CODE)
    try:
        yield made
    finally:
        await made.devices.stop()
        await store.close()


async def test_a_device_that_speaks_from_another_port_than_it_registers_from_is_no_second_one(registrar: Registrar) -> None:
    for call in ("c1", "c1", "c2"):  # a refresh, and a stack that begins a new Call-ID for each
        assert await registrar.register(HERE, call) == 200
        assert registrar.port == HERE.port
        for _ in range(3):
            assert registrar.beat(THERE) == 200 and registrar.port == THERE.port
            registrar.clock.advance(seconds=60)
        registrar.clock.advance(seconds=LIFE_S / 2 - 180)
    assert registrar.devices.get(CODE).conflict == ""


async def test_a_wall_clock_that_is_put_right_ends_no_registration_and_prolongs_none(registrar: Registrar) -> None:
    assert await registrar.register(HERE, "c1") == 200
    registrar.clock.set_by(86_400 * 400)
    assert registrar.beat(HERE) == 200
    assert registrar.devices.get(CODE).expires_at > registrar.clock.now().timestamp()
    registrar.clock.set_by(-86_400 * 800)
    registrar.clock.advance(LIFE_S - 60)
    assert registrar.beat(HERE) == 200
    registrar.clock.advance(120)
    assert registrar.beat(HERE) == 403


async def test_when_a_refresh_is_due_is_not_asked_of_the_wall_clock(registrar: Registrar) -> None:
    assert await registrar.register(HERE, "c1") == 200
    assert await registrar.told() == [False]
    registrar.clock.set_by(-86_400 * 400)
    registrar.clock.advance(LIFE_S / 2)
    assert registrar.beat(HERE) == 200
    assert await registrar.register(HERE, "c2") == 200
    assert True not in await registrar.told(), "a stack that begins a new Call-ID for each refresh"
    registrar.clock.set_by(86_400 * 400)
    registrar.clock.advance(60)
    assert await registrar.register(HERE, "c3") == 200
    assert await registrar.told() == [True], "it has started anew"


class BelievingDoor(NoDoor):
    """Answers heartbeats by a wall clock that was set back."""

    unbound = False

    def take_heard(self) -> list[str]:
        """The device, until it is no longer bound."""
        return [] if self.unbound else [CODE]

    def unbind(self, code: str) -> None:
        """Heard no more."""
        self.unbound = True


async def test_a_door_whose_wall_clock_was_set_back_does_not_prolong_a_registration(registrar: Registrar) -> None:
    door = BelievingDoor()
    assert await registrar.register(HERE, "c1") == 200
    registrar.devices.use_door(door)
    registrar.clock.advance(LIFE_S + 1)
    await until(lambda: door.unbound, what="the door is told")


async def test_a_registration_that_could_not_be_stored_is_new_when_it_comes_again(
    registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: list[str] = []
    registrar.devices.use_reply(lambda *_: None, lambda request, _: again.append(request.headers.get("call-id")))

    async def full(*_: object) -> None:
        raise StorageFault(what="the disk is full")

    monkeypatch.setattr(queries, "write_bindings", full)
    assert registrar.devices.register(said("REGISTER", 1, "c1"), HERE) is None
    await until(lambda: again == ["c1"], what="whoever remembers the request is told")


async def test_whoever_shares_the_address_of_a_device_does_not_shut_it_out(registrar: Registrar) -> None:
    assert await registrar.register(HERE, "c1") == 200
    assert registrar.beat(THERE) == 200  # a forged one, or a port that the network has changed
    assert registrar.beat(HERE) == 200 and registrar.port == HERE.port
    assert registrar.devices.get(CODE).conflict == ""


async def test_a_second_device_behind_the_same_address_is_reported_once_the_first_is_heard(registrar: Registrar) -> None:
    assert await registrar.register(HERE, "c1") == 200
    assert await registrar.register(THERE, "c2") == 200
    assert registrar.beat(HERE) == 403 and registrar.port == THERE.port
    assert registrar.devices.get(CODE).conflict == f"{HERE.host}:{HERE.port}"
    assert await registrar.register(HERE, "c1") == 403 and registrar.port == THERE.port


async def test_a_port_that_a_keep_alive_has_moved_is_known_after_a_restart(registrar: Registrar) -> None:
    assert await registrar.register(HERE, "c1") == 200
    registrar.beat(THERE)
    await registrar.devices.stop()
    assert await registrar.on_disk() == [(CODE, THERE.port)]
    again = Registrar(registrar.store)
    await again.devices.start()
    assert again.port == THERE.port
    assert await again.register(HERE, "c1") == 200
    await again.devices.stop()
    assert await again.on_disk() == [(CODE, HERE.port)], "and the next registration counts again"


async def test_a_port_that_is_being_written_when_the_node_stops_is_on_disk(registrar: Registrar) -> None:
    assert await registrar.register(HERE, "c1") == 200
    registrar.beat(THERE)
    writing = asyncio.create_task(registrar.devices._batches.write_touched())
    await asyncio.sleep(0)
    writing.cancel()
    await asyncio.wait([writing])
    assert writing.cancelled()
    await registrar.devices.stop()
    assert await registrar.on_disk() == [(CODE, THERE.port)]


async def test_a_refresh_under_a_new_call_is_no_new_start(registrar: Registrar) -> None:
    async def heard(seconds: float) -> None:
        for _ in range(int(seconds / 60)):
            registrar.clock.advance(seconds=60)
            assert registrar.beat(HERE) == 200

    assert await registrar.register(HERE, "c1") == 200
    assert await registrar.told() == [False]
    await heard(LIFE_S / 2)
    assert await registrar.register(HERE, "c2") == 200
    assert await registrar.told() == [], "a refresh when one is due"
    await heard(120)
    assert await registrar.register(HERE, "c3") == 200
    assert await registrar.told() == [True], "long before one is due it is a device that was switched off and on"
    await heard(LIFE_S / 2)
    assert await registrar.register(THERE, "c4") == 200
    assert await registrar.told() == [True], "and so it is from another port"


async def test_a_registration_that_comes_while_its_device_is_removed_does_not_bring_it_back(registrar: Registrar) -> None:
    assert await registrar.register(HERE, "c1") == 200
    removal = asyncio.create_task(registrar.devices.remove(CODE))
    while not removal.done():
        registrar.number += 1
        answer = registrar.devices.register(said("REGISTER", registrar.number, "c1"), HERE)
        assert answer is None or answer.status == 403
        await asyncio.sleep(0)
    await removal
    assert registrar.devices.is_online(CODE) is None and await registrar.on_disk() == []
    other = "52010200001320000002"
    assert await registrar.register(HERE, "c1", other) == 200, "the writer has been round once more"
    assert registrar.devices.is_online(CODE) is None and await registrar.on_disk() == [(other, HERE.port)]


def test_a_device_that_comes_and_goes_is_watched_once() -> None:
    silences, state = Silences(60, 3), DeviceState(CODE)
    known = {CODE: state}
    for number in range(3_000):
        silences.heard(state, number * 0.1)
        state.online = True
        state.online = number % 2 == 1
    assert len(silences._queue) == 1
    state.online = True
    assert list(silences.fallen_silent(known, 300 + 180)) == [state]
    silences.heard(state, 500)
    known[CODE] = DeviceState(CODE)  # removed and admitted anew
    silences.heard(known[CODE], 510)
    known[CODE].online = True
    assert list(silences.fallen_silent(known, 800)) == [known[CODE]] and not silences._queue


class Guesser:
    """Answers challenges for CODE at one address."""

    def __init__(self, nonces: Nonces) -> None:
        self.strangers, self.nonces = Strangers(b"k" * 32, SignallingSection()), nonces

    def says(self, password: str, made_at_s: float, now_s: float) -> tuple[Proof, bool]:
        """What an answer to the nonce of that time is worth now."""
        nonce = self.nonces.make(CODE, HERE.host, made_at_s)
        uri = f"sip:{SERVER}@{DOMAIN}"
        given = Challenge(DOMAIN, nonce).answer(username=CODE, password=password, method="REGISTER", uri=uri)
        return self.strangers.weigh(given.to_text(), CODE, HERE.host, "right", now_s)


def test_forged_guesses_lock_nobody_out_and_guess_nothing() -> None:
    guesser, forged = Guesser(Nonces(b"k" * 32)), Guesser(Nonces(b"x" * 32))
    forged.strangers = guesser.strangers
    assert forged.says("right", 100, 100)[0] is Proof.STALE, (
        "a device that kept its nonce over our restart is told to take the new one"
    )
    for _ in range(50):
        assert forged.says("wrong", 100, 100) == (Proof.ABSENT, False)
    assert not guesser.strangers.is_locked(CODE, HERE.host, 101)
    assert forged.says("right", 100, 101)[0] is Proof.ABSENT, "from then on such nonces do not tell which password is right"
    assert guesser.says("right", 100, 101)[0] is Proof.GIVEN
    malformed = [guesser.strangers.weigh("Digest nonsense", CODE, HERE.host, "right", 102) for _ in range(50)]
    assert set(malformed) == {(Proof.MALFORMED, False)}


@pytest.mark.parametrize("age_s", [10, 400])
def test_whoever_answers_our_challenges_wrongly_is_locked_out(age_s: float) -> None:
    guesser = Guesser(Nonces(b"k" * 32))
    told = [guesser.says("wrong", 1000 - age_s, 1000)[1] for _ in range(SignallingSection().wrong_passwords_limit)]
    assert told == [False] * (len(told) - 1) + [True]
    assert guesser.strangers.is_locked(CODE, HERE.host, 1001)
