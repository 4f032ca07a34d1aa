"""Records of a few acts, from the log's files alone, which whoever holds the database cannot change."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from fengsui.features.audit.acts import Act
from fengsui.features.audit.folder import segments
from fengsui.features.audit.model import AuditRecord, record_of


def records_of(folder: Path, acts: Collection[Act]) -> Iterator[AuditRecord]:
    """In their order. Most lines are passed over unread; hashes are not looked at, for `verify` does that. Raises OSError."""
    marks = [act.value.encode() for act in acts]
    for segment in segments(folder):
        with suppress(FileNotFoundError), segment.path.open("rb") as lines:  # removed meanwhile, as too old
            for line in lines:
                if not any(mark in line for mark in marks):
                    continue
                with suppress(ValueError):  # the end of a log can be torn
                    record = record_of(line)
                    if record.act in acts:
                        yield record
