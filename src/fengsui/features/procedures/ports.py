"""What the room tells others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProcedureRunChanged:
    """A run began, moved on or is over. `what`: `started`, `answered`, `skipped` or `reviewed`; `area`, `camera_class`: by which it
    is shown, those of its alarm or incident."""

    run: int
    name: str
    alarm: int | None
    incident: int | None
    area: str
    camera_class: str
    what: str
