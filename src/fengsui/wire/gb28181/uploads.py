"""What a device says of pictures, upgrades and its readiness to send. Source: GB/T 28181-2022 A.2.5.9 to A.2.5.11, §9.13, §9.14."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.shape import Row, decimal, head, text, write_rows
from fengsui.wire.gb28181.xml_text import Fields, element


@dataclass(frozen=True, slots=True)
class SnapshotsUploaded:
    """The pictures of one order; fewer than asked for is a partial failure, and only received bytes count."""

    sn: int
    device_id: str
    session_id: str
    files: tuple[str, ...] = ()

    @classmethod
    def read(cls, sn: int, device_id: str, fields: Fields) -> SnapshotsUploaded:
        """Takes one list of n names and n lists of one."""
        files = [found.text or "" for found in fields.element.iter() if found.tag.lower() == "snapshotfileid"]
        return cls(sn, device_id, fields.text("SessionID"), tuple(name.strip() for name in files if name.strip()))

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        names = "".join(element("SnapShotFileID", name) for name in self.files)
        listed = f"<SnapShotList>\r\n{names}</SnapShotList>\r\n"
        return [*head("UploadSnapShotFinished", self.sn, self.device_id), element("SessionID", self.session_id), listed]


@dataclass(frozen=True, slots=True)
class UpgradeResult:
    """How an upgrade ended. `failure` 01 download, 02 package, 03 system, 99 other; empty when it is well."""

    sn: int
    device_id: str
    session_id: str = ""
    result: str = ""
    firmware: str = ""
    failure: str = ""

    ROWS: ClassVar[tuple[Row, ...]] = (
        text("session_id", "SessionID"),
        text("result", "UpgradeResult"),
        text("firmware", "Firmware"),
        text("failure", "UpgradeFailedReason"),
    )

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("DeviceUpgradeResult", self.sn, self.device_id), write_rows(self, edition)]


@dataclass(frozen=True, slots=True)
class ReadyToSend:
    """A moving device can push live video now; the platform may call it."""

    sn: int
    device_id: str
    time: str = ""
    longitude: float | None = None
    latitude: float | None = None

    ROWS: ClassVar[tuple[Row, ...]] = (
        text("time", "Time"),
        decimal("longitude", "Longitude"),
        decimal("latitude", "Latitude"),
    )

    def parts(self, edition: Edition) -> list[str]:
        """The elements of the body."""
        return [*head("VideoUploadNotify", self.sn, self.device_id), write_rows(self, edition)]
