"""Who has how many places of a bounded list, so that a full one takes from whoever has most. Pure; each step is constant time."""

from __future__ import annotations

from collections import OrderedDict


class Shares:
    """Entries by key, each of one owner; an owner's entries are in the order in which they were last touched."""

    def __init__(self) -> None:
        self._owner_of: dict[str, str] = {}
        self._of_owner: dict[str, OrderedDict[str, None]] = {}
        self._by_size: dict[int, OrderedDict[str, None]] = {}
        self._largest = 0

    def __len__(self) -> int:
        return len(self._owner_of)

    def __contains__(self, key: str) -> bool:
        return key in self._owner_of

    def count(self, owner: str) -> int:
        """How many entries are this owner's."""
        return len(self._of_owner.get(owner, ()))

    def touch(self, key: str, owner: str) -> None:
        """Enters `key` as this owner's newest, whoever had it before."""
        if self._owner_of.get(key) == owner:
            self._of_owner[owner].move_to_end(key)
            return
        self.leave(key)
        keys = self._of_owner.setdefault(owner, OrderedDict())
        keys[key] = None
        self._owner_of[key] = owner
        self._resize(owner, len(keys) - 1, len(keys))

    def leave(self, key: str) -> None:
        """Takes `key` out, if it is there."""
        owner = self._owner_of.pop(key, None)
        if owner is None:
            return
        keys = self._of_owner[owner]
        del keys[key]
        if not keys:
            del self._of_owner[owner]
        self._resize(owner, len(keys) + 1, len(keys))

    def oldest_of(self, owner: str) -> str | None:
        """This owner's entry that was not touched for longest."""
        return next(iter(self._of_owner.get(owner, ())), None)

    def oldest_of_largest(self) -> str | None:
        """The oldest entry of whoever has most; of several, of who has had so many for longest."""
        return self.oldest_of(next(iter(self._by_size[self._largest]))) if self._largest else None

    def owners(self) -> list[str]:
        """Whoever has an entry."""
        return list(self._of_owner)

    def _resize(self, owner: str, before: int, after: int) -> None:
        if before:
            of_size = self._by_size[before]
            del of_size[owner]
            if not of_size:
                del self._by_size[before]
        if after:
            self._by_size.setdefault(after, OrderedDict())[owner] = None
        if after > self._largest or self._largest not in self._by_size:
            self._largest = after  # sizes change by one: who had most of all has one less
