"""A policy pack: bytes → values or a named error. Pure.

The file is one line `fengsui-policy-1 <key> <signature>` and then a TOML document in UTF-8, which is what is signed, byte by
byte: `key` is the first 16 hexadecimal digits of the SHA-256 of the publisher's raw public key, `signature` the Ed25519
signature over the line `fengsui-policy-1` and the document. Nothing is encoded anew to be verified.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fengsui.features.access import Rank
from fengsui.features.policy.errors import BelowLegalFloor, EmptyCeiling, FloorAboveCeiling, MalformedPack
from fengsui.features.policy.model import (
    RECORDED,
    TEXTS,
    CaseNumber,
    DataClass,
    Gated,
    LiveWithoutCentre,
    Purpose,
    SignOnFactor,
    SignOnHours,
    TwoPersonAct,
    UnknownCase,
)

MAX_BYTES: Final = 128 << 10
LEGAL_LOG_DAYS: Final = 184
"""The longest six calendar months (Cybersecurity Law)."""
HOURS_OF_30_DAYS: Final = 720
Days = Annotated[int, Field(ge=0, le=36_500, strict=True)]
Hours = Annotated[int, Field(ge=1, le=HOURS_OF_30_DAYS, strict=True)]
Sentence = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Part(BaseModel):
    """A table of the document; unknown names are refused, so that a misspelt one is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Part):
    """Both languages."""

    zh: Sentence
    en: Sentence


class Bounds(Part):
    """How long a class is kept, in days. `ceiling_days` is there in every pack that `read` gives."""

    floor_days: Days
    ceiling_days: Days | None = None
    basis: Sentence


class OlderData(Part):
    """From which age on a higher approver is needed (rule A8)."""

    gate_days: Days


class ApprovalRule(Part):
    """Who approves an act, and whether it needs a paper (rule A16)."""

    rank: Rank
    document: bool = Field(strict=True)


class PurposeRule(Part):
    """What a purpose opens."""

    functions: Annotated[frozenset[Gated], Field(min_length=1)]
    case_number: CaseNumber
    basis: Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=20)]
    """Legal bases, of which a ticket names one."""


class Tickets(Part):
    """Use tickets (rule A1)."""

    default_hours: Hours
    longest_hours: Hours
    without_case_hours: Hours = 24
    """The longest of one that names no case, where its purpose lets that be; it is not renewed beyond."""
    unknown_case: UnknownCase = UnknownCase.UNTIL_NIGHT
    """What becomes of one whose number a register that answers does not know (rule A3)."""


class Duty(Part):
    """Live viewing on duty (rule A5). A pack that does not say takes the narrower for areas without a centre."""

    live_without_centre: LiveWithoutCentre = LiveWithoutCentre.REFUSED
    sign_on_factor: SignOnFactor = SignOnFactor.NONE
    sign_on_hours: SignOnHours = SignOnHours.CHECKED
    """Whether whoever signs on must have rested; a roster keeps the rest in any case."""
    shift_hours: Annotated[int, Field(ge=1, le=24, strict=True)] = 12
    """The longest time on duty without a rest between."""
    rest_hours: Annotated[int, Field(ge=1, le=24, strict=True)] = 8
    overtime_hours: Annotated[int, Field(ge=0, le=12, strict=True)] = 4
    """The most by which a supervisor extends that, by name."""


class Emergency(Part):
    """Access without a ticket for danger to life (rules A58, A59)."""

    minutes: Annotated[int, Field(ge=1, le=30, strict=True)]
    report_hours: Annotated[int, Field(ge=1, le=24, strict=True)]
    verdict_hours: Annotated[int, Field(ge=1, le=72, strict=True)]


class Loosening(Part):
    """How long a loosening waits (rule A37)."""

    wait_hours: Annotated[int, Field(ge=24, le=HOURS_OF_30_DAYS, strict=True)]


class Pack(Part):
    """What a jurisdiction prescribes."""

    format: Annotated[int, Field(ge=1, le=1, strict=True)]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    version: Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
    publisher: Sentence
    issued_on: date
    title: Text
    loosening: Loosening
    older_data: OlderData
    tickets: Tickets
    duty: Duty = Duty()
    emergency: Emergency
    retention: Mapping[DataClass, Bounds]
    approvals: Mapping[TwoPersonAct, ApprovalRule]
    purposes: Annotated[Mapping[Purpose, PurposeRule], Field(min_length=1)]
    notices: Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")], Text] = {}

    @property
    def label(self) -> str:
        """As audit records name it."""
        return f"{self.name} {self.version}"

    def opens(self, function: Gated) -> bool:
        """Whether some purpose opens it."""
        return any(function in rule.functions for rule in self.purposes.values())


def read(document: bytes) -> Pack:
    """The document without its signature line. Raises MalformedPack, EmptyCeiling, FloorAboveCeiling, BelowLegalFloor."""
    if len(document) > MAX_BYTES:
        raise MalformedPack(what=f"> {MAX_BYTES} bytes")
    try:
        facts = tomllib.loads(document.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # TOML's errors, those of UTF-8 and of too long numbers are ValueErrors
        raise MalformedPack(what=f"TOML: {_plain(error)}") from error
    try:
        pack = Pack.model_validate(facts)
    except (ValidationError, RecursionError) as error:
        raise MalformedPack(what=_first(error)) from error
    _complete(pack)
    return pack


def _complete(pack: Pack) -> None:
    """What no type can say. Raises as `read`."""
    for one in DataClass:
        bounds = pack.retention.get(one)
        if bounds is None:
            raise MalformedPack(what=f"retention.{one}")
        zh, en = TEXTS[f"class.{one}"]
        if bounds.ceiling_days is None:
            raise EmptyCeiling(class_zh=zh, class_en=en)
        if bounds.floor_days > bounds.ceiling_days:
            raise FloorAboveCeiling(class_zh=zh, class_en=en, floor=bounds.floor_days, ceiling=bounds.ceiling_days)
    if pack.retention[DataClass.AUDIT].floor_days < LEGAL_LOG_DAYS:
        raise BelowLegalFloor(floor=pack.retention[DataClass.AUDIT].floor_days, legal=LEGAL_LOG_DAYS)
    for act in TwoPersonAct:
        if act not in pack.approvals:
            raise MalformedPack(what=f"approvals.{act}")
    for purpose, rule in pack.purposes.items():
        if rule.functions & RECORDED and rule.case_number is CaseNumber.NONE:
            raise MalformedPack(what=f"purposes.{purpose}.case_number: none, though it opens recorded functions")
    if pack.tickets.default_hours > pack.tickets.longest_hours:
        raise MalformedPack(what="tickets.default_hours > tickets.longest_hours")


def _first(error: ValidationError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    named = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in faults[:3]]
    return _plain("; ".join(named))


def _plain(what: object) -> str:
    """One line that anything can print."""
    return "".join(letter if letter.isprintable() else "�" for letter in str(what))[:300]
