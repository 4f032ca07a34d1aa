"""On which line of a TOML file an entry stands, for sentences about wrong settings. Pure."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
_NAME = re.compile(r'\s*"?([\w./-]+)"?\s*=')
_PART = re.compile(r'"([^"]*)"|([\w-]+)')


def line_of(text: str, names: list[str]) -> int:
    """The line (from 1) of the entry `names` (tables, positions in arrays of tables, key), or of what it would stand in."""
    found, matched = 1, 0
    table: list[str] = []
    counted: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            table = _table(header[2], counted, array=header[1] == "[[")
            entry = table
        else:
            name = _NAME.match(line)
            if name is None:
                continue
            entry = [*table, name[1]]
        same = _common(entry, names)
        if same > matched and (same == len(entry) or same == len(names)):
            found, matched = number, same
    return found


def _table(header: str, counted: dict[str, int], *, array: bool) -> list[str]:
    """The path of a header; one within an array of tables names that array's latest."""
    path: list[str] = []
    parts = [quoted or bare for quoted, bare in _PART.findall(header)]
    for at, part in enumerate(parts):
        path.append(part)
        key = ".".join(path)
        if array and at == len(parts) - 1:
            counted[key] = counted.get(key, -1) + 1
        if key in counted:
            path.append(str(counted[key]))
    return path


def _common(one: list[str], other: list[str]) -> int:
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count
