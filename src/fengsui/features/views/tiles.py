"""What of a wall somebody may see: names are given for those cameras alone."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Literal, NamedTuple

from fengsui.features.access import Access, Function, Place, Principal
from fengsui.features.cameras import Cameras, UnknownCamera

State = Literal["shown", "refused", "gone"]


class NamedTile(NamedTuple):
    """A camera as one person may know it: of a refused one neither code nor name."""

    camera: str
    name: str
    ptz_type: int
    state: State


REFUSED, GONE = NamedTile("", "", 0, "refused"), NamedTile("", "", 0, "gone")


async def named(access: Access, cameras: Cameras, who: Principal, codes: Iterable[str]) -> dict[str, NamedTile]:
    """By code. Whether the person is on duty is asked when a picture is opened; here it is where they may view at all."""
    scope = access.scope(who, Function.VIEW_LIVE)
    found: dict[str, NamedTile] = {}
    for code in codes:
        found[code] = GONE
        with suppress(UnknownCamera):
            camera = await cameras.get(code)
            held = scope.holds(camera.shown_area, camera.camera_class)
            found[code] = NamedTile(code, camera.name, camera.ptz_type, "shown") if held else REFUSED
    return found


async def check_all(access: Access, cameras: Cameras, who: Principal, codes: list[str]) -> None:
    """Nobody puts on a wall what they may not look at. Raises Refusal."""
    facts = await cameras.facts(codes)
    for code in codes:
        access.check(who, Function.LOOK_AROUND, facts.get(code) or Place(code, ""))
