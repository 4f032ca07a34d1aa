"""What the console's map is drawn from."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from fengsui.features.access import Function, Principal, require
from fengsui.map_settings import MapSection


class MapLayer(BaseModel):
    """Tiles in Web Mercator: templates with `{z}`, `{x}`, `{y}` or `{bbox-epsg-3857}`.

    `from_below`: rows are counted from the south.
    """

    templates: list[str]
    tile_px: int
    min_zoom: int
    max_zoom: int
    from_below: bool


class MapSources(BaseModel):
    """The operator's own map, from below; without layers the console draws its built-in one."""

    layers: list[MapLayer]
    datum: Literal["WGS-84", "CGCS2000", "GCJ-02"]
    attribution: str
    approval_number: str


def map_router(settings: MapSection) -> APIRouter:
    """The one route."""
    routes = APIRouter(tags=["map"])
    layers = [
        MapLayer(
            templates=one.templates(), tile_px=one.tile_px, min_zoom=one.min_zoom, max_zoom=one.max_zoom, from_below=one.from_below
        )
        for one in settings.layers
    ]
    told = MapSources(
        layers=layers, datum=settings.datum, attribution=settings.attribution, approval_number=settings.approval_number
    )

    @routes.get("/map-sources", operation_id="getMapSources")
    async def sources(_: Annotated[Principal, Depends(require(Function.LOOK_AROUND))]) -> MapSources:
        """Where the tiles under the cameras come from."""
        return told

    return routes
