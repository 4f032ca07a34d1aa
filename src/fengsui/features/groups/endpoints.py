"""Favourites and groups of cameras over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from fengsui.features.access import Function, Principal, recorded, require
from fengsui.features.audit import Act
from fengsui.features.cameras import CameraName, NamedCamera
from fengsui.features.groups.actions import Groups
from fengsui.features.groups.model import Group
from fengsui.features.groups.schemas import (
    FavouriteList,
    GroupChange,
    GroupList,
    GroupShape,
    ListChange,
    NewGroup,
    group_facts,
)

Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]


def _names(cameras: Sequence[NamedCamera]) -> list[CameraName]:
    return [CameraName.model_validate(one, from_attributes=True) for one in cameras]


def router(groups: Groups) -> APIRouter:
    """The routes of favourites and groups."""
    routes = APIRouter(tags=["groups"])

    def shape(who: Principal, one: Group, cameras: Sequence[NamedCamera]) -> GroupShape:
        may = groups.may_change(who, one)
        facts: dict[str, Any] = group_facts(one)
        return GroupShape(
            **facts,
            mine=one.owner == who.user_id,
            may_change=may,
            centre_name=groups.centre_name(one.centre) if one.centre else "",
            cameras=_names(cameras),
            hidden=len(one.cameras) - len(cameras) if may else 0,
        )

    async def shown(who: Principal, one: Group) -> GroupShape:
        return shape(who, one, await groups.seen(who, one.cameras))

    @routes.get("/favourites", operation_id="listFavourites")
    async def list_favourites(who: Looker) -> FavouriteList:
        """One's own favourites, in the order in which they were marked."""
        return FavouriteList(items=_names(await groups.favourites(who)))

    @routes.patch("/favourites", operation_id="changeFavourites")
    async def change_favourites(who: Looker, body: ListChange) -> FavouriteList:
        """Mark cameras, or mark them no longer; all or nothing."""
        return FavouriteList(items=_names(await groups.change_favourites(who, body.add, body.remove)))

    @routes.get("/camera-groups", operation_id="listCameraGroups")
    async def list_groups(who: Looker) -> GroupList:
        """One's own groups and those shared with one, with those of their cameras that one may see."""
        return GroupList(items=[shape(who, one, cameras) for one, cameras in await groups.groups(who)])

    @routes.post("/camera-groups", status_code=201, operation_id="addCameraGroup")
    async def add_group(request: Request, who: Looker, body: NewGroup) -> GroupShape:
        """A new group."""
        async with recorded(request, who, Act.GROUP_ADD, body.name):
            return await shown(who, await groups.add(who, body.name, body.cameras, body.post or "", body.centre or 0))

    @routes.get("/camera-groups/{group}", operation_id="getCameraGroup")
    async def get_group(who: Looker, group: int) -> GroupShape:
        """One group, with those of its cameras that one may see."""
        return shape(who, *await groups.group(who, group))

    @routes.patch("/camera-groups/{group}", operation_id="changeCameraGroup")
    async def change_group(request: Request, who: Looker, group: int, body: GroupChange) -> GroupShape:
        """Its name, with whom it is shared, cameras to add or remove. All or nothing."""
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
            )
            return await shown(who, changed)

    @routes.delete("/camera-groups/{group}", status_code=204, operation_id="removeCameraGroup")
    async def remove_group(request: Request, who: Looker, group: int) -> None:
        """Its cameras stay what they are."""
        async with recorded(request, who, Act.GROUP_REMOVE, str(group)):
            await groups.remove(who, group)

    return routes
