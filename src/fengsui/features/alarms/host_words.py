"""What is said of alarm hosts: for the record, and of one whose row was changed past the node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from fengsui.features.alarms.model import AlarmHost, AlarmPoint, Arming, ChangedHost, NewHost, NewPoint, plain, zone_of
from fengsui.features.recording import Hours, text_of
from fengsui.store import SealedRow

LATEST_S: Final = 32_503_680_000.0
"""The year 3000."""


def _looks_of(one: NewPoint) -> str:
    return " ".join(of.camera + ("" if of.preset is None else f"@{of.preset}") for of in one.cameras)


def facts_of(one: AlarmPoint) -> NewPoint:
    """As it would be entered again."""
    return NewPoint(one.zone, one.name, one.kind, one.cameras, one.longitude, one.latitude, one.arming)


def _hours_of(hours: Sequence[Hours] | None) -> str:
    if hours is None:
        return ""
    return "armed " + ", ".join(f"{''.join(map(str, one.days))} {text_of(one.begin)}–{text_of(one.end)}" for one in hours)


def _arming_of(plan: Arming | None) -> str:
    return "armed at no said time" if plan is None else f"{_hours_of(plan.hours)}; grace {plan.grace_min} min"


def said_of_new(new: NewHost) -> str:
    """All of it but its key."""
    zones = ", ".join(
        " ".join(f"{one.zone} {one.name} {_looks_of(one)} {_hours_of(one.arming)}".split()) for one in new.points[:20]
    )
    more = f" … ({len(new.points)})" if len(new.points) > 20 else ""
    way = "in clear" if new.key is None else "encrypted"
    often = "" if new.supervision_s is None else f"; heard every {new.supervision_s} s, 0: may be silent"
    when = "" if new.arming is None else f"; {_arming_of(new.arming)}"
    return f"{new.protocol}; {way}; {new.area} {new.site}{often}{when}; points: {zones or 'none'}{more}"


def said_of(before: AlarmHost, new: ChangedHost, staying: Mapping[str, AlarmPoint]) -> str:
    """What is another, for the record. `staying`: points that are there already, by their zone as it is to be."""
    said = []
    if before.site != new.site:
        said.append(f"site {before.site} → {new.site}")
    if before.supervision_s != new.supervision_s:
        said.append(f"heard every {before.supervision_s} → {new.supervision_s} s")
    if before.arming != new.arming:
        said.append(f"{_arming_of(before.arming)} → {_arming_of(new.arming)}")
    then = {zone_of(one.zone): one for one in new.points}
    kept = {one.id for one in staying.values()}
    said += [f"without {one.zone} {one.name}" for one in before.points.values() if one.id not in kept]
    for zone, one in then.items():
        there = staying.get(zone)
        looks = f"{_looks_of(one)} {_hours_of(one.arming)}".strip()
        if there is None:
            said.append(f"with {one.zone} {one.name} {looks}".rstrip())
        elif one._replace(id=None) != facts_of(there):
            was = "" if zone == zone_of(there.zone) else f"{there.zone} → "
            said.append(f"{was}{one.zone}: {one.name} {looks}".rstrip())
    return "; ".join(said[:30]) + (f" … ({len(said)})" if len(said) > 30 else "")


def as_it_says(row: SealedRow, points: Sequence[AlarmPoint]) -> AlarmHost:
    """For a list, and to be removed by; not to be heard by. Whoever changed it may have written anything."""
    by_zone = {zone_of(one.zone): one for one in points}
    made_at = row.made_at if isinstance(row.made_at, float) and 0 <= row.made_at <= LATEST_S else 0.0
    account, site, area = (plain(str(one), 128) for one in (row.account, row.site, row.area))
    return AlarmHost(row.id, "dc09", account, site, area, bool(row.sealed_key), made_at, None, by_zone)
