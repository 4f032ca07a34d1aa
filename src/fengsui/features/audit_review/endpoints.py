"""The auditor's reader over HTTP. Reading is recorded like every other act."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Depends, Query, Response

from fengsui.clock import Clock
from fengsui.features.access import Function, Principal, require, whole_log
from fengsui.features.audit import Act, Audit, ExtractTooLarge, Found, Header, Wanted, lines_of, make_extract, stamp
from fengsui.features.audit_review.schemas import AuditPage, AuditRecordShape, CopyList, CopyShape
from fengsui.late_routes import LateRoutes

Auditor = Annotated[Principal, Depends(require(Function.READ_AUDIT))]
Reader = Annotated[Principal, Depends(whole_log)]
Word = Annotated[str, Query(max_length=128)]
EXTRACT_LIMIT = 50_000
RECORD_FIELDS = [name for name in AuditRecordShape.model_fields if name not in ("hash", "intact")]


def _shape(found: Found) -> AuditRecordShape:
    if found.record is None:
        empty = dict.fromkeys(RECORD_FIELDS, "")
        return AuditRecordShape.model_validate({**empty, "sequence": found.sequence, "hash": "", "intact": False})
    facts = {name: getattr(found.record, name) for name in RECORD_FIELDS}
    return AuditRecordShape.model_validate({**facts, "hash": found.line[:64].decode("ascii", "replace"), "intact": found.intact})


def _utc(at: datetime | None) -> str:
    """As records write it, so that it can be compared as text; a time without a zone is UTC."""
    if at is None:
        return ""
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    try:
        aware = aware.astimezone(UTC)
    except OverflowError:  # the first or last day of all days, in a zone beyond it
        aware = aware.replace(tzinfo=UTC)
    return aware.isoformat(timespec="microseconds").replace("+00:00", "Z")


def wanted_by(
    person: Word = "",
    object: Word = "",
    act: Act | Literal[""] = "",
    ticket: Word = "",
    case: Word = "",
    result: Literal["", "allowed", "refused", "failed"] = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Wanted:
    """What the auditor asks for."""
    return Wanted(person, object, str(act), ticket, case, result, _utc(since), _utc(until))


Asked = Annotated[Wanted, Depends(wanted_by)]


def router(audit: Audit, node: str, clock: Clock) -> LateRoutes:
    """The routes of the audit log."""
    routes = LateRoutes(prefix="/audit", tags=["audit"])

    def told(wanted: Wanted) -> str:
        return "; ".join(f"{name}={value}" for name, value in asdict(wanted).items() if value)

    @routes.get("", operation_id="readAudit")
    async def read(
        who: Reader,
        wanted: Asked,
        cursor: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> AuditPage:
        """Records, the newest first."""
        await audit.record(who, Act.AUDIT_READ, "audit log", range=f"cursor={cursor}" if cursor else "", detail=told(wanted))
        found = await audit.index.page(wanted, cursor, limit)
        return AuditPage(
            items=[_shape(one) for one in found],
            next=found[-1].sequence if len(found) == limit else None,
            acts=list(Act),
            fingerprint=audit.files.signer.fingerprint,
        )

    @routes.get("/extract", operation_id="extractAudit", response_class=Response)
    async def extract(who: Reader, wanted: Asked) -> Response:
        """Records with their proof, signed; `fengsui audit verify FILE --key KEY` proves it anywhere."""
        await audit.record(who, Act.AUDIT_EXTRACT, "audit log", detail=told(wanted))
        await audit.signed()
        found = await audit.index.in_files(wanted, EXTRACT_LIMIT + 1)
        if len(found) > EXTRACT_LIMIT:
            raise ExtractTooLarge(limit=EXTRACT_LIMIT)
        at = stamp(clock)
        asked = {name: value for name, value in asdict(wanted).items() if value}
        header = Header(node=node, made_at=at, made_by=who.name, asked=asked, records=len(found))
        octets = await asyncio.to_thread(make_extract, audit.files.folder, audit.files.signer, header, lines_of(found))
        name = f"audit-{node}-{clock.now():%Y%m%dT%H%M%SZ}.fengsui-audit"
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
        return Response(octets, media_type="application/octet-stream", headers=headers)

    @routes.get("/copies", operation_id="listAuditCopies")
    async def copies(who: Auditor) -> CopyList:
        """Where the checkpoints are pushed, and whether one is late."""
        states = audit.copies.states
        items = [CopyShape(place=one.place, complete_at=one.complete_at, late=one.late, what=one.what) for one in states]
        return CopyList(items=items, unsigned=audit.files.unsigned)

    @routes.get("/key", operation_id="getAuditKey", response_class=Response)
    async def key(who: Auditor) -> Response:
        """The public key in PEM. It is no secret; compare the fingerprint by another way."""
        return Response(audit.files.signer.public_pem, media_type="application/x-pem-file")

    return routes
