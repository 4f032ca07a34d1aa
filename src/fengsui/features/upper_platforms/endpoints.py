"""Neighbours over HTTP: platforms that this node registers at, and what each is given."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Path, Request

from fengsui.features.access import Function, Place, Principal, recorded, refuse_unless, require, scope_for
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.features.cameras import Cameras, UnknownCamera
from fengsui.features.upper_platforms.actions import KnownUpper, UpperPlatforms
from fengsui.features.upper_platforms.model import Address, Share, SharedCamera, UnusableUpper, Upper, check_host, moment
from fengsui.features.upper_platforms.schemas import (
    NeighbourAddress,
    NeighbourCamera,
    NeighbourList,
    NeighbourOrder,
    NeighbourShape,
    NeighbourShare,
)
from fengsui.late_routes import LateRoutes

Keeper = Annotated[Principal, Depends(require(Function.MANAGE_DEVICES))]
NeighbourId = Annotated[int, Path(ge=1, le=2**31 - 1)]


def _shape(known: KnownUpper) -> NeighbourShape:
    one, standing = known.upper, known.standing
    first, *more = one.addresses
    cameras = [NeighbourCamera(code=found.code, as_code=found.as_code, as_name=found.as_name) for found in one.share.cameras]
    return NeighbourShape.model_validate(
        {
            **{name: getattr(one, name) for name in ("id", "code", "name", "domain", "transport")},
            **{name: getattr(one, name) for name in ("keepalive_s", "expires_s", "items")},
            "role": "upper",
            "host": first.host,
            "port": first.port,
            "more_addresses": [NeighbourAddress(host=found.host, port=found.port) for found in more],
            "share": NeighbourShare(areas=list(one.share.areas), cameras=cameras),
            "state": standing.state,
            "since": datetime.fromtimestamp(standing.since, UTC),
            "address": standing.address,
            "heard_at": moment(standing.heard_at),
            "fault": standing.fault,
            "made_at": datetime.fromtimestamp(one.made_at, UTC),
        }
    )


def router(uppers: UpperPlatforms, cameras: Cameras, divisions: Divisions, own_area: str) -> LateRoutes:
    """The routes of neighbours. `own_area`: the node's own: whoever keeps its devices keeps its neighbours."""
    routes = LateRoutes(tags=["neighbours"])

    async def share_of(request: Request, who: Principal, wanted: NeighbourShare) -> Share:
        """Nobody shares what they do not keep themselves. Raises UnusableUpper, UnknownCamera, Refusal."""
        areas = sorted({divisions.current(area) for area in wanted.areas})
        for area in areas:
            if divisions.name_of(area) == area:
                raise UnusableUpper(why_zh=f"没有行政区划 {area}", why_en=f"there is no area {area}")
            await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(area, area))
        facts = await cameras.facts([one.code for one in wanted.cameras])
        for one in wanted.cameras:
            if one.code not in facts:
                raise UnknownCamera(camera=one.code)
            await refuse_unless(request, who, Function.MANAGE_DEVICES, facts[one.code])
        return Share(tuple(areas), tuple(SharedCamera(one.code, one.as_code, one.as_name) for one in wanted.cameras))

    @routes.get("/neighbours", operation_id="listNeighbours")
    async def list_neighbours(request: Request, who: Keeper) -> NeighbourList:
        """Platforms that this node registers at, by name, each with how it stands with it; never a password."""
        if not scope_for(request, who, Function.MANAGE_DEVICES).holds(own_area):
            return NeighbourList(items=[])
        return NeighbourList(items=[_shape(one) for one in uppers.all()])

    @routes.post("/neighbours", status_code=201, operation_id="addNeighbour")
    async def add_neighbour(request: Request, who: Keeper, body: NeighbourOrder) -> NeighbourShape:
        """Register this node at an upper platform from now on, and give it a part of the catalogue."""
        async with recorded(request, who, Act.UPPER_PLATFORM_ADD, body.code):
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(body.code, own_area))
            addresses = (Address(body.host, body.port), *(Address(one.host, one.port) for one in body.more_addresses))
            for one in addresses:
                check_host(one.host)
            share = await share_of(request, who, body.share)
            how = body.domain or body.code[:10], body.transport, body.keepalive_s, body.expires_s, body.items
            made = await uppers.add(who, Upper(0, body.code, body.name, addresses, *how, share, 0.0), body.password)
        return _shape(made)

    @routes.delete("/neighbours/{neighbour_id}", status_code=204, operation_id="removeNeighbour")
    async def remove_neighbour(request: Request, who: Keeper, neighbour_id: NeighbourId) -> None:
        """Unregister there; it is given nothing any more."""
        async with recorded(request, who, Act.UPPER_PLATFORM_REMOVE, str(neighbour_id)):
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(str(neighbour_id), own_area))
            await uppers.remove(who, neighbour_id)

    return routes
