"""What the console's map is drawn from."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends
from pydantic import BaseModel

from fengsui.features.access import Function, Principal, require
from fengsui.late_routes import LateRoutes
from fengsui.map_settings import MapLayerSection, MapSection


class DegreeGrid(BaseModel):
    """How tiles are cut by degrees: columns go east and rows south (north where they are counted from below) from a corner.

    `west`, `edge`: its longitude and latitude. `first_tile_deg`: how wide and high a tile of level 0 is; each level halves it.
    """

    west: float
    edge: float
    first_tile_deg: float


class MapLayer(BaseModel):
    """Tiles, in Web Mercator where no grid by degrees is said.

    Templates have `{z}`, `{x}`, `{y}`, or `{bbox-epsg-3857}`, by degrees `{west}`, `{south}`, `{east}`, `{north}`.
    `from_below`: rows are counted from the south. `min_zoom`, `max_zoom`: the levels that the server has.
    """

    degrees: DegreeGrid | None
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


def _layer(one: MapLayerSection) -> MapLayer:
    (west, edge), by_degrees = one.corner, one.by_degrees
    grid = DegreeGrid(west=west, edge=edge, first_tile_deg=one.first_tile_deg) if by_degrees else None
    levels = {"min_zoom": one.min_zoom, "max_zoom": one.max_zoom}
    return MapLayer(degrees=grid, templates=one.templates(), tile_px=one.tile_px, from_below=one.from_below, **levels)


def map_router(settings: MapSection) -> LateRoutes:
    """The one route."""
    routes = LateRoutes(tags=["map"])
    layers = [_layer(one) for one in settings.layers]
    told = MapSources(
        layers=layers, datum=settings.datum, attribution=settings.attribution, approval_number=settings.approval_number
    )

    @routes.get("/map-sources", operation_id="getMapSources")
    async def sources(_: Annotated[Principal, Depends(require(Function.LOOK_AROUND, Function.GO_ON_PATROL))]) -> MapSources:
        """Where the tiles under the cameras come from."""
        return told

    return routes
