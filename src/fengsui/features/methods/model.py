"""What a method says, in which states it stands, and what is refused about it. Pure. Times: seconds since 1970.

A method is about a kind of matter: how it is gone about, by which signs of places and times, with which cameras. It has no field
for a person, and a number of an identity card or a mobile telephone in its words is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import msgspec

from fengsui.features.incidents import IncidentKind
from fengsui.features.methods.errors import UnusableMethod

MOST_METHODS: Final = 500
"""Of one node: all are in memory, and searched there."""
MOST_SAID: Final = 300
MOST_OF_INCIDENT: Final = 20
State = Literal["draft", "published", "withdrawn"]
NEXT: Final[Mapping[State | None, frozenset[State]]] = {
    None: frozenset(("draft", "published")),
    "draft": frozenset(("draft", "published", "withdrawn")),
    "published": frozenset(("published", "withdrawn")),
    "withdrawn": frozenset(("withdrawn", "published")),
}
"""Where a version may lead; None: it is new. What was published once is known, so it is no draft again."""
_OF_A_PERSON: Final = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?!\d)")
"""Numbers of identity cards (GB 11643) and of mobile telephones; the 20 digits of a camera are neither."""


class Words(msgspec.Struct, frozen=True):
    """What it says. `steps`: how one goes about it; `places`: signs of places and times; `cameras`: which are of use, and how."""

    kinds: tuple[IncidentKind, ...]
    steps: str
    places: str = ""
    cameras: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Method:
    """As it stands. It is for its area and what lies within."""

    id: int
    title: str
    area: str
    state: State
    words: Words
    version: int = 1
    changed_at: float = 0.0
    changed_by: str = ""

    @property
    def said(self) -> str:
        """For the record: its digest is of all that it says."""
        digest = hashlib.sha256(msgspec.json.encode(self.words)).hexdigest()
        kinds = " ".join(self.words.kinds)
        return f"{self.title[:MOST_SAID]}; version {self.version}; {self.state}; {kinds}; sha256 {digest}"

    @property
    def _searched(self) -> str:
        texts = (self.title, *self.words.tags, self.words.steps, self.words.places, self.words.cameras)
        return "\n".join(texts).casefold()

    def meets(self, kind: IncidentKind | None, words: Sequence[str]) -> bool:
        """Whether it is for that kind of matter and has every one of the words somewhere."""
        if kind is not None and kind not in self.words.kinds:
            return False
        text = self._searched
        return all(one.casefold() in text for one in words)

    def changed(self, draft: Method, at: float, by: str) -> Method:
        """The next version, which says what the draft does."""
        return replace(draft, id=self.id, version=self.version + 1, changed_at=at, changed_by=by)


def check(draft: Method, before: State | None) -> None:
    """Raises UnusableMethod for words about a person, and for a state that does not follow. `before`: None where it is new."""
    if draft.state not in NEXT[before]:
        raise UnusableMethod(
            why_zh="已发布的不能退回草稿,只能撤下;新的不能直接撤下",
            why_en="what was published is withdrawn, never a draft again, and nothing begins as withdrawn",
        )
    texts = (draft.title, *draft.words.tags, draft.words.steps, draft.words.places, draft.words.cameras)
    if any(_OF_A_PERSON.search(one) for one in texts):
        raise UnusableMethod(
            why_zh="其中有证件号或手机号;技战法只写地点、时间和做法,不写人",
            why_en="it has a number of an identity card or a telephone; a method is about places, times and steps, never persons",
        )


@dataclass(frozen=True, slots=True)
class Use:
    """That a method served an incident. `version`: of the method; `area`, `number`, `month`: of the incident, the month (2026-11,
    of the node's zone) in which it was opened; `note`: how it served."""

    method: int
    incident: int
    version: int
    area: str
    number: str
    kind: str
    month: str
    opened_at: float
    note: str
    at: float
    user_id: int
    name: str
