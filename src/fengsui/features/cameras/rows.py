"""Catalogue items and cameras to and from stored rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from fengsui.features.access import PROTECTION, CameraClass
from fengsui.features.cameras.access_units import reported_unit
from fengsui.features.cameras.model import DUPLICATE, Camera, TreeItem, area_of, item_kind, shown_area, streams_of
from fengsui.wire.gb28181.catalog import CatalogueItem
from fengsui.wire.gb28181.catalog_details import DETAILS, NOTHING_SAID, ItemDetails
from fengsui.wire.gb_code import is_gb_code

MOST = 2**31 - 1
"""An integer column of PostgreSQL holds no more; what a device counts beyond is not a number it means."""


@lru_cache(maxsize=4096)
def stored_details(details: ItemDetails) -> str:
    """What is said, as JSON by attribute; empty where nothing is. Kept: many of 100,000 items say the same."""
    said = _said(details)
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")) if said else ""


def details_of(stored: str) -> ItemDetails:
    """The contrary of `stored_details`; what this version does not know is left out."""
    if not stored:
        return NOTHING_SAID
    said = json.loads(stored)
    known: dict[str, Any] = {}
    for name in ItemDetails._fields:
        value = said.get(name)
        if value is not None:
            known[name] = tuple(value) if isinstance(value, list) else value
    return ItemDetails(**known)


def _said(details: ItemDetails) -> dict[str, Any]:
    pairs = zip(ItemDetails._fields, details, NOTHING_SAID, strict=True)
    return {name: value for name, value, nothing in pairs if value != nothing}


def _merged(stored: str, details: ItemDetails) -> str:
    """With what `details` does not say as it was; an element that can be read now is no longer among the unreadable ones."""
    old, said = details_of(stored), _said(details)
    still = {one.element for one in DETAILS if one.attribute not in said}.intersection(old.unreadable)
    said["unreadable"] = tuple(sorted(still.union(details.unreadable)))
    return stored_details(old._replace(**said))


def row_of(device: str, item: CatalogueItem, print_: str) -> dict[str, Any]:
    """A catalogue item as it is stored; where it is shown is added."""
    return {
        "device": device,
        "code": item.device_id[:32],
        "kind": item_kind(item, device),
        "name": (item.name or item.device_id)[:256],
        "maker": item.manufacturer[:256],
        "model": item.model[:256],
        "area": area_of(item, device),
        "address": item.address[:512],
        "parents": "/".join(item.parents)[:512],
        "status": item.status,
        "longitude": item.longitude,
        "latitude": item.latitude,
        "business_group": item.business_group[:32],
        "ptz_type": item.ptz_type if item.ptz_type <= MOST else 0,
        "streams": "/".join(streams_of(item)),
        "details": stored_details(item.details),
        "fingerprint": print_,
        "unit": reported_unit(item),
    }


def completed(
    row: dict[str, Any], item: CatalogueItem, stored: Mapping[str, Any] | None, *, believe_status: bool
) -> dict[str, Any]:
    """A row of a changed item with what the item does not say taken from the stored one: an UPDATE may be partial (§9.11).

    `stored` None: an item nobody knew.
    """
    said = {
        "kind": item.parental == 1,
        "name": item.name,
        "maker": item.manufacturer,
        "model": item.model,
        "area": item.civil_code,
        "address": item.address,
        "parents": item.parents,
        "status": item.status and believe_status,
        "longitude": item.longitude is not None,
        "latitude": item.latitude is not None,
        "business_group": item.business_group,
        "ptz_type": item.ptz_type,
        "streams": item.stream_numbers,
        "unit": item.civil_code or item.parents,
    }
    if stored is None:
        return row if believe_status else {**row, "status": ""}
    return {
        **row,
        "details": _merged(stored["details"], item.details),
        **{name: stored[name] for name, is_said in said.items() if not is_said},
    }


def tree_item_of(row: Any, status: str) -> TreeItem:
    """A stored row as its device's own tree has it."""
    parents = tuple(part for part in row.parents.split("/") if part)
    # The operator's words are about the camera that has the code.
    name = row.name if row.kind == DUPLICATE else row.own_name or row.name
    return TreeItem(row.code, name, row.kind, row.area, parents, row.business_group, status if row.kind == "camera" else "")


def camera_of(row: Any, camera_class: CameraClass) -> Camera:
    """A stored row as operators see it."""
    placed = row.own_longitude is not None and row.own_latitude is not None
    return Camera(
        code=row.code,
        device=row.device,
        name=row.own_name or row.name,
        own_name=row.own_name or "",
        reported_name=row.name,
        maker=row.maker,
        model=row.model,
        area=row.own_area or row.area or (row.code[:6] if is_gb_code(row.code) else ""),
        own_area=row.own_area or "",
        parents=tuple(part for part in row.parents.split("/") if part),
        item_status=row.status,
        longitude=row.own_longitude if placed else row.longitude,
        latitude=row.own_latitude if placed else row.latitude,
        own_place=placed,
        address=row.address,
        ptz_type=row.ptz_type,
        streams=tuple(row.streams.split("/")),
        tags=tuple(json.loads(row.tags or "[]")),
        audio_basis=row.audio_basis or "",
        camera_class=camera_class,
        shown_area=row.shown_area,
        stored_details=row.details,
        class_said=bool(row.camera_class),
    )


def placed(row: Any, class_of: Callable[[str], CameraClass], *, whole: bool) -> tuple[str, CameraClass]:
    """Area and class. Where the catalogue says otherwise than what operators decided, or that was changed past the node, the
    stricter: the class that protects more, the area that only whoever holds everything may see. `class_of`: of what is stored.
    """
    if not whole:
        return "", CameraClass.RESTRICTED
    shown, decided = class_of(row.camera_class), class_of(row.note_camera_class or "")
    moved = bool(row.note_own_area) and row.shown_area != shown_area(row.note_own_area)
    return "" if moved else row.shown_area, max(decided, shown, key=PROTECTION.__getitem__)
