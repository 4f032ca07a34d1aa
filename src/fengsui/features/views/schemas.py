"""Shapes of saved walls, tours and screens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from fengsui.features.views.model import LONGEST_S, MOST_STEPS, MOST_TILES, SHORTEST_S, Kind, Sharing
from fengsui.features.views.tiles import State

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"\S")]
Code = Annotated[str, Field(pattern=r"^\d{20}$")]
GridText = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/-]{1,71}$")]
Choice = Literal["auto", "main", "sub"]


class TileOrder(BaseModel):
    """A camera on a tile, and which of its streams."""

    camera: Code
    stream: Choice = "auto"


class StepOrder(BaseModel):
    """A saved view, or one camera, for so long."""

    view: Annotated[int, Field(ge=0)] = 0
    camera: Literal[""] | Code = ""
    stream: Choice = "auto"
    dwell_s: Annotated[int, Field(ge=SHORTEST_S, le=LONGEST_S)] = 15


class WallOrder(BaseModel):
    """What stands on a wall: rows of the grid parted by `/`, a sign for each cell, the same sign for the cells of one tile."""

    grid: GridText
    tiles: list[TileOrder | None] = Field(max_length=MOST_TILES)


class SentStep(WallOrder):
    """A wall of a tour, for so long."""

    dwell_s: Annotated[int, Field(ge=SHORTEST_S, le=LONGEST_S)]


class SendOrder(WallOrder):
    """A wall for a screen; with `steps` a tour that goes round there from step `from_step` on, which is that wall."""

    name: Annotated[str, Field(max_length=64)] = ""
    steps: list[SentStep] = Field(default=[], max_length=MOST_STEPS)
    from_step: Annotated[int, Field(ge=0)] = 0


class ShareOrder(BaseModel):
    """Who sees it besides its owner."""

    sharing: Sharing = Sharing.OWN
    post: Annotated[str, Field(max_length=32)] = ""
    centre: int = 0


class ViewOrder(ShareOrder):
    """Something to save: a wall, or the steps of a tour."""

    name: Name
    wall: WallOrder | None = None
    steps: list[StepOrder] | None = Field(default=None, max_length=MOST_STEPS)


class ViewChange(BaseModel):
    """What is not said stays."""

    name: Name | None = None
    share: ShareOrder | None = None
    wall: WallOrder | None = None
    steps: list[StepOrder] | None = Field(default=None, max_length=MOST_STEPS)


class ViewLine(BaseModel):
    """One of the list. `own`: one's own; `changeable`: by the reader; `pictures`: cameras, or steps of a tour."""

    id: int
    kind: Kind
    name: str
    owner: str
    own: bool
    changeable: bool
    sharing: Sharing
    post: str
    centre: int
    grid: str
    pictures: int
    changed_at: datetime


class ViewList(BaseModel):
    """What one has saved and what is shared with one."""

    items: list[ViewLine]


class TileShape(BaseModel):
    """A camera on a tile as the reader may know it: of a refused one, and of one that is gone, neither code nor name."""

    camera: str
    name: str
    ptz_type: int
    stream: Choice
    state: State


class StepShape(TileShape):
    """A step of a tour: `view` 0 for a camera; of a view that is gone, or not shared with the reader, the state says so."""

    view: int
    dwell_s: int


class ViewShape(ViewLine):
    """One in full."""

    tiles: list[TileShape | None]
    steps: list[StepShape]


class ScreenOrder(BaseModel):
    """A window that becomes a screen."""

    number: Annotated[int, Field(ge=1, le=99)]
    name: Annotated[str, Field(max_length=64)] = ""


class ScreenReport(BaseModel):
    """The window is there and shows so many pictures. `driven`: still those that were sent to it; `shown`: the number of the wall
    that came last, 0 for none.
    """

    pictures: Annotated[int, Field(ge=0, le=MOST_TILES)]
    driven: bool = False
    shown: Annotated[int, Field(ge=0)] = 0


class ScreenShape(BaseModel):
    """One screen as whoever may send to it sees it. `there` false: locked, signed out or closed."""

    id: str
    number: int
    name: str
    person: str
    own: bool
    there: bool
    pictures: int
    driven_by: str


class SentStepShape(BaseModel):
    """A step of a tour that was sent."""

    dwell_s: int
    grid: str
    tiles: list[TileShape | None]


class SentWall(BaseModel):
    """A wall, or a tour, that was sent to a screen, as whoever sits there may see it."""

    number: int
    by: str
    grid: str
    tiles: list[TileShape | None]
    name: str
    steps: list[SentStepShape]
    from_step: int


class ReportedScreen(ScreenShape):
    """`missed`: a wall that was sent while the window could not be reached, to be shown now; null for none."""

    missed: SentWall | None


class ScreenList(BaseModel):
    """Screens that one may send to."""

    items: list[ScreenShape]


class SentShape(BaseModel):
    """`refused`: pictures that the person at the screen may not see: their tiles say so."""

    refused: int
