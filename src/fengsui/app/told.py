"""What each known device is told, why, and what speaks against it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from fengsui.clock import Clock
from fengsui.features.devices import Devices, Told
from fengsui.transports.addresses import Doubt, LocalAddresses, doubt

LOOK_AGAIN_S, AT_ONCE = 10.0, 200
DOUBTS = {
    Doubt.LOOPBACK: (
        "本机回环地址,设备到不了:没有通往设备的路由,或 [addresses] 填错",
        "a loopback address that the device cannot reach: no route to it, or [addresses] is wrong",
    ),
    Doubt.UNSPECIFIED: ("不是可到达的地址:[addresses] 填错", "no address that can be reached: [addresses] is wrong"),
    Doubt.PRIVATE: (
        "设备来自公网,却被告知内网地址:请填 [addresses] public",
        "the device comes from the internet and is told a private address: set [addresses] public",
    ),
    Doubt.FAMILY: (
        "IPv4 与 IPv6 不一致:请在 [addresses.networks] 为该网段填同类地址",
        "IPv4 against IPv6: give its network an address of its own kind in [addresses.networks]",
    ),
}
SOURCES = {
    "network": ("[addresses.networks] 中该网段的地址", "its network in [addresses.networks]"),
    "public": ("[addresses] public", "[addresses] public"),
    "route": ("本机通往该设备的路由", "this machine's route to it"),
}


@dataclass(frozen=True, slots=True)
class ToldDevice:
    """`source`: network, public or route."""

    code: str
    peer: str
    address: str
    source: str
    doubt: Doubt | None


def told_devices(devices: Iterable[tuple[str, str]], addresses: LocalAddresses) -> list[ToldDevice]:
    """For each code and the address its packets came from; doubtful ones first."""
    found = []
    for code, peer in devices:
        told = addresses.told_to(peer)
        found.append(ToldDevice(code, peer, told.address, told.source, doubt(peer, told.address)))
    return sorted(found, key=lambda one: (one.doubt is None, one.code))


def told_to(addresses: LocalAddresses, peer: str) -> Told:
    """What `peer` is told, for the pages."""
    told = addresses.told_to(peer)
    against = doubt(peer, told.address)
    zh, en = DOUBTS[against] if against is not None else ("", "")
    return Told(told.address, told.source, zh, en)


class DoubtfulAddresses:
    """Which registered devices can hardly reach the address they are told."""

    def __init__(self, devices: Devices, addresses: LocalAddresses, clock: Clock) -> None:
        self._devices = devices
        self._addresses = addresses
        self._clock = clock
        self._codes: frozenset[str] = frozenset()
        self._looked_at_s: float | None = None
        self._looking = asyncio.Lock()

    async def codes(self) -> Collection[str]:
        """Taken anew where the last look is old; a few devices at a time, so that a hundred thousand hold up nothing."""
        async with self._looking:
            if self._looked_at_s is None or self._clock.monotonic_s() >= self._looked_at_s + LOOK_AGAIN_S:
                found: set[str] = set()
                peers = [(state.code, state.peer.host) for state in self._devices.all() if state.peer is not None]
                for at in range(0, len(peers), AT_ONCE):
                    some = peers[at : at + AT_ONCE]
                    found.update(code for code, peer in some if told_to(self._addresses, peer).warning_zh)
                    await asyncio.sleep(0)
                self._codes, self._looked_at_s = frozenset(found), self._clock.monotonic_s()
        return self._codes
