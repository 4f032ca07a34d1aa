"""Shapes of playback."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field


class PlaybackOrder(BaseModel):
    """The time to be played; a use ticket must cover all of it."""

    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime = Field(alias="to")
    stream: Literal["main", "sub"] = "main"


class PlaybackShape(BaseModel):
    """A playback that is open.

    `url`: a WebSocket (docs/design/seams.md); media time 0 of the ways `all` and `keys` is `since`, of `back` it is `until`.
    """

    session: str
    camera: str
    stream: str
    url: str
    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    use_ticket: str


class DeviceFileShape(BaseModel):
    """One recording of a device, as far as it lies in the time asked for. `kind` empty: the device does not say."""

    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    kind: Literal["time", "alarm", "manual", ""]


class DeviceFileList(BaseModel):
    """What a device says that it has. `told`: so many it says there are; `came`: so many came; `unreadable`: of those, without a
    time that can be read. Not `whole`: more may be there than is listed.
    """

    items: list[DeviceFileShape]
    told: int
    came: int
    unreadable: int
    whole: bool


class SnapshotShape(BaseModel):
    """What is on record of a still. `sha256`: of the file as it was sent, which is the file that is kept."""

    sha256: str
