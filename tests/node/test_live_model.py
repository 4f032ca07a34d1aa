"""The states of a live stream and its pauses: every failure is tried again, ever more slowly, and nothing sticks."""

from __future__ import annotations

import itertools
import random

import pytest

from fengsui.features.live.model import (
    FAILURES,
    NEXT_STATE,
    PAUSES_S,
    RESTING,
    STATE_TEXTS,
    LiveEvent,
    LiveState,
    NoSsrcLeft,
    SsrcPool,
    UnexpectedEvent,
    next_state,
    retry_pause_s,
)

LEAST, MOST = 0.8, 1.3


@pytest.mark.parametrize("seed", range(5))
def test_pauses_grow_to_half_a_minute_and_no_further(seed: int) -> None:
    chance = random.Random(seed)
    pauses = [retry_pause_s(failures, chance) for failures in range(1, 40)]
    assert LEAST <= pauses[0] <= MOST, "the first try again comes soon"
    for failures, pause in enumerate(pauses, 1):
        base = PAUSES_S[min(failures, len(PAUSES_S)) - 1]
        assert base * LEAST <= pause <= base * MOST
    assert max(pauses) <= 30 * MOST
    assert all(later * LEAST > earlier * MOST for earlier, later in itertools.pairwise(PAUSES_S[:-1])), "each above the last"


def test_cameras_that_failed_together_do_not_come_back_together() -> None:
    pauses = [retry_pause_s(4, random.Random(f"5201020000132{number:07d}")) for number in range(1000)]
    assert len({round(pause, 1) for pause in pauses}) > 30, "spread over half the pause"
    assert min(pauses) < 9 and max(pauses) > 12


def test_an_event_that_cannot_happen_is_a_programming_error_and_not_a_state() -> None:
    for state, event in itertools.product(LiveState, LiveEvent):
        if (state, event) not in NEXT_STATE:
            with pytest.raises(UnexpectedEvent):
                next_state(state, event)


def test_from_every_state_one_gets_to_a_picture_and_to_rest() -> None:
    for wanted in (LiveState.PLAYING, LiveState.IDLE):
        for begin in LiveState:
            reached, before = {begin}, set[LiveState]()
            while reached != before:
                before = set(reached)
                reached |= {following for (state, _), following in NEXT_STATE.items() if state in before}
            assert wanted in reached, f"{begin} is stuck: no {wanted}"


def test_whatever_goes_wrong_is_tried_again_until_nobody_watches() -> None:
    for state in (LiveState.INVITING, LiveState.WAITING_MEDIA, LiveState.PLAYING):
        assert next_state(state, LiveEvent.FAILED) is LiveState.RETRYING
    assert next_state(LiveState.RETRYING, LiveEvent.RETRY) is LiveState.INVITING
    assert {next_state(state, LiveEvent.UNWANTED) for state in LiveState} == {LiveState.IDLE}
    assert set(STATE_TEXTS) == set(LiveState), "each has its words"
    assert all(failure.zh and failure.en and failure.code == code for code, failure in FAILURES.items())


def test_an_ssrc_given_back_rests_while_there_are_others() -> None:
    pool = SsrcPool("52010200002000000001", random.Random(7))
    late = [pool.take() for _ in range(RESTING)]
    for ssrc in late:
        pool.give_back(ssrc)
    free = 9_999 - RESTING
    others = {pool.take() for _ in range(free - 1)}
    assert len(others) == free - 1 and not others & set(late)
    rest = {pool.take() for _ in range(RESTING + 1)}
    assert set(late) <= rest, "with nothing else left they are taken too"
    with pytest.raises(NoSsrcLeft):
        pool.take()
