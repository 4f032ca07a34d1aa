"""Which of our addresses a peer is told: configured, else the kernel's route. Wrong ones stop most first installations."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from fengsui.settings import AddressesSection

MAX_CACHED = 10_000
SIOCGIFADDR = 0x8915
"""netdevice(7): the first address of a network card."""
NOWHERE = "127.0.0.1"
"""Told where there is no route."""
ELSEWHERE = "192.0.2.1"
"""Stands for a peer in no network that is configured, reached by the default route (RFC 5737: nobody has it)."""


@dataclass(frozen=True, slots=True)
class ToldAddress:
    """`source`: `network` (the configured map), `public` (configured) or `route` (the kernel's)."""

    address: str
    source: Literal["network", "public", "route"]


class Doubt(StrEnum):
    """Why a peer may not reach the address it is told."""

    LOOPBACK = "loopback"
    """Only this machine itself can: there is no route, or the wrong address is configured."""
    UNSPECIFIED = "unspecified"
    PRIVATE = "private"
    """The peer comes from the internet and is told an address of a private network."""
    FAMILY = "family"
    """IPv4 against IPv6."""


def doubt(peer: str, told: str) -> Doubt | None:
    """What speaks against telling `peer` the address `told`, both IP addresses; None where nothing does."""
    try:
        theirs, ours = ipaddress.ip_address(peer), ipaddress.ip_address(told)
    except ValueError:
        return None
    if ours.is_unspecified:
        return Doubt.UNSPECIFIED
    if ours.is_loopback and not theirs.is_loopback:
        return Doubt.LOOPBACK
    if ours.version != theirs.version:
        return Doubt.FAMILY
    if theirs.is_global and not ours.is_global:
        return Doubt.PRIVATE
    return None


class LocalAddresses:
    """Answers from a cache; a connected UDP socket sends nothing."""

    def __init__(self, settings: AddressesSection) -> None:
        self._public = settings.public
        self._networks = sorted(
            ((ipaddress.ip_network(network), address) for network, address in settings.networks.items()),
            key=lambda entry: -entry[0].prefixlen,
        )
        self._cache: dict[str, ToldAddress] = {}
        self._elsewhere = ToldAddress(NOWHERE, "route")

    def told_to(self, peer: str) -> ToldAddress:
        """The address for `peer`, an IP address; out of descriptors the one that a peer of the default route was told."""
        known = self._cache.get(peer)
        if known is not None:
            return known
        try:
            decided = self._decide(peer)
        except OSError:
            return self._elsewhere
        if len(self._cache) >= MAX_CACHED:
            self._cache.clear()
        self._cache[peer] = decided
        if decided.source == "route" and decided.address != NOWHERE:
            self._elsewhere = decided
        return decided

    def _decide(self, peer: str) -> ToldAddress:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return ToldAddress(self._public or "127.0.0.1", "public" if self._public else "route")
        for network, ours in self._networks:
            if address.version == network.version and address in network:
                return ToldAddress(ours, "network")
        if self._public and not address.is_loopback:
            return ToldAddress(self._public, "public")
        return ToldAddress(route_to(peer), "route")

    def told_to_newcomer(self, caller: str) -> str:
        """What to type into a camera near `caller`; where the caller sits at this machine itself, the address of its outer side."""
        for peer in (caller, ELSEWHERE):
            told = self.told_to(peer).address
            if not ipaddress.ip_address(told).is_loopback:
                return told
        return next(iter(outer_addresses()), told)  # an isolated network needs no default route

    def all(self) -> list[str]:
        """Every address a browser may reach us at, loopback included."""
        found = [self._public] if self._public else []
        found += [address for _, address in self._networks]
        found += [route_to(ELSEWHERE), "127.0.0.1"]
        return list(dict.fromkeys(found))


def outer_addresses() -> list[str]:
    """IPv4 addresses of this machine's network cards, loopback left out."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(probe, SIOCGIFADDR, struct.pack("256s", name.encode()))
            except OSError:
                continue  # it has none
            found.append(ipaddress.ip_address(answer[20:24]))
    return [str(address) for address in found if not address.is_loopback]


def route_to(peer: str) -> str:
    """The local address that the kernel would use towards `peer`; loopback when there is no route."""
    family = socket.AF_INET6 if ":" in peer else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((peer, 9))
        except OSError:
            return NOWHERE
        name: str = probe.getsockname()[0]
        return name
