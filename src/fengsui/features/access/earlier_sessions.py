"""Sessions that end because the same person signs in at another workstation (A10): both places are told, a record stands."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import queries
from fengsui.features.access.model import SignedInElsewhere

REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class EarlierSession:
    """One that was cut. `workstation`: how its browser named itself; `created_at`: seconds since 1970."""

    id: str
    address: str
    workstation: str
    created_at: float
    token_hash: str


async def cut(tx: AsyncConnection, user_id: int) -> tuple[EarlierSession, ...]:
    """Takes every session of this person away; told once that is on disk."""
    found = tuple(
        EarlierSession(one.id, one.address, one.workstation, float(one.created_at), one.token_hash)
        for one in await queries.sessions_of(tx, user_id)
    )
    for one in found:
        await queries.remove_session(tx, one.token_hash)
    return found


class EarlierSessions:
    """Where those who were cut have gone, so that their old place can say it: in memory, for the newest of them."""

    def __init__(self) -> None:
        self._gone: OrderedDict[str, str] = OrderedDict()

    def note(self, cut: Iterable[EarlierSession], address: str) -> None:
        """They ended by a sign-in from `address`."""
        for one in cut:
            self._gone[one.token_hash] = address
        while len(self._gone) > REMEMBERED:
            self._gone.popitem(last=False)

    def refuse(self, token_hash: str) -> None:
        """Raises SignedInElsewhere."""
        if token_hash in self._gone:
            raise SignedInElsewhere(address=self._gone[token_hash])
