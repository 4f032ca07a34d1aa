"""A procedure as a graph of steps, and what is refused about it. Pure. Times: seconds.

Each run of a graph that passes `check` ends: without the answers that are bounded it has no loop, and every question keeps an
answer that is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import msgspec

from fengsui.features.incidents import IncidentKind
from fengsui.features.procedures.errors import UnusableProcedure

MOST_PROCEDURES: Final = 300
"""Of one node."""
MOST_STEPS: Final = 40
MOST_ANSWERS: Final = 9
"""Of one question: each has a key, 1 to 9."""
MOST_SAID: Final = 300
StepKind = Literal["question", "act", "note"]


class Answer(msgspec.Struct, frozen=True):
    """Where it leads; None: to the end. `at_most`: so often in one run, which lets it lead back; None: as often as one comes by."""

    text: str
    next: str | None = None
    at_most: int | None = None


class Step(msgspec.Struct, frozen=True):
    """One thing to do. `id`: within its procedure; `target_s`: it should take no longer; `next`: not of a question."""

    id: str
    text: str
    kind: StepKind
    target_s: int | None = None
    answers: tuple[Answer, ...] = ()
    next: str | None = None

    @property
    def ways(self) -> list[str | None]:
        """Where one may go from here."""
        return [one.next for one in self.answers] if self.kind == "question" else [self.next]


class Offer(msgspec.Struct, frozen=True):
    """For what it is proposed: alarms of these kinds, incidents of these types; an empty list is none. `places`: where the name of
    the site or place has one of these words; empty: everywhere."""

    alarms: tuple[str, ...] = ()
    incidents: tuple[IncidentKind, ...] = ()
    places: tuple[str, ...] = ()

    def meets_alarm(self, category: str, place: str) -> bool:
        """`place`: its site and point."""
        return category in self.alarms and self._at(place)

    def meets_incident(self, kind: IncidentKind, place: str) -> bool:
        """`place`: as the incident has it."""
        return kind in self.incidents and self._at(place)

    def _at(self, place: str) -> bool:
        return not self.places or any(word in place for word in self.places)


class Definition(msgspec.Struct, frozen=True):
    """What a procedure says; its first step is where a run begins."""

    offer: Offer
    steps: tuple[Step, ...]

    @property
    def by_id(self) -> dict[str, Step]:
        """Its steps."""
        return {one.id: one for one in self.steps}


def _refuse(zh: str, en: str) -> None:
    raise UnusableProcedure(why_zh=zh, why_en=en)


def check(steps: Sequence[Step]) -> None:
    """Raises UnusableProcedure unless every step is reached, every way ends, and no loop is without a bound."""
    if not 1 <= len(steps) <= MOST_STEPS:
        _refuse(f"须有 1–{MOST_STEPS} 个步骤", f"it has 1 to {MOST_STEPS} steps")
    graph = {one.id: one for one in steps}
    number = {one.id: at for at, one in enumerate(steps, 1)}
    if len(graph) < len(steps):
        _refuse("步骤编号重复", "two steps have one id")
    for at, one in enumerate(steps, 1):
        _check_step(at, one)
        if missing := [way for way in one.ways if way is not None and way not in graph]:
            _refuse(f"第 {at} 步通向不存在的步骤“{missing[0]}”", f"step {at} leads to “{missing[0]}”, which is not there")
    seen = reachable(graph, steps[0].id)
    if lost := [at for one, at in number.items() if one not in seen]:
        _refuse(f"第 {lost[0]} 步从第 1 步走不到", f"no way leads from step 1 to step {lost[0]}")
    if (looped := _loop(graph)) is not None:
        at = number[looped]
        _refuse(
            f"第 {at} 步可以无限循环;返回前面步骤的答案须限次数",
            f"step {at} may come round for ever; bound the answer that leads back",
        )


def _check_step(at: int, one: Step) -> None:
    if one.kind != "question":
        if one.answers:
            _refuse(f"第 {at} 步不是提问,不能有答案", f"step {at} is no question and has no answers")
        return
    if one.next is not None:
        _refuse(f"第 {at} 步是提问,去向写在答案里", f"step {at} is a question: its answers lead on")
    if not 2 <= len(one.answers) <= MOST_ANSWERS:
        _refuse(f"第 {at} 步须有 2–{MOST_ANSWERS} 个答案", f"step {at} has 2 to {MOST_ANSWERS} answers")
    if len({answer.text for answer in one.answers}) < len(one.answers):
        _refuse(f"第 {at} 步的答案重复", f"step {at} has one answer twice")
    if all(answer.at_most is not None for answer in one.answers):
        _refuse(f"第 {at} 步须有一个不限次数的答案", f"step {at} needs an answer that is not bounded")


def reachable(graph: Mapping[str, Step], begin: str) -> set[str]:
    """Steps that one may come to from there, it among them."""
    seen, waiting = {begin}, [begin]
    while waiting:
        for way in graph[waiting.pop()].ways:
            if way is not None and way not in seen:
                seen.add(way)
                waiting.append(way)
    return seen


def _loop(graph: Mapping[str, Step]) -> str | None:
    """A step that comes round by answers without a bound; None: there is none."""
    left = {id: {way for way in _unbounded(one) if way is not None} for id, one in graph.items()}
    while ends := [id for id, ways in left.items() if not ways]:
        for id in ends:
            del left[id]
        for ways in left.values():
            ways.difference_update(ends)
    return next(iter(left), None)


def _unbounded(one: Step) -> Collection[str | None]:
    return [answer.next for answer in one.answers if answer.at_most is None] if one.kind == "question" else [one.next]


@dataclass(frozen=True, slots=True)
class Procedure:
    """As it stands. It holds in its area and what lies within. `is_mandatory`: what it is offered for is not closed without it."""

    id: int
    name: str
    area: str
    is_on: bool
    is_mandatory: bool
    definition: Definition
    version: int = 1
    changed_at: float = 0.0
    changed_by: str = ""

    @property
    def said(self) -> str:
        """For the record: its digest is of all that it says."""
        digest = hashlib.sha256(msgspec.json.encode(self.definition)).hexdigest()
        state = ("on" if self.is_on else "off") + (", mandatory" if self.is_mandatory else "")
        return f"{self.name[:MOST_SAID]}; version {self.version}; {state}; {len(self.definition.steps)} steps; sha256 {digest}"

    def changed(self, draft: Procedure, at: float, by: str) -> Procedure:
        """The next version, which says what the draft does."""
        return replace(draft, id=self.id, version=self.version + 1, changed_at=at, changed_by=by)
