"""Maps of the operator's own under the console's cameras: tiles by XYZ, WMTS or WMS, in Web Mercator (EPSG:3857)."""

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
    matrix_set: Line = "w"
    """wmts: its name for Web Mercator, such as `w`, `EPSG:3857` or `GoogleMapsCompatible`."""
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
        if IN_DEGREES.search(self.url) or (self.kind == "wmts" and (self.matrix_set == "c" or IN_DEGREES.search(self.matrix_set))):
            raise ValueError(
                "these tiles are cut by degrees (EPSG:4490 or 4326); the console draws Web Mercator: take the address and matrix "
                "set of EPSG:3857, of Tianditu those that end in _w (vec_w instead of vec_c) with matrix_set = 'w'"
            )
        if self.kind == "xyz" and not ("{z}" in self.url and "{x}" in self.url and ("{y}" in self.url or "{-y}" in self.url)):
            raise ValueError("url: {z}, {x} and {y} (or {-y}) are missing")
        if self.kind != "xyz" and not self.layer and not re.search(r"[?&]layers?=[^&]", self.url, re.IGNORECASE) and not self._rest:
            raise ValueError("layer: say which layer of that server")
        return self

    @property
    def _rest(self) -> bool:
        return self.kind == "wmts" and "{tilematrix}" in self.url.lower()

    @property
    def from_below(self) -> bool:
        """Rows are counted from the south (TMS)."""
        return self.kind == "xyz" and "{-y}" in self.url

    def templates(self) -> list[str]:
        """What MapLibre fills in: `{z}`, `{x}`, `{y}`, or `{bbox-epsg-3857}`; one for each subdomain."""
        made = {"xyz": self._xyz, "wmts": self._wmts, "wms": self._wms}[self.kind]()
        return [made.replace(SUBDOMAIN, one) for one in self.subdomains] or [made]

    def origins(self) -> list[str]:
        """Scheme and host of each: what the console's content policy must let in."""
        return [f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, self.templates())]

    def _xyz(self) -> str:
        return self.url.replace("{-y}", "{y}")

    def _wmts(self) -> str:
        values = {"tilematrixset": self.matrix_set, "style": self.style or "default", "layer": self.layer}
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
        said |= {system: "EPSG:3857", "FORMAT": self.format, "TRANSPARENT": "TRUE", "BBOX": "{bbox-epsg-3857}"}
        return self._asked(said | {"WIDTH": str(self.tile_px), "HEIGHT": str(self.tile_px)})

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
