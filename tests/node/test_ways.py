"""By which transport a stream is asked for, one failure after another. Pure."""

from __future__ import annotations

import pytest

from fengsui.features.live.ways import Ways, media_host_of
from fengsui.media import Transport

UDP, PASSIVE, ACTIVE = Transport.UDP, Transport.TCP_PASSIVE, Transport.TCP_ACTIVE


def tried(ways: Ways, *outcomes: str, setting: str = "auto", learned: str = "") -> list[Transport]:
    """The way of each attempt: the first, then after each outcome."""
    found = [ways.now(setting, learned)]
    for outcome in outcomes:
        ways.failed(setting, learned, outcome, played=False)
        found.append(ways.now(setting, learned))
    return found


@pytest.mark.parametrize("outcome", ["refused", "no_answer", "no_description", "transport_refused", "connection", "hung_up"])
def test_no_way_that_fails_is_the_last(outcome: str) -> None:
    assert tried(Ways(), "no_packets", outcome, outcome, "no_packets") == [UDP, PASSIVE, ACTIVE, UDP, PASSIVE]


@pytest.mark.parametrize("outcome", ["busy", "not_found", "offline", "unplayable", "node"])
def test_what_says_nothing_about_the_way_changes_none(outcome: str) -> None:
    assert tried(Ways(), outcome, "no_packets", outcome) == [UDP, UDP, PASSIVE, PASSIVE]


@pytest.mark.parametrize("outcome", ["refused", "no_answer", "silent"])
def test_the_first_way_is_left_for_a_failure_of_media_alone(outcome: str) -> None:
    assert tried(Ways(), outcome, "transport_refused") == [UDP, UDP, PASSIVE]


def test_the_others_are_tried_at_once_and_the_first_again_after_a_pause() -> None:
    ways = Ways()
    assert [ways.failed("auto", "", outcome, played=False) for outcome in ("no_packets", "refused", "refused")] == [
        True,
        True,
        False,
    ]
    assert not ways.failed("udp", "", "no_packets", played=False)
    assert tried(Ways(), "no_packets", "connection", setting="tcp-active") == [ACTIVE] * 3


@pytest.mark.parametrize("learned", ["", "tcp-passive"], ids=["not yet kept", "kept"])
def test_a_break_is_followed_by_the_way_that_played(learned: str) -> None:
    ways = Ways()
    assert tried(ways, "no_packets") == [UDP, PASSIVE]
    ways.worked()
    assert not ways.failed("auto", learned, "connection", played=True)
    assert ways.now("auto", learned) is PASSIVE
    assert tried(ways, "no_packets", "refused", "refused", learned=learned) == [PASSIVE, UDP, ACTIVE, PASSIVE]


@pytest.mark.parametrize(
    ("told", "peer", "found"),
    [
        ("10.0.0.7", "10.0.0.2", "10.0.0.7"),
        ("198.41.0.4", "192.0.32.7", "198.41.0.4"),
        ("10.0.0.2", "10.0.0.2", ""),
        ("192.168.1.64", "198.41.0.4", ""),
        ("0.0.0.0", "10.0.0.2", ""),
        ("127.0.0.1", "10.0.0.2", ""),
        ("192.168.1.64", "127.0.0.1", ""),
        ("camera.local", "10.0.0.2", ""),
        ("", "10.0.0.2", ""),
    ],
)
def test_the_address_of_an_answer_is_used_where_it_can_be_reached(told: str, peer: str, found: str) -> None:
    assert media_host_of(told, peer) == found
