"""Shapes of privacy masks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from fengsui.features.masks.model import CORNERS
from fengsui.picture_worker import UNITS

Share = Annotated[int, Field(ge=0, le=UNITS)]


class MaskOrder(BaseModel):
    """`points`: corners [x, y] in ten-thousandths of width and height; none: nothing is to be hidden at this preset."""

    preset: Annotated[int, Field(ge=0, le=255)] = 0
    name: Annotated[str, Field(max_length=128)] = ""
    points: Annotated[list[tuple[Share, Share]], Field(max_length=CORNERS)]


class MaskedViewOrder(MaskOrder):
    """A mask with which a view that is black is seen, and why."""

    reason: Annotated[str, Field(min_length=2, max_length=500)]


class MaskShape(BaseModel):
    """One mask. `preset` 0: of a camera that does not turn. `valid` false: it was drawn on a view that is no more (its preset was
    set anew or deleted, or a camera that does not turn was turned), and hides nothing.
    """

    id: int
    preset: int
    name: str
    points: list[tuple[int, int]]
    valid: bool


class MaskList(BaseModel):
    """A camera's masks. `position`: the preset at which it is known to look, 0 for a camera that does not turn, None: not known.

    `lifted_until`: the masks are lifted for whoever asks.
    """

    turns: bool
    position: int | None
    lifted_until: datetime | None
    items: list[MaskShape]


class MaskRemovalOrder(BaseModel):
    """Why it need not be hidden any more."""

    reason: Annotated[str, Field(min_length=2, max_length=500)]


class MaskLiftOrder(BaseModel):
    """How long and why; the caller's open use ticket stands behind it."""

    minutes: Annotated[int, Field(ge=1, le=720)]
    reason: Annotated[str, Field(min_length=2, max_length=500)]
