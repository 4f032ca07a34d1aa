"""Every camera's names, code and tags in memory, spelled, so that a word is looked for in a hundred thousand at once. Pure.

Cameras lie in blocks by code. A block is never changed, only replaced: whoever searches has what they began with, and what a word
found in a block is true as long as the block is there: who types on does not look for the words before anew.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from fengsui.features.cameras.spelling import BEGIN, pattern_of, sorted_by, spelled

BLOCK, KEPT_WORDS = 2_000, 8
"""Cameras of a block; so many words it knows the finds of."""
FEW = 3
"""Where fewer than one of so many is left, each is looked at by itself."""
EXACT, BEGINS, INITIALS, CONTAINS, IN_AREA = range(5)
"""How well a word fits: the code itself; the name begins with it; with its pinyin; somewhere; the area is called so."""
_TAG = "\x02"
Key = tuple[str, str]
"""Code and device."""


class Group(NamedTuple):
    """What rights and states are decided by; many cameras have it in common."""

    area: str
    camera_class: str
    device: str
    status: str
    placed: bool = True
    """It has a place on the map."""


class Entry(NamedTuple):
    """One camera."""

    code: str
    group: Group
    name: str
    reported: str
    tags: Sequence[str]


class Finds(NamedTuple):
    """Of one word in a block: places, and where in the lines the first find in each stands."""

    places: array[int]
    starts: array[int]


class Block(NamedTuple):
    """Cameras by code, then by device. `lines`: one for each, ended by a line feed; `starts`: where, and the end of all.

    `names`, `tags`: what each is sorted by among names and tags; `by_name`: their places in the order of names.
    """

    codes: tuple[str, ...]
    groups: array[int]
    starts: array[int]
    lines: str
    names: tuple[str, ...]
    by_name: array[int]
    tags: tuple[str, ...]
    finds: dict[str, Finds]
    """What words found of late, by expression."""


Row = tuple[str, int, str, str, str]
"""Code, number of its group, line, what its name is sorted by, what its tags are."""
Word = tuple[str, re.Pattern[str], frozenset[str]]
"""As typed, its expression, and the areas that are called so."""


def _line(one: Entry) -> str:
    fields = [spelled(one.name), one.code.upper()]
    if one.reported != one.name:
        fields.append(spelled(one.reported))
    fields += [_TAG + spelled(tag) for tag in one.tags]
    return "\t".join(fields) + "\n"


def word_of(word: str, area_names: Mapping[str, str]) -> Word | None:
    """None: the word has nothing that could be found."""
    pattern = pattern_of(word)
    if not pattern:
        return None
    begins = re.compile(rf"(?:^|\n){BEGIN.pattern}{pattern}")
    areas = frozenset(code for code, names in area_names.items() if len(word) > 1 and begins.search(names))
    return word.upper(), re.compile(f"{pattern}[^\n]*\n"), areas


class SearchIndex:
    """Filled and kept in step by `CameraSearch`."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.groups: list[Group] = []
        self._numbers: dict[Group, int] = {}

    def __len__(self) -> int:
        return sum(len(block.codes) for block in self.blocks)

    def _number(self, group: Group) -> int:
        found = self._numbers.get(group)
        if found is None:
            found = self._numbers[group] = len(self.groups)
            self.groups.append(group)
        return found

    def _row(self, one: Entry) -> Row:
        return one.code, self._number(one.group), _line(one), sorted_by(one.name), sorted_by("\t".join(one.tags))

    def fill(self, entries: Iterable[Entry]) -> None:
        """Adds what comes after everything that is there already, in the order of the codes."""
        some: list[Row] = []
        for one in entries:
            some.append(self._row(one))
            if len(some) == BLOCK:
                self.blocks.append(_block(some))
                some = []
        if some:
            self.blocks.append(_block(some))

    def replace(self, codes: Iterable[str], entries: Sequence[Entry]) -> None:
        """`entries`: all that there is now of `codes`."""
        fresh: dict[str, list[Row]] = {code: [] for code in codes}
        for one in entries:
            fresh[one.code].append(self._row(one))
        firsts = [block.codes[0] for block in self.blocks]
        by_block: dict[int, list[str]] = {}
        for code in sorted(fresh):
            by_block.setdefault(max(0, bisect_right(firsts, code) - 1), []).append(code)
        made: list[Block] = []
        for number, block in enumerate(self.blocks or [_block([])]):
            changed = by_block.get(number)
            if changed is None:
                made.append(block)
                continue
            kept = [
                (code, block.groups[at], block.lines[block.starts[at] : block.starts[at + 1]], block.names[at], block.tags[at])
                for at, code in enumerate(block.codes)
                if code not in fresh
            ]
            rows = sorted([*kept, *(row for code in changed for row in fresh[code])], key=lambda row: row[0])
            made += [_block(rows[at : at + BLOCK]) for at in range(0, len(rows), BLOCK)]
        self.blocks = made

    def codes_of(self, devices: frozenset[str]) -> list[str]:
        """Of these devices' cameras."""
        theirs = {number for number, group in enumerate(self.groups) if group.device in devices}
        return [code for block in self.blocks for code, group in zip(block.codes, block.groups, strict=True) if group in theirs]

    def snapshot(self) -> tuple[list[Block], list[Group]]:
        """For a search beside the event loop."""
        return self.blocks, list(self.groups)


