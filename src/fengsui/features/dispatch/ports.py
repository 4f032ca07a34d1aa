"""What the room tells others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnitChanged:
    """Its status or what it is. `area`: by which it is shown."""

    id: int
    call_sign: str
    area: str
    status: str


@dataclass(frozen=True, slots=True)
class TaskChanged:
    """It moved on, or its time ran out (`overdue`). `area`: of its incident."""

    id: int
    incident: int
    unit: int
    area: str
    state: str
    overdue: bool
