"""What somebody types to find cameras, taken apart: words that must all fit, states and tags among them. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MOST_WORDS, LONGEST = 8, 64
STATES = {
    **dict.fromkeys(("online", "在线"), "online"),
    **dict.fromkeys(("offline", "离线"), "offline"),
    **dict.fromkeys(("fault", "故障"), "fault"),
    **dict.fromkeys(("unknown", "未知"), "unknown"),
}
STATE_WORDS, TAG_WORDS = frozenset(("state", "status", "状态")), frozenset(("tag", "标签"))
BARE_STATES = frozenset(("在线", "离线"))
"""States by themselves: no camera is called so."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Empty: anything. `area`: below it, or with `exactly` in it alone; of `states`, `tags` and `classes` any, of `words` all.

    `classes`: empty among them for cameras of which nobody has said the class; `placed` None: with a place or without.
    """

    words: tuple[str, ...] = ()
    states: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    area: str = ""
    exactly: bool = False
    device: str = ""
    classes: frozenset[str] = frozenset()
    placed: bool | None = None
    ignored: tuple[str, ...] = ()
    """Words beyond those that are looked for, as typed."""

    @classmethod
    def of(
        cls,
        text: str,
        *,
        states: Iterable[str] = (),
        tags: Iterable[str] = (),
        area: str = "",
        exactly: bool = False,
        device: str = "",
        classes: Iterable[str] = (),
        placed: bool | None = None,
    ) -> Asked:
        """Words are parted by blanks. `状态:离线` or `离线`, `标签:学校` or `#学校` narrow as `states` and `tags` do."""
        words: list[str] = []
        found_states, found_tags = set(states), {tag for tag in tags if tag.strip()}
        every = unicodedata.normalize("NFKC", text).lower().split()
        for word in every[:MOST_WORDS]:
            kind, colon, value = word.partition(":")
            if colon and value and kind in STATE_WORDS:
                found_states.add(STATES.get(value, value))
            elif colon and value and kind in TAG_WORDS:
                found_tags.add(value)
            elif word in BARE_STATES:
                found_states.add(STATES[word])
            elif word[0] == "#" and len(word) > 1:
                found_tags.add(word[1:])
            else:
                words.append(word[:LONGEST])
        found = frozenset(found_states), frozenset(found_tags)
        ignored = tuple(every[MOST_WORDS:])
        return cls(tuple(words), *found, area, exactly, device, frozenset(classes), placed, ignored)

    @property
    def narrows(self) -> bool:
        """By more than area and device."""
        return bool(self.words or self.states or self.tags or self.classes or self.placed is not None)