def _block(rows: Sequence[Row]) -> Block:
    starts = array("I", [0])
    for _, _, line, *_ in rows:
        starts.append(starts[-1] + len(line))
    names = tuple(name for *_, name, _ in rows)
    return Block(
        tuple(code for code, *_ in rows),
        array("I", (group for _, group, *_ in rows)),
        starts,
        "".join(line for _, _, line, *_ in rows),
        names,
        array("I", sorted(range(len(names)), key=names.__getitem__)),
        tuple(tags for *_, tags in rows),
        {},
    )


def search(
    blocks: Sequence[Block],
    groups: Sequence[Group],
    allowed: Callable[[Group], bool],
    words: Sequence[Word],
    tags: Sequence[re.Pattern[str]] = (),
) -> list[Key]:
    """Cameras of allowed groups that all words fit and one of `tags`, the best first, then by code."""
    fits = [allowed(group) for group in groups]
    ranked: list[list[Key]] = [[] for _ in range(IN_AREA * max(1, len(words)) + 1)]
    for block, found, hits in _fitting(blocks, groups, fits, words, tags):
        if found is None:
            every = zip(block.codes, block.groups, strict=True)
            ranked[0] += [(code, groups[group].device) for code, group in every if fits[group]]
            continue
        for at in sorted(found):
            rank = sum(_rank(block, at, starts[at], typed) for typed, starts in hits)
            ranked[rank].append((block.codes[at], groups[block.groups[at]].device))
    return [key for some in ranked for key in some]


def arranged(
    blocks: Sequence[Block],
    groups: Sequence[Group],
    allowed: Callable[[Group], bool],
    words: Sequence[Word],
    tags: Sequence[re.Pattern[str]],
    order: Callable[[Group], object] | None,
    *,
    by: str = "",
    down: bool = False,
) -> list[Key]:
    """As `search`, by what `order` says of their groups, or by `name` or `tags`, and then always by code; `down`: the last first.

    What has no tag comes last either way.
    """
    fits = [allowed(group) for group in groups]
    devices = [group.device for group in groups]
    fitting = _fitting(blocks, groups, fits, words, tags)
    if by == "tags":
        tagged: list[tuple[str, Key]] = []
        bare: list[Key] = []
        for block, found, _ in fitting:
            for at in range(len(block.codes)) if found is None else sorted(found):
                if fits[block.groups[at]]:
                    key = block.codes[at], devices[block.groups[at]]
                    if block.tags[at]:
                        tagged.append((block.tags[at], key))
                    else:
                        bare.append(key)
        tagged.sort(key=_name, reverse=down)
        return [*(key for _, key in tagged), *bare]
    if by == "name":
        named: list[tuple[str, Key]] = []
        for block, found, _ in fitting:  # each block is a run in order: putting them together is merging
            among = block.by_name if found is None else [at for at in block.by_name if at in found]
            named += [(block.names[at], (block.codes[at], devices[block.groups[at]])) for at in among if fits[block.groups[at]]]
        named.sort(key=_name, reverse=down)
        return [key for _, key in named]
    ranks: list[int] = [0] * len(groups)
    if order is not None:
        values = [order(group) for group in groups]
        place = {value: at for at, value in enumerate(sorted(set(values), reverse=down))}  # type: ignore[type-var]
        ranks = [place[value] for value in values]
    lists: list[list[Key]] = [[] for _ in range(max(ranks, default=0) + 1)]
    for block, found, _ in fitting:
        for at in range(len(block.codes)) if found is None else sorted(found):
            group = block.groups[at]
            if fits[group]:
                lists[ranks[group]].append((block.codes[at], devices[group]))
    every = [key for some in lists for key in some]
    return every[::-1] if down and order is None else every


