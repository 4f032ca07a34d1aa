"""For all tests."""

from __future__ import annotations

import functools
import gc
import ssl
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from httpx._config import DEFAULT_LIMITS, create_ssl_context
from httpx._transports import default as transports

from fengsui import loops
from fengsui.transports.accepting import SHORTAGE

# A busy machine is no fault of what is tested.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# CPython 3.11.7 and before can fail to compile a test when the garbage collector runs in the middle of it (gh-106905).
gc.disable()

# The node lets an idle connection go after five seconds, as long as httpx would keep it: a request might go into the closing one.
DEFAULT_LIMITS.keepalive_expiry = 2.0


@functools.cache
def usual_trust() -> ssl.SSLContext:
    """The authorities that everybody trusts."""
    return create_ssl_context()


def _trust(verify: Any = True, **more: Any) -> ssl.SSLContext:
    """Reading the list of authorities takes longer than most requests, and thousands of clients are made: it is read once."""
    return usual_trust() if verify is True else create_ssl_context(verify=verify, **more)


transports.create_ssl_context = _trust


LONGEST = (
    "test_no_list_and_no_number_shows_anything_of_the_other_city",
    "test_no_operation_ends_in_a_server_error",
    "test_every_post_opens_what_it_gives_and_nothing_else",
    "test_every_operation_refuses_without_a_session",
)
"""Take minutes each: they begin, that none of them is alone at the end."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests first, the others as they are found."""
    items.sort(key=lambda item: item.name not in LONGEST)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Everything is compiled, and stays."""
    assert session is not None
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


@pytest.fixture(autouse=True)
def _of_this_test_alone() -> Iterator[None]:
    """Failed loops and lacking descriptors are remembered for the process; a node of the next test tells its own."""
    yield
    loops._failed.clear()
    SHORTAGE._at_s = None
