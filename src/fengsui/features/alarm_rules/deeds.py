"""What rules do about one alarm: on record first, once however often it is tried, and a step of the alarm's own time line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.alarm_rules import queries
from fengsui.features.alarm_rules.model import (
    Action,
    ForwardAlarm,
    NotifyPeople,
    OpenIncident,
    Protect,
    RaisePriority,
    Rule,
    ShowCameras,
    StartProcedure,
    SwitchOutput,
    do_of,
)
from fengsui.features.alarm_rules.ports import Forwarding, NoticeOrder, Noticing, Switching
from fengsui.features.alarm_rules.queries import Run
from fengsui.features.alarm_rules.said import (
    Said,
    cameras_of,
    forwarded,
    notified,
    protected,
    raised,
    shown_said,
    started,
    switched,
)
from fengsui.features.alarm_rules.said import failed as failed_said
from fengsui.features.alarm_work import AlarmWork
from fengsui.features.alarms import Alarm
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.incidents import Incidents, Wanted
from fengsui.features.procedures import Procedure, ProcedureRuns
from fengsui.features.retention import Holds, Mark
from fengsui.store import Store

DAY_S: Final = 86_400.0
LONGEST_PLACE: Final = 200
LONGEST_NAMES: Final = 800
"""Of those who are told, on record; all of them stand with the notice."""
Beside = Callable[[AsyncConnection], Awaitable[None]]


def _where(alarm: Alarm) -> tuple[str, float | None, float | None]:
    """Of an incident about it, with longitude and latitude. An area is enough to see an incident: where a camera stands whose class
    hides it from some stands at the alarm alone."""
    if alarm.camera_class:
        return f"报警 {alarm.id} / alarm {alarm.id}", None, None
    place = f"{alarm.site} {alarm.point}".strip()[:LONGEST_PLACE] or alarm.account or alarm.device
    return place, alarm.longitude, alarm.latitude


class Deeds:
    """One act at a time."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        audit: Audit,
        work: AlarmWork,
        incidents: Incidents,
        holds: Holds,
        procedures: ProcedureRuns,
        forwarding: Forwarding,
        noticing: Noticing,
        switching: Switching,
    ) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._work = work
        self._incidents = incidents
        self._holds = holds
        self._procedures = procedures
        self._forwarding = forwarding
        self._noticing = noticing
        self._switching = switching

    async def do(self, rule: Rule, alarm: Alarm, action: Action) -> str:
        """What was done; empty: there was nothing to do. Raises AuditUnavailable, StorageFault, and what the other rooms refuse."""
        if isinstance(action, RaisePriority):
            done = await self._raise(rule, alarm, action)
        elif isinstance(action, Protect):
            done = await self._protect(rule, alarm, action)
        elif isinstance(action, OpenIncident):
            done = await self._incident(rule, alarm, action)
        elif isinstance(action, StartProcedure):
            done = await self._start(rule, alarm, action)
        elif isinstance(action, ForwardAlarm):
            done = await self._forward(rule, alarm, action)
        elif isinstance(action, NotifyPeople):
            done = await self._notify(rule, alarm, action)
        elif isinstance(action, SwitchOutput):
            done = await self._switch(rule, alarm, action)
        else:
            done = await self._show(rule, alarm, action)
        if not done:
            async with self._store.transaction(act=False) as tx:
                await queries.add_run(tx, self._run(rule, alarm, action, "nothing", ""))
        return done

    async def failed(self, rule: Rule, alarm: Alarm, action: Action, why: Said) -> None:
        """It is not tried again for this alarm. Raises StorageFault."""
        said = f"{rule.by}: {failed_said(do_of(action), why)}"[: queries.LONGEST_SAID]
        self._audit.record_end(NODE, Act.ALARM_RULE_RUN, str(alarm.id), range=alarm.area, detail=said)
        await self._noted(alarm.id, said, self._run(rule, alarm, action, "failed", str(why)))

    def _run(self, rule: Rule, alarm: Alarm, action: Action, outcome: queries.Outcome, detail: str) -> Run:
        at = self._clock.now().timestamp()
        return Run(alarm.id, rule.id, do_of(action), rule.version, at, outcome, detail[: queries.LONGEST_SAID])

    async def _noted(self, alarm: int, said: str, run: Run, beside: Beside | None = None) -> None:
        async with self._store.transaction() as tx:
            if beside is not None:
                await beside(tx)
            await self._work.note(tx, alarm, said)
            await queries.add_run(tx, run)
        await self._work.tell(alarm)

    async def _act(self, rule: Rule, alarm: Alarm, action: Action, done: Said, beside: Beside | None = None, of: str = "") -> str:
        said = f"{rule.by}: {done}"[: queries.LONGEST_SAID]
        await self._audit.record(NODE, Act.ALARM_RULE_RUN, str(alarm.id), range=alarm.area, detail=f"{said}{of}")
        await self._noted(alarm.id, said, self._run(rule, alarm, action, "done", str(done)), beside)
        return str(done)

    async def _raise(self, rule: Rule, alarm: Alarm, action: RaisePriority) -> str:
        before = await self._work.raisable(alarm.id, action.to)
        if before is None:
            return ""
        done = str(raised(before, action.to))
        said = f"{rule.by}: {done}"
        await self._audit.record(NODE, Act.ALARM_RULE_RUN, str(alarm.id), range=alarm.area, detail=said)

        async def beside(tx: AsyncConnection) -> None:
            await queries.add_run(tx, self._run(rule, alarm, action, "done", done))

        await self._work.raise_priority(alarm.id, action.to, said, beside)
        return done

    async def _protect(self, rule: Rule, alarm: Alarm, action: Protect) -> str:
        done = protected(action, alarm)
        if done is None:
            return ""
        since, until = alarm.first_at - action.before_s, alarm.first_at + action.after_s
        ends = alarm.first_at + action.days * DAY_S
        cameras = cameras_of(action, alarm)
        marks = [Mark(f"{rule.id}-{alarm.id}-{code}", code, since, until, rule.by, ends) for code in cameras]

        async def beside(tx: AsyncConnection) -> None:
            await self._holds.mark(tx, marks)

        return await self._act(rule, alarm, action, done, beside, f": {', '.join(cameras)}")

    async def _incident(self, rule: Rule, alarm: Alarm, action: OpenIncident) -> str:
        where = _where(alarm)
        priority = action.priority or await self._work.priority_of(alarm.id) or alarm.priority
        wanted = Wanted(action.type, alarm.area, *where, action.text, priority, (alarm.id,))
        made = await self._incidents.open_by_node(rule.by, wanted, f"rule-{rule.id}-alarm-{alarm.id}")
        if made is None:
            return ""
        return await self._act(rule, alarm, action, Said(f"立警情 {made.number}", f"incident {made.number}"))

    async def _start(self, rule: Rule, alarm: Alarm, action: StartProcedure) -> str:
        def said_of(one: Procedure) -> str:
            return f"{rule.by}: {started(one.name)}"[: queries.LONGEST_SAID]

        async def beside(tx: AsyncConnection, one: Procedure) -> None:
            await self._work.note(tx, alarm.id, said_of(one))
            await queries.add_run(tx, self._run(rule, alarm, action, "done", str(started(one.name))))

        one = await self._procedures.start_by_rule(rule.by, alarm.id, action.procedure, beside)
        if one is None:
            return ""
        self._audit.record_end(NODE, Act.ALARM_RULE_RUN, str(alarm.id), range=alarm.area, detail=said_of(one))
        return str(started(one.name))

    async def _forward(self, rule: Rule, alarm: Alarm, action: ForwardAlarm) -> str:
        title = self._forwarding.title_of(action.link, alarm.area)
        if await self._forwarding.is_told(action.link, alarm.id):
            return ""

        async def beside(tx: AsyncConnection) -> None:
            await self._forwarding.forward(tx, action.link, alarm.id)

        done = await self._act(rule, alarm, action, forwarded(title), beside, f": link {action.link}")
        self._forwarding.wake()
        return done

    async def _notify(self, rule: Rule, alarm: Alarm, action: NotifyPeople) -> str:
        people = await self._noticing.people(alarm, action.posts, units=action.units)
        place = "" if alarm.camera_class else _where(alarm)[0]
        priority = await self._work.priority_of(alarm.id) or alarm.priority
        order = NoticeOrder(rule.id, rule.by, priority, place, action.text)

        async def beside(tx: AsyncConnection) -> None:
            await self._noticing.put(tx, alarm, order, people)

        named = f": {', '.join(one.name for one in people)}"
        done = await self._act(rule, alarm, action, notified(len(people)), beside, named[:LONGEST_NAMES])
        self._noticing.wake(alarm)
        return done

    async def _switch(self, rule: Rule, alarm: Alarm, action: SwitchOutput) -> str:
        name = self._switching.name_of(action.output, rule.area)

        async def beside(tx: AsyncConnection) -> None:
            await self._switching.put(tx, action.output, action.seconds, rule.by, alarm.id, rule.id, rule.version)

        done = await self._act(rule, alarm, action, switched(name, action.seconds), beside, f": output {action.output}")
        self._switching.wake()
        return done

    async def _show(self, rule: Rule, alarm: Alarm, action: ShowCameras) -> str:
        async def beside(tx: AsyncConnection) -> None:
            await queries.link_cameras(tx, alarm.id, rule, action.cameras)

        shown = ", ".join(one.camera + ("" if one.preset is None else f" preset {one.preset}") for one in action.cameras)
        return await self._act(rule, alarm, action, shown_said(action), beside, f": {shown}")
