"""Retention over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Path, Query, Request

from fengsui.features.access import (
    Function,
    Principal,
    address_of,
    recorded,
    require,
    require_camera,
    require_where_it_was,
    scope_for,
)
from fengsui.features.approvals import Approvals, Document, DocumentShape, RequestShape, request_shape
from fengsui.features.audit import Act
from fengsui.features.cameras import Cameras
from fengsui.features.retention.actions import Retention
from fengsui.features.retention.holds import Holds
from fengsui.features.retention.model import KEPT_DAYS, Hold, Removal
from fengsui.features.retention.schemas import (
    ClipHoldShape,
    FolderShape,
    HoldList,
    HoldOrder,
    HoldRelease,
    HoldShape,
    RemovalList,
    RemovalShape,
    RetentionShape,
    SecondTierShape,
    StorageShape,
)
from fengsui.late_routes import LateRoutes

CameraLooker = Annotated[Principal, Depends(require_camera(Function.LOOK_AROUND))]
PastLooker = Annotated[Principal, Depends(require_where_it_was(Function.LOOK_AROUND))]
Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]
Investigator = Annotated[Principal, Depends(require(Function.VIEW_RECORDED))]
CaseWorker = Annotated[Principal, Depends(require_where_it_was(Function.OPEN_TICKET))]
"""Also when the ticket is over: a hold is looked at again months later."""
HoldId = Annotated[int, Path(ge=1, le=2**31 - 1)]


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _document(given: DocumentShape | None) -> Document | None:
    return None if given is None else Document(**given.model_dump(mode="json"))


def _removal(one: Removal) -> RemovalShape:
    return RemovalShape.model_validate(
        {
            "stream": one.stream.rpartition("/")[2],
            "day": one.day,
            "why": one.why,
            "since": _at(one.since),
            "until": _at(one.until),
            "bytes": one.size,
            "removed_at": _at(one.removed_at),
            "policy": one.policy,
            "data_class": one.data_class,
            "root": one.root.hex(),
            "digests": [digest.hex() for digest in one.digests],
        }
    )


def router(retention: Retention, holds: Holds, cameras: Cameras, approvals: Approvals) -> LateRoutes:
    """The routes of retention."""
    routes = LateRoutes(tags=["recording"])

    def hold(one: Hold, who: Principal) -> HoldShape:
        told = one.concerns(who.name, who.unit)
        return HoldShape(
            id=one.id,
            since=_at(one.since),
            until=_at(one.until),
            case_number=one.case_number if told else None,
            reason=one.reason if told else "",
            asked_by=one.asked_by,
            approved_by=one.approved_by,
            held_at=_at(one.held_at),
            review_at=_at(one.review_at),
            overdue=one.review_at <= holds.now(),
        )

    @routes.get("/cameras/{code}/retention", operation_id="getRetention")
    async def get_retention(request: Request, who: CameraLooker, code: str) -> RetentionShape:
        """How long this camera's footage is kept, what is held, and what it takes on disk."""
        camera, scope = await cameras.kept.get(code), scope_for(request, who, Function.LOOK_AROUND)
        held = [one for one in holds.of(code) if camera.is_within(scope, one.since, one.until)]
        bounds, forecast = await retention.bounds_of(code), await retention.forecast_of(code)
        return RetentionShape.model_validate(
            {
                "camera": code,
                "data_class": None if bounds is None else bounds.data_class.value,
                "floor_days": None if bounds is None else bounds.floor,
                "ceiling_days": None if bounds is None else bounds.ceiling,
                "basis": "" if bounds is None else bounds.basis,
                "bytes_a_day": forecast.a_day,
                "stored_bytes": forecast.stored,
                "away_bytes": forecast.away,
                "oldest": None if forecast.oldest is None else _at(forecast.oldest),
                "held": len(held),
                "overdue": sum(one.review_at <= holds.now() for one in held),
            }
        )

    @routes.get("/cameras/{code}/footage-holds", operation_id="listFootageHolds")
    async def list_holds(request: Request, who: CaseWorker, code: str) -> HoldList:
        """What of this camera's footage is held, for which case, and until when somebody looks again.

        The case is told to whoever asked, their unit, and whoever approved. Where the camera came back elsewhere, each hold is told
        to those whose the footage was.
        """
        camera, scope = await cameras.kept.get(code), scope_for(request, who, Function.OPEN_TICKET)
        clips = [
            ClipHoldShape(
                since=_at(one.span[0]),
                until=_at(one.span[1]),
                asked_by=one.asked_by,
                approved_by=one.approved_by,
                held_until=_at(one.until),
            )
            for one in await holds.clips_of(code)
            if camera.is_within(scope, *one.span)
        ]
        items = [hold(one, who) for one in holds.of(code) if camera.is_within(scope, one.since, one.until)]
        return HoldList(camera=code, items=items, clips=clips, needs_document=holds.needs_document)

    @routes.get("/cameras/{code}/footage-removals", operation_id="listFootageRemovals")
    async def list_removals(
        request: Request,
        who: PastLooker,
        code: str,
        days: Annotated[int, Query(ge=1, le=KEPT_DAYS)] = KEPT_DAYS,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
    ) -> RemovalList:
        """What was removed of this camera, with the digests under each root that the audit log has."""
        camera, scope = await cameras.kept.get(code), scope_for(request, who, Function.LOOK_AROUND)
        found = await retention.removals_of(code, days, limit)
        return RemovalList(camera=code, items=[_removal(one) for one in found if camera.is_within(scope, one.since, one.until)])

    @routes.post("/cameras/{code}/footage-holds", status_code=202, operation_id="proposeFootageHold")
    async def propose(request: Request, who: Investigator, code: str, body: HoldOrder) -> RequestShape:
        """Ask that footage be held for the case of a use ticket that covers it; another person approves (rules A14, A52)."""
        async with recorded(request, who, Act.APPROVAL_ASK, code):
            times = body.since.timestamp(), body.until.timestamp(), body.review_at.timestamp()
            asker, wanted = await holds.checked(replace(who, address=address_of(request)), code, *times, body.use_ticket or "")
        return request_shape(approvals, asker, await holds.ask(asker, wanted, body.reason, _document(body.document)))

    @routes.post("/cameras/{code}/footage-holds/{hold_id}/release", status_code=202, operation_id="proposeHoldRelease")
    async def propose_release(request: Request, who: CaseWorker, code: str, hold_id: HoldId, body: HoldRelease) -> RequestShape:
        """Ask that footage be held no longer; another person approves."""
        async with recorded(request, who, Act.APPROVAL_ASK, code):
            asker = replace(who, address=address_of(request))
            await holds.refuse_release(asker, code, hold_id)
        asked = await holds.ask_release(asker, code, hold_id, body.reason, _document(body.document))
        return request_shape(approvals, asker, asked)

    @routes.get("/footage-storage", operation_id="getFootageStorage")
    async def get_storage(who: Looker) -> StorageShape | None:
        """Room for footage on this node: what is free, and how many days fit; null until it was reckoned."""
        found = retention.storage
        if found is None:
            return None
        return StorageShape(
            folders=[FolderShape(path=one.path, free=one.free, reserve=one.reserve) for one in found.folders],
            bytes_a_day=found.a_day,
            stored_bytes=found.stored,
            free_bytes=found.left,
            full_in_days=found.full_in,
            holds_days=found.holds,
            needed_bytes=found.needed,
            second_tier=None
            if found.second is None
            else SecondTierShape(
                after_days=found.second.moves_after, stored_bytes=found.second.stored, needed_bytes=found.second.needed
            ),
        )

    return routes
