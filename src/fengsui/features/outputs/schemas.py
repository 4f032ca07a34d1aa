"""Shapes of outputs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from fengsui.features.outputs.model import LONGEST_S, State

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
AreaCode = Annotated[str, Field(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]


class OutputOrder(BaseModel):
    """An output: a siren, a lamp, a barrier. `area`: whose rules may switch it, empty: the node's own; `camera`: the code of the
    channel whose auxiliary switch it is; `switch`: the number of that (GB/T 28181 A.3.7; 1 is the wiper of many cameras).
    """

    model_config = ConfigDict(extra="forbid")
    name: Line
    area: AreaCode = ""
    camera: Annotated[str, Field(pattern=r"^[0-9]{20}$")]
    switch: Annotated[int, Field(ge=1, le=255)]


class OutputPulse(BaseModel):
    """On for so many seconds; then it goes off by itself."""

    model_config = ConfigDict(extra="forbid")
    seconds: Annotated[int, Field(ge=1, le=LONGEST_S)] = 10


class OutputShape(BaseModel):
    """An output, and what the device was told last; the device itself tells no state of it.

    `state`: `switching`: the device has not heard yet; `off-owed`: it has not heard to go off, and is told again. `until`: of one
    that is on; `by`, `at`: of the last order; `fault`: what failed in it. `camera`: empty where one may not see it. `distrusted`:
    its row was changed past the node, and it is not switched on.
    """

    id: int
    name: str
    area: str
    area_name: str
    camera: str
    switch: int
    state: State
    until: datetime | None
    by: str
    at: datetime | None
    fault: str
    distrusted: bool


class OutputList(BaseModel):
    """By name."""

    items: list[OutputShape]
