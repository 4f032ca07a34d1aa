"""What devices say of themselves: DeviceInfo, and the heartbeat they believe in. GB/T 28181-2022 §9.5, A.2.4."""

from __future__ import annotations

import json

import structlog

from fengsui.errors import StorageFault
from fengsui.features.cameras.rows import MOST
from fengsui.features.devices import Devices, DeviceState, Signalling, SignallingFault, UnknownDevice
from fengsui.wire.gb28181.configuration import ConfigAnswer, ConfigQuery
from fengsui.wire.gb28181.device_facts import DeviceInfo, SimpleQuery

log = structlog.get_logger(__name__)
BELIEFS_S = 4.0


class DeviceFacts:
    """Asks, and keeps the answers with the device."""

    def __init__(self, devices: Devices, signalling: Signalling) -> None:
        self._devices = devices
        self._signalling = signalling

    async def read(self, device: DeviceState) -> None:
        """DeviceInfo. Raises SignallingFault, StorageFault."""
        answer = await self._signalling.query(device, SimpleQuery("DeviceInfo", self._signalling.next_sn(), device.code))
        if isinstance(answer, DeviceInfo):
            facts = {"maker": answer.manufacturer, "model": answer.model, "firmware": answer.firmware}
            if answer.name and not device.name:
                facts["name"] = answer.name
            await self._devices.update(device.code, channels=min(answer.channels, MOST), **{k: v[:256] for k, v in facts.items()})

    async def read_beliefs(self, code: str) -> None:
        """BasicParam; many devices do not answer it."""
        try:
            await self._read_beliefs(self._devices.get(code))
        except UnknownDevice:
            return  # removed while it waited
        except (SignallingFault, StorageFault) as fault:
            log.info("no basic parameters", device=code, why=str(fault))

    async def _read_beliefs(self, device: DeviceState) -> None:
        """ConfigDownload's BasicParam: a heartbeat that is longer than our limit explains a device that comes and goes."""
        query = ConfigQuery(self._signalling.next_sn(), device.code, ("BasicParam",))
        answer = await self._signalling.query(device, query, timeout_s=BELIEFS_S)
        basic = answer.configuration.basic if isinstance(answer, ConfigAnswer) else None
        if basic is None or not basic.heartbeat_interval_s:
            return
        believed = {
            "expires_s": basic.expiration_s or 0,
            "keepalive_interval_s": basic.heartbeat_interval_s,
            "keepalive_missed_limit": basic.heartbeat_count or 0,
        }
        if json.dumps(believed) != device.believed:
            await self._devices.update(device.code, believed=json.dumps(believed))
