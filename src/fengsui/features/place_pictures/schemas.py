"""Shapes of the picture of the place."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class PlaceCameraShape(BaseModel):
    """A camera of the place. `preset`: at which it shows it, where the desk has turned it there; null: as it stands."""

    camera: str
    name: str
    preset: int | None
    streams: list[Literal["main", "sub"]]


class OwnPlacePictures(BaseModel):
    """Those of the caller's own task, the first the nearest to what was reported.

    `task` null: there is none; `accepted` false: it shows nothing yet; `withheld`: cameras that the appointment does not hold.
    """

    task: int | None
    accepted: bool
    items: list[PlaceCameraShape]
    withheld: int
