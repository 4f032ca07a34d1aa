"""How many descriptors this process has open, of how many."""

from __future__ import annotations

import errno
import resource
from pathlib import Path
from typing import NamedTuple

DESCRIPTORS = Path("/proc/self/fd")


class OpenFiles(NamedTuple):
    """`open` None where the system does not tell; `limit` None: there is none."""

    open: int | None
    limit: int | None

    @property
    def none_left(self) -> bool:
        """Nothing more can be opened."""
        return self.open is not None and self.limit is not None and self.open >= self.limit


def open_files() -> OpenFiles:
    """As it is now. To look costs a descriptor: where there is none, that is the answer."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    limit = None if soft == resource.RLIM_INFINITY else soft
    try:
        return OpenFiles(sum(1 for _ in DESCRIPTORS.iterdir()) - 1, limit)
    except OSError as error:
        return OpenFiles(limit if error.errno in (errno.EMFILE, errno.ENFILE) else None, limit)
