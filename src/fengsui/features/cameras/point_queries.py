"""SQL of the cameras on the map. The database writes the columns as JSON: 100,000 cameras cost this process a few long texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import CameraClass
from fengsui.features.cameras.tables import camera_notes, catalogue_items

WESTMOST, EASTMOST, SOUTHMOST, NORTHMOST = -180.0, 180.0, -85.0, 85.0
"""What a map in Mercator's projection can show."""
_ITEM, _NOTE = catalogue_items.c, camera_notes.c
_OWN = _NOTE.longitude.is_not(None) & _NOTE.latitude.is_not(None)
_LONGITUDE = sa.case((_OWN, _NOTE.longitude), else_=_ITEM.longitude)
_LATITUDE = sa.case((_OWN, _NOTE.latitude), else_=_ITEM.latitude)
PLACED = (
    _LONGITUDE.between(WESTMOST, EASTMOST)
    & _LATITUDE.between(SOUTHMOST, NORTHMOST)
    & ~((_LONGITUDE == 0) & (_LATITUDE == 0))  # what devices write that have no place
)
"""Null: nobody says where the camera stands."""
_JOINED = catalogue_items.outerjoin(camera_notes, _NOTE.code == _ITEM.code)
DETAILS = ("direction", "horizontal_angle", "view_distance")


async def columns(
    tx: AsyncConnection, within: sa.ColumnElement[bool] | None, default_class: CameraClass
) -> tuple[Mapping[str, str], int]:
    """Columns of the cameras inside that have a place, by code and device, each one JSON array; how many have none."""
    details = sa.func.nullif(_ITEM.details, "")
    chosen = {
        "codes": _ITEM.code,
        "names": sa.func.coalesce(sa.func.nullif(_NOTE.own_name, ""), _ITEM.name),
        "longitudes": _LONGITUDE,
        "latitudes": _LATITUDE,
        "areas": sa.func.coalesce(_ITEM.shown_area, ""),
        "classes": sa.func.coalesce(sa.func.nullif(_ITEM.camera_class, ""), default_class.value),
        "ptz_types": _ITEM.ptz_type,
        **{f"{name}s": _detail(tx, details, name) for name in DETAILS},
        "devices": _ITEM.device,
        "statuses": _ITEM.status,
    }
    where = (_ITEM.kind == "camera") & (sa.true() if within is None else within)
    found = await _gathered(tx, sa.select(*(one.label(name) for name, one in chosen.items())).where(where & PLACED))
    without = sa.select(sa.func.count()).select_from(_JOINED).where(where & sa.func.coalesce(~PLACED, sa.true()))
    return found, int((await tx.execute(without)).scalar_one())


async def statuses(tx: AsyncConnection, within: sa.ColumnElement[bool] | None) -> Mapping[str, str]:
    """`codes`, `devices` and `statuses` of the same cameras in the same order, each one JSON array."""
    chosen = _ITEM.code.label("codes"), _ITEM.device.label("devices"), _ITEM.status.label("statuses")
    where = (_ITEM.kind == "camera") & PLACED & (sa.true() if within is None else within)
    return await _gathered(tx, sa.select(*chosen).where(where))


async def _gathered(tx: AsyncConnection, rows: sa.Select[Any]) -> Mapping[str, str]:
    ordered = rows.select_from(_JOINED).order_by(_ITEM.code, _ITEM.device).subquery()
    array = sa.func.json_agg if tx.dialect.name == "postgresql" else sa.func.json_group_array
    texts = [sa.func.coalesce(sa.cast(array(column), sa.Text), "[]").label(column.name) for column in ordered.c]
    return dict((await tx.execute(sa.select(*texts).select_from(ordered))).one()._mapping)


def _detail(tx: AsyncConnection, details: sa.ColumnElement[str], name: str) -> sa.ColumnElement[Any]:
    if tx.dialect.name == "postgresql":
        return sa.cast(sa.func.json_extract_path_text(sa.cast(details, sa.JSON), name), sa.Float)
    return sa.func.json_extract(details, f"$.{name}")
