"""Privacy masks over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request

from fengsui.clock import Clock
from fengsui.features.access import Access, CameraFacts, Function, Principal, address_of, require_camera
from fengsui.features.approvals import Approvals, RequestShape, request_shape
from fengsui.features.audit import Act, Audit
from fengsui.features.masks.actions import Masks
from fengsui.features.masks.kinds import LIFT, REMOVAL, VIEW
from fengsui.features.masks.model import Mask
from fengsui.features.masks.schemas import MaskedViewOrder, MaskLiftOrder, MaskList, MaskOrder, MaskRemovalOrder, MaskShape
from fengsui.features.policy import Notice, Policy, Told
from fengsui.features.tickets import NoTicket, Tickets, UseTicket
from fengsui.late_routes import LateRoutes

Looker = Annotated[Principal, Depends(require_camera(Function.LOOK_AROUND))]
Asker = Annotated[Principal, Depends(require_camera(Function.VIEW_UNMASKED))]
Masker = Annotated[Principal, Depends(require_camera(Function.MANAGE_MASKS))]


def _audit(request: Request) -> Audit:
    audit: Audit = request.app.state.audit
    return audit


def _shape(mask: Mask) -> MaskShape:
    return MaskShape(id=mask.id, preset=mask.preset, name=mask.name, points=list(mask.points), valid=mask.valid)


def router(masks: Masks, approvals: Approvals, tickets: Tickets, access: Access, clock: Clock, policy: Policy) -> LateRoutes:
    """The routes of privacy masks."""
    routes = LateRoutes(tags=["masks"])

    @routes.get("/cameras/{code}/masks", operation_id="listMasks")
    async def list_masks(who: Looker, code: str) -> MaskList:
        """What is hidden of a camera's picture; of one that left, of its footage."""
        masked = await masks.of_kept(code)
        mine = [lift.until for lift in masked.lifts if lift.user_id == who.user_id]
        return MaskList(
            turns=masked.turns,
            position=masked.position if masked.masks else masked.rest(),
            lifted_until=max(mine, default=None),
            items=[_shape(mask) for mask in masked.masks],
        )

    @routes.post("/cameras/{code}/masks", status_code=201, operation_id="addMask")
    async def add_mask(request: Request, who: Masker, code: str, body: MaskOrder) -> MaskShape:
        """Hide a part of the picture from now on; whoever watches it clear is cut and comes back masked.

        A first mask on a view that is black opens it, so it takes two persons (`proposeMaskedView`).
        """
        await masks.refuse_opening(code, body.preset)
        await _audit(request).record(who, Act.MASK_ADD, code, detail=f"preset {body.preset}, {len(body.points)} corners")
        made = await masks.add(who, code, body.preset, body.name.strip(), body.points)
        place = await masks.place_of(code)
        if isinstance(place, CameraFacts):
            zh, en = f"摄像机 {code} 增加了一处隐私遮挡", f"another privacy mask of camera {code}"
            await policy.owners.tell(place, Notice(Told.MASK, zh, en))
        return _shape(made)

    @routes.post("/cameras/{code}/masked-views", status_code=202, operation_id="proposeMaskedView")
    async def propose_view(request: Request, who: Masker, code: str, body: MaskedViewOrder) -> RequestShape:
        """Ask for a view that is black to be seen, but for this mask; another person approves."""
        points = [list(point) for point in body.points]
        content = {"camera": code, "preset": body.preset, "name": body.name.strip(), "points": points}
        asker = replace(who, address=address_of(request))
        return request_shape(approvals, who, await approvals.ask(asker, VIEW, content, body.reason))

    @routes.post("/cameras/{code}/masks/{mask}/removal", status_code=202, operation_id="proposeMaskRemoval")
    async def propose_removal(request: Request, who: Masker, code: str, mask: int, body: MaskRemovalOrder) -> RequestShape:
        """Ask for something to be seen again; another person approves."""
        asker = replace(who, address=address_of(request))
        return request_shape(approvals, who, await approvals.ask(asker, REMOVAL, {"camera": code, "mask": mask}, body.reason))

    @routes.post("/cameras/{code}/mask-lifts", status_code=202, operation_id="proposeMaskLift")
    async def propose_lift(request: Request, who: Asker, code: str, body: MaskLiftOrder) -> RequestShape:
        """Ask to see a camera unmasked for a time, under an open use ticket whose purpose opens that; another person approves."""
        assert access.directory is not None, "set at composition"
        facts = await access.directory.camera(code)
        now = clock.now().timestamp()
        ticket = tickets.standing(who.user_id, Function.VIEW_UNMASKED, facts, now)
        if ticket is None or facts is None:
            raise NoTicket()
        if (beyond := ticket.refusal(Function.VIEW_UNMASKED, facts, now)) is not None:
            raise beyond
        assert isinstance(ticket, UseTicket), "anything else refuses"
        content = {"camera": code, "user": who.user_id, "name": who.name, "ticket": ticket.number, "minutes": body.minutes}
        asker = replace(who, address=address_of(request), ground=ticket.ground)
        return request_shape(approvals, who, await approvals.ask(asker, LIFT, content, body.reason))

    @routes.post("/cameras/{code}/masks/restore", status_code=204, operation_id="endMaskLift")
    async def end_lift(request: Request, who: Looker, code: str) -> None:
        """Give one's own lift back before its time."""
        lift = masks.lifts.lift_of(code, who.user_id)
        under = None if lift is None else lift.ground
        await _audit(request).record(who, Act.MASK_LIFT_END, code, recipient=who.name, under=under)
        await masks.lifts.end_lifts(code, who.user_id)

    return routes
