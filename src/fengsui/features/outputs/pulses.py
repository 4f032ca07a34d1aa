"""Outputs are switched on for some seconds, and off again: each order is on disk before the device hears of it, and open until the
device has heard that it is over. After a restart they end when they were to end, or at once."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Final

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.errors import FengsuiError, StorageFault
from fengsui.features.access import Principal
from fengsui.features.alarm_rules import AlarmRules
from fengsui.features.alarm_work import AlarmWork
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.cameras import Control
from fengsui.features.outputs import queries
from fengsui.features.outputs.model import LONGEST_FAULT, LONGEST_S, Output, Pulse, Standing, UnknownOutput, standing
from fengsui.features.outputs.outputs import Outputs
from fengsui.loops import keep, surprises
from fengsui.store import Store

log = structlog.get_logger(__name__)
NAME: Final = "outputs"
ON_WITHIN_S: Final = 15.0
"""What could not be switched on for so long is given up: later it would frighten whoever no longer expects it."""
AGAIN_S: Final = 2.0
OFF_AGAIN_S, OFF_AGAIN_MOST_S = 2.0, 60.0
LOOK_S: Final = 5.0
KEPT_S: Final = 90 * 86_400.0
ORDERS = Counter("fengsui_output_orders_total", "Orders to switch outputs on, by what became of them", ["outcome"])
OWED = Gauge("fengsui_outputs_owed", "Outputs that were not told to go off yet, though their time is over")


class Pulses:
    """One for the node."""

    def __init__(
        self, store: Store, clock: Clock, audit: Audit, outputs: Outputs, control: Control, work: AlarmWork, rules: AlarmRules
    ) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._outputs = outputs
        self._control = control
        self._work = work
        self._rules = rules
        self._news = asyncio.Event()
        self._served: dict[int, asyncio.Task[None]] = {}
        self._woken: dict[int, asyncio.Event] = {}
        self._ends: dict[int, float] = {}
        """By order, by a clock that nobody sets."""
        self._owed: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """What was under way when the node died goes on."""
        self._task = keep(NAME, self._follow)

    async def stop(self) -> None:
        """What is on stays so until the node is back: then it goes off."""
        tasks = [*self._served.values(), *([self._task] if self._task is not None else [])]
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # By rules

    def name_of(self, output: int, area: str) -> str:
        """Of one that a rule of this area may switch. Raises UnknownOutput, UnfitOutput."""
        return self._outputs.usable(output, area).name

    async def put(self, tx: AsyncConnection, output: int, seconds: int, by: str, alarm: int, rule: int, version: int) -> None:
        """From the commit on it is to be switched on. Raises UnknownOutput, StorageFault."""
        if not await queries.is_there(tx, output):
            raise UnknownOutput()
        now = self._clock.now().timestamp()
        await queries.put_pulse(tx, Pulse(0, output, alarm, rule, version, by[:160], seconds, now, 0.0, 0.0, 0.0, ""))

    def wake(self) -> None:
        """Something was put, and is on disk."""
        self._news.set()
        for one in self._woken.values():
            one.set()

    # By people

    async def switch_on(self, who: Principal, output: int, seconds: int) -> None:
        """Raises UnknownOutput, UnfitOutput, AuditUnavailable, StorageFault."""
        one = self._outputs.usable(output)
        detail = f"on for {seconds} s: switch {one.switch} of {one.camera}"
        await self._audit.record(who, Act.OUTPUT_ON, one.name, range=one.area, detail=detail)
        async with self._store.transaction() as tx:
            await self.put(tx, output, seconds, who.name, 0, 0, 0)
        self.wake()

    async def switch_off(self, who: Principal, output: int) -> None:
        """Now. Raises UnknownOutput, AuditUnavailable, StorageFault."""
        one = self._outputs.get(output)
        self._audit.record_end(who, Act.OUTPUT_OFF, one.name, range=one.area, detail=f"switch {one.switch} of {one.camera}")
        async with self._store.transaction() as tx:
            await queries.cut_short(tx, output, self._clock.now().timestamp())
        self.wake()

    async def remove(self, who: Principal, output: int) -> None:
        """Nothing more is sent to it. Raises UnknownOutput, AuditUnavailable, StorageFault."""
        async with self._store.reading() as tx:
            left = await queries.pulses_of(tx, output)
        await self._outputs.remove(who, output, left)
        self.wake()

    async def standings(self, of: Collection[int]) -> dict[int, Standing]:
        """Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.last_pulses(tx, of)
        now = self._clock.now().timestamp()
        return {one: standing(found.get(one, []), now) for one in of}

    # The work

    async def _follow(self) -> None:
        async with self._store.transaction(act=False) as tx:
            await queries.remove_before(tx, self._clock.now().timestamp() - KEPT_S)
        while True:
            self._news.clear()
            try:
                async with self._store.reading() as tx:
                    found = await queries.unfinished(tx)
            except StorageFault as fault:
                log.error("outputs wait, for nothing can be read", why=str(fault))
                found = []
            for output in found:
                if output not in self._served:
                    self._serve(output)
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._news.wait()
            except TimeoutError:
                continue

    def _serve(self, output: int) -> None:
        async def serve() -> None:
            try:
                with surprises(NAME):  # it is begun again at the next look
                    await self._until_off(output)
            finally:
                self._served.pop(output, None)
                self._woken.pop(output, None)
                self._owe(output, owed=False)

        self._woken[output] = asyncio.Event()
        self._served[output] = asyncio.create_task(serve(), name=f"{NAME}-{output}")

    def _owe(self, output: int, *, owed: bool) -> None:
        (self._owed.add if owed else self._owed.discard)(output)
        OWED.set(len(self._owed))

    async def _until_off(self, output: int) -> None:
        """Serves one output until nothing of it is open. Raises StorageFault, AuditUnavailable."""
        woken, again_s = self._woken[output], OFF_AGAIN_S
        while True:
            woken.clear()
            async with self._store.reading() as tx:
                found = await queries.pulses_of(tx, output)
            if not found:
                return
            one = self._outputs.get(output)
            waiting, begun = [pulse for pulse in found if not pulse.until], [pulse for pulse in found if pulse.until]
            is_on, wait_s = any(not self._is_over(pulse) for pulse in begun), float(LONGEST_S)
            if is_on:
                wait_s = max(self._left_s(pulse) for pulse in begun)
            elif begun:  # before anything is switched on: what is over waits behind no order that the device does not take
                if await self._switch_off(one, begun):
                    again_s = OFF_AGAIN_S
                    continue
                wait_s, again_s = again_s, min(2 * again_s, OFF_AGAIN_MOST_S)
            if waiting:
                wait_s = min(wait_s, await self._switch_on(one, waiting, is_on=is_on))
            if wait_s > 0:
                try:
                    async with asyncio.timeout(wait_s):
                        await woken.wait()
                except TimeoutError:
                    continue

    def _left_s(self, pulse: Pulse) -> float:
        """Until it is over: by the clock, and by the time that passed, whichever is first."""
        left_s = pulse.until - self._clock.now().timestamp()
        ends_s = self._ends.get(pulse.id)
        if ends_s is not None:
            return min(left_s, ends_s - self._clock.monotonic_s())
        return left_s if left_s <= LONGEST_S else 0.0

    def _is_over(self, pulse: Pulse) -> bool:
        return not pulse.on_at or self._left_s(pulse) <= 0

    async def _switch_on(self, one: Output, waiting: Sequence[Pulse], *, is_on: bool) -> float:
        """Once for all that wait, not again while it is on; how long until the next try. Raises StorageFault."""
        now, fault = self._clock.now().timestamp(), None
        if not is_on:
            late = all(now - pulse.asked_at > ON_WITHIN_S for pulse in waiting)
            fault, called_off = await self._say_on(one, waiting, late=late)
            if called_off:
                return 0.0
        if fault is None:
            now = self._clock.now().timestamp()
            async with self._store.transaction(act=False) as tx:
                for pulse in waiting:
                    if await queries.begin_pulse(tx, pulse.id, now, now + pulse.seconds):
                        self._ends[pulse.id] = self._clock.monotonic_s() + pulse.seconds
            ORDERS.labels("on").inc(len(waiting))
            return 0.0
        now = self._clock.now().timestamp()
        given_up = [pulse for pulse in waiting if not 0 <= now - pulse.asked_at < ON_WITHIN_S]
        for pulse in given_up:
            await self._give_up(one, pulse, fault, now)
        return AGAIN_S if len(given_up) < len(waiting) else 0.0

    async def _say_on(self, one: Output, waiting: Sequence[Pulse], *, late: bool) -> tuple[tuple[str, str] | None, bool]:
        """As `_say`, and whether none of these is wanted any more: then nobody waits on for a device that does not answer."""
        woken, news = self._woken[one.id], False
        saying = asyncio.create_task(self._say(one, on=True, late=late), name=f"{NAME}-{one.id}-on")
        try:
            while True:
                looking = asyncio.create_task(woken.wait(), name=f"{NAME}-{one.id}-news")
                try:
                    await asyncio.wait((saying, looking), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    looking.cancel()
                if saying.done():
                    return saying.result(), False
                woken.clear()
                news = True
                async with self._store.reading() as tx:
                    left = {pulse.id for pulse in await queries.pulses_of(tx, one.id) if not pulse.until}
                if left.isdisjoint(pulse.id for pulse in waiting):
                    return None, True
        finally:
            saying.cancel()
            await asyncio.gather(saying, return_exceptions=True)
            if news:  # it was meant for whoever serves it
                woken.set()

    async def _say(self, one: Output, *, on: bool, late: bool = False) -> tuple[str, str] | None:
        """What is against it, in both languages; None: the device has it."""
        if on and late:
            return "节点停止期间未能接通,时间已过", "the node was away; it is too late"
        if on and not one.is_whole:
            return "登记内容被人改动", "its row was changed past the node"
        try:
            await self._control.switch(one.camera, one.switch, on=on)
        except FengsuiError as error:
            return error.text_zh, error.text_en
        return None

    async def _give_up(self, one: Output, pulse: Pulse, fault: tuple[str, str], now: float) -> None:
        """It is told at the output, at the alarm and at the rule; the order to go off follows, for the device may have heard."""
        zh, en = fault
        said = f"{zh} / {en}"[:LONGEST_FAULT]
        detail = f"{pulse.by}: switch {one.switch} of {one.camera} could not be switched on: {said}"
        self._audit.record_end(NODE, Act.OUTPUT_ON, one.name, range=one.area, detail=detail)
        why = f"输出“{one.name}”失败:{zh} / output “{one.name}” failed: {en}"
        async with self._store.transaction(act=False) as tx:
            await queries.change_pulses(tx, [pulse.id], {"until": now, "fault": said})
            if pulse.alarm_id:
                await self._work.note(tx, pulse.alarm_id, f"{pulse.by}: {why}"[:LONGEST_FAULT])
        ORDERS.labels("failed").inc()
        if not pulse.alarm_id:
            return
        await self._work.tell(pulse.alarm_id)
        rule = next((rule for rule in self._rules.all() if rule.id == pulse.rule_id), None)
        if rule is not None and rule.version == pulse.rule_version:
            await self._rules.note_failure(rule, why)

    async def _switch_off(self, one: Output, found: Sequence[Pulse]) -> bool:
        """Whether the device has it. Raises StorageFault."""
        fault = await self._say(one, on=False)
        now, ids = self._clock.now().timestamp(), [pulse.id for pulse in found]
        if fault is None:
            async with self._store.transaction(act=False) as tx:
                await queries.change_pulses(tx, ids, {"ended_at": now})
            for id in ids:
                self._ends.pop(id, None)
            self._owe(one.id, owed=False)
            return True
        self._owe(one.id, owed=True)
        said = " / ".join(fault)[:LONGEST_FAULT]
        unsaid = [pulse.id for pulse in found if not pulse.fault]
        if unsaid:
            async with self._store.transaction(act=False) as tx:
                await queries.change_pulses(tx, unsaid, {"fault": said})
        return False
