"""Devices of an area that are not in order, for whoever takes duty over."""

from __future__ import annotations

from collections.abc import Callable

from fengsui.features.access import Place
from fengsui.features.devices import Devices
from fengsui.features.duty import Down


class DownEquipment:
    """`duty.ports.Equipment` from the devices that the node knows. `place`: where one lies, by its code."""

    def __init__(self, devices: Devices, place: Callable[[str], Place]) -> None:
        self._devices = devices
        self._place = place

    def down_in(self, area: str) -> list[Down]:
        """By code: offline, or online and telling of a fault."""
        found = [one for one in self._devices.all() if not one.online or one.faulty]
        here = [one for one in found if self._place(one.code).area.startswith(area)]
        return sorted(Down(one.code, one.name, "fault" if one.online else "offline", one.last_seen_at) for one in here)
