"""Favourites and groups of cameras over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Request

from fengsui.features.access import Function, Principal, recorded, require
from fengsui.features.audit import Act
from fengsui.features.cameras import CameraName, NamedCamera
from fengsui.features.groups.actions import Groups
from fengsui.features.groups.model import SeenGroup
from fengsui.features.groups.schemas import (
    FavouriteList,
    GroupChange,
    GroupList,
    GroupShape,
    ListChange,
    NewGroup,
    NotTakenShape,
    group_facts,
)
from fengsui.late_routes import LateRoutes

Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]


def _names(cameras: Sequence[NamedCamera]) -> list[CameraName]:
    return [CameraName.model_validate(one, from_attributes=True) for one in cameras]


def router(groups: Groups) -> LateRoutes:
    """The routes of favourites and groups."""
    routes = LateRoutes(tags=["groups"])

    def shape(seen: SeenGroup) -> GroupShape:
        one = seen.group
        facts: dict[str, Any] = group_facts(one)
        return GroupShape(
            **facts,
            mine=seen.mine,
            may_change=seen.may_change,
            centre_name=groups.centre_name(one.centre) if one.centre else "",
            cameras=_names(seen.cameras),
            hidden=len(one.cameras) - len(seen.cameras) if seen.may_change else 0,
            maker_left=seen.maker_left,
            not_taken=[NotTakenShape(code=left.code, reason=left.reason) for left in seen.not_taken],
        )

    @routes.get("/favourites", operation_id="listFavourites")
    async def list_favourites(who: Looker) -> FavouriteList:
        """One's own favourites, in the order in which they were marked."""
        return FavouriteList(items=_names(await groups.favourites(who)))

    @routes.patch("/favourites", operation_id="changeFavourites")
    async def change_favourites(who: Looker, body: ListChange) -> FavouriteList:
        """Mark cameras, or mark them no longer, or put them in another order; all or nothing."""
        return FavouriteList(items=_names(await groups.change_favourites(who, body.add, body.remove, body.order)))

    @routes.get("/camera-groups", operation_id="listCameraGroups")
    async def list_groups(who: Looker) -> GroupList:
        """One's own groups and those shared with one, with those of their cameras that one may see."""
        return GroupList(items=[shape(one) for one in await groups.groups(who)])

    @routes.post("/camera-groups", status_code=201, operation_id="addCameraGroup")
    async def add_group(request: Request, who: Looker, body: NewGroup) -> GroupShape:
        """A new group."""
        async with recorded(request, who, Act.GROUP_ADD, body.name):
            made = await groups.add(
                who, body.name, body.cameras, body.post or "", body.centre or 0, take_what_may=body.take_what_may
            )
            return shape(made)

    @routes.get("/camera-groups/{group}", operation_id="getCameraGroup")
    async def get_group(who: Looker, group: int) -> GroupShape:
        """One group, with those of its cameras that one may see."""
        return shape(await groups.group(who, group))

    @routes.patch("/camera-groups/{group}", operation_id="changeCameraGroup")
    async def change_group(request: Request, who: Looker, group: int, body: GroupChange) -> GroupShape:
        """Its name, with whom it is shared, cameras to add, remove or put in another order. All or nothing, or what one may."""
        said = body.model_fields_set
        async with recorded(request, who, Act.GROUP_CHANGE, str(group)):
            changed = await groups.change(
                who,
                group,
                name=body.name,
                post=(body.post or "") if "post" in said else None,
                centre=(body.centre or 0) if "centre" in said else None,
                add=body.add,
                remove=body.remove,
                order=body.order,
                take_what_may=body.take_what_may,
            )
            return shape(changed)

    @routes.delete("/camera-groups/{group}", status_code=204, operation_id="removeCameraGroup")
    async def remove_group(request: Request, who: Looker, group: int) -> None:
        """Its cameras stay what they are."""
        async with recorded(request, who, Act.GROUP_REMOVE, str(group)):
            await groups.remove(who, group)

    return routes
