"""What the eight bytes mean, both ways: every row of the table. Source: GB/T 28181-2022 A.3.2 to A.3.7.

`read` turns a command into its meaning, `command` a meaning into its bytes. Unknown instructions have no meaning (None).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from fengsui.wire.gb28181 import ptz
from fengsui.wire.gb28181.ptz import PtzCommand


class PresetAction(IntEnum):
    """Byte 4 of the preset commands."""

    SET = ptz.PRESET_SET
    GO = ptz.PRESET_GO
    DELETE = ptz.PRESET_DELETE


class CruiseAction(IntEnum):
    """Byte 4 of the cruise commands. DELETE_POINT with preset 0 deletes the cruise."""

    ADD_POINT = ptz.CRUISE_ADD
    DELETE_POINT = ptz.CRUISE_DELETE
    SPEED = ptz.CRUISE_SPEED
    DWELL_S = ptz.CRUISE_STAY
    START = ptz.CRUISE_START


class ScanAction(IntEnum):
    """What an automatic scan is told: byte 6 of SCAN, or that its speed is set."""

    START = ptz.SCAN_START
    LEFT_BORDER = ptz.SCAN_LEFT
    RIGHT_BORDER = ptz.SCAN_RIGHT
    SPEED = ptz.SCAN_SPEED


@dataclass(frozen=True, slots=True)
class Motion:
    """Signed speeds: `pan`, `tilt` -255 to 255 (right, up positive), `zoom` -15 to 15 (in positive). All zero: stop all.

    A direction bit with speed 0 cannot be told from no direction: it has no meaning of its own.
    """

    pan: int = 0
    tilt: int = 0
    zoom: int = 0

    def command(self) -> PtzCommand:
        """Its bytes."""
        return ptz.move(pan=self.pan, tilt=self.tilt, zoom=self.zoom)


@dataclass(frozen=True, slots=True)
class LensMotion:
    """Signed speeds -255 to 255: `focus` far positive, `iris` open positive. Both zero: the lens stops."""

    focus: int = 0
    iris: int = 0

    def command(self) -> PtzCommand:
        """Its bytes."""
        bits = (0x01 if self.focus > 0 else 0x02 if self.focus < 0 else 0) | (
            0x04 if self.iris > 0 else 0x08 if self.iris < 0 else 0
        )
        return PtzCommand(ptz.LENS_STOP | bits, min(255, abs(self.focus)), min(255, abs(self.iris)))


@dataclass(frozen=True, slots=True)
class PresetOrder:
    """`number` 1 to 255."""

    action: PresetAction
    number: int

    def command(self) -> PtzCommand:
        """Its bytes. Raises MalformedPtz for a number out of range."""
        return ptz.preset(self.action, self.number)


@dataclass(frozen=True, slots=True)
class CruiseOrder:
    """Of cruise `group` 0 to 255. `value`: a preset (points), or 12 bits (speed, dwell in seconds); 0 to start."""

    action: CruiseAction
    group: int
    value: int = 0

    def command(self) -> PtzCommand:
        """Its bytes. Raises MalformedPtz for a value out of range."""
        if self.action in (CruiseAction.SPEED, CruiseAction.DWELL_S):
            return ptz.cruise_setting(self.action, self.group, self.value)
        if self.action is CruiseAction.START:
            return ptz.cruise_start(self.group)
        return ptz.cruise_point(self.action, self.group, self.value)


@dataclass(frozen=True, slots=True)
class ScanOrder:
    """Of scan `group` 0 to 255; `speed` of 12 bits with SPEED only."""

    action: ScanAction
    group: int
    speed: int = 0

    def command(self) -> PtzCommand:
        """Its bytes. Raises MalformedPtz for a value out of range."""
        if self.action is ScanAction.SPEED:
            return ptz.cruise_setting(ptz.SCAN_SPEED, self.group, self.speed)
        return ptz.scan(self.group, self.action)


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """Switch `number` 0 to 255 on or off (or one step up or down); ptz.WIPER is 1."""

    number: int
    on: bool

    def command(self) -> PtzCommand:
        """Its bytes. Raises MalformedPtz for a number out of range."""
        return ptz.switch(self.number, on=self.on)


Instruction = Motion | LensMotion | PresetOrder | CruiseOrder | ScanOrder | Auxiliary


def read(command: PtzCommand) -> Instruction | None:
    """The meaning of `command`; None for one that is not in the table, or that names opposite directions at once."""
    code, first, second = command.instruction, command.data1, command.data2
    twelve = second | command.data3 << 8
    if code < 0x40:
        return _motion(command)
    if code & 0xF0 == ptz.LENS_STOP:
        focus, iris = _signed(code & 0x03, 0x01, first), _signed(code >> 2 & 0x03, 0x01, second)
        return None if focus is None or iris is None else LensMotion(focus, iris)
    if code in (PresetAction.SET, PresetAction.GO, PresetAction.DELETE):
        return PresetOrder(PresetAction(code), second) if second else None
    if code in (CruiseAction.SPEED, CruiseAction.DWELL_S):
        return CruiseOrder(CruiseAction(code), first, twelve)
    if code in (CruiseAction.ADD_POINT, CruiseAction.DELETE_POINT):
        return CruiseOrder(CruiseAction(code), first, second) if second or code == CruiseAction.DELETE_POINT else None
    if code == CruiseAction.START:
        return CruiseOrder(CruiseAction.START, first)
    if code == ptz.SCAN:
        return ScanOrder(ScanAction(second), first) if second <= ScanAction.RIGHT_BORDER else None
    if code == ptz.SCAN_SPEED:
        return ScanOrder(ScanAction.SPEED, first, twelve)
    return Auxiliary(first, code == ptz.SWITCH_ON) if code in (ptz.SWITCH_ON, ptz.SWITCH_OFF) else None


def _motion(command: PtzCommand) -> Motion | None:
    code = command.instruction
    pan = _signed(code & 0x03, ptz.RIGHT, command.data1)
    tilt = _signed(code >> 2 & 0x03, ptz.UP >> 2, command.data2)
    zoom = _signed(code >> 4 & 0x03, ptz.ZOOM_IN >> 4, command.data3)
    return None if pan is None or tilt is None or zoom is None else Motion(pan, tilt, zoom)


def _signed(bits: int, positive: int, speed: int) -> int | None:
    """`bits` of one axis as a signed speed; None when both directions are asked for."""
    if bits == 0:
        return 0
    return None if bits == 3 else speed if bits == positive else -speed
