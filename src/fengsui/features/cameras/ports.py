"""News about cameras."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class PositionWatcher(Protocol):
    """Whoever must know where a camera looks."""

    async def about_to_move(self, camera: str) -> None:
        """An order that turns or zooms the camera is sent when this returns."""
        ...

    async def about_to_redefine(self, camera: str, preset: int) -> None:
        """An order that sets or deletes a preset is sent when this returns. What it raises, the order ends with."""
        ...

    def sent_to_preset(self, camera: str, preset: int) -> None:
        """The camera was told to go to a preset."""
        ...


@dataclass(frozen=True, slots=True)
class CatalogueProgress:
    """A catalogue is being read: `received` of `total` items (a claim of the device).

    `cut_after_s`: the reading ended at its limit of so many seconds while the device went on sending; 0: it did not.
    """

    device: str
    received: int
    total: int
    done: bool
    cut_after_s: float = 0


@dataclass(frozen=True, slots=True)
class CameraPassed:
    """A camera's code is now that of another device's channel: another picture, of which nothing was said yet."""

    code: str
    device: str


@dataclass(frozen=True, slots=True)
class CameraStatusChanged:
    """One camera's status changed."""

    code: str
    status: str
