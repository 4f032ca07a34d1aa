"""Areas that fit what somebody types, by name, code, pinyin or its initials. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from fengsui.features.areas import Area
from fengsui.features.cameras.asked import Asked
from fengsui.features.cameras.spelling import BEGIN, pattern_of, spelled

UNNAMED = "基层单位 {number}"
"""What an access unit is called that no catalogue names."""
EXACT, BEGINS, CONTAINS = range(3)


@lru_cache(maxsize=8192)
def _spelled(name: str) -> str:
    return spelled(name)


def _rank(area: Area, word: str, pattern: re.Pattern[str]) -> int | None:
    """How well a word fits an area itself; None: not."""
    if area.code == word:
        return EXACT
    if word.isdigit() and area.code.startswith(word):
        return BEGINS
    name = _spelled(area.name or UNNAMED.format(number=area.code[-2:]))
    found = pattern.search(name)
    if found is None:
        return None
    return BEGINS if BEGIN.fullmatch(name, 0, found.start()) else CONTAINS


def areas_found(tree: Sequence[Area], text: str) -> list[Area]:
    """Those that a word fits at least, each other word them or an area above; the best first, then those with most cameras."""
    typed = [(word, re.compile(pattern)) for word in Asked.of(text).words if (pattern := pattern_of(word))]
    if not typed:
        return []
    every = ((area.code, [_rank(area, word, pattern) for word, pattern in typed]) for area in tree)
    ranks = {code: own for code, own in every if any(rank is not None for rank in own)}
    found: list[tuple[int, int, Area]] = []
    for area in tree:
        own = ranks.get(area.code)
        if own is None:
            continue
        path = [ranks[area.code[:length]] for length in range(2, len(area.code), 2) if area.code[:length] in ranks]
        fits = all(own[at] is not None or any(above[at] is not None for above in path) for at in range(len(typed)))
        if fits:
            best = min(rank for rank in own if rank is not None)
            found.append((best, -area.cameras_total, area))
    return [area for *_, area in sorted(found, key=lambda one: (one[0], one[1], one[2].code))]
