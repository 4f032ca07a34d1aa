"""What became of recorded acts: one that did not happen after all never stands in the log as allowed alone."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field

import msgspec

from fengsui.features.audit.model import Entry, Result


@dataclass(slots=True)
class Acts:
    """The allowed acts of one request, as they stand in the log: sequence and record. Whatever outlives the request adds none."""

    open: bool = True
    written: list[tuple[int, Entry]] = field(default_factory=list)


_OF_REQUEST: ContextVar[Acts | None] = ContextVar("acts of the request", default=None)


def begin() -> Acts:
    """From here on, and in what is begun from here, records belong to this request."""
    acts = Acts()
    _OF_REQUEST.set(acts)
    return acts


def note(sequence: int, entry: Entry) -> None:
    """The record is durable. What the node or an identity provider did on the way (a request that expired, a post that a group
    no longer gives) has happened, whatever the person's own act comes to: it belongs to no session, and is not taken back.
    """
    acts = _OF_REQUEST.get()
    if acts is not None and acts.open and entry.result is Result.ALLOWED and entry.session:
        acts.written.append((sequence, entry))


def happened() -> None:
    """Something of the request is committed: the acts that it has on record so far are done, whatever its answer will be."""
    acts = _OF_REQUEST.get()
    if acts is not None and acts.open:
        acts.written.clear()


def undone(sequence: int, entry: Entry, why: str, at: str) -> Entry:
    """The record that takes another one back."""
    return msgspec.structs.replace(entry, at=at, result=Result.FAILED, detail=f"record {sequence}: {why}")
