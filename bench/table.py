"""The shape of a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; `reference` is a peer or limit of the same run, or what the issue asks for."""

    row: str
    what: str
    ours: str
    to_reach: str
    reference: str
    peak_mb: int


def markdown(figures: Sequence[Figure]) -> str:
    """The table."""
    lines = ["| row | what | ours | to reach | peer or limit | peak MB |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {figure.row} | {figure.what} | {figure.ours} | {figure.to_reach} | {figure.reference} | {figure.peak_mb} |"
        for figure in figures
    ]
    return "\n".join(lines)
