"""The eight-byte PTZ command. Source: GB/T 28181-2022 A.3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fengsui.wire.errors import MalformedPtz

FIRST_BYTE: Final = 0xA5
ADDRESS: Final = 1
RIGHT, LEFT, DOWN, UP, ZOOM_IN, ZOOM_OUT = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
FOCUS_FAR, FOCUS_NEAR, IRIS_OPEN, IRIS_CLOSE = 0x41, 0x42, 0x44, 0x48
LENS_STOP: Final = 0x40
PRESET_SET, PRESET_GO, PRESET_DELETE = 0x81, 0x82, 0x83
CRUISE_ADD, CRUISE_DELETE, CRUISE_SPEED, CRUISE_STAY, CRUISE_START = 0x84, 0x85, 0x86, 0x87, 0x88
SCAN, SCAN_SPEED = 0x89, 0x8A
SCAN_START, SCAN_LEFT, SCAN_RIGHT = 0, 1, 2
SWITCH_ON, SWITCH_OFF = 0x8C, 0x8D
WIPER: Final = 1
MAX_PRESET: Final = 255
MAX_TWELVE_BITS: Final = 0xFFF


@dataclass(frozen=True, slots=True)
class PtzCommand:
    """`instruction` is byte 4; `data1`, `data2` bytes 5 and 6; `data3` the high nibble of byte 7."""

    instruction: int
    data1: int = 0
    data2: int = 0
    data3: int = 0

    @classmethod
    def parse(cls, text: str) -> PtzCommand:
        """Raises MalformedPtz unless 16 hexadecimal digits with a right first byte and checksum; any address is taken."""
        try:
            octets = bytes.fromhex(text.strip())
        except ValueError as error:
            raise MalformedPtz(f"{text[:40]!r} is not hexadecimal") from error
        if len(octets) != 8 or octets[0] != FIRST_BYTE:
            raise MalformedPtz(f"{text[:40]!r} is not eight bytes beginning with A5")
        if sum(octets[:7]) & 0xFF != octets[7]:
            raise MalformedPtz(f"{text[:40]!r} has checksum {octets[7]:02X}, {sum(octets[:7]) & 0xFF:02X} expected")
        return cls(octets[3], octets[4], octets[5], octets[6] >> 4)

    def to_text(self) -> str:
        """16 upper-case hexadecimal digits."""
        octets = bytes((FIRST_BYTE, 0x0F, ADDRESS, self.instruction, self.data1, self.data2, self.data3 << 4))
        return (octets + bytes((sum(octets) & 0xFF,))).hex().upper()


STOP: Final = PtzCommand(0)


def move(*, pan: int = 0, tilt: int = 0, zoom: int = 0) -> PtzCommand:
    """Signed speeds: pan and tilt -255 to 255 (right and up positive), zoom -15 to 15 (in positive). All zero stops."""
    instruction = (RIGHT if pan > 0 else LEFT if pan < 0 else 0) | (UP if tilt > 0 else DOWN if tilt < 0 else 0)
    instruction |= ZOOM_IN if zoom > 0 else ZOOM_OUT if zoom < 0 else 0
    return PtzCommand(instruction, min(255, abs(pan)), min(255, abs(tilt)), min(15, abs(zoom)))


def lens(instruction: int, speed: int) -> PtzCommand:
    """FOCUS_… or IRIS_… at `speed` 0 to 255."""
    iris = instruction in (IRIS_OPEN, IRIS_CLOSE)
    return PtzCommand(instruction, 0 if iris else speed, speed if iris else 0)


def preset(instruction: int, number: int) -> PtzCommand:
    """PRESET_SET, PRESET_GO or PRESET_DELETE of preset 1 to 255 (0 is reserved)."""
    if not 1 <= number <= MAX_PRESET:
        raise MalformedPtz(f"preset {number} is not 1 to {MAX_PRESET}")
    return PtzCommand(instruction, 0, number)


def cruise_point(instruction: int, group: int, preset_number: int) -> PtzCommand:
    """CRUISE_ADD or CRUISE_DELETE of a preset in a tour 0 to 255; deleting preset 0 deletes the whole tour."""
    lowest = 0 if instruction == CRUISE_DELETE else 1
    if not lowest <= preset_number <= MAX_PRESET:
        raise MalformedPtz(f"preset {preset_number} is not {lowest} to {MAX_PRESET}")
    return PtzCommand(instruction, _octet(group), preset_number)


def cruise_setting(instruction: int, group: int, value: int) -> PtzCommand:
    """CRUISE_SPEED, CRUISE_STAY (seconds) or SCAN_SPEED of a group: twelve bits, the high four in byte 7."""
    if not 0 <= value <= MAX_TWELVE_BITS:
        raise MalformedPtz(f"{value} is not 0 to {MAX_TWELVE_BITS}")
    return PtzCommand(instruction, _octet(group), value & 0xFF, value >> 8)


def cruise_start(group: int) -> PtzCommand:
    """Begins a tour; STOP ends it."""
    return PtzCommand(CRUISE_START, _octet(group))


def scan(group: int, what: int) -> PtzCommand:
    """SCAN_START, or SCAN_LEFT and SCAN_RIGHT to keep the present view as a border; STOP ends it."""
    if what not in (SCAN_START, SCAN_LEFT, SCAN_RIGHT):
        raise MalformedPtz(f"scan step {what} is not 0, 1 or 2")
    return PtzCommand(SCAN, _octet(group), what)


def switch(number: int, *, on: bool) -> PtzCommand:
    """An auxiliary switch; WIPER is number 1."""
    return PtzCommand(SWITCH_ON if on else SWITCH_OFF, _octet(number))


def _octet(value: int) -> int:
    if not 0 <= value <= 0xFF:
        raise MalformedPtz(f"{value} is not 0 to 255")
    return value
