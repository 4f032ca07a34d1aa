"""Which way a stream's media are asked for next: UDP, TCP to us, TCP from us. Pure. Source: GB/T 28181-2022 §9.2, annex D."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address
from typing import Final

from fengsui.media import Transport

FALLBACK: Final = (Transport.UDP, Transport.TCP_PASSIVE, Transport.TCP_ACTIVE)
NAMES: Final = {Transport.UDP: "udp", Transport.TCP_PASSIVE: "tcp-passive", Transport.TCP_ACTIVE: "tcp-active"}
BY_NAME: Final = {name: way for way, name in NAMES.items()}
OF_THE_WAY: Final = frozenset({"no_packets", "connection", "transport_refused", "no_description"})
"""Failures that another way may cure, also where this one has worked before."""
OF_NO_WAY: Final = frozenset({"offline", "busy", "not_found", "unplayable", "node"})
"""Failures that say nothing about the way."""


class Ways:
    """The ways of one stream in turn: beginning with the one that last worked, and with none twice before each had its turn."""

    def __init__(self) -> None:
        self._worked: Transport | None = None
        self._now: Transport | None = None

    def now(self, setting: str, learned: str) -> Transport:
        """The way to ask by. `setting`: the device's profile, a fixed one or `auto`; `learned`: what last worked for the device."""
        ways = self._ways(setting, learned)
        if self._now not in ways:
            self._now = ways[0]
        return self._now or ways[0]

    def worked(self) -> None:
        """A picture came by this way: the next break is followed by this one again."""
        self._worked = self._now

    def failed(self, setting: str, learned: str, outcome: str, *, played: bool) -> bool:
        """Goes on to the next way where that may help; true when it is to be tried at once, and not after a pause.

        On the first way only a failure of media moves on. On the others every failure does, as a device that refuses one, or does
        not answer to it, would never be asked by the first again. A way by which a picture was shown (`played`) is
        tried again.
        """
        ways = self._ways(setting, learned)
        at = ways.index(self.now(setting, learned))
        stays = played or outcome in OF_NO_WAY or (at == 0 and outcome not in OF_THE_WAY)
        if stays or len(ways) == 1:
            return False
        self._now = ways[(at + 1) % len(ways)]
        return self._now is not ways[0]

    def _ways(self, setting: str, learned: str) -> tuple[Transport, ...]:
        fixed = BY_NAME.get(setting)
        if fixed is not None:
            return (fixed,)
        first = self._worked if self._worked is not None else BY_NAME.get(learned)
        return FALLBACK if first is None else (first, *(way for way in FALLBACK if way is not first))


def media_host_of(told: str, peer: str) -> str:
    """Where an answer's `c=` says that media come from, when that can be and is not the peer itself; else empty.

    A private address of a device that is reached by a public one is its own net's.
    """
    with suppress(ValueError):
        there, here = ip_address(told), ip_address(peer)
        elsewhere = (there.is_private and not here.is_private) or there.is_loopback != here.is_loopback
        if there != here and not (elsewhere or there.is_unspecified or there.is_multicast or there.is_link_local):
            return str(there)
    return ""
