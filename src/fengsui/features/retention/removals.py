"""What is told of files that go together. Pure. Rule A53."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from itertools import groupby

from fengsui.features.retention.model import Bounds, Removal, Why, root_of
from fengsui.media import OldFootage


def removals_of(
    files: Sequence[OldFootage], bounds: Mapping[str, Bounds], why: Why, now: float, zone: tzinfo, policy: str
) -> list[Removal]:
    """By stream and day of `zone`. `bounds`: by stream; `policy`: the label of the pack by which they go."""

    def key(one: OldFootage) -> tuple[str, str]:
        at = datetime.fromtimestamp(one.start_us / 1e6, zone)
        return one.stream, f"{at:%Y-%m-%d}"

    found = []
    for (stream, day), group in groupby(sorted(files, key=lambda one: (*key(one), one.start_us)), key):
        some = list(group)
        digests = tuple(one.digest for one in some)
        times = some[0].start_us / 1e6, max(one.end_us for one in some) / 1e6
        size = sum(one.bytes for one in some)
        kind = bounds[stream].data_class.value
        found.append(Removal(stream, day, why, *times, size, digests, now, policy, kind, root_of(digests)))
    return found
