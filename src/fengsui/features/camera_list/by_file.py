"""Cameras narrowed and put in order by the state of their files, which another room keeps than their names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal

from fengsui.features.device_files import FileState

FileFilter = FileState | Literal["none"]
NONE: Final = "none"
"""There is no file."""
_RANK: Final = {NONE: 0} | {state.value: 1 + at for at, state in enumerate(FileState)}
Keys = Sequence[tuple[str, str]]
"""(code, device) of cameras."""


class ByFile:
    """What was asked for last is kept: a list is read page by page."""

    def __init__(self) -> None:
        self._last: tuple[Keys, Mapping[str, FileState], tuple[object, ...], Keys] | None = None

    def of(self, keys: Keys, states: Mapping[str, FileState], wanted: Collection[str], *, sort: bool, down: bool) -> Keys:
        """Of `wanted` one is enough, none: any; `sort`: by the way of a file through its life, none first, then as `keys` are."""
        if not wanted and not sort:
            return keys
        how = frozenset(wanted), sort, down
        last = self._last
        if last is not None and last[0] is keys and last[1] is states and last[2] == how:
            return last[3]
        found = [key for key in keys if not wanted or states.get(key[0], NONE) in wanted]
        if sort:
            found.sort(key=lambda key: _RANK[states.get(key[0], NONE)], reverse=down)
        self._last = keys, states, how, found
        return found
