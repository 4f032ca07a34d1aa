"""The tree of areas with how many cameras are in each, kept as long as nothing of it has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fengsui.features.access import Scope
from fengsui.features.areas import Area, Divisions
from fengsui.features.cameras.actions import Cameras

KEPT: Final = 16
"""Trees, of so many scopes."""


class AreaTree:
    """Whoever types is answered from the tree of before: only its names are looked through with each letter."""

    def __init__(self, cameras: Cameras, divisions: Divisions, node_area: str) -> None:
        self._cameras = cameras
        self._divisions = divisions
        self._node_area = node_area
        self._kept: dict[Scope, tuple[object, Sequence[Area]]] = {}

    async def of(self, scope: Scope) -> Sequence[Area]:
        """Areas with cameras inside `scope`, and this node's own where it is inside; by code."""
        stands: Any = self._cameras.online(), self._cameras.search.changes
        known = self._kept.get(scope)
        if known is not None and known[0] == stands:
            return known[1]
        counts, named = await self._cameras.counts_by_area(scope), await self._cameras.unit_names()
        tree = self._divisions.tree(counts, [self._node_area] if scope.touches(self._node_area) else [], named)
        self._kept.pop(scope, None)
        while len(self._kept) >= KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[scope] = stands, tree  # as it stood before it was asked: what changed meanwhile has it made anew
        return tree
