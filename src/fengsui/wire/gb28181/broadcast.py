"""The invitation to listen to a voice. Source: GB/T 28181-2022 A.2.5.5, §9.12. The device answers with a Result, then calls."""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.xml_text import element


@dataclass(frozen=True, slots=True)
class Broadcast:
    """`source_id`: who speaks (a voice input or the platform); `target_id`: a voice output, or a device for all of its outputs."""

    sn: int
    source_id: str
    target_id: str

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body; it has no DeviceID."""
        return [
            element("CmdType", "Broadcast"),
            element("SN", self.sn),
            element("SourceID", self.source_id),
            element("TargetID", self.target_id),
        ]
