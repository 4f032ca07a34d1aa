"""Which of a host's points each of those is that somebody enters: by its number, else by its zone. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fengsui.features.alarms.model import AlarmPoint, NewPoint, UnusableAlarmHost, zone_of


def points_that_stay(before: Mapping[str, AlarmPoint], points: Sequence[NewPoint]) -> dict[str, AlarmPoint]:
    """By their zone as it is to be. A point that is given another zone stays the point that it is.

    `before`: by zone, as `zone_of` has it. Raises UnusableAlarmHost: a number that no point of the host has, or that two have.
    """
    mine = {one.id: one for one in before.values()}
    named = [one.id for one in points if one.id is not None]
    if any(one not in mine for one in named):
        raise UnusableAlarmHost(why_zh="该主机没有这个报警点", why_en="the host has no such point")
    if len(set(named)) < len(named):
        raise UnusableAlarmHost(why_zh="报警点重复", why_en="a point is named twice")
    found = {}
    for one in points:
        zone = zone_of(one.zone)
        there = mine[one.id] if one.id is not None else before.get(zone)
        if there is not None and (one.id is not None or there.id not in named):
            found[zone] = there
    return found
