"""Places for connections, bounded in all and for each address, and the octets that unfinished messages may take."""

from __future__ import annotations

from collections.abc import Callable


class Places:
    """`exempt`: addresses with many clients behind them (proxies), bounded in all alone."""

    def __init__(self, total: int, per_address: int, exempt: Callable[[str], bool] = lambda _: False) -> None:
        self._total = total
        self._per_address = per_address
        self._exempt = exempt
        self._taken: dict[str, int] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def refusal(self, host: str) -> str:
        """Why there is no place: `total` or `address`; empty where there is one."""
        if self._count >= self._total:
            return "total"
        return "address" if self._taken.get(host, 0) >= self._per_address and not self._exempt(host) else ""

    def enter(self, host: str) -> None:
        """Takes a place."""
        self._taken[host] = self._taken.get(host, 0) + 1
        self._count += 1

    def leave(self, host: str) -> None:
        """Gives one back that was taken."""
        left = self._taken[host] - 1
        self._count -= 1
        if left:
            self._taken[host] = left
        else:
            del self._taken[host]


class Octets:
    """Memory that several may take, each for its address. Nobody gets more than a quarter of it from one address."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._taken: dict[str, int] = {}
        self.taken = 0

    def take(self, host: str, count: int) -> bool:
        """Takes so many more, or gives so many back (negative). False, and nothing is taken, where that is too much."""
        own = self._taken.get(host, 0) + count
        if count > 0 and (self.taken + count > self._total or own > self._total // 4):
            return False
        self.taken += count
        if own > 0:
            self._taken[host] = own
        else:
            self._taken.pop(host, None)
        return True
