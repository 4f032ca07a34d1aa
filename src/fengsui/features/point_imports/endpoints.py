"""Tables of alarm points over HTTP: for whoever keeps devices, of the hosts and cameras that they keep."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from fengsui.features.access import Function, Principal, recorded, require
from fengsui.features.audit import Act
from fengsui.features.point_imports.actions import PointImport, PointImports
from fengsui.features.point_imports.model import Judged, Outcome
from fengsui.features.point_imports.schemas import PointImportProblem, PointImportShape, PointRowShape
from fengsui.late_routes import LateRoutes

Keeper = Annotated[Principal, Depends(require(Function.MANAGE_DEVICES))]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
OCTETS = {
    "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


def _row(one: Judged) -> PointRowShape:
    zh, en = one.why
    zone = one.row.values.get("zone", "")[:16]
    account = one.row.account[:32]
    return PointRowShape(
        number=one.row.number, account=account, zone=zone, name=one.name, outcome=one.outcome, why_zh=zh, why_en=en
    )


def _shape(one: PointImport, outcome: Outcome | None, offset: int, limit: int) -> PointImportShape:
    error, problem = one.error, None
    if error is not None:
        remedies = error.remedy_zh.format(**error.facts), error.remedy_en.format(**error.facts)
        problem = PointImportProblem(
            code=error.code, zh=error.text_zh, en=error.text_en, remedy_zh=remedies[0], remedy_en=remedies[1]
        )
    wanted = [row for row in one.rows if outcome is None or row.outcome is outcome]
    return PointImportShape(
        number=one.number,
        name=one.name,
        phase=one.phase,
        done=one.done,
        total=one.total,
        seconds_left=one.seconds_left(),
        counts=one.counts(),
        problem=problem,
        rows=[_row(row) for row in wanted[offset : offset + limit]],
    )


def router(imports: PointImports) -> LateRoutes:
    """The routes of tables of points."""
    routes = LateRoutes(tags=["alarms"])

    @routes.post("/alarm-point-imports", status_code=202, operation_id="startAlarmPointImport", openapi_extra=OCTETS)
    async def start(request: Request, who: Keeper, name: Annotated[str, Query(max_length=128)] = "") -> PointImportShape:
        """An xlsx or CSV (UTF-8, GB18030) of points of known hosts is looked through in the background; nothing is written before
        it is committed. An empty cell leaves what is there as it is; points that no row names stay."""
        async with recorded(request, who, Act.ALARM_POINT_IMPORT, name):
            return _shape(await imports.begin(who, name, await request.body()), None, 0, 0)

    @routes.get("/alarm-point-imports/{number}", operation_id="getAlarmPointImport")
    async def get(
        who: Keeper,
        number: Number,
        outcome: Outcome | None = None,
        offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
        limit: Annotated[int, Query(ge=0, le=500)] = 100,
    ) -> PointImportShape:
        """How far it is, and what each row would make, change or is refused for. Kept for an hour, for whoever began it."""
        return _shape(imports.get(who, number), outcome, offset, limit)

    @routes.post("/alarm-point-imports/{number}/commit", operation_id="commitAlarmPointImport")
    async def commit(request: Request, who: Keeper, number: Number) -> PointImportShape:
        """Writes all rows in one transaction, or none."""
        async with recorded(request, who, Act.ALARM_POINT_IMPORT, str(number)):
            return _shape(await imports.commit(who, number), None, 0, 100)

    return routes
