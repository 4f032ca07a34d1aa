"""An incident as a CAP 1.2 message, for whoever else has to know. Pure.

Who is involved stands in no field of an incident, and so in none of these. Source: OASIS CAP 1.2 §3.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final

from fengsui.features.incidents.model import Incident
from fengsui.features.incidents.words import KIND_TEXTS, STATE_TEXTS, Disposition, IncidentKind, IncidentState
from fengsui.wire.cap.message import Area, CapMessage, Circle, Info, Reference
from fengsui.wire.cap.words import Category, Certainty, MessageType, ResponseType, Scope, Severity, Status, Urgency

RADIUS_KM: Final = 0.1
"""Around where it is said to be."""
RESTRICTION: Final = "control rooms and emergency services"
CATEGORIES: Final[Mapping[IncidentKind, Category]] = {
    IncidentKind.FIRE: Category.FIRE,
    IncidentKind.MEDICAL: Category.HEALTH,
    IncidentKind.RESCUE: Category.RESCUE,
    IncidentKind.TRAFFIC: Category.TRANSPORT,
    IncidentKind.WEATHER: Category.MET,
    IncidentKind.FACILITY: Category.INFRA,
    IncidentKind.TECHNICAL: Category.INFRA,
    IncidentKind.OTHER: Category.OTHER,
}
"""All else is Security."""
BY_PRIORITY: Final = (
    (Severity.EXTREME, Urgency.IMMEDIATE),
    (Severity.SEVERE, Urgency.IMMEDIATE),
    (Severity.MODERATE, Urgency.EXPECTED),
    (Severity.MINOR, Urgency.UNKNOWN),
)
OVER: Final = frozenset((IncidentState.CLOSED, IncidentState.ARCHIVED))
SEEN: Final = OVER | {IncidentState.VERIFIED, IncidentState.CONTROLLED, IncidentState.ON_SCENE}
IN_ERROR: Final = frozenset((Disposition.FALSE_ALARM, Disposition.CANCELLED))


def cap_of(one: Incident, sender: str, area_name: str, zone: tzinfo) -> CapMessage:
    """As it stands: its first version is an Alert, each later one an Update of that, or a Cancel where it was none. One version
    is one message. `sender`: without blanks or commas."""

    def at(seconds: float) -> datetime:
        return datetime.fromtimestamp(int(seconds), zone)

    first = Reference(sender, one.number, at(one.stamps[IncidentState.NEW]))
    outcome = None if one.outcome is None else one.outcome.main
    over = one.desk in OVER
    kind = MessageType.ALERT if one.version <= 1 else MessageType.UPDATE
    if over and outcome in IN_ERROR:
        kind = MessageType.CANCEL
    severity, urgency = BY_PRIORITY[min(max(one.priority, 1), 4) - 1]
    certainty = Certainty.OBSERVED if SEEN & {one.desk, one.state} else Certainty.POSSIBLE
    if one.desk is IncidentState.FALSE or outcome in IN_ERROR:
        certainty = Certainty.UNLIKELY
    known_place = one.latitude is not None and one.longitude is not None
    circles = (Circle(one.latitude, one.longitude, RADIUS_KM),) if known_place else ()  # type: ignore[arg-type]
    event = KIND_TEXTS[one.kind][0]
    info = Info(
        categories=(CATEGORIES.get(one.kind, Category.SECURITY),),
        event=event,
        urgency=Urgency.PAST if over else urgency,
        severity=severity,
        certainty=certainty,
        language="zh-CN",
        responses=(ResponseType.ALL_CLEAR if over else ResponseType.MONITOR,),
        headline=f"{event} · {one.place}",
        description=one.text.strip(),
        parameters=(("incident", one.number), ("state", STATE_TEXTS[one.state][0]), ("priority", str(one.priority))),
        areas=(Area(f"{area_name} {one.place}".strip(), circles=circles),),
    )
    return CapMessage(
        own=first if kind is MessageType.ALERT else Reference(sender, f"{one.number}.{one.version}", at(one.last_at)),
        status=Status.TEST if outcome is Disposition.TEST else Status.ACTUAL,
        kind=kind,
        scope=Scope.RESTRICTED,
        infos=(info,),
        references=() if kind is MessageType.ALERT else (first,),
        restriction=RESTRICTION,
    )
