"""Saved walls, tours and screens over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from fengsui.features.access import Function, Principal, recorded, require
from fengsui.features.audit import Act
from fengsui.features.views.actions import Views
from fengsui.features.views.model import Kind, UnusableView, View
from fengsui.features.views.schemas import (
    ReportedScreen,
    ScreenList,
    ScreenOrder,
    ScreenReport,
    ScreenShape,
    SendOrder,
    SentShape,
    SentWall,
    StepShape,
    TileShape,
    ViewChange,
    ViewLine,
    ViewList,
    ViewOrder,
    ViewShape,
)
from fengsui.features.views.screens import NO_TOUR, Screen, Screens, SentTour
from fengsui.features.views.tiles import GONE, NamedTile
from fengsui.late_routes import LateRoutes

Viewer = Annotated[Principal, Depends(require(Function.VIEW_LIVE))]


def _body(order: ViewOrder | ViewChange) -> tuple[Kind, dict[str, Any]] | None:
    """What is to be kept; None when nothing is said. Raises UnusableView."""
    if order.wall is not None and order.steps is not None:
        raise UnusableView(why_zh="画面与轮巡步骤只能给出一种", why_en="it is a wall or the steps of a tour")
    if order.steps is not None:
        return Kind.TOUR, {"steps": [step.model_dump() for step in order.steps]}
    return None if order.wall is None else (Kind.VIEW, order.wall.model_dump())


def _line(views: Views, who: Principal, one: View) -> dict[str, Any]:
    return {
        **{name: getattr(one, name) for name in ("id", "kind", "name", "owner", "sharing", "post", "centre")},
        "own": one.user_id == who.user_id,
        "changeable": views.may_change(who, one),
        "grid": one.body.get("grid", ""),
        "pictures": len(one.cameras) if one.kind is Kind.VIEW else len(one.body["steps"]),
        "changed_at": datetime.fromtimestamp(one.changed_at, UTC),
    }


def _tile(found: NamedTile, stream: str) -> dict[str, Any]:
    return {**found._asdict(), "stream": stream}


def router(views: Views, screens: Screens) -> LateRoutes:
    """The routes of views and screens."""
    routes = LateRoutes(tags=["views"])

    async def shape(who: Principal, one: View) -> ViewShape:
        known = await views.tiles(who, one)
        tiles = [tile and TileShape(**_tile(known[tile["camera"]], tile["stream"])) for tile in one.body.get("tiles", [])]
        steps = []
        seen = {view.id: view for view in await views.all_for(who)} if one.kind is Kind.TOUR else {}
        for step in one.body.get("steps", []):
            found = known.get(step["camera"], GONE)
            if step["view"] in seen:
                found = NamedTile("", seen[step["view"]].name, 0, "shown")
            steps.append(StepShape(**_tile(found, step["stream"]), view=step["view"], dwell_s=step["dwell_s"]))
        return ViewShape(**_line(views, who, one), tiles=tiles, steps=steps)

    async def screen_shape(who: Principal, one: Screen) -> ScreenShape:
        facts = {name: getattr(one, name) for name in ("id", "number", "name", "pictures", "driven_by")}
        there = await screens.is_there(one)
        return ScreenShape(**facts, person=one.who.name, own=one.who.user_id == who.user_id, there=there)

    @routes.get("/views", operation_id="listViews")
    async def list_views(who: Viewer) -> ViewList:
        """What one has saved and what is shared with one, by name."""
        return ViewList(items=[ViewLine(**_line(views, who, one)) for one in await views.all_for(who)])

    @routes.post("/views", status_code=201, operation_id="addView")
    async def add_view(request: Request, who: Viewer, body: ViewOrder) -> ViewShape:
        """Save a wall or a tour."""
        async with recorded(request, who, Act.VIEW_ADD, body.name):
            said = _body(body)
            if said is None:
                raise UnusableView(why_zh="没有画面也没有步骤", why_en="there is neither a wall nor a step")
            return await shape(who, await views.add(who, said[0], body.name, said[1], body.sharing, body.post, body.centre))

    @routes.get("/views/{view}", operation_id="getView")
    async def get_view(who: Viewer, view: int) -> ViewShape:
        """One in full, with the cameras that the reader may see."""
        return await shape(who, await views.get(who, view))

    @routes.patch("/views/{view}", operation_id="changeView")
    async def change_view(request: Request, who: Viewer, view: int, body: ViewChange) -> ViewShape:
        """Rename it, share it otherwise, or put something else on it."""
        async with recorded(request, who, Act.VIEW_CHANGE, str(view)):
            said = _body(body)
            if said is not None and (await views.get(who, view)).kind is not said[0]:
                raise UnusableView(why_zh="视图与轮巡不能互相转换", why_en="a wall does not become a tour, nor a tour a wall")
            share = None if body.share is None else (body.share.sharing, body.share.post, body.share.centre)
            changed = await views.change(who, view, name=body.name, body=None if said is None else said[1], sharing=share)
            return await shape(who, changed)

    @routes.delete("/views/{view}", status_code=204, operation_id="removeView")
    async def remove_view(request: Request, who: Viewer, view: int) -> None:
        """Delete it, for everybody."""
        async with recorded(request, who, Act.VIEW_REMOVE, str(view)):
            await views.remove(who, view)

    @routes.get("/screens", operation_id="listScreens")
    async def list_screens(who: Viewer) -> ScreenList:
        """Screens that one may send a wall to."""
        return ScreenList(items=[await screen_shape(who, one) for one in screens.all_for(who)])

    @routes.post("/screens", status_code=201, operation_id="openScreen")
    async def open_screen(request: Request, who: Viewer, body: ScreenOrder) -> ScreenShape:
        """This window takes walls from other workstations from now on."""
        async with recorded(request, who, Act.SCREEN_OPEN, str(body.number)):
            return await screen_shape(who, await screens.open(who, body.number, body.name.strip()))

    @routes.put("/screens/{screen}", operation_id="reportScreen")
    async def report_screen(who: Viewer, screen: str, body: ScreenReport) -> ReportedScreen:
        """It is still there, and hears what it missed; a window that says nothing for half a minute takes no wall."""
        one = screens.report(who, screen, body.pictures, body.shown, driven=body.driven)
        order = await screens.missed(one, body.shown)
        missed = None if order is None else SentWall.model_validate(order, from_attributes=True)
        return ReportedScreen(**(await screen_shape(who, one)).model_dump(), missed=missed)

    @routes.delete("/screens/{screen}", status_code=204, operation_id="closeScreen")
    async def close_screen(request: Request, who: Viewer, screen: str) -> None:
        """The window is no screen any more."""
        async with recorded(request, who, Act.SCREEN_CLOSE, screen):
            await screens.close(who, screen)

    @routes.post("/screens/{screen}/wall", operation_id="sendToScreen")
    async def send(request: Request, who: Viewer, screen: str, body: SendOrder) -> SentShape:
        """Show a wall there, or have a tour go round. What is seen is decided by the rights of whoever is signed in there."""
        async with recorded(request, who, Act.SCREEN_SEND, screen):
            order = body.model_dump()
            tour = SentTour(order["name"], order["steps"], order["from_step"]) if body.steps else NO_TOUR
            return SentShape(refused=await screens.send(who, screen, body.grid, order["tiles"], tour))

    return routes
