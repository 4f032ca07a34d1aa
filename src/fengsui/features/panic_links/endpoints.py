"""Panic links, and their presses, over HTTP."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request
from pydantic import ValidationError

from fengsui.features.access import (
    Function,
    Place,
    Principal,
    address_of,
    recorded,
    refuse_unless,
    refused_stranger,
    require,
    scope_for,
)
from fengsui.features.alarm_intake import reasons_of, whole_schema
from fengsui.features.alarms import AlarmShapes
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act, Result
from fengsui.features.cameras import Cameras, UnknownCamera
from fengsui.features.panic_links.links import Known, PanicLinks
from fengsui.features.panic_links.model import (
    LARGEST_BODY,
    PanicMalformed,
    PanicTooLarge,
    Press,
    UnknownPanicLink,
    UnusablePanicLink,
    Wanted,
)
from fengsui.features.panic_links.presses import Presses
from fengsui.features.panic_links.schemas import (
    PanicLinkMade,
    PanicLinkOrder,
    PanicLinkPage,
    PanicLinkShape,
    PanicLinkSwitch,
    PanicPlace,
    PanicPress,
    PanicTaken,
)
from fengsui.late_routes import LateRoutes

Keeper = Annotated[Principal, Depends(require(Function.MANAGE_DEVICES))]
LinkId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Token = Annotated[
    str,
    Header(alias="X-Fengsui-Panic", max_length=256, description="What stands behind `#` in the page's address: nobody's session"),
]
BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": whole_schema(PanicPress)}}}}


def _moment(at: float) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


def read_press(raw: bytes) -> Press:
    """Raises PanicMalformed, which repeats nothing of what was sent."""
    try:
        found = PanicPress.model_validate_json(raw)
    except ValidationError as error:
        raise PanicMalformed(why=reasons_of(error)) from error
    at = None if found.pressed_at is None else found.pressed_at.timestamp()
    return Press(found.key, at, found.longitude, found.latitude, found.accuracy_m, found.text, found.trial)


def router(
    links: PanicLinks, presses: Presses, shapes: AlarmShapes, cameras: Cameras, divisions: Divisions, own_area: str
) -> LateRoutes:
    """The routes of panic links. `own_area`: the node's own."""
    routes = LateRoutes(tags=["panic links"])

    def shape(one: Known, seen: Collection[str]) -> PanicLinkShape:
        link = one.link
        return PanicLinkShape(
            id=link.id,
            place=link.place,
            holder=link.holder,
            phone=link.phone,
            area=link.area,
            area_name=divisions.name_of(link.area),
            camera=link.camera if link.camera in seen else "",
            longitude=link.longitude,
            latitude=link.latitude,
            on=link.is_on,
            made_at=datetime.fromtimestamp(link.made_at, UTC),
            presses=one.presses,
            pressed_at=_moment(one.pressed_at),
            tried_at=_moment(one.tried_at),
            distrusted=not one.is_whole,
        )

    async def shown(request: Request, who: Principal, one: Known) -> PanicLinkShape:
        return shape(one, await shapes.seen_by(request, who, [one.link.camera]))

    def place_of(one: Known) -> Place:
        """Of one that is distrusted, its area may not be its own: whoever keeps the node's own decides."""
        return Place(one.link.place, one.link.area if one.is_whole else own_area)

    @routes.get("/panic-links", operation_id="listPanicLinks")
    async def list_links(request: Request, who: Keeper) -> PanicLinkPage:
        """Panic links of one's own areas, by place; never a token."""
        scope = scope_for(request, who, Function.MANAGE_DEVICES)
        found = [one for one in links.all() if scope.holds(place_of(one).area)]
        seen = await shapes.seen_by(request, who, [one.link.camera for one in found])
        return PanicLinkPage(items=[shape(one, seen) for one in found])

    @routes.post("/panic-links", status_code=201, operation_id="addPanicLink")
    async def add_link(request: Request, who: Keeper, body: PanicLinkOrder) -> PanicLinkMade:
        """Let somebody at a place press for help without an account: with the token of their page, told this once."""
        area = divisions.current(body.area or own_area)
        async with recorded(request, who, Act.PANIC_LINK_ADD, body.place):
            if body.area and divisions.name_of(area) == area:
                raise UnusablePanicLink(why_zh=f"没有行政区划 {area}", why_en=f"there is no area {area}")
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(body.place, area))
            if body.camera:
                facts = (await cameras.facts([body.camera])).get(body.camera)
                if facts is None:
                    raise UnknownCamera(camera=body.camera)
                await refuse_unless(request, who, Function.MANAGE_DEVICES, facts)
            wanted = Wanted(body.place, body.holder, body.phone, area, body.camera, body.longitude, body.latitude)
            made, token = await links.add(who, wanted)
        return PanicLinkMade(link=await shown(request, who, made), token=token)

    @routes.put("/panic-links/{link_id}/state", operation_id="switchPanicLink")
    async def switch_link(request: Request, who: Keeper, link_id: LinkId, body: PanicLinkSwitch) -> PanicLinkShape:
        """Off: whoever holds it is told that it is not valid."""
        async with recorded(request, who, Act.PANIC_LINK_SWITCH, str(link_id)):
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, place_of(links.get(link_id)))
            found = await links.switch(who, link_id, on=body.on)
        return await shown(request, who, found)

    @routes.post("/panic-links/{link_id}/token", operation_id="renewPanicLink")
    async def renew_link(request: Request, who: Keeper, link_id: LinkId) -> PanicLinkMade:
        """Another token: the one of before opens nothing any more."""
        async with recorded(request, who, Act.PANIC_LINK_RENEW, str(link_id)):
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, place_of(links.get(link_id)))
            found, token = await links.renew(who, link_id)
        return PanicLinkMade(link=await shown(request, who, found), token=token)

    @routes.delete("/panic-links/{link_id}", status_code=204, operation_id="removePanicLink")
    async def remove_link(request: Request, who: Keeper, link_id: LinkId) -> None:
        """Take no press of it any more; its alarms stay."""
        async with recorded(request, who, Act.PANIC_LINK_REMOVE, str(link_id)):
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, place_of(links.get(link_id)))
            await links.remove(who, link_id)

    async def opened(request: Request, token: str) -> Known:
        try:
            return presses.opened(token, address_of(request))
        except UnknownPanicLink as error:
            await refused_stranger(request, "", error, Result.REFUSED)
            raise

    @routes.get("/panic", operation_id="getPanicPlace")
    async def get_place(request: Request, token: Token = "") -> PanicPlace:
        """For the page of a link: the place's name, and what the desk does about the link's newest alarm. Nothing else."""
        known = await opened(request, token)
        told = await presses.told(known)
        return PanicPlace(place=known.link.place, state=told.state, received_at=told.received_at)

    @routes.post("/panic", status_code=201, operation_id="pressPanic", openapi_extra=BODY)
    async def press(request: Request, token: Token = "") -> PanicTaken:
        """Raise the alarm, as whoever holds the link. 201: it is on disk. 503 and 429: send it again under the same key, as with no
        answer at all.
        """
        known = await opened(request, token)  # before anything of the body is read
        said = request.headers.get("content-length", "0")
        try:
            if (int(said) if said.isascii() and said.isdigit() else 0) > LARGEST_BODY:  # the server lets nobody send more than that
                raise PanicTooLarge(limit=LARGEST_BODY)
            found = read_press(await request.body())
        except (PanicTooLarge, PanicMalformed):
            presses.refused()
            raise
        return PanicTaken(received_at=await presses.take(known, found), trial=found.trial)

    return routes
