"""What higher rooms promise masks, and news about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fengsui.picture_worker import MaskPlan


class Renditions(Protocol):
    """Whoever shows pictures."""

    async def hide(self, camera: str, plan: MaskPlan) -> None:
        """Every masked picture of this camera keeps `plan` when this returns, or has ended."""
        ...

    async def begin_with(self, camera: str, plan: MaskPlan) -> None:
        """After `hide`: whoever comes to a masked picture of this camera, or takes a still, gets what `plan` hides."""
        ...

    def cut_clear(self, camera: str, allowed: frozenset[int]) -> None:
        """Ends every unmasked viewing of this camera but of these users."""
        ...

    def cut_masked(self, camera: str) -> None:
        """Ends every masked viewing of this camera: it has no masks any more."""
        ...


@dataclass(frozen=True, slots=True)
class MaskPositionLost:
    """A camera with masks turned; until a preset is reached its picture is black for whoever may not see it clear."""

    camera: str


@dataclass(frozen=True, slots=True)
class MasksChanged:
    """Another mask, one less, or another position."""

    camera: str
