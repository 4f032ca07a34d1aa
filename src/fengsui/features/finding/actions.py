"""Who asks how much moves in a camera's footage: under the same right as whoever plays it, and on record."""

from __future__ import annotations

import asyncio
from datetime import datetime

from fengsui.clock import Clock
from fengsui.features.access import Footage, Principal
from fengsui.features.audit import Act, Audit
from fengsui.features.finding.model import LONGEST_SOUGHT_S, NO_FOOTAGE, BusyTime, Curve, CurveAway, StreamKind
from fengsui.features.playback import Playback
from fengsui.media import Engine, EngineError


class Finding:
    """It looks at how much changes in pictures, never at who is in them (refusals R1 to R5)."""

    def __init__(self, clock: Clock, audit: Audit, playback: Playback, engine: Engine) -> None:
        self._clock = clock
        self._audit = audit
        self._playback = playback
        self._engine = engine

    def now(self) -> datetime:
        """Of the node."""
        return self._clock.now()

    async def curve(self, who: Principal, camera: str, stream: StreamKind, footage: Footage, parts: int) -> Curve:
        """How much moves, in so many equal parts of the time, under a use ticket that covers all of it (rules A1, A2, A40).

        Nothing is decoded: sizes and kinds of pictures are compared. Raises UnknownCamera, UnusablePeriod, Refusal, CurveAway,
        AuditUnavailable.
        """
        who = await self._playback.right_to_kept(who, camera, stream, footage, LONGEST_SOUGHT_S)
        micros = int(footage.since * 1e6), int(footage.until * 1e6)
        span = f"{stream} {footage.since:.0f}–{footage.until:.0f}"
        async with self._audit.looking(who, Act.FOOTAGE_ACTIVITY, camera, range=span):
            try:
                levels, busy = await asyncio.to_thread(self._engine.activity, f"{camera}/{stream}", *micros, parts)
            except EngineError as error:
                raise CurveAway() from error
        return Curve(
            levels=[-1 if level == NO_FOOTAGE else level for level in levels],
            busy=[BusyTime(since / 1e6, until / 1e6, peak) for since, until, peak in busy],
        )
