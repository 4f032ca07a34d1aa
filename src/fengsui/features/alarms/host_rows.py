"""The events of a frame as rows: what the host was called then stays with its alarm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fengsui.features.alarms.model import FOR_THE_RECORD, LONGEST_NUMBER, LONGEST_TEXT, AlarmHost, AlarmPoint, plain, priority_of
from fengsui.wire.dc09.events import Report

OF_A_HOST: Final = {
    **{"protocol": "dc09", "device": "", "camera_class": "", "method": None, "alarm_type": "", "event_type": ""},
    **{"told_priority": None, "longitude": None, "latitude": None, "tested": False, "unarmed": False},
    **{"point_id": None, "point": "", "point_kind": "", "camera": ""},
}
"""What devices tell and hosts do not, and what is seldom so."""


def point_of(host: AlarmHost, one: Report) -> AlarmPoint | None:
    """Where it happened; None: no point is known there, or it is of a user."""
    return None if one.meaning.user else host.point_at(one.number)


def said_of(one: Report) -> Mapping[str, Any]:
    """What an event says of itself, whichever host tells it."""
    meaning = one.meaning
    return {
        "section": plain(one.area, 16),
        "number": plain(one.number, LONGEST_NUMBER),
        "is_user": meaning.user,
        "code_table": one.table,
        "code": one.code,
        "known": meaning.known,
        "change": one.change.value,
        "category": meaning.category.value,
        "priority": priority_of(one),
        "text": plain(one.text, LONGEST_TEXT),
        "held_back": one.old,
    }


def facts_of(
    host: AlarmHost,
    said: Mapping[str, Any],
    point: AlarmPoint | None,
    sequence: str,
    *,
    encrypted: bool,
    sent_at: float | None,
    tested: bool = False,
    unarmed: bool = False,
) -> Mapping[str, Any]:
    """Of one event, by `said_of` and `point_of`. `sent_at`: by the host's clock, seconds since 1970. `tested`: its point is in
    test, and nobody is called; `unarmed`: it is not armed, and nobody is either."""
    facts = {
        **OF_A_HOST,
        **said,
        "host_id": host.id,
        "account": host.account,
        "site": host.site,
        "area": host.area,
        "sequence": sequence,
        "encrypted": encrypted,
        "sent_at": sent_at,
    }
    if tested or unarmed:
        facts |= {"priority": FOR_THE_RECORD, "tested": tested, "unarmed": unarmed}
    if point is not None:
        facts |= {"point_id": point.id, "point": point.name, "point_kind": point.kind, "camera": point.camera}
        facts |= {"longitude": point.longitude, "latitude": point.latitude}
    return facts
