"""What a CAP message means as an alarm. The table stands in docs/guide/interlocks.md as well. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Final

from fengsui.features.alarm_intake.model import IntakeMalformed, Said
from fengsui.wire.cap.message import CapMessage, Info, Reference, parse
from fengsui.wire.cap.words import Category as CapCategory
from fengsui.wire.cap.words import Certainty, MessageType, Severity, Status, Urgency
from fengsui.wire.dc09.codes import Category
from fengsui.wire.errors import MalformedCap

KINDS: Final[Mapping[CapCategory, Category]] = {
    CapCategory.FIRE: Category.FIRE,
    CapCategory.SECURITY: Category.INTRUSION,
    CapCategory.RESCUE: Category.PANIC,
    CapCategory.HEALTH: Category.MEDICAL,
    CapCategory.CBRNE: Category.GAS,
}
"""All else is `technical`."""
FOR_THE_RECORD: Final = 4


def priority_of(info: Info) -> int:
    """1 lives are at stake, 2, 3, 4 for the record: what is past or unlikely is nobody's work."""
    if info.urgency is Urgency.PAST or info.certainty is Certainty.UNLIKELY:
        return FOR_THE_RECORD
    soon = info.urgency is Urgency.IMMEDIATE
    sure = info.certainty in (Certainty.OBSERVED, Certainty.LIKELY)
    if info.severity is Severity.EXTREME or (info.severity is Severity.SEVERE and soon and sure):
        return 1
    if info.severity is Severity.SEVERE or (info.severity in (Severity.MODERATE, Severity.UNKNOWN) and soon):
        return 2
    return 3


def id_of(one: Reference) -> str:
    """Sender, identifier and time, whatever zone it is written in."""
    return json.dumps(["cap", one.sender, one.identifier, one.sent.astimezone(UTC).isoformat()])


def subject_of(one: Reference, status: Status) -> str:
    """What messages about one event have in common: 16 hexadecimal digits of the first. What is tried is about nothing real."""
    tried = "" if status is Status.ACTUAL else status.value
    return hashlib.sha256((tried + id_of(one)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def said_by(message: CapMessage) -> Said:
    """Raises IntakeMalformed for what is no Alert, Update or Cancel, or says nothing."""
    if message.kind not in (MessageType.ALERT, MessageType.UPDATE, MessageType.CANCEL):
        raise IntakeMalformed(why=f"msgType {message.kind.value}: only Alert, Update and Cancel are taken")
    over = message.kind is MessageType.CANCEL
    info = next((one for one in message.infos if one.language.lower().startswith("zh")), next(iter(message.infos), None))
    if info is None and not over:
        raise IntakeMalformed(why="an alert without info")
    area = info.areas[0] if info is not None and info.areas else None
    middle = None if area is None else area.middle
    words = [] if info is None else [info.headline or info.event, info.description]
    if message.status is not Status.ACTUAL:
        words.insert(0, f"[{message.status.value}]")
    actual = message.status is Status.ACTUAL and info is not None
    return Said(
        id=id_of(message.own),
        kind=Category.TECHNICAL if info is None else KINDS.get(info.categories[0], Category.TECHNICAL),
        change="restored" if over else "new",
        told_priority=priority_of(info) if actual and info is not None else FOR_THE_RECORD,
        at=message.own.sent.timestamp(),
        area="",
        point="",
        place="" if area is None else area.description,
        longitude=None if middle is None else middle[1],
        latitude=None if middle is None else middle[0],
        text=" ".join(one for one in (*words, message.note) if one),
        event="" if info is None else info.event,
        cameras=(),
        subject=subject_of((message.references or (message.own,))[0], message.status),
        follows=tuple(id_of(one) for one in message.references) if message.status is Status.ACTUAL else (),
    )


def read_cap(raw: bytes) -> Said:
    """Of CAP 1.2. Raises IntakeMalformed, which repeats nothing of what was sent."""
    try:
        return said_by(parse(raw))
    except MalformedCap as error:
        raise IntakeMalformed(why=str(error)) from error
