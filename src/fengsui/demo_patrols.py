"""Units of the demonstration that somebody with a simulated phone is in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fengsui.features.access import FirstPerson, Post

Ask = Callable[[str, dict[str, Any] | None, str | None], Any]
"""The node's API as somebody at the desk: path, body and method; None: GET, or POST with a body."""


@dataclass(frozen=True, slots=True)
class Patrol:
    """A unit and who is in it."""

    call_sign: str
    kind: str
    account: str
    full_name: str


PATROLS: Final = (
    Patrol("巡逻 101", "car", "patrol-1", "模拟巡防一"),
    Patrol("巡逻 102", "foot", "patrol-2", "模拟巡防二"),
)


def patrol_people(passwords: Sequence[str]) -> list[FirstPerson]:
    """Accounts of as many as there are passwords."""
    return [
        FirstPerson(one.account, password, Post.PATROL, one.full_name, prepared=True)
        for one, password in zip(PATROLS, passwords, strict=False)
    ]


def keep_patrols(ask: Ask, count: int) -> list[Patrol]:
    """So many units with their people in them: those that can go. A folder from before has no such accounts, and none is made."""
    units = {one["call_sign"]: one for one in ask("/units", None, None)["items"]}
    manned = []
    for one in PATROLS[:count]:
        unit = units.get(one.call_sign)
        if unit is None:
            unit = ask("/units", {"call_sign": one.call_sign, "kind": one.kind, "members": [one.full_name]}, None)
        if any(who["name"] == one.account for who in unit["crew"]):
            manned.append(one)
            continue
        able = ask(f"/units/{unit['id']}/crew-candidates", None, None)["items"]
        found = [who["user_id"] for who in able if who["name"] == one.account]
        if found and not unit["crew"]:
            ask(f"/units/{unit['id']}/crew", {"users": found}, "PUT")
            manned.append(one)
    return manned
