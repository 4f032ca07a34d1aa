"""Rows of the store as values, and back."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from fengsui.errors import FengsuiError
from fengsui.features.approvals.model import OPEN, Asked, Difference, Direction, Document, Person, Sealed, State
from fengsui.features.approvals.ports import Description
from fengsui.features.approvals.queries import Row


def content_of(row: Row) -> Any:
    """What will happen. Raises ValueError when the stored text was broken."""
    return json.loads(row.content)


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a request came to nothing. `code`: of what the node refused; empty where it is a person's own words."""

    code: str
    zh: str
    en: str


def reason_of(error: FengsuiError) -> str:
    """As it is stored where the node ends a request."""
    return f"{error.code}: {error.text_zh} / {error.text_en}"


def ending_of(row: Row) -> Ending | None:
    """None: nobody said why, or it has not ended."""
    said = row.ended_reason
    if not said:
        return None
    code, _, texts = said.partition(": ")
    zh, _, en = texts.partition(" / ")
    return Ending(code, zh, en) if en and row.state == State.VOID else Ending("", said, said)


def document_text(document: Document | None) -> str:
    """As it is stored."""
    return "" if document is None else json.dumps(asdict(document), ensure_ascii=False)


def document_of(row: Row) -> Document | None:
    """Raises ValueError, TypeError when the stored text was broken."""
    return Document(**json.loads(row.document)) if row.document else None


def asked_of(row: Row) -> Asked:
    """As a kind sees it; what was broken in the store is None: such a request is dropped, never applied."""
    content: Any = None
    document: Document | None = None
    with suppress(ValueError, TypeError):
        content, document = content_of(row), document_of(row)
    return Asked(row.id, content, row.reason, document, row.asked_name, row.decided_name, row.due_at)


def sealed_of(row: Row) -> Sealed:
    """What the row's seal speaks for."""
    asked = Person(row.asked_by, row.asked_session, row.asked_address, row.asked_workstation)
    approved = (row.decided_by, row.due_at, row.decided_at, row.decided_name)
    ended = next((state for state in State if state == row.state and state not in OPEN), None)
    return Sealed(row.id, row.hash, row.reason, row.asked_name, asked, row.expires_at, *approved, ended)


def told_text(description: Description) -> str:
    """The description at the time of asking: what the history shows when the base is another one."""
    return json.dumps(asdict(description), ensure_ascii=False)


def description_of(row: Row) -> Description:
    """What was told when it was asked for."""
    facts = json.loads(row.told)
    differences = tuple(Difference(**{**one, "direction": Direction(one["direction"])}) for one in facts.pop("differences"))
    return Description(**facts, differences=differences)
