"""Shapes of steering, presets and patrols."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

Move = Literal[
    "left", "right", "up", "down", "left_up", "left_down", "right_up", "right_down",
    "zoom_in", "zoom_out", "focus_near", "focus_far", "iris_open", "iris_close", "steer", "stop",
]  # fmt: skip
Axis = Annotated[int, Field(ge=-100, le=100)]
Preset = Annotated[int, Field(ge=1, le=255)]


class PtzOrder(BaseModel):
    """`speed` 1 to 100. `steer`: by `pan`, `tilt` and `zoom`, each -100 to 100; right, up and in are positive.

    `number` counts up with each order of one `line`, a name that whoever steers makes up: a movement that comes after a stop of a
    higher number is not sent. Without them orders count as they come.
    """

    action: Move
    speed: int = Field(default=50, ge=1, le=100)
    pan: Axis = 0
    tilt: Axis = 0
    zoom: Axis = 0
    line: str = Field(default="", max_length=36)
    number: int = Field(default=0, ge=0)


class CentreOrder(BaseModel):
    """A point of the picture, in shares of it from its upper left."""

    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)


class ZoomOrder(BaseModel):
    """A box on the picture, all in pixels of the window."""

    direction: Literal["in", "out"]
    window_length: int = Field(gt=0, le=16384)
    window_width: int = Field(gt=0, le=16384)
    middle_x: int = Field(ge=0, le=16384)
    middle_y: int = Field(ge=0, le=16384)
    box_length: int = Field(gt=0, le=16384)
    box_width: int = Field(gt=0, le=16384)


class TakeOrder(BaseModel):
    """`reason`: needed where somebody else steers; whoever loses the camera reads it."""

    reason: str = Field(default="", max_length=200)


class HolderShape(BaseModel):
    """Who steers a camera. `mine`: by this very sign-in; `asked_by`: whoever asks them for it, with why."""

    user_id: int
    name: str
    post: str
    until: datetime
    reason: str
    mine: bool
    asked_by: str
    asked_why: str


class SectorShape(BaseModel):
    """Where a camera may look: pan clockwise from one border to the other, tilt down positive (GB/T 28181-2022 A.2.3.1.11), zoom
    from 1; `presets`: those that may be gone to.
    """

    pan_from_deg: float = Field(ge=0, le=360)
    pan_to_deg: float = Field(ge=0, le=360)
    tilt_from_deg: float = Field(ge=-90, le=90)
    tilt_to_deg: float = Field(ge=-90, le=90)
    zoom_max: float = Field(default=1000, ge=1, le=1000)
    presets: list[Preset] = Field(default_factory=list, max_length=255)


class SteeringShape(BaseModel):
    """`holder` null: nobody steers; `patrol`: the one that the camera goes, null for none."""

    camera: str
    holder: HolderShape | None
    sector: SectorShape | None
    patrol: int | None


class SteeringList(BaseModel):
    """Of the cameras that were asked for and that one may see."""

    items: list[SteeringShape]


class PositionShape(BaseModel):
    """Where a camera says that it looks; nulls of one that does not say. `field_deg`: width of what it shows."""

    pan_deg: float | None
    tilt_deg: float | None
    zoom: float | None
    field_deg: float | None


class PresetShape(BaseModel):
    """A preset as the camera lists it. `allowed`: it lies inside the sector, or there is none."""

    number: int
    name: str
    has_picture: bool
    allowed: bool


class PresetList(BaseModel):
    """Presets."""

    items: list[PresetShape]


class PresetName(BaseModel):
    """Name of a preset to set."""

    name: str = Field(default="", max_length=32)


class HomeOrder(BaseModel):
    """Where the camera returns to when idle; `by_node`: this node sends it there, for cameras that cannot by themselves."""

    enabled: bool
    preset: int = Field(default=1, ge=0, le=255)
    reset_time_s: int = Field(default=60, ge=0, le=86400)
    by_node: bool = False

    @model_validator(mode="after")
    def _a_preset(self) -> Self:
        if self.by_node and not self.preset:
            raise ValueError("a preset from 1 on: number 0 is the device's own")
        return self


class HomeShape(BaseModel):
    """`told`: the device itself says so; else it is what was last set here. `known` false: nothing is known."""

    known: bool
    enabled: bool
    preset: int
    reset_time_s: int
    by_node: bool
    told: bool


class StopShape(BaseModel):
    """One point of a patrol."""

    preset: Preset
    stay_s: int = Field(ge=1, le=4095)


class PatrolOrder(BaseModel):
    """A round over presets. `by_device`: the camera goes it by itself, with one time to stay for all points, the longest."""

    name: str = Field(default="", max_length=32)
    stops: list[StopShape] = Field(min_length=1, max_length=32)
    speed: int = Field(default=5, ge=1, le=15)
    by_device: bool = False


class PatrolShape(BaseModel):
    """`made_here` false: the camera tells of it, and it can only be begun there."""

    number: int
    name: str
    stops: list[StopShape]
    speed: int
    by_device: bool
    running: bool
    begun_by: str
    made_here: bool


class PatrolList(BaseModel):
    """Patrols of a camera, by number."""

    items: list[PatrolShape]
