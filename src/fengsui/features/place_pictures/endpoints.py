"""The picture of the place over HTTP. The picture itself is opened as every other: `openLive`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from fengsui.features.access import Function, Principal, require
from fengsui.features.place_pictures.actions import PlacePictures
from fengsui.features.place_pictures.schemas import OwnPlacePictures, PlaceCameraShape
from fengsui.late_routes import LateRoutes

Patrol = Annotated[Principal, Depends(require(Function.GO_ON_PATROL))]


def router(pictures: PlacePictures) -> LateRoutes:
    """The routes of pictures of the place."""
    routes = LateRoutes(tags=["dispatch"])

    @routes.get("/patrol/cameras", operation_id="listOwnPlacePictures")
    async def list_own(who: Patrol) -> OwnPlacePictures:
        """Cameras that the caller's own task shows them live, from its acceptance until it is over."""
        found = await pictures.own(who)
        return OwnPlacePictures(
            task=found.task,
            accepted=found.accepted,
            items=[
                PlaceCameraShape(
                    camera=one.camera.code,
                    name=one.camera.name,
                    preset=one.preset,
                    streams=["sub" if stream == "sub" else "main" for stream in one.camera.streams],
                )
                for one in found.seen
            ],
            withheld=found.withheld,
        )

    return routes
