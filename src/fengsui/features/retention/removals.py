"""What is told of files that go together, before and after. Pure. Rule A53."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from itertools import groupby
from pathlib import Path

from fengsui.features.retention.model import Bounds, Removal, Why, root_of
from fengsui.media import OldFootage


def removals_of(
    files: Sequence[OldFootage], bounds: Mapping[str, Bounds], why: Why, now: float, zone: tzinfo, policy: str
) -> list[Removal]:
    """By stream and day of `zone`. `bounds`: by stream; `policy`: the label of the pack by which they go."""
    found = []
    in_order = sorted(files, key=lambda one: (*_day(one, zone), one.start_us))
    for (stream, day), group in groupby(in_order, lambda one: _day(one, zone)):
        some = list(group)
        digests = tuple(one.digest for one in some)
        times = some[0].start_us / 1e6, max(one.end_us for one in some) / 1e6
        size = sum(one.bytes for one in some)
        kind = bounds[stream].data_class.value
        found.append(Removal(stream, day, why, *times, size, digests, now, policy, kind, root_of(digests)))
    return found


def ends_of(
    removals: Sequence[Removal], files: Sequence[OldFootage], left: Mapping[Path, str], zone: tzinfo
) -> Iterator[tuple[Removal, str]]:
    """What came of each. `files`: of all of them; `left`: those that are still there, each with why."""
    for removal in removals:
        some = [one for one in files if _day(one, zone) == (removal.stream, removal.day)]
        gone = [one for one in some if one.path not in left]
        how = "done" if len(gone) == len(some) else "partly" if gone else "failed"
        why = next((f"; left: {left[one.path]}" for one in some if one.path in left), "")
        counted = f"files {len(gone)} of {len(some)}; bytes {sum(one.bytes for one in gone)} of {removal.size}"
        covered = f"root {removal.root.hex()}, with the pictures of {sum(one.has_pictures for one in some)} of {len(some)} files"
        yield removal, f"{how}: {counted}; {covered}{why}"


def _day(one: OldFootage, zone: tzinfo) -> tuple[str, str]:
    return one.stream, f"{datetime.fromtimestamp(one.start_us / 1e6, zone):%Y-%m-%d}"
