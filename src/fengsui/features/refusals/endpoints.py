"""The refusals over HTTP: their list, and GA/T 1400's resources of faces and persons, which are none here."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import JSONResponse

from fengsui.features.access import Principal, signed_in
from fengsui.features.refusals.actions import Refusals
from fengsui.features.refusals.model import REFUSALS, Identification
from fengsui.features.refusals.schemas import RefusalList, RefusalShape
from fengsui.late_routes import LateRoutes

METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]
INVALID_OPERATION = "4"
"""GA/T 1400.4: StatusCode of a ResponseStatus."""


def router(contact: str) -> LateRoutes:
    """The list, for whoever is signed in."""
    routes = LateRoutes(prefix="/refusals", tags=["refusals"])

    @routes.get("", operation_id="listRefusals")
    async def list_refusals(who: Annotated[Principal, Depends(signed_in)]) -> RefusalList:
        """What this platform refuses to do, with the rule and the lawful way instead."""
        items = [
            RefusalShape(
                rule=one.rule,
                code=one.code,
                act=one.act.value,
                zh=one.zh,
                en=one.en,
                lawful_way_zh=one.remedy_zh,
                lawful_way_en=one.remedy_en,
                basis=one.basis,
            )
            for one in REFUSALS
        ]
        return RefusalList(items=items, contact=contact)

    return routes


def viid_router(refusals: Refusals) -> LateRoutes:
    """Every method on faces and persons: refused without reading the body, counted, recorded."""
    routes = LateRoutes(base="", prefix="/VIID", include_in_schema=False)

    @routes.api_route("/Faces", methods=METHODS)
    @routes.api_route("/Persons", methods=METHODS)
    @routes.api_route("/Faces/{rest:path}", methods=METHODS)
    @routes.api_route("/Persons/{rest:path}", methods=METHODS)
    async def refuse(request: Request) -> JSONResponse:
        address = request.client.host if request.client is not None else ""
        refusals.dropped(Identification, "gat1400", "", address)
        no = Identification
        said = f"{no.code} {no.zh};{no.remedy_zh} / {no.en}. {no.remedy_en}"
        status = {
            "RequestURL": request.url.path,
            "StatusCode": INVALID_OPERATION,
            "StatusString": said,
            "Id": request.path_params.get("rest", "")[:64],
        }
        body = {"ResponseStatusListObject": {"ResponseStatusObject": [status]}}
        return JSONResponse(body, status_code=Identification.status, headers={"connection": "close"})

    return routes
