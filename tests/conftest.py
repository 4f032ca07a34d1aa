"""For all tests."""

from __future__ import annotations

import gc

import pytest

# CPython 3.11.7 and before can fail to compile a test when the garbage collector runs in the middle of it (gh-106905).
gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Everything is compiled."""
    assert session is not None
    gc.enable()
