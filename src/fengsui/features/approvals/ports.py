"""What a feature implements to have an act of its own done by two persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import CameraFacts, Function, Place, Rank
from fengsui.features.approvals.model import LONGEST_S, Asked, Difference


@dataclass(frozen=True, slots=True)
class Description:
    """What will happen, in both languages. `target`: the object as the audit log names it."""

    target: str
    title_zh: str
    title_en: str
    differences: tuple[Difference, ...] = field(default=())


class ApprovalKind(Protocol):
    """One sort of act. Implementations derive from this and are registered with `Approvals.register` before `start`.

    Whatever `begin`, `apply` and `drop` do is done through `tx`, the transaction that moves the request on: so it happens exactly
    once, also when the node dies in between. `settled` follows the commit; what it does must be done at the next start as well.
    """

    name: str
    """Stable, such as `policy.pack`."""
    zh: str
    en: str
    asks: Function
    """Who may ask."""
    approves: Function
    """Who may approve; another person than the one who asks."""
    document: bool = False
    """Whether a legal document must be named (rule A16)."""
    rank: Rank | None = None
    """The lowest rank that may approve; None: whoever holds `approves`."""
    expires_s: float = LONGEST_S
    """How long a request waits, and how long an approval can be used once it is due; a day at most."""

    async def places(self, content: Any) -> Sequence[CameraFacts | Place]:
        """Where both must hold their rights; none: anywhere."""
        return ()

    def about(self, content: Any) -> frozenset[int]:
        """Users whom the act is about, and who do not approve it."""
        return frozenset()

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        """A hash of the present state that the content changes: when it becomes another one, the request is void."""
        ...

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        """Raises FengsuiError when the content cannot be applied: then it cannot be asked for."""
        ...

    async def delay_s(self, tx: AsyncConnection, content: Any) -> float:
        """How long the act waits after its approval; longer than nothing for a loosening (rule A37)."""
        return 0.0

    async def begin(self, tx: AsyncConnection, asked: Asked) -> None:
        """What takes effect at the approval already, when the rest waits."""

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        """The act. Raises FengsuiError of the operator's when it cannot be done any more: the request is void then."""
        ...

    async def drop(self, tx: AsyncConnection, asked: Asked) -> None:
        """An approved request ends without its act: takes back what `begin` did."""

    async def settled(self, asked: Asked) -> None:
        """After `begin`, `apply` or `drop` is on disk: read anew, tell others."""
