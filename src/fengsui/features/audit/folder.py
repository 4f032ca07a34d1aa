"""Where the log's files lie: `<first sequence>.log` with its `<first sequence>.checkpoints`, and the public key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DIGITS = 15
KEY_FILE = "public-key.pem"


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of the log, which begins with record `first`."""

    folder: Path
    first: int

    @property
    def path(self) -> Path:
        """The records."""
        return self.folder / f"{self.first:0{DIGITS}d}.log"

    @property
    def checkpoints(self) -> Path:
        """The checkpoints of these records, one a line."""
        return self.folder / f"{self.first:0{DIGITS}d}.checkpoints"


def segments(folder: Path) -> list[Segment]:
    """In the order of their records."""
    found = [int(path.stem) for path in folder.glob("*.log") if path.stem.isdigit()]
    return [Segment(folder, first) for first in sorted(found)]


def checkpoint_files(folder: Path) -> list[Path]:
    """In the order of their records; those of removed segments stay."""
    return sorted((path for path in folder.glob("*.checkpoints") if path.stem.isdigit()), key=lambda path: int(path.stem))
