"""The rules of two persons by themselves: the table of a request's states, and the one written form of what is approved."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.approvals.errors import NotOpen, UnfitContent
from fengsui.features.approvals.model import NEXT_STATE, State, Step, canonical, step


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("taken", Step)
def test_what_the_table_does_not_name_is_refused(state: State, taken: Step) -> None:
    if (state, taken) in NEXT_STATE:
        assert step(state, taken) is NEXT_STATE[state, taken]
    else:
        with pytest.raises(NotOpen):
            step(state, taken)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(JSON)
def test_content_has_one_written_form_or_is_refused(content: Any) -> None:
    with contextlib.suppress(UnfitContent):
        octets = canonical(content)
        assert octets == canonical(_turned(content)) and b"\n" not in octets


def _turned(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _turned(value) for name, value in reversed(content.items())}
    return [_turned(value) for value in content] if isinstance(content, list) else content


@pytest.mark.parametrize("content", [1.5, float("nan"), {1: 2}, b"x", "\ud800", {"a": [{"b": 0.1}]}])
def test_what_has_several_spellings_is_refused(content: Any) -> None:
    with pytest.raises(UnfitContent):
        canonical(content)
