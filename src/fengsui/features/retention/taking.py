"""Takes away files whose removal is on record, and puts on record what came of it (rule A53)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Final

from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.retention.model import Removal
from fengsui.features.retention.removals import ends_of
from fengsui.features.second_tier import SecondTier
from fengsui.media import Engine, OldFootage

Taken = tuple[int, int, list[tuple[Path, str]]]
"""Files and bytes that are gone, and what is left with why."""

MOVED_NOW: Final = "it has moved to the second tier meanwhile"


class Taking:
    """Of one node."""

    def __init__(self, audit: Audit, engine: Engine, second_tier: SecondTier) -> None:
        self._audit = audit
        self._engine = engine
        self._second_tier = second_tier

    async def away(self, removals: Sequence[Removal], files: Sequence[OldFootage], moved: bool, zone: tzinfo) -> Taken:
        """`files`: of all `removals`, which are told by days of `zone`. Cancelled or not, what was begun is waited for: the media
        core stops after this room. Raises EngineError.
        """
        work = asyncio.ensure_future(asyncio.to_thread(self._take, files, moved))
        try:
            return (await asyncio.shield(work))[0]
        except asyncio.CancelledError:
            await asyncio.gather(work, return_exceptions=True)
            raise
        finally:
            if work.done() and not work.cancelled():
                error = work.exception()
                left = work.result()[1] if error is None else {one.path: str(error) for one in files}
                for one, how in ends_of(removals, files, left, zone):
                    self._audit.record_end(NODE, Act.FOOTAGE_REMOVED, one.camera, range=one.range, detail=how)

    def _take(self, files: Sequence[OldFootage], moved: bool) -> tuple[Taken, dict[Path, str]]:
        """With all that is still there: files that moved just now are passed over, and are nobody's fault. Raises EngineError."""
        passed = {} if moved else {one.path: MOVED_NOW for one in files if self._second_tier.has(one.path)}
        asked = [one for one in files if one.path not in passed]
        stays = self._second_tier.remove([one.path for one in asked])
        staying = {path for path, _ in stays}
        count, gone, left = self._engine.remove_footage([one for one in asked if one.path not in staying])
        return (count, gone, [*stays, *left]), {**passed, **dict(stays), **dict(left)}
