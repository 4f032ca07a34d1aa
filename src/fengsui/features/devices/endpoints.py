"""Devices and the waiting list over HTTP."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from fengsui.features.access import Access, Function, Place, Principal, refuse_unless, require, require_device, scope_for
from fengsui.features.audit import Act, Audit, told_changes
from fengsui.features.devices.actions import Devices
from fengsui.features.devices.model import DeviceState, Told
from fengsui.features.devices.schemas import (
    Admission,
    Believed,
    Device,
    DeviceChange,
    DevicePage,
    NewDevice,
    Traced,
    TracePage,
    Waiting,
    WaitingPage,
)
from fengsui.features.devices.waiting import WaitingDevice
from fengsui.late_routes import LateRoutes
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb_code import kind_of

Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]
Keeper = Annotated[Principal, Depends(require(Function.MANAGE_DEVICES))]
DeviceLooker = Annotated[Principal, Depends(require_device(Function.LOOK_AROUND))]
DeviceKeeper = Annotated[Principal, Depends(require_device(Function.MANAGE_DEVICES))]
ToldTo = Callable[[str], Told]
SLOW_HEARTBEAT_ZH = (
    "设备每 {interval} 秒心跳一次,超过本节点的离线判定时间 {silence} 秒,会反复掉线:请把设备的心跳周期改为 {wanted} 秒"
)
SLOW_HEARTBEAT_EN = (
    "It keeps alive every {interval} s, beyond this node's limit of {silence} s, and will seem offline again and again: "
    "set its interval to {wanted} s"
)
TraceOf = Callable[[str], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class KeepaliveLimits:
    """When this node takes a silent device for offline."""

    interval_s: float
    missed_limit: int


def _time(at: float) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


def believed_of(kept: str, limits: KeepaliveLimits) -> Believed | None:
    """What the device believes, and what follows where that is not what this node keeps to."""
    if not kept:
        return None
    said = json.loads(kept)
    interval_s, missed = int(said["keepalive_interval_s"]), int(said["keepalive_missed_limit"])
    silence_s = limits.interval_s * limits.missed_limit
    facts = {"interval": interval_s, "silence": round(silence_s), "wanted": round(limits.interval_s)}
    late = interval_s > silence_s
    return Believed(
        expires_s=int(said["expires_s"]),
        keepalive_interval_s=interval_s,
        keepalive_missed_limit=missed,
        warning_zh=SLOW_HEARTBEAT_ZH.format(**facts) if late else "",
        warning_en=SLOW_HEARTBEAT_EN.format(**facts) if late else "",
    )


def _shape(state: DeviceState, told_to: ToldTo, keepalive: KeepaliveLimits) -> Device:
    peer = state.peer
    told = told_to(peer.host) if peer else None
    return Device(
        code=state.code,
        name=state.name or state.code,
        maker=state.maker,
        model=state.model,
        firmware=state.firmware,
        kind=kind_of(state.code).value,
        status=state.status,
        transport=peer.transport if peer else "",
        address=f"{peer.host}:{peer.port}" if peer else "",
        told_address=told.address if told else "",
        told_source=told.source if told else "",
        told_warning_zh=told.warning_zh if told else "",
        told_warning_en=told.warning_en if told else "",
        registered_at=_time(state.registered_at),
        last_seen_at=_time(state.last_seen_at),
        expires_at=_time(state.expires_at),
        channels=state.channels,
        media_transport=state.media_transport,
        worked_transport=state.worked_transport,
        media_port=state.media_port,
        charset=state.charset,
        sub_stream=state.sub_stream,
        marker=state.marker,
        after_loss=state.after_loss,
        unmapped_sound=state.unmapped_sound,
        ssrc=state.ssrc,
        ssrc_change=state.ssrc_change,
        reorder=state.reorder,
        parameter_sets=state.parameter_sets,
        pinned_edition=Edition(state.pinned_edition).header if state.pinned_edition else "",
        ignore_notified_status=state.ignore_notified_status,
        subscribe_alarms=state.subscribe_alarms,
        position_datum=state.position_datum,
        believed=believed_of(state.believed, keepalive),
        edition=Edition(state.edition).header,
        user_agent=state.user_agent,
        conflict=state.conflict,
    )


def _waiting_shape(entry: WaitingDevice) -> Waiting:
    return Waiting(
        code=entry.code,
        address=entry.address,
        transport=entry.transport,
        maker=entry.maker,
        first_seen_at=datetime.fromtimestamp(entry.first_seen_at, UTC),
        last_seen_at=datetime.fromtimestamp(entry.last_seen_at, UTC),
        attempts=entry.attempts,
        state=entry.state,  # type: ignore[arg-type]
        reason=entry.reason,
    )


def _audit(request: Request) -> Audit:
    audit: Audit = request.app.state.audit
    return audit


def _place_of(request: Request) -> Callable[[str], Place]:
    access: Access = request.app.state.access
    assert access.directory is not None, "set at composition"
    return access.directory.device


def router(
    devices: Devices,
    told_to: ToldTo,
    doubtful: Callable[[], Awaitable[Collection[str]]],
    clashing: Callable[[], Awaitable[Collection[str]]],
    trace_of: TraceOf,
    keepalive: KeepaliveLimits,
) -> LateRoutes:
    """The routes of devices. `doubtful`: codes of those that can hardly reach the address they are told;
    `clashing`: of those with channels whose codes other devices' cameras have.
    """
    routes = LateRoutes(tags=["devices"])

    @routes.get("/devices", operation_id="listDevices")
    async def list_devices(
        request: Request,
        who: Looker,
        status: str = "",
        q: str = "",
        limit: int = 100,
        cursor: str = "",
        doubtful_address: bool = False,
        refused_channels: bool = False,
    ) -> DevicePage:
        """Devices of one's own area, by code; `doubtful_address`: only those that can hardly reach the address they are told;
        `refused_channels`: only those with channels whose codes other devices' cameras have.
        """
        holds, place = scope_for(request, who, Function.LOOK_AROUND).holds, _place_of(request)
        wanted, doubted = q.lower(), await doubtful() if doubtful_address else ()
        clashes = await clashing() if refused_channels else ()
        fitting = [
            state
            for state in devices.all()
            if (not status or status == state.status)
            and (wanted in state.code or wanted in state.name.lower())
            and (not doubtful_address or state.code in doubted)
            and (not refused_channels or state.code in clashes)
            and holds(place(state.code).area)
        ]
        page = [state for state in fitting if state.code > cursor][: max(1, min(limit, 1000))]
        following = page[-1].code if page and page[-1].code != fitting[-1].code else None
        return DevicePage(items=[_shape(state, told_to, keepalive) for state in page], next=following, total=len(fitting))

    @routes.post("/devices", status_code=201, operation_id="addDevice")
    async def add_device(request: Request, who: Keeper, body: NewDevice) -> Device:
        """Make a device known before it knocks."""
        await refuse_unless(request, who, Function.MANAGE_DEVICES, _place_of(request)(body.code))
        await _audit(request).record(who, Act.DEVICE_ADD, body.code)
        return _shape(await devices.admit(body.code, password=body.password, name=body.name), told_to, keepalive)

    @routes.get("/devices/{code}", operation_id="getDevice")
    async def get_device(who: DeviceLooker, code: str) -> Device:
        """One device."""
        return _shape(devices.get(code), told_to, keepalive)

    @routes.patch("/devices/{code}", operation_id="changeDevice")
    async def change_device(request: Request, who: DeviceKeeper, code: str, body: DeviceChange) -> Device:
        """Name, password, and the policies for what it does otherwise than the standard."""
        before = devices.get(code)
        facts = body.model_dump(exclude_none=True)
        if "pinned_edition" in facts:
            facts["pinned_edition"] = int(Edition.announced(facts["pinned_edition"])) if facts["pinned_edition"] else 0
        said = told_changes({name: getattr(before, name) for name in facts}, facts, secret=("password",))
        await _audit(request).record(who, Act.DEVICE_CHANGE, code, detail=said)
        return _shape(await devices.update(code, **facts) if facts else devices.get(code), told_to, keepalive)

    @routes.delete("/devices/{code}", status_code=204, operation_id="removeDevice")
    async def remove_device(request: Request, who: DeviceKeeper, code: str) -> None:
        """Forget a device."""
        devices.get(code)
        await _audit(request).record(who, Act.DEVICE_REMOVE, code)
        await devices.remove(code)

    @routes.get("/devices/{code}/trace", operation_id="getDeviceTrace")
    async def get_trace(request: Request, who: DeviceKeeper, code: str) -> TracePage:
        """The last messages of a device, secrets hidden."""
        await _audit(request).record(who, Act.DEVICE_TRACE, code)
        messages = trace_of(code)
        names = ("at", "direction", "transport", "peer", "summary", "text")
        return TracePage(items=[Traced(**{name: getattr(message, name) for name in names}) for message in messages])

    @routes.get("/waiting-devices", operation_id="listWaitingDevices")
    async def list_waiting(request: Request, who: Keeper) -> WaitingPage:
        """Who knocked in one's own area and is not known."""
        holds, place = scope_for(request, who, Function.MANAGE_DEVICES).holds, _place_of(request)
        return WaitingPage(items=[_waiting_shape(entry) for entry in devices.waiting.all() if holds(place(entry.code).area)])

    @routes.post("/waiting-devices/{code}/admit", operation_id="admitDevice")
    async def admit(request: Request, who: DeviceKeeper, code: str, body: Admission | None = None) -> Device:
        """Let it in at its next registration."""
        await _audit(request).record(who, Act.DEVICE_ADMIT, code)
        given = body or Admission()
        return _shape(await devices.admit(code, password=given.password, name=given.name), told_to, keepalive)

    @routes.post("/waiting-devices/{code}/refuse", operation_id="refuseDevice")
    async def refuse(request: Request, who: DeviceKeeper, code: str) -> Waiting:
        """Keep it out; it may knock again."""
        await _audit(request).record(who, Act.DEVICE_REFUSE, code)
        return _waiting_shape(await devices.waiting.decide(code, "refused"))

    @routes.post("/waiting-devices/{code}/block", operation_id="blockDevice")
    async def block(request: Request, who: DeviceKeeper, code: str) -> Waiting:
        """Keep it out for good."""
        await _audit(request).record(who, Act.DEVICE_BLOCK, code)
        return _waiting_shape(await devices.waiting.decide(code, "blocked"))

    return routes
