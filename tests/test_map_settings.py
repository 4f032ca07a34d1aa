"""Maps of the operator's own: what is asked of their servers, what the content policy lets in, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from fengsui.map_settings import MapLayerSection, MapSection


def layer(**facts: Any) -> MapLayerSection:
    """As a table of the file."""
    return MapLayerSection.model_validate(facts)


def test_xyz_with_subdomains_and_rows_from_below() -> None:
    spread = layer(kind="xyz", url="https://{s}.map.cn:8443/{z}/{x}/{y}.png", subdomains=["a", "b"])
    assert spread.templates() == [f"https://{one}.map.cn:8443/{{z}}/{{x}}/{{y}}.png" for one in "ab"]
    assert spread.origins() == ["https://a.map.cn:8443", "https://b.map.cn:8443"] and not spread.from_below
    below = layer(kind="xyz", url="http://10.1.2.3/tms/{z}/{x}/{-y}.jpg")
    assert below.templates() == ["http://10.1.2.3/tms/{z}/{x}/{y}.jpg"] and below.from_below


def test_wmts_by_parameters_keeps_what_the_address_says() -> None:
    tianditu = layer(kind="wmts", url="https://{s}.tianditu.gov.cn/vec_w/wmts?tk=a1b2&layer=vec", subdomains=["t0"])
    assert tianditu.templates() == [
        "https://t0.tianditu.gov.cn/vec_w/wmts?tk=a1b2&layer=vec&SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&STYLE=default"
        "&TILEMATRIXSET=w&FORMAT=image/png&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
    ]
    server = layer(
        kind="wmts", url="http://pgis/gwc/wmts", layer="city:道路", matrix_set="EPSG:3857", matrix_prefix="EPSG:3857:", style="day"
    )
    (template,) = server.templates()
    assert "LAYER=city:%E9%81%93%E8%B7%AF&STYLE=day&TILEMATRIXSET=EPSG:3857" in template and "TILEMATRIX=EPSG:3857:{z}&" in template


def test_wmts_by_path() -> None:
    rest = layer(
        kind="wmts", url="http://pgis/wmts/{layer}/{Style}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.png", layer="base"
    )
    assert rest.templates() == ["http://pgis/wmts/base/default/w/{z}/{y}/{x}.png"]


@pytest.mark.parametrize(("version", "system"), [("1.1.1", "SRS"), ("1.3.0", "CRS")])
def test_wms_asks_for_web_mercator(version: str, system: str) -> None:
    (template,) = layer(kind="wms", url="http://pgis/wms?map=city", layer="roads", version=version, tile_px=512).templates()
    assert template == (
        f"http://pgis/wms?map=city&SERVICE=WMS&REQUEST=GetMap&VERSION={version}&LAYERS=roads&STYLES=&{system}=EPSG:3857"
        "&FORMAT=image/png&TRANSPARENT=TRUE&BBOX={bbox-epsg-3857}&WIDTH=512&HEIGHT=512"
    )


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "wmts", "url": "https://t0.tianditu.gov.cn/vec_c/wmts?tk=1", "layer": "vec"},
        {"kind": "wmts", "url": "https://t0.tianditu.gov.cn/wmts?tk=1", "layer": "vec", "matrix_set": "c"},
        {"kind": "wmts", "url": "http://pgis/wmts", "layer": "vec", "matrix_set": "EPSG:4490"},
        {"kind": "wmts", "url": "http://pgis/wmts", "layer": "vec", "matrix_set": "urn:ogc:def:crs:EPSG::4490"},
        {"kind": "wmts", "url": "http://pgis/wmts?TILEMATRIXSET=c", "layer": "vec"},
        {"kind": "wms", "url": "http://pgis/wms?SRS=EPSG:4326", "layer": "roads"},
        {"kind": "wms", "url": "http://pgis/wms?crs=EPSG%3A4490", "layer": "roads"},
    ],
)
def test_tiles_cut_by_degrees_are_not_taken_for_web_mercator(facts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"say projection = 'EPSG:4490'.*vec_w instead of vec_c"):
        layer(**facts)
    assert layer(**facts, projection="EPSG:4490").by_degrees


def test_wmts_by_degrees() -> None:
    tianditu = layer(kind="wmts", url="https://t0.tianditu.gov.cn/vec_c/wmts?tk=1", layer="vec", projection="EPSG:4490")
    assert "TILEMATRIXSET=c&" in tianditu.templates()[0] and tianditu.corner == (-180, 90)
    below = layer(kind="xyz", url="http://pgis/{z}/{x}/{-y}", projection="EPSG:4326")
    assert below.corner == (-180, -90) and below.from_below
    own = layer(kind="xyz", url="http://pgis/{z}/{x}/{-y}", projection="EPSG:4326", origin=(0, 0), first_tile_deg=512)
    assert own.corner == (0, 0) and own.first_tile_deg == 512


@pytest.mark.parametrize(
    ("version", "asked"),
    [
        ("1.1.1", "SRS=EPSG:4490&{}&BBOX={west},{south},{east},{north}"),
        ("1.3.0", "CRS=EPSG:4490&{}&BBOX={south},{west},{north},{east}"),
    ],
)
def test_wms_by_degrees_asks_in_the_order_of_its_axes(version: str, asked: str) -> None:
    (template,) = layer(kind="wms", url="http://pgis/wms", layer="roads", version=version, projection="EPSG:4490").templates()
    assert asked.replace("{}", "FORMAT=image/png&TRANSPARENT=TRUE") in template


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"kind": "xyz", "url": "ftp://map.cn/{z}/{x}/{y}.png"}, "http:// or https://"),
        ({"kind": "xyz", "url": "https://user:secret@map.cn/{z}/{x}/{y}.png"}, "no user"),
        ({"kind": "xyz", "url": "https://map.cn;script-src */{z}/{x}/{y}.png"}, "http:// or https://"),
        ({"kind": "xyz", "url": "https://*.map.cn/{z}/{x}/{y}.png"}, "http:// or https://"),
        ({"kind": "xyz", "url": "https://map.cn/{z}/{x}.png"}, "are missing"),
        ({"kind": "xyz", "url": "https://{s}.map.cn/{z}/{x}/{y}.png"}, "belong together"),
        ({"kind": "xyz", "url": "https://map.cn/{z}/{x}/{y}.png", "subdomains": ["a"]}, "belong together"),
        ({"kind": "xyz", "url": "https://{s}.map.cn/{z}/{x}/{y}.png", "subdomains": ["a; img-src *"]}, "subdomains"),
        ({"kind": "wms", "url": "http://pgis/wms"}, "which layer"),
        ({"kind": "xyz", "url": "http://pgis/{z}/{x}/{y}", "first_tile_deg": 180}, "first_tile_deg are for"),
        ({"kind": "wms", "url": "http://pgis/wms", "layer": "r", "projection": "EPSG:4490", "origin": (0, 0)}, "are for xyz"),
        ({"kind": "xyz", "url": "http://pgis/{z}/{x}/{y}", "projection": "EPSG:4490", "origin": (0, 91)}, "origin"),
        ({"kind": "wmts", "url": "http://pgis/wmts"}, "which layer"),
    ],
)
def test_what_cannot_be_asked_is_refused(facts: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        layer(**facts)


def test_a_datum_that_is_none_is_refused_and_no_map_opens_no_address() -> None:
    with pytest.raises(ValidationError, match="datum"):
        MapSection.model_validate({"datum": "BD-09"})
    assert MapSection().origins() == []
