"""Shapes of playback."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field


class PlaybackOrder(BaseModel):
    """The time to be played; a use ticket must cover all of it.

    `recording`: of moments that the node recorded more than once, for its clock was set back, this one, counted as they were
    recorded; where there are not so many, the first. `source`: what this node recorded, or what the camera's device has recorded
    itself, which it is asked to play (`stream` and `recording` say nothing then). `ticket`: the number of the use ticket that is to
    open it; without it any of one's own that covers the time. `speed`: of what comes by `ws_fmp4`; above 4 the node sends key
    frames alone, and a device takes 1/4 to 8.
    """

    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime = Field(alias="to")
    stream: Literal["main", "sub"] = "main"
    recording: Annotated[int, Field(ge=1, le=9)] = 1
    source: Literal["node", "device"] = "node"
    ticket: Annotated[str, Field(max_length=64)] = ""
    speed: Annotated[float, Field(ge=0.125, le=32)] = 1.0


class PlaybackShape(BaseModel):
    """A playback that is open. Addresses carry their own short-lived ticket.

    `url`: a WebSocket (docs/design/seams.md) by which a player asks piece by piece; media time 0 of the ways `all` and `keys` is
    `since`, of `back` it is `until`; of a device's recording it is `ws_fmp4`.
    `hls`: a playlist that ends, with segments of the pictures as they were recorded, and a discontinuity where some lack; once a
    player has begun with it it lasts as long as the right to it. Null for a device's recording, which is looked at as it comes.
    `ws_fmp4`: pictures that pass by themselves at the speed that was ordered, framed as those of a live stream, over gaps without a
    pause; it is closed behind the last one. `control`: where it is paused, sought and sped up (`controlDevicePlayback`).
    `webrtc`: null, recorded footage is not sent that way. `codec`, `codec_string` (RFC 6381): of the first picture, empty where
    nothing can be read.
    `clock_error_limit_s`, `camera_clock_limit_s`: footage whose clock is further off, the node's or the camera's, is marked (A34).
    """

    session: str
    camera: str
    stream: str
    source: Literal["node", "device"]
    url: str
    ws_fmp4: str
    webrtc: str | None
    hls: str | None
    codec: Literal["h264", "h265", ""]
    codec_string: str
    expires_at: datetime
    control: str
    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    use_ticket: str
    clock_error_limit_s: float
    camera_clock_limit_s: float


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


class DevicePlaybackOrder(BaseModel):
    """The time to be played of what the camera's device has recorded; a use ticket must cover all of it.

    Best is a stretch without a gap: over a gap the device leaps, and nothing tells that it does.
    """

    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime = Field(alias="to")


class DeviceControlOrder(BaseModel):
    """One thing at a time: `at` with `seek`, `speed` with `speed`. A device is told it (GB/T 28181-2022 annex B), and takes speeds
    of 1/4 to 8; of the node's footage it is about what passes by `ws_fmp4`.
    """

    act: Literal["play", "pause", "seek", "speed"]
    at: AwareDatetime | None = None
    speed: Annotated[float, Field(ge=0.125, le=32)] | None = None


class DevicePlaybackShape(BaseModel):
    """A device's recording that is played to one viewer, or the node's footage that passes by itself.

    `url`: a WebSocket with pictures as they come, as of a live stream. `at`: the time of the picture, counted from what was
    ordered and as long as pictures come. `speed`: as the device says that it plays. `deaf`: it accepted a pause and goes on.
    `over`: why it plays no more, empty while it does; `sent`: to its end.
    """

    session: str
    camera: str
    url: str
    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    use_ticket: str
    at: datetime
    speed: float
    paused: bool
    deaf: bool
    over: str
    over_zh: str
    over_en: str


class SnapshotShape(BaseModel):
    """What is on record of a still. `tag`: bytes, as base64, that go into the file that was sent, behind its first `tag_at` bytes;
    `sha256`: of the file with them, which is the one that is kept.
    """

    sha256: str
    tag_at: int
    tag: str