def _name(one: tuple[str, Key]) -> str:
    return one[0]


Hits = Mapping[int, int]
"""Place in the block → where in its lines; `AREA`: the area is called so."""
AREA = -1


def _fitting(
    blocks: Sequence[Block],
    groups: Sequence[Group],
    fits: Sequence[bool],
    words: Sequence[Word],
    tags: Sequence[re.Pattern[str]],
) -> Iterator[tuple[Block, Collection[int] | None, Sequence[tuple[str, Hits]]]]:
    """Each block with the places that fit in it (None: all of allowed groups), and each word with where it stands there."""
    inside = [[group.area in areas for group in groups] for _, _, areas in words]
    for block in blocks:
        found: Collection[int] | None = None
        if tags:
            found = {at for tag in tags for at in _finds(block, tag).places if fits[block.groups[at]]}
        hits: list[tuple[str, Hits]] = []
        # Words whose finds are known come first: the others are looked for in what is left of the block.
        for number in sorted(range(len(words)), key=lambda number: words[number][1].pattern not in block.finds):
            now = _narrowed(block, words[number], inside[number], fits, found)
            hits.append((words[number][0], now))
            found = now
            if not found:
                break
        yield block, found, hits


def _narrowed(
    block: Block, word: Word, inside: Sequence[bool], fits: Sequence[bool], before: Collection[int] | None
) -> dict[int, int]:
    """Of what fits so far, what fits this word too."""
    _, pattern, areas = word
    lines, starts, groups = block.lines, block.starts, block.groups
    if before is not None and len(before) * FEW < len(block.codes) and pattern.pattern not in block.finds:
        alone = ((at, pattern.search(lines, starts[at], starts[at + 1])) for at in before)
        now = {at: match.start() for at, match in alone if match is not None}
    else:
        every = zip(*_finds(block, pattern), strict=True)
        now = {at: start for at, start in every if fits[groups[at]] and (before is None or at in before)}
    if areas:
        for at in range(len(block.codes)) if before is None else before:
            group = groups[at]
            if inside[group] and fits[group] and at not in now:
                now[at] = AREA
    return now


def _finds(block: Block, pattern: re.Pattern[str]) -> Finds:
    """The first find in each line, in their order."""
    known = block.finds.get(pattern.pattern)
    if known is None:
        places, starts, at = array("I"), array("I"), 0
        for match in pattern.finditer(block.lines):
            start = match.start()
            at = bisect_right(block.starts, start, at) - 1
            places.append(at)
            starts.append(start)
        known = Finds(places, starts)
        for oldest in list(block.finds)[: 1 - KEPT_WORDS]:
            block.finds.pop(oldest, None)  # two searches at once may both take it away
        block.finds[pattern.pattern] = known
    return known


def _rank(block: Block, at: int, start: int, typed: str) -> int:
    if start == AREA:
        return IN_AREA
    if len(block.codes[at]) == len(typed) and block.codes[at].upper() == typed:
        return EXACT
    begin = block.starts[at]
    if start == begin:
        return BEGINS
    return INITIALS if BEGIN.fullmatch(block.lines, begin, start) else CONTAINS


def tag_pattern(tag: str) -> re.Pattern[str]:
    """Finds a tag that begins with `tag`."""
    return re.compile(f"{_TAG}{BEGIN.pattern}{pattern_of(tag)}[^\n]*\n")
