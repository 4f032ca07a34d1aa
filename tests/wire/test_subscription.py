"""Headers of subscriptions, by edition and as devices write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.subscription import SubscriptionState, event_of


@pytest.mark.parametrize("edition", list(Edition))
def test_the_event_is_the_editions(edition: Edition) -> None:
    assert event_of("Alarm", edition, 7) == ("presence" if edition == Edition.V2011 else "presence;id=7")
    assert event_of("Catalog", edition, 1894) == ("presence" if edition == Edition.V2011 else "Catalog;id=1894")


@pytest.mark.parametrize(
    ("header", "state"),
    [
        ("active;expires=600", SubscriptionState("active")),
        ("Terminated ; Reason = TimeOut", SubscriptionState("terminated", "timeout")),
        ("terminated;reason=giveup;retry-after=90", SubscriptionState("terminated", "giveup", 90)),
        ("terminated;retry-after=soon", SubscriptionState("terminated")),
        ("terminated;retry-after=99999999999", SubscriptionState("terminated")),
        ("", SubscriptionState("")),
    ],
)
def test_a_state_is_read_as_it_is_written(header: str, state: SubscriptionState) -> None:
    assert SubscriptionState.parse(header) == state
    assert state.terminated is header.lower().startswith("terminated")


@given(st.text(max_size=60))
def test_any_text_is_a_state(header: str) -> None:
    assert SubscriptionState.parse(header).retry_after_s is None or "retry-after" in header.lower()
