"""What higher floors implement for upper platforms."""

from __future__ import annotations

from typing import Protocol

from fengsui.features.devices import Peer
from fengsui.features.upper_platforms.model import Address, Granted, Upper
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import Manscdp


class Registration(Protocol):
    """One registration with its Call-ID: it is renewed and ended under it (RFC 3261 §10.2)."""

    async def register(self, password: str, expires_s: int, *, timeout_s: float = 16.0) -> Granted:
        """`expires_s` 0: no longer. Raises NotTaken, NoAnswer."""
        ...


class Notifier(Protocol):
    """One subscription of a platform: a dialog in which it is told."""

    async def notify(self, body: Manscdp, edition: Edition, left_s: int) -> int:
        """A NOTIFY; the status of its answer. `left_s`: so long it still runs. Raises NoAnswer."""
        ...


class Upward(Protocol):
    """SIP towards upper platforms."""

    async def reach(self, upper: Upper, address: Address) -> Peer:
        """The way to this address of it. Raises OSError, TimeoutError."""
        ...

    def registration(self, upper: Upper, peer: Peer) -> Registration:
        """A new one."""
        ...

    async def tell(self, upper: Upper, peer: Peer, body: Manscdp, edition: Edition, *, timeout_s: float = 16.0) -> int:
        """A MESSAGE; the status of its answer. Raises NoAnswer."""
        ...

    def leave(self, peer: Peer) -> None:
        """The way there is not needed any longer."""
        ...

    def next_sn(self) -> int:
        """A new SN for a body."""
        ...


class Keys(Protocol):
    """What seals passwords for the database."""

    def sealed(self, account: str, key: bytes) -> str: ...
    def opened(self, account: str, sealed: str) -> bytes: ...
