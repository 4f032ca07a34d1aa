"""For all tests."""

from __future__ import annotations

import gc

import pytest
from httpx._config import DEFAULT_LIMITS

# CPython 3.11.7 and before can fail to compile a test when the garbage collector runs in the middle of it (gh-106905).
gc.disable()

# The node lets an idle connection go after five seconds, as long as httpx would keep it: a request might go into the closing one.
DEFAULT_LIMITS.keepalive_expiry = 2.0


def pytest_collection_finish(session: pytest.Session) -> None:
    """Everything is compiled."""
    assert session is not None
    gc.enable()
