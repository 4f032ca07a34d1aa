"""What goes on after its end: dropped where its number was ours, taken where a device always sends the same. Real sockets."""

from __future__ import annotations

import pytest

from fengsui.media import SourceSpec, SsrcPolicy, Transport
from tests.end_to_end.conftest import wait_until
from tests.media.conftest import SSRC, RunningEngine, filming

OTHER = SSRC + 1
ELSEWHERE = SSRC + 50_000
"""A number that this node never asks for."""


def opened(running: RunningEngine, channel: int, ssrc: int) -> int:
    """A source that takes foreign SSRCs from its device's address, as the node opens them."""
    spec = SourceSpec(
        name=f"340200000013200000{channel:02d}/main",
        ssrc=ssrc,
        transport=Transport.UDP,
        remote_host="127.0.0.1",
        ssrc_policy=SsrcPolicy.FROM_PEER_ADDRESS,
    )
    return running.engine.open_source(spec).id


def packets(running: RunningEngine, source: int) -> int:
    counters = running.engine.source_counters(source)
    assert counters is not None
    return counters.packets


@pytest.mark.parametrize("asked", [True, False], ids=["as asked", "a number of its own"])
def test_a_stream_that_goes_on_is_taken_for_another_only_where_its_number_says_nothing(running: RunningEngine, asked: bool) -> None:
    first = opened(running, 1, SSRC if asked else ELSEWHERE)
    with filming(running, audio=False):
        wait_until(lambda: packets(running, first) > 0, seconds=60, what="the camera sends")
        running.engine.close_source(first)
        second = opened(running, 2, OTHER if asked else ELSEWHERE + 1)
        before = running.engine.counters().unknown_packets
        if asked:
            wait_until(lambda: running.engine.counters().unknown_packets > before + 50, seconds=60, what="it sends on")
            assert packets(running, second) == 0, "one channel is not shown as another"
        else:
            wait_until(lambda: packets(running, second) > 50, seconds=60, what="a device of one number plays anew")
