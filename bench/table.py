"""The shape of a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEAD = ("row", "what", "ours", "peer or limit, same run", "ratio", "to reach", "peak MB, ours")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    row: str
    what: str
    ours: str
    peer: str
    """What a foreign program or a bare loop did in the same run; `—` where there is none."""
    ratio: float | None
    """How many times as good as the peer we are in the row's first figure; above 1 we are better."""
    to_reach: str
    """What the issue asks for, `—` at sizes for which it asks nothing."""
    peak_mb: int


def markdown(figures: Sequence[Figure]) -> str:
    """The table."""
    lines = [f"| {' | '.join(HEAD)} |", "|" + "---|" * len(HEAD)]
    for figure in figures:
        ratio = "—" if figure.ratio is None else f"{figure.ratio:.2f}"
        cells = (figure.row, figure.what, figure.ours, figure.peer, ratio, figure.to_reach, str(figure.peak_mb or "—"))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
