"""Maps of the operator's own under the console's cameras: tiles by XYZ, WMTS or WMS, cut in Web Mercator or by degrees."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from pydantic import Field, model_validator

from fengsui.settings_section import Line, Section

Zoom = Annotated[int, Field(ge=0, le=24)]
HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
SUBDOMAIN = "{s}"
IN_DEGREES = re.compile(
    r"(?:EPSG(?::|%3A)+(?:[0-9.]*(?::|%3A))?(?:4326|4490)\b|CRS(?::|%3A)?84|/[a-z]{3}_c/|[?&]tilematrixset=c(?:&|$))", re.IGNORECASE
)
"""How URLs and matrix sets of longitude and latitude look; `vec_c`, `img_c` and the like are Tianditu's."""
MERCATOR: Literal["EPSG:3857"] = "EPSG:3857"
WORLD_DEG = 360.0
Origin = tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]]
KEPT = "{}:/,"


class MapLayerSection(Section):
    """One layer of tiles, `[[map.layers]]`; the first lies lowest."""

    kind: Literal["xyz", "wmts", "wms"]
    url: Line
    """xyz: with `{z}`, `{x}` and `{y}` (`{-y}`: rows counted from below). wmts: with `{TileMatrix}`, `{TileRow}` and
    `{TileCol}`, or the address to which they are added as parameters. wms: the address of GetMap. Parameters that it has stay."""
    subdomains: list[Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,32}$")]] = Field(default_factory=list)
    """For `{s}` in the url: the requests are spread over these names."""
    layer: Line = ""
    """wmts, wms: its name there."""
    style: Line = ""
    projection: Literal["EPSG:3857", "EPSG:4490", "EPSG:4326"] = MERCATOR
    """How the tiles are cut: in Web Mercator, or by degrees of longitude and latitude (drawn into Mercator by the console)."""
    origin: Origin | None = None
    """By degrees: longitude and latitude where columns and rows begin; without, -180 and 90 (-90 for `{-y}`)."""
    first_tile_deg: Annotated[float, Field(gt=0, le=1024)] = WORLD_DEG
    """By degrees: how wide a tile of level 0 is; 360 in Tianditu's `c`, 180 in GeoServer's EPSG:4326."""
    matrix_set: Line = ""
    """wmts: its name there, such as `EPSG:3857` or `GoogleMapsCompatible`; without, `w` or, by degrees, `c`."""
    matrix_prefix: Line = ""
    """wmts: what stands before the number of a matrix, such as `EPSG:3857:`."""
    format: Line = "image/png"
    version: Literal["1.1.1", "1.3.0"] = "1.1.1"
    """wms."""
    tile_px: Literal[256, 512] = 256
    min_zoom: Zoom = 0
    max_zoom: Zoom = 18
    """The finest tiles there are; beyond, these are drawn larger."""

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        host = urlsplit(self.url).netloc.replace(SUBDOMAIN, "s")
        if urlsplit(self.url).scheme not in ("http", "https") or not HOST.fullmatch(host):
            raise ValueError(
                "url: http:// or https:// with a host and no user, such as https://map.example.cn/tile/{z}/{x}/{y}.png"
            )
        if (SUBDOMAIN in self.url) != bool(self.subdomains):
            raise ValueError("{s} in the url and subdomains belong together")
        matrices = f"{self.url}&tilematrixset={self.matrix_set}" if self.kind == "wmts" else self.url
        if IN_DEGREES.search(matrices) and not self.by_degrees:
            raise ValueError(
                "these tiles are cut by degrees: say projection = 'EPSG:4490' (or 'EPSG:4326'), or take the address and matrix set "
                "of Web Mercator, of Tianditu those that end in _w (vec_w instead of vec_c)"
            )
        if (self.origin is not None or self.first_tile_deg != WORLD_DEG) and (not self.by_degrees or self.kind == "wms"):
            raise ValueError("origin and first_tile_deg are for xyz and wmts whose projection is EPSG:4490 or EPSG:4326")
        if self.kind == "xyz" and not ("{z}" in self.url and "{x}" in self.url and ("{y}" in self.url or "{-y}" in self.url)):
            raise ValueError("url: {z}, {x} and {y} (or {-y}) are missing")
        if self.kind != "xyz" and not self.layer and not re.search(r"[?&]layers?=[^&]", self.url, re.IGNORECASE) and not self._rest:
            raise ValueError("layer: say which layer of that server")
        return self

    @property
    def _rest(self) -> bool:
        return self.kind == "wmts" and "{tilematrix}" in self.url.lower()

    @property
    def by_degrees(self) -> bool:
        """Cut by longitude and latitude, and not in Web Mercator."""
        return self.projection != MERCATOR

    @property
    def corner(self) -> Origin:
        """By degrees: where columns and rows begin."""
        return self.origin or (-180.0, -90.0 if self.from_below else 90.0)

    @property
    def from_below(self) -> bool:
        """Rows are counted from the south (TMS)."""
        return self.kind == "xyz" and "{-y}" in self.url

    def templates(self) -> list[str]:
        """With what is to be filled in, one for each subdomain: `{z}`, `{x}`, `{y}`; for wms `{bbox-epsg-3857}`, or by degrees
        `{west}`, `{south}`, `{east}`, `{north}`."""
        made = {"xyz": self._xyz, "wmts": self._wmts, "wms": self._wms}[self.kind]()
        return [made.replace(SUBDOMAIN, one) for one in self.subdomains] or [made]

    def origins(self) -> list[str]:
        """Scheme and host of each: what the console's content policy must let in."""
        return [f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, self.templates())]

    def _xyz(self) -> str:
        return self.url.replace("{-y}", "{y}")

    def _wmts(self) -> str:
        values = {
            "tilematrixset": self.matrix_set or ("c" if self.by_degrees else "w"),
            "style": self.style or "default",
            "layer": self.layer,
        }
        values |= {"tilematrix": f"{self.matrix_prefix}{{z}}", "tilerow": "{y}", "tilecol": "{x}"}
        if self._rest:
            known = "|".join(values)
            return re.sub(
                rf"{{({known})}}", lambda found: quote(values[found[1].lower()], safe=KEPT), self.url, flags=re.IGNORECASE
            )
        order = ("layer", "style", "tilematrixset", "format", "tilematrix", "tilerow", "tilecol")
        said = {
            "service": "WMTS",
            "request": "GetTile",
            "version": "1.0.0",
            **{name: (values | {"format": self.format})[name] for name in order},
        }
        return self._asked({name.upper(): value for name, value in said.items()})

    def _wms(self) -> str:
        system = "CRS" if self.version == "1.3.0" else "SRS"
        said = {"SERVICE": "WMS", "REQUEST": "GetMap", "VERSION": self.version, "LAYERS": self.layer, "STYLES": self.style}
        said |= {system: self.projection, "FORMAT": self.format, "TRANSPARENT": "TRUE", "BBOX": self._box()}
        return self._asked(said | {"WIDTH": str(self.tile_px), "HEIGHT": str(self.tile_px)})

    def _box(self) -> str:
        """WMS 1.3.0 takes the axes in the order that the projection has: of both by degrees latitude first (§6.7.2)."""
        if not self.by_degrees:
            return "{bbox-epsg-3857}"
        return "{south},{west},{north},{east}" if self.version == "1.3.0" else "{west},{south},{east},{north}"

    def _asked(self, said: dict[str, str]) -> str:
        """The address with these parameters; those that it has already, in whatever case, stay as they are."""
        parts = urlsplit(self.url)
        had = {name.upper() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        added = [f"{name}={quote(value, safe=KEPT)}" for name, value in said.items() if name not in had]
        return urlunsplit(parts._replace(query="&".join([*([parts.query] if parts.query else []), *added])))


class MapSection(Section):
    """The console's map. Without layers: the built-in one, and no address but the node's is asked for anything."""

    layers: Annotated[list[MapLayerSection], Field(max_length=8)] = Field(default_factory=list)
    datum: Literal["WGS-84", "CGCS2000", "GCJ-02"] = "CGCS2000"
    """Of the layers. WGS-84 and CGCS2000 are the same to a metre; onto a map in GCJ-02 the cameras are shifted."""
    attribution: Line = ""
    """Whose map it is."""
    approval_number: Line = ""
    """审图号, as it must stand on a map that is shown."""

    def origins(self) -> list[str]:
        """What the content policy lets in, beside the node itself."""
        return sorted({one for layer in self.layers for one in layer.origins()})
