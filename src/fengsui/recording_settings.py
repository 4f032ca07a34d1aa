"""Where footage goes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from fengsui.bucket import SCHEME, BucketSection
from fengsui.settings_section import Line, Section


class FootageFolderSection(Section):
    """One disk, `[[recording.folders]]`."""

    path: Annotated[Line, Field(min_length=1)]
    """Below the data folder unless it begins with `/`."""
    weight: Annotated[int, Field(ge=0, le=1_000)] = 1
    """Its share of the streams against the other folders; 0: only what no other takes."""
    reserve_gb: Annotated[float, Field(ge=0, le=100_000)] = 2
    """Left free; below it the folder counts as full."""


class SecondTierSection(BucketSection):
    """Where closed footage moves to, `[recording.second_tier]`."""

    place: Line = ""
    """`s3://bucket/prefix`, of this node alone; empty: there is none."""
    after_hours: Annotated[float, Field(ge=0, le=24 * 3650)] = 24
    """So old it moves; sooner where a folder is short of room."""
    megabit_s: Annotated[float, Field(ge=0, le=1_000_000)] = 0
    """At most so much goes there; 0: as fast as it takes."""

    @field_validator("place")
    @classmethod
    def _bucket(cls, value: str) -> str:
        if (value and not value.removeprefix(SCHEME).strip("/")) or (value and not value.startswith(SCHEME)):
            raise ValueError("s3://bucket/prefix is wanted")
        return value.rstrip("/")


class RecordingSection(Section):
    """Recording of cameras on this node."""

    folders: list[FootageFolderSection] = Field(default_factory=list, max_length=64)
    """Empty: `footage` in the data folder."""
    write_behind_mb: Annotated[int, Field(ge=16, le=1 << 20)] = 512
    """What waits for all disks together; what is above it is lost, and told."""

    held_stream_mb: Annotated[int, Field(ge=1, le=1 << 10)] = 64
    """What one camera that is recorded on event holds in memory for the time before it; what is above is let go, and told."""
    held_mb: Annotated[int, Field(ge=1, le=1 << 20)] = 512
    """What all of them hold together."""
    ahead_gb: Annotated[float, Field(ge=0, le=100_000)] = 4
    """Kept free above each folder's reserve for what comes next: the oldest footage beyond its floor makes room."""

    fill_mbit: Annotated[float, Field(ge=0, le=100_000)] = 20
    """What may be fetched in a second, on average, of what devices recorded while this node did not, Mbit; 0: nothing is."""
    fill_at_once: Annotated[int, Field(ge=1, le=64)] = 2
    """Devices it is fetched from together; each gets an even share."""
    fill_days: Annotated[int, Field(ge=1, le=90)] = 7
    """Older gaps are not filled."""
    second_tier: SecondTierSection = SecondTierSection()
    probes_an_hour: Annotated[int, Field(ge=0, le=3600)] = 60
    """Random moments of recorded footage that are tried in an hour; 0: none is. The first second is decoded and not kept."""
    device_probes_an_hour: Annotated[int, Field(ge=0, le=360)] = 6
    """The same of what devices recorded themselves: one is called, and hung up when its first picture was decoded."""
    playable_target_percent: Annotated[float, Field(ge=0, le=100)] = 98
    """Of the tries that play (measure M7)."""
    camera_clock_limit_s: Annotated[float, Field(gt=0, le=3600)] = 10
    """Footage of a camera whose own clock is further from the node's is marked (rule A34)."""

    holidays: list[date] = Field(default_factory=list, max_length=1_000)
    """Days on which schedules follow their hours for holidays, whatever day of the week it is."""
    working_days: list[date] = Field(default_factory=list, max_length=1_000)
    """Saturdays and Sundays that are worked instead of a holiday (调休): schedules take them for a Friday."""

    def folders_in(self, data: Path) -> list[tuple[Path, int, int]]:
        """Path, weight and bytes left free of each."""
        given = self.folders or [FootageFolderSection(path="footage")]
        return [(data.absolute() / one.path, one.weight, int(one.reserve_gb * 1e9)) for one in given]


def footage_index_in(data: Path) -> Path:
    """The index of footage."""
    return data.absolute() / "footage-index.db"
