"""Shapes of devices."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class Believed(BaseModel):
    """What a device believes of its registration; `warning` where that will take it offline here."""

    expires_s: int
    keepalive_interval_s: int
    keepalive_missed_limit: int
    warning_zh: str
    warning_en: str


class Device(BaseModel):
    """A known device. `told_address`: the address of ours that it is told; warnings where it can hardly reach that one."""

    code: str
    name: str
    maker: str
    model: str
    firmware: str
    kind: str
    status: Literal["online", "offline", "fault"]
    transport: str
    address: str
    told_address: str
    told_source: Literal["", "network", "public", "route"]
    told_warning_zh: str
    told_warning_en: str
    registered_at: datetime | None
    last_seen_at: datetime | None
    expires_at: datetime | None
    channels: int
    media_transport: str
    worked_transport: str
    media_port: str
    charset: str
    sub_stream: str
    marker: str
    after_loss: str
    unmapped_sound: str
    ssrc: str
    ssrc_change: str
    reorder: str
    parameter_sets: str
    pinned_edition: str
    ignore_notified_status: bool
    subscribe_alarms: bool
    position_datum: str
    believed: Believed | None
    edition: str
    user_agent: str
    conflict: str


class DevicePage(BaseModel):
    """A page of devices."""

    items: list[Device]
    next: str | None
    total: int


class DeviceChange(BaseModel):
    """What an operator may set."""

    name: str | None = Field(default=None, max_length=256)
    password: str | None = Field(default=None, max_length=128)
    media_transport: Literal["auto", "udp", "tcp-passive", "tcp-active"] | None = None
    media_port: Literal["auto", "shared", "own"] | None = None
    charset: Literal["", "GB18030", "UTF-8"] | None = None
    sub_stream: Literal["auto", "streamnumber", "streamprofile", "streamMode", "stream", "none"] | None = None
    marker: Literal["learn", "trust", "ignore"] | None = None
    after_loss: Literal["next-picture", "next-key-frame"] | None = None
    unmapped_sound: Literal["drop", "g711a", "g711u"] | None = None
    ssrc: Literal["source", "strict"] | None = None
    ssrc_change: Literal["auto", "when-silent", "refuse"] | None = None
    reorder: Literal["standard", "long", "none"] | None = None
    parameter_sets: Literal["insert", "leave"] | None = None
    pinned_edition: Literal["", "1.0", "1.1", "2.0", "3.0"] | None = None
    ignore_notified_status: bool | None = None
    subscribe_alarms: bool | None = None
    position_datum: Literal["wgs84", "gcj02"] | None = None


class NewDevice(BaseModel):
    """A device known beforehand."""

    code: str = Field(min_length=1, max_length=32)
    name: str = Field(default="", max_length=256)
    password: str = Field(default="", max_length=128)


class Admission(BaseModel):
    """Name and own password of an admitted device."""

    name: str = Field(default="", max_length=256)
    password: str = Field(default="", max_length=128)


class Waiting(BaseModel):
    """One who waits."""

    code: str
    address: str
    transport: str
    maker: str
    first_seen_at: datetime
    last_seen_at: datetime
    attempts: int
    state: Literal["waiting", "refused", "blocked"]
    reason: str


class WaitingPage(BaseModel):
    """The waiting list."""

    items: list[Waiting]


class Traced(BaseModel):
    """One message of a device's trace, secrets hidden."""

    at: datetime
    direction: Literal["in", "out"]
    transport: str
    peer: str
    summary: str
    text: str


class TracePage(BaseModel):
    """Newest last."""

    items: list[Traced]
