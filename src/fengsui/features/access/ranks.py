"""Ranks of whoever approves, and who is subordinate to whom. Pure. Rules A14 to A16.

A rank stands in an appointment: it holds where the appointment does. Units form the tree of their areas: a unit lies below another
when its area lies within the other's. Somebody is subordinate to whoever belongs to the same unit, or to one above it, and has a
higher rank. People without a unit belong to the whole node, above every unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from fengsui.features.access.decision import Person
from fengsui.features.access.posts import POSTS, Function, Post


class Rank(StrEnum):
    """Of whoever approves, the lowest first."""

    DUTY_SUPERVISOR = "duty-supervisor"
    UNIT_HEAD = "unit-head"
    COUNTY_HEAD = "county-head"
    CITY_HEAD = "city-head"
    PROVINCE_HEAD = "province-head"

    @property
    def height(self) -> int:
        """The higher, the stricter; whoever has no rank is at -1."""
        return list(Rank).index(self)


NO_RANK: Final = -1
OF_POST: Final[Mapping[Post, Rank]] = {Post.DUTY_SUPERVISOR: Rank.DUTY_SUPERVISOR, Post.COMMANDER: Rank.UNIT_HEAD}
"""What a post is worth when the appointment says nothing."""
RANK_TEXTS: Final[Mapping[Rank, tuple[str, str]]] = {
    Rank.DUTY_SUPERVISOR: ("值班长", "duty supervisor"),
    Rank.UNIT_HEAD: ("单位负责人", "unit head"),
    Rank.COUNTY_HEAD: ("县级机关负责人", "head at county level"),
    Rank.CITY_HEAD: ("市级机关负责人", "head at city level"),
    Rank.PROVINCE_HEAD: ("省级机关负责人", "head at province level"),
}


def rank_in(post: Post, stated: str) -> Rank | None:
    """Of an appointment: what it states, else what the post is worth."""
    return Rank(stated) if stated else OF_POST.get(post)


def text_of(rank: Rank | None) -> tuple[str, str]:
    """In both languages."""
    return ("无级别", "no rank") if rank is None else RANK_TEXTS[rank]


def rank_of(person: Person, *, now: float, function: Function | None = None, area: str | None = None) -> Rank | None:
    """The highest of the appointments in force; with `function`, of those that give it; with `area`, that hold all of it."""
    held = [
        rank_in(one.post, one.rank)
        for one in person.appointments
        if one.since <= now < one.until
        and (function is None or function in POSTS[one.post])
        and (area is None or area.startswith(one.area))
    ]
    return max((one for one in held if one is not None), key=lambda one: one.height, default=None)


def height_of(rank: Rank | None) -> int:
    """`NO_RANK` for none."""
    return NO_RANK if rank is None else rank.height


def is_subordinate(person: Person, to: Person, *, now: float) -> bool:
    """Whether `to` stands above `person` in the chain of command."""
    same = (person.area, person.unit) == (to.area, to.unit)
    below = person.area != to.area and person.area.startswith(to.area)
    return (same or below) and height_of(rank_of(to, now=now)) > height_of(rank_of(person, now=now))
