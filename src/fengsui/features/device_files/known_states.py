"""Which camera points have a file in which state, in memory: lists of any length are narrowed and put in order by it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from fengsui.features.device_files import queries
from fengsui.features.device_files.model import FileState
from fengsui.store import Store


class FileStates:
    """The node alone writes its database: each transaction tells of which files it changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, FileState] | None = None
        self._changed: set[str] = set()
        self._reading = asyncio.Lock()
        store.followers[queries.CHANGED] = self._take

    def _take(self, codes: set[str]) -> None:
        self._changed |= codes

    async def of_all(self) -> Mapping[str, FileState]:
        """Code → state of every file; another object whenever something of it has changed."""
        async with self._reading:
            if self._known is None:
                self._changed.clear()  # what changes from here on is told
                async with self._store.reading() as tx:
                    self._known = {code: FileState(state) for code, state in (await queries.every_state(tx)).items()}
            if self._changed:
                changed, self._changed = self._changed, set()
                try:
                    async with self._store.reading() as tx:
                        fresh = await queries.states(tx, sorted(changed))
                except BaseException:
                    self._changed |= changed
                    raise
                kept = {code: state for code, state in self._known.items() if code not in changed}
                self._known = kept | {code: FileState(state) for code, (state, _) in fresh.items()}
            return self._known
