"""The graph of a procedure, and runs through it: none ends with a step on its way neither answered nor skipped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.features.procedures.errors import RunMoved, RunOver, UnfitAnswer, UnusableProcedure
from fengsui.features.procedures.model import MOST_STEPS, Answer, Definition, Offer, Procedure, Step, check
from fengsui.features.procedures.run_model import Deed, Entry, Run, begun, due_at, left_of, moved


def act(id: str, next: str | None = None, **facts: Any) -> Step:
    return Step(id, id, "act", next=next, **facts)


def ask(id: str, *answers: tuple[str | None, int | None]) -> Step:
    return Step(id, id, "question", answers=tuple(Answer(f"{at}", *way) for at, way in enumerate(answers)))


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([], "has 1 to"),
        ([act("a", "b"), act("b"), act("c")], "no way leads from step 1 to step 3"),
        ([act("a", "b")], "which is not there"),
        ([act("a", "a")], "come round for ever"),
        ([act("a", "b"), act("a")], "one id"),
        ([act("a", "b"), ask("b", ("a", None), (None, None))], "come round for ever"),
        ([ask("a", ("a", 2), ("a", 3))], "not bounded"),
        ([ask("a", (None, None))], "2 to 9 answers"),
        ([Step("a", "a", "question", answers=(Answer("x"), Answer("x")))], "one answer twice"),
        ([Step("a", "a", "question", answers=(Answer("x"), Answer("y")), next="a")], "answers lead on"),
        ([Step("a", "a", "act", answers=(Answer("x"), Answer("y")))], "has no answers"),
        ([act(f"{at}", f"{at + 1}" if at < MOST_STEPS else None) for at in range(MOST_STEPS + 1)], "has 1 to"),
    ],
)
def test_a_graph_that_is_not_whole_is_refused_with_its_step(steps: list[Step], why: str) -> None:
    with pytest.raises(UnusableProcedure, match=why):
        check(steps)


def test_an_answer_that_leads_back_is_fine_where_it_is_bounded() -> None:
    check([act("call", "reached"), ask("reached", ("done", None), ("call", 2)), act("done")])


@st.composite
def graphs(draw: st.DrawFn) -> list[Step]:
    """Any, whole or not."""
    count = draw(st.integers(1, 7))
    ids = [f"s{at}" for at in range(count)]
    way = st.sampled_from([*ids, None])
    steps = []
    for id in ids:
        kind = draw(st.sampled_from(["question", "act", "note"]))
        if kind == "question":
            ways = draw(st.lists(st.tuples(way, st.none() | st.integers(1, 3)), min_size=2, max_size=3))
            steps.append(ask(id, *ways))
        else:
            steps.append(Step(id, id, kind, next=draw(way)))  # type: ignore[arg-type]
    return steps


def run_of(steps: list[Step]) -> tuple[Run, Definition]:
    definition = Definition(Offer(), tuple(steps))
    return begun(Procedure(1, "p", "52", True, True, definition), 0.0, "wang", alarm=1, area="52"), definition


@settings(max_examples=400, deadline=None)
@given(graphs(), st.data())
def test_every_run_of_a_whole_graph_ends_with_each_step_of_its_way_answered_or_skipped(
    steps: list[Step], data: st.DataObject
) -> None:
    try:
        check(steps)
    except UnusableProcedure:
        return
    run, definition = run_of(steps)
    entries: list[Entry] = []
    walked: list[str] = []
    bounded = sum(answer.at_most or 0 for step in steps for answer in step.answers)
    while run.is_open:
        step = definition.by_id[run.step]
        walked.append(step.id)
        assert len(walked) <= (bounded + 1) * len(steps), "it goes on for ever"
        left = left_of(step, entries)
        assert (step.kind == "question") == bool(left), "nothing may be answered"
        outcome = data.draw(st.sampled_from(["answered", "skipped"]))
        rest = outcome == "skipped" and data.draw(st.integers(0, 5)) == 0
        way = data.draw(st.sampled_from(left)) if left and not rest else None
        deed = Deed(outcome, len(entries), way, "noted", rest)  # type: ignore[arg-type]
        run, made = moved(run, definition, entries, deed, float(len(walked)), 1, "wang")
        entries += made
        if rest:
            assert not run.is_open
            walked += [one.step for one in made[1:]]
    assert [one.step for one in entries] == walked
    assert run.entries == len(entries) and run.skipped == sum(one.outcome == "skipped" for one in entries)
    assert [one.ordinal for one in entries] == list(range(1, len(entries) + 1))
    skipped = [one for one in entries if one.outcome == "skipped"]
    assert all(one.note for one in skipped), "what is skipped has its reason"
    done = {one.step for one in entries}
    for one in entries:  # whichever way was taken leads to a step that was done, or to the end
        following = definition.by_id[one.step].ways[one.way or 0]
        assert (one.answer == "" and definition.by_id[one.step].kind == "question") or following is None or following in done
    with pytest.raises(RunOver):
        moved(run, definition, entries, Deed("answered", len(entries)), 0.0, 1, "wang")


def test_a_bounded_answer_is_given_no_more_often() -> None:
    run, definition = run_of([ask("a", ("a", 1), (None, None))])
    run, made = moved(run, definition, [], Deed("answered", 0, 0), 1.0, 1, "wang")
    assert left_of(definition.steps[0], made) == [1]
    with pytest.raises(UnfitAnswer):
        moved(run, definition, made, Deed("answered", 1, 0), 2.0, 1, "wang")


def test_whoever_saw_less_than_there_is_does_nothing() -> None:
    run, definition = run_of([act("a", "b"), act("b")])
    run, made = moved(run, definition, [], Deed("answered", 0), 1.0, 1, "wang")
    with pytest.raises(RunMoved):
        moved(run, definition, made, Deed("answered", 0), 2.0, 2, "li")


@pytest.mark.parametrize(
    ("step", "deed"),
    [
        (ask("a", (None, None), (None, None)), Deed("answered", 0)),
        (ask("a", (None, None), (None, None)), Deed("skipped", 0, note="why")),
        (ask("a", (None, None), (None, None)), Deed("answered", 0, 2)),
        (act("a"), Deed("answered", 0, 0)),
        (Step("a", "a", "note"), Deed("answered", 0)),
        (ask("a", (None, None), (None, None)), Deed("skipped", 0, 0, "why", rest=True)),
    ],
)
def test_a_step_takes_its_own_answer_alone(step: Step, deed: Deed) -> None:
    with pytest.raises(UnfitAnswer):
        moved(*run_of([step]), [], deed, 1.0, 1, "wang")


def test_the_time_of_a_step_runs_from_the_one_before() -> None:
    run, definition = run_of([act("a", "b", target_s=10), act("b", target_s=10)])
    assert due_at(run, definition) == 10.0
    run, (first,) = moved(run, definition, [], Deed("answered", 0), 11.0, 1, "wang")
    run, (second,) = moved(run, definition, [first], Deed("answered", 1), 20.0, 1, "wang")
    assert [(one.took_s, one.is_late) for one in (first, second)] == [(11.0, True), (9.0, False)]
    assert due_at(run, definition) is None and run.ended_at == 20.0


def test_what_is_skipped_anew_waits_for_a_supervisor_again() -> None:
    run, definition = run_of([act("a", "b"), act("b")])
    run, made = moved(run, definition, [], Deed("skipped", 0, note="no time"), 1.0, 1, "wang")
    seen = replace(run, reviewed_at=2.0, reviewed_by="zhao")
    answered, _ = moved(seen, definition, made, Deed("answered", 1), 3.0, 1, "wang")
    assert answered.reviewed_by == "zhao"
    skipped, _ = moved(seen, definition, made, Deed("skipped", 1, note="no time"), 3.0, 1, "wang")
    assert (skipped.reviewed_at, skipped.skipped) == (None, 2)
