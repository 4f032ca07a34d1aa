"""What no database holds stands alone: the writers go on, and a registration that was not stored has changed nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import SystemClock
from fengsui.errors import StorageFault, ValueOutOfRange
from fengsui.features.cameras.rows import MOST, row_of
from fengsui.features.devices import DeviceCameOnline, Devices, Peer
from fengsui.features.devices.door import Claim
from fengsui.features.devices.model import DeviceState
from fengsui.features.devices.queries import write_bindings
from fengsui.features.devices.rows import binding_of
from fengsui.features.devices.waiting import WaitingList
from fengsui.settings import SignallingSection
from fengsui.store import Store, write_apart
from fengsui.wire.errors import MalformedSip
from fengsui.wire.gb28181.catalog import CatalogueItem
from fengsui.wire.sip.message import SipRequest, SipResponse, parse_message
from tests.node.conftest import SERVER, settings_for, until

DOMAIN = SERVER[:10]
NUL = "a\0b"


def register(number: int, user_agent: str = "IP Camera", call: str = "c") -> SipRequest:
    """A REGISTER as it stands behind the parser."""
    code = f"{DOMAIN}1320{number:06d}"
    text = (
        f"REGISTER sip:{SERVER}@{DOMAIN} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK{number}\r\n"
        f"From: <sip:{code}@{DOMAIN}>;tag=a\r\nTo: <sip:{code}@{DOMAIN}>\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n"
        "Expires: 3600\r\nContent-Length: 0\r\n\r\n"
    )
    read = parse_message(text.encode())
    assert isinstance(read, SipRequest)
    return SipRequest(read.method, read.uri, read.headers.added("User-Agent", user_agent).with_header("Call-ID", call), read.body)


PEER = Peer("UDP", "10.0.0.1", 5060)


class Registrar:
    """Devices on a store of its own, without sockets; `answers` are those after the commit."""

    def __init__(self, store: Store) -> None:
        self.bus = Bus()
        self.arrivals = self.bus.subscribe(DeviceCameOnline)
        settings = settings_for("", challenge=False)
        self.devices = Devices(store, self.bus, SystemClock(), settings, "")
        self.answers: list[int] = []
        self.devices.use_reply(self._keep)

    def _keep(self, _: SipRequest, response: SipResponse, __: Peer) -> None:
        self.answers.append(response.status)


@asynccontextmanager
async def registrar(store: Store) -> AsyncIterator[Registrar]:
    made = Registrar(store)
    await made.devices.start()
    try:
        yield made
    finally:
        await made.devices.stop()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    store = await Store.open(url)
    try:
        yield store
    finally:
        await store.close()


@pytest.mark.parametrize("place", [b"User-Agent: IP\0Camera", b"Call-ID: 6\x01", b"X-Note: \x7f", b"User-Agent: a\rb"])
def test_a_control_octet_in_a_head_is_refused_at_the_edge(place: bytes) -> None:
    whole = register(1).to_bytes()
    with pytest.raises(MalformedSip):
        parse_message(whole.replace(b"CSeq:", place + b"\r\nCSeq:"))


def test_padding_with_nuls_is_cut_off() -> None:
    whole = register(1, "IP Camera").to_bytes()
    padded = parse_message(whole.replace(b"IP Camera", b"IP Camera\0\0\0\0"))
    assert isinstance(padded, SipRequest)
    assert padded.headers.get("user-agent") == "IP Camera"


def test_a_number_that_no_column_holds_is_none_the_device_means() -> None:
    row = row_of("52010200001320000001", CatalogueItem("52010200001320000001", "x", ptz_type=9_999_999_999), "")
    assert row["ptz_type"] <= MOST


async def test_a_value_that_the_database_refuses_stands_alone(store_url: str) -> None:
    async with opened(store_url) as store:
        good = [binding_of(DeviceState(f"{number:020d}")) for number in range(40)]
        odd = {**good[0], "code": "odd", "port": 2**70}

        async def write(rows: object) -> None:
            async with store.transaction() as tx:
                await write_bindings(tx, list(rows))  # type: ignore[call-overload]

        refused = await write_apart([*good[:23], odd, *good[23:]], write)
        assert [row["code"] for row, _ in refused] == ["odd"] and isinstance(refused[0][1], ValueOutOfRange)
        async with store.reading() as tx:
            assert (await tx.execute(sa.text("SELECT count(*) FROM devices"))).scalar_one() == 40


async def test_a_quoted_nul_is_left_out_of_what_is_stored(store_url: str) -> None:
    async with opened(store_url) as store, registrar(store) as here:
        here.devices.register(register(1, "Cam (\\\0x)", "call\\\0"), PEER)
        await until(lambda: here.answers == [200], what="it is answered")
        assert here.devices.get(f"{DOMAIN}1320000001").user_agent == "Cam (\\x)"
        here.devices.waiting.note("33333333333333333333", PEER, NUL)
        assert here.devices.waiting.all()[0].maker == "ab"


async def test_a_registration_that_cannot_be_stored_keeps_no_other_from_its_answer(store_url: str) -> None:
    async with opened(store_url) as store, registrar(store) as here:
        odd = Peer("UDP", "10.0.0.9", 2**70)  # no socket gives one: it stands for whatever a database refuses
        here.devices.register(register(1), odd)
        for number in range(2, 20):
            here.devices.register(register(number), PEER)
        await until(lambda: len(here.answers) == 19, what="each has its answer")
        assert sorted(here.answers) == [200] * 18 + [400]
        assert here.devices.is_online(f"{DOMAIN}1320000001") is None and here.devices.by_state()["online"] == 18
        here.devices.register(register(1, call="d"), PEER)
        await until(lambda: len(here.answers) == 20, what="what can be stored is taken afterwards")
        assert here.answers[-1] == 200


async def test_one_odd_knock_does_not_end_the_waiting_list(store_url: str) -> None:
    async with opened(store_url) as store:
        waiting = WaitingList(store, Bus(), SystemClock(), SignallingSection())
        waiting.note("11111111111111111111", PEER, NUL)
        waiting._entries["11111111111111111111"].attempts = 2**70
        waiting.note("22222222222222222222", PEER, "IP Camera")
        await waiting._write()
        async with store.reading() as tx:
            assert (await tx.execute(sa.text("SELECT code FROM waiting_devices"))).scalars().all() == ["22222222222222222222"]
        assert len(waiting.all()) == 2, "it is still shown"


class Full(Store):
    """A store whose disk is full when it is told so."""

    why: Exception | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        if self.why is not None:
            raise self.why
        async with super().transaction() as tx:
            yield tx


async def full_store(url: str) -> Full:
    store = await Store.open(url)
    await store.close()
    return Full(store.engine)


async def test_a_registration_whose_commit_failed_has_changed_nothing_and_its_repetition_takes_effect_whole(store_url: str) -> None:
    store = await full_store(store_url)
    async with registrar(store) as here:
        code = f"{DOMAIN}1320000001"
        store.why = StorageFault(what="disk is full", remedy_zh="", remedy_en="")
        here.devices.register(register(1), PEER)
        await until(lambda: here.devices.registrations_waiting == 0, what="it was tried")
        assert here.devices.is_online(code) is None and here.devices.by_state()["online"] == 0 and here.answers == []
        store.why = None
        here.devices.register(register(1), PEER)
        await until(lambda: here.answers == [200], what="the repetition is answered")
        assert here.devices.is_online(code)
        assert (await asyncio.wait_for(anext(here.arrivals), 10)).code == code
        # The same of one that was online: another call, refused by the disk, then sent again.
        store.why = StorageFault(what="disk is full", remedy_zh="", remedy_en="")
        here.devices.register(register(1, call="new"), PEER)
        await until(lambda: here.devices.registrations_waiting == 0, what="it was tried")
        assert here.devices.get(code).call_id == "c"
        store.why = None
        here.devices.register(register(1, call="new"), PEER)
        await until(lambda: here.answers == [200, 200], what="the repetition is answered")
        event = await asyncio.wait_for(anext(here.arrivals), 10)
        assert (event.code, event.restarted) == (code, True)
    await store.close()


async def test_a_device_that_left_while_it_was_entered_stays_away(store_url: str) -> None:
    async with opened(store_url) as store, registrar(store) as here:
        request = register(1)
        claim = Claim.of(request, f"{DOMAIN}1320000001", PEER)
        here.devices.register(request, PEER)
        gone = SipRequest("REGISTER", request.uri, request.headers.with_header("Expires", "0"))
        assert claim.expires_s == 3600
        answer = here.devices.register(gone, PEER)
        assert answer is not None and answer.status == 200
        here.devices.register(register(2), PEER)
        await until(lambda: here.answers == [200], what="the other one is entered")
        assert not here.devices.is_online(claim.code)


async def test_more_registrations_than_may_wait_are_dropped_and_not_kept(store_url: str) -> None:
    async with opened(store_url) as store, registrar(store) as here:
        here.devices._batches._most = 3
        for number in range(10):
            here.devices.register(register(number), PEER)
        assert here.devices.registrations_waiting == 3
        await until(lambda: here.answers == [200] * 3, what="those that fit are answered")
