"""A run of a procedure: where it stands, and each step of it that was answered or skipped. Pure. Times: seconds since 1970."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from fengsui.features.procedures.errors import RunMoved, RunOver, UnfitAnswer
from fengsui.features.procedures.model import Definition, Procedure, Step, reachable

Outcome = Literal["answered", "skipped"]
MOST_RUNS: Final = 50
"""Of one alarm or one incident."""


@dataclass(frozen=True, slots=True)
class Run:
    """Of the version that it began with. `step`: where it stands, since `step_at`; empty: it is over. `entries`: how many,
    `skipped` among them; `reviewed_at`: when a supervisor saw those that were skipped."""

    id: int
    procedure: int
    version: int
    name: str
    area: str
    camera_class: str
    alarm: int | None
    incident: int | None
    is_mandatory: bool
    started_at: float
    started_by: str
    step: str
    step_at: float
    entries: int = 0
    skipped: int = 0
    ended_at: float | None = None
    reviewed_at: float | None = None
    reviewed_by: str = ""

    @property
    def is_open(self) -> bool:
        """A step is left."""
        return self.step != ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One step that was done or skipped, written once. `text`, `answer`: as the step said then; `way`: which answer, from 0;
    `note`: words, or why it was skipped; `took_s`: since the step before."""

    ordinal: int
    step: str
    outcome: Outcome
    text: str
    answer: str
    way: int | None
    note: str
    at: float
    took_s: float
    is_late: bool
    user_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody does about the step that a run stands at. `seen`: how many entries they saw; `way`: which answer; `rest`: this
    one and all that may follow are skipped."""

    outcome: Outcome
    seen: int
    way: int | None = None
    note: str = ""
    rest: bool = False


def begun(one: Procedure, at: float, by: str, *, area: str, camera_class: str = "", **about: int) -> Run:
    """At its first step. `about`: `alarm` or `incident`; `area`, `camera_class`: of that."""
    of = (one.id, one.version, one.name, area, camera_class, about.get("alarm"), about.get("incident"))
    return Run(0, *of, one.is_mandatory, at, by, one.definition.steps[0].id, at)


def left_of(step: Step, entries: Sequence[Entry]) -> list[int]:
    """Answers that may be given yet, by their number from 0: those that are bounded were given less often than that."""
    given = [one.way for one in entries if one.step == step.id and one.outcome == "answered"]
    given += [one.way for one in entries if one.step == step.id and one.outcome == "skipped" and one.way is not None]
    return [at for at, answer in enumerate(step.answers) if answer.at_most is None or given.count(at) < answer.at_most]


def moved(
    run: Run, definition: Definition, entries: Sequence[Entry], deed: Deed, at: float, user_id: int, name: str
) -> tuple[Run, list[Entry]]:
    """The run after it, and what is written down. Raises RunOver, RunMoved, UnfitAnswer."""
    if not run.is_open:
        raise RunOver(name=run.name)
    if deed.seen != run.entries:
        raise RunMoved()
    steps = definition.by_id
    step = steps[run.step]
    way = _way(step, entries, deed)
    answer = "" if way is None else step.answers[way].text
    took = max(0.0, at - run.step_at)
    late = step.target_s is not None and took > step.target_s
    made = [Entry(run.entries + 1, step.id, deed.outcome, step.text, answer, way, deed.note, at, took, late, user_id, name)]
    following = step.next if way is None else step.answers[way].next
    if deed.rest:
        done = {one.step for one in entries} | {step.id}
        within = reachable(steps, step.id)
        left = [one for one in definition.steps if one.id in within and one.id not in done]
        made += [
            Entry(run.entries + 1 + nth, one.id, "skipped", one.text, "", None, deed.note, at, 0.0, False, user_id, name)
            for nth, one in enumerate(left, 1)
        ]
        following = None
    skipped = sum(one.outcome == "skipped" for one in made)
    after = replace(run, step=following or "", step_at=at, entries=run.entries + len(made), skipped=run.skipped + skipped)
    if skipped:  # whoever saw those before has not seen these
        after = replace(after, reviewed_at=None, reviewed_by="")
    return (after if after.is_open else replace(after, ended_at=at)), made


def _way(step: Step, entries: Sequence[Entry], deed: Deed) -> int | None:
    """Raises UnfitAnswer."""
    if deed.outcome == "answered" and step.kind == "note" and not deed.note:
        raise UnfitAnswer(why_zh="请填写记录内容", why_en="write down what it asks for")
    if deed.rest:
        if deed.way is not None:
            raise UnfitAnswer(why_zh="跳过其余步骤时不选答案", why_en="no answer is chosen where the rest is skipped")
        return None
    if step.kind != "question":
        if deed.way is not None:
            raise UnfitAnswer(why_zh="这一步没有答案可选", why_en="it has no answers")
        return None
    if deed.way is None:
        raise UnfitAnswer(
            why_zh="请选择答案;跳过提问时也须选择按哪个答案继续",
            why_en="choose an answer; also of a question that is skipped: it says how to go on",
        )
    if deed.way not in left_of(step, entries):
        raise UnfitAnswer(
            why_zh="没有这个答案,或已达到允许次数", why_en="there is no such answer, or it was given as often as it may be"
        )
    return deed.way


def due_at(run: Run, definition: Definition) -> float | None:
    """When the step that it stands at should be done; None: it has no such time, or the run is over."""
    target = definition.by_id[run.step].target_s if run.is_open else None
    return None if target is None else run.step_at + target
