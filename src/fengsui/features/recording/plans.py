"""Plans in memory: of each camera the plan itself, by which its days are reckoned, and the one of its other stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.recording import queries
from fengsui.features.recording.calendar import text_of
from fengsui.features.recording.model import Plan

PLANNED = Gauge("fengsui_recording_plans", "Cameras with a recording plan")


class Plans:
    """As the database has them."""

    def __init__(self) -> None:
        self._plans: dict[str, Plan] = {}
        self._others: dict[str, Plan] = {}

    async def read(self, tx: AsyncConnection) -> None:
        """Raises StorageFault."""
        self._plans = {plan.camera: plan for plan in await queries.plans(tx)}
        self._others = {plan.camera: plan for plan in await queries.plans(tx, other=True)}
        PLANNED.set(len(self._plans))

    def of(self, camera: str) -> Plan | None:
        """None: it is not recorded."""
        return self._plans.get(camera)

    def other_of(self, camera: str) -> Plan | None:
        """Of its other stream. None: that one is not recorded."""
        return self._others.get(camera)

    def both_of(self, camera: str) -> tuple[Plan, ...]:
        """One for each stream that is recorded, the camera's own first."""
        return tuple(plan for plan in (self.of(camera), self.other_of(camera)) if plan is not None)

    def of_stream(self, name: str) -> Plan | None:
        """By the name of the stream, as the engine and the footage call it."""
        return next((plan for plan in self.both_of(name.partition("/")[0]) if plan.name == name), None)

    def holds(self, plan: Plan) -> bool:
        """Whether it is still the one."""
        return self.of_stream(plan.name) is plan

    def first(self) -> list[Plan]:
        """One for each camera that is recorded."""
        return list(self._plans.values())

    def all(self) -> Iterator[Plan]:
        """One for each stream that is recorded, as they stand now."""
        return chain(self.first(), list(self._others.values()))

    def put(self, camera: str, plan: Plan | None, other: Plan | None) -> None:
        """Instead of the ones before."""
        for kept, one in ((self._plans, plan), (self._others, other)):
            if one is None:
                kept.pop(camera, None)
            else:
                kept[camera] = one
        PLANNED.set(len(self._plans))


def facts_of(plan: Plan | None, other: Plan | None) -> dict[str, object]:
    """For the record."""
    beside = {f"other {name}": fact for name, fact in _facts(other).items() if name != "stream"}
    return _facts(plan) | beside


def _facts(plan: Plan | None) -> dict[str, object]:
    if plan is None:
        return {"mode": "off", "stream": "", "hours": "", "event": ""}
    told = (f"{''.join(map(str, one.days))} {text_of(one.begin)}–{text_of(one.end)}" for one in plan.hours)
    times = f"{plan.before_s} s before, {plan.after_s} s after" if plan.mode == "event" else ""
    return {"mode": plan.mode, "stream": plan.stream, "hours": ", ".join(told), "event": times}


def without(before: Iterable[Plan], after: Iterable[Plan]) -> list[Plan]:
    """Those whose streams are no longer to be recorded."""
    kept = {plan.name for plan in after}
    return [plan for plan in before if plan.name not in kept]
