"""How often a test does what it repeats: a few times in `make test`, as often as a rare fault takes in `make soak`."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")
WHOLE = os.environ.get("FENGSUI_WHOLE_ROUNDS") == "1"


def rounds(few: T, whole: T) -> T:
    """`few` in `make test`, `whole` in `make soak`. Who calls it has the marker `rounds`, by which `make soak` finds the test."""
    return whole if WHOLE else few
