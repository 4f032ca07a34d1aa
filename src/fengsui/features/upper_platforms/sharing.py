"""What an upper platform may see of this node: its part of the catalogue, under the codes and names that were agreed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from fengsui.features.access import Scope
from fengsui.features.areas import Divisions
from fengsui.features.cameras import Asked, Camera, Cameras, Sorting
from fengsui.features.upper_platforms.model import SharedCamera, Upper, area_items, camera_item, gone_item, own_item
from fengsui.wire.gb28181.catalog import CatalogueItem
from fengsui.wire.gb_code import CODE_DIGITS, is_gb_code

READ_AT_ONCE: Final = 500
AREA_DIGITS: Final = (2, 4, 6, 8)


class Seen(NamedTuple):
    """A camera and as what the platform knows it."""

    camera: Camera
    as_shared: SharedCamera


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What lies below one code, as it stood when it was asked for. `heads`: what is no camera; `cameras`: by code and device."""

    heads: list[CatalogueItem]
    cameras: list[tuple[str, str]]
    named: dict[str, SharedCamera]
    scope: Scope
    """Where the others lie."""

    @property
    def count(self) -> int:
        """Of items: as many are sent."""
        return len(self.heads) + len(self.cameras)


class Sharing:
    """`own`, `title`, `area`: code, name and area of the node."""

    def __init__(self, cameras: Cameras, divisions: Divisions, own: str, title: str, area: str) -> None:
        self._cameras = cameras
        self._divisions = divisions
        self.own = own
        self.title = title
        self._area = area

    async def find(self, upper: Upper, exposed: str) -> Seen | None:
        """The camera that this platform knows under that code; None: it is given none such. Raises StorageFault."""
        share = upper.share
        as_shared = share.named(exposed)
        code = as_shared.code if as_shared is not None else exposed
        if as_shared is None and (not is_gb_code(exposed) or any(one.code == exposed for one in share.cameras)):
            return None
        found = (await self._cameras.many([code])).get(code)
        if found is None or found[0].device == upper.code:  # its own, which it has nearer
            return None
        camera, _ = found
        if as_shared is None and not share.scope().holds(camera.shown_area, camera.camera_class):
            return None
        return Seen(camera, as_shared or SharedCamera(code))

    async def has(self, upper: Upper, code: str) -> bool:
        """Whether it may ask for what lies below this code. Raises StorageFault."""
        if code == self.own:
            return True
        if len(code) in AREA_DIGITS:
            return any(area.startswith(code) or code.startswith(area) for area in upper.share.areas)
        return await self.find(upper, code) is not None

    def is_online(self, camera: Camera) -> bool:
        """Whether pictures can be asked for."""
        return self._cameras.status_of(camera) == "online"

    async def count(self, upper: Upper) -> int:
        """Of cameras in its catalogue. Raises StorageFault."""
        return len((await self.catalogue(upper, self.own)).cameras)

    async def catalogue(self, upper: Upper, root: str) -> Catalogue:
        """What lies below `root`, which it has. Raises StorageFault."""
        if len(root) == CODE_DIGITS and root != self.own:
            seen = await self.find(upper, root)
            if seen is None:
                return Catalogue([], [], {}, Scope(()))
            return Catalogue([], [(seen.camera.code, seen.camera.device)], {seen.camera.code: seen.as_shared}, Scope(()))
        below = root if root != self.own else ""
        by_name = await self._cameras.many([one.code for one in upper.share.cameras])
        named = {one.code: one for one in upper.share.cameras}
        keys = {
            code: camera.device
            for code, (camera, _) in by_name.items()
            if camera.shown_area.startswith(below) and camera.device != upper.code
        }
        areas = {camera.shown_area for code, (camera, _) in by_name.items() if code in keys}
        scope = upper.share.scope(below)
        if scope.areas:
            taken = {one.as_code or one.code for one in upper.share.cameras}
            for code, device in await self._cameras.keys(scope, Asked(), Sorting()):
                if code not in named and code not in taken and device != upper.code and is_gb_code(code):
                    keys.setdefault(code, device)
            areas |= set(await self._cameras.counts_by_area(scope))
        heads = area_items([(code, self._divisions.name_of(code)) for code in sorted({area[:6] for area in areas if area})])
        if root == self.own:
            heads.insert(0, own_item(self.own, self.title, self._area))
        return Catalogue(heads, list(keys.items()), named, scope)

    async def items(self, catalogue: Catalogue) -> AsyncIterator[CatalogueItem]:
        """As many as its count says: what left meanwhile is off. Raises StorageFault."""
        for head in catalogue.heads:
            yield head
        for at in range(0, len(catalogue.cameras), READ_AT_ONCE):
            keys = catalogue.cameras[at : at + READ_AT_ONCE]
            found = await self._cameras.many([code for code, _ in keys])
            for code, _ in keys:
                camera = found[code][0] if code in found else None
                as_shared = catalogue.named.get(code, SharedCamera(code))
                by_area = code not in catalogue.named
                # By its class as it is sealed: what the list is chosen by may have been changed past the node.
                if camera is None or (by_area and not catalogue.scope.holds(camera.shown_area, camera.camera_class)):
                    yield gone_item(as_shared.as_code or code, self.own)
                else:
                    yield camera_item(camera, as_shared, self.own, online=self.is_online(camera))
