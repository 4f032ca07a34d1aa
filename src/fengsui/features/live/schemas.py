"""Shapes of live pictures."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

Codec = Literal["h264", "h265"]
State = Literal["idle", "inviting", "waiting_media", "playing", "retrying"]


class LiveOrder(BaseModel):
    """`codecs`: what the viewer can decode. `undecodable`: codec strings (RFC 6381) among them that it found it cannot."""

    stream: Literal["main", "sub"] = "main"
    codecs: list[Codec] = Field(default=["h264"], max_length=4)
    undecodable: list[Annotated[str, Field(max_length=64)]] = Field(default=[], max_length=8)


class LiveSessionShape(BaseModel):
    """Addresses carry their own short-lived ticket."""

    session: str
    ws_fmp4: str
    webrtc: str
    hls: str
    still: str
    codec: str
    codec_string: str
    """RFC 6381, e.g. `hvc1.2.4.L153.B0`; empty where the node does not know it yet, or makes H.264 of the stream."""
    transcoded: bool
    masked: bool
    expires_at: datetime
    expires_in_s: int
    """The ticket's life: a browser's clock may show another time."""
    state: State


class StreamShape(BaseModel):
    """One running stream. `loss`: share of the packets since it was opened."""

    camera: str
    name: str
    stream: Literal["main", "sub"]
    state: State
    text_zh: str
    text_en: str
    since: datetime
    codec: str
    width: int
    height: int
    transport: str
    readers: int
    packets: int
    bytes: int
    frames: int
    lost: int
    loss: float


class SnapshotShape(BaseModel):
    """A still that may be kept: it is on record. `at`: the node's time; `ticket`: under which it is seen, empty without one."""

    at: datetime
    camera: str
    name: str
    ticket: str


class StreamList(BaseModel):
    """Running streams."""

    items: list[StreamShape]


class LiveStateShape(BaseModel):
    """One stream as its tile shows it. `retry_in_s` counts from `since`."""

    state: State
    failure: str
    text_zh: str
    text_en: str
    since: datetime | None
    retry_in_s: float
    codec: str
    width: int
    height: int
    packets: int
    bytes: int
    lost: int
    frames: int
    jitter_us: int
    transport: str
    readers: int
