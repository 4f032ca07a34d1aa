"""What the room tells others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IncidentChanged:
    """One has a new line. `what`: of `LineKind`; `area`: by which it is shown."""

    id: int
    number: str
    area: str
    state: str
    priority: int
    what: str
    version: int
