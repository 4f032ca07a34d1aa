"""Shapes of what is kept of other nodes' logs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from fengsui.features.neighbours.findings import Finding


class NeighbourFinding(BaseModel):
    """What is wrong with a neighbour's log. `record`: of that log, 0 where it cannot be said; `ended_at` null: open."""

    kind: Finding
    zh: str
    en: str
    first_at: datetime
    last_at: datetime
    times: int
    record: int
    detail: str
    ended_at: datetime | None
    ended_by: str
    note: str


class NeighbourLog(BaseModel):
    """A node whose checkpoints are kept here, up to record `last`; `claimed`: where it says its log stands, 0 before it spoke.

    `signed_at`: when the last one was signed, by its clock; `heard_at` null: nothing was heard since the start.
    """

    code: str
    fingerprint: str
    last: int
    claimed: int
    signed_at: str
    heard_at: datetime | None
    silent: bool
    findings: list[NeighbourFinding]


class NeighbourLogs(BaseModel):
    """`bus`: none, connected or away; `what`: why it is away."""

    items: list[NeighbourLog]
    bus: Literal["none", "connected", "away"]
    what: str


class Review(BaseModel):
    """What came of looking at it."""

    note: Annotated[str, Field(min_length=1, max_length=500)]
