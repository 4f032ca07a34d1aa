"""What the groups of an identity provider give: appointments, and what has to change for it. Pure. Rules A7 and A35."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from fengsui.features.access.posts import OFFICES, POSTS, CameraClass, Function, Post, classes_of, conflict_of, mask_of
from fengsui.single_sign_on_settings import GroupSection

WAITS = 253_402_300_799.0
"""When an appointment begins that waits for a local person: the end of the year 9999."""


def begins(post: Post, now: float) -> float:
    """When what a group gives is in force: an office, or a post that approves, only once somebody of this node has accepted it."""
    return WAITS if post in OFFICES or Function.APPROVE in POSTS[post] else now


@dataclass(frozen=True, slots=True)
class Given:
    """An appointment by a group. `classes`: bits of `posts.CLASS_BIT`."""

    group: str
    post: Post
    area: str
    classes: int

    def __str__(self) -> str:
        """For the record."""
        return f"{self.post} in {self.area or '*'} for {'+'.join(classes_of(self.classes))} by the group {self.group}"


class Held(Protocol):
    """A stored appointment."""

    id: int
    post: str
    area: str
    classes: int
    valid_until: float | None
    given_by_group: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What a sign-in does to the appointments of one person."""

    ended: tuple[Held, ...]
    added: tuple[Given, ...]
    kept: tuple[Held, ...]


class GroupMapping:
    """The entries of one provider's settings."""

    def __init__(self, entries: Iterable[GroupSection]) -> None:
        self._given = tuple(Given(one.group, Post(one.post), one.area, mask_of(map(CameraClass, one.classes))) for one in entries)

    def __str__(self) -> str:
        """For the record."""
        return "; ".join(map(str, self._given))

    def given_to(self, groups: Collection[str]) -> tuple[Given, ...]:
        """What somebody in these groups holds, each once."""
        return tuple(dict.fromkeys(one for one in self._given if one.group in groups))


def changes(held: Iterable[Held], wanted: Sequence[Given], now: float) -> Changes:
    """From what a person holds (not withdrawn) to what the groups give; what others appointed to is left alone.

    What has ended by itself is not taken up again but given anew, so that the gap stays visible.
    """
    mine = [one for one in held if one.given_by_group]
    kept: dict[Given, Held] = {}
    for one in mine:
        same = Given(one.given_by_group, Post(one.post), one.area, one.classes)
        if same in wanted and (one.valid_until is None or one.valid_until > now):
            kept.setdefault(same, one)
    kept_ids = {one.id for one in kept.values()}
    return Changes(
        ended=tuple(one for one in mine if one.id not in kept_ids),
        added=tuple(one for one in wanted if one not in kept),
        kept=tuple(kept.values()),
    )


def conflict(held: Iterable[Held], wanted: Sequence[Given], now: float, elsewhere: Iterable[Held] = ()) -> tuple[Post, Post] | None:
    """Two posts that one person must not hold together, among what the groups give and what others appointed to.

    `elsewhere`: what other accounts of the same human being hold.
    """
    others = [one for one in held if not one.given_by_group]
    others = [one for one in (*others, *elsewhere) if one.valid_until is None or one.valid_until > now]
    return conflict_of([*(Post(one.post) for one in others), *(one.post for one in wanted)])


def groups_in(claims: object, path: str) -> tuple[str, ...]:
    """The groups that a token or userinfo names under `path`: a list of texts, or one text; none where there is nothing such.

    A name that holds dots itself goes before an object within an object.
    """
    found: object = None
    if isinstance(claims, dict):
        found = claims.get(path)
        if found is None and "." in path:
            first, _, rest = path.partition(".")
            return groups_in(claims.get(first), rest)
    if isinstance(found, str):
        return (found,)
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()
