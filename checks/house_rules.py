"""Rules of the house that no off-the-shelf linter knows. `python -m checks.house_rules` prints each breach and exits 1."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_LINES = 480
FORBIDDEN_FILE_WORDS = {"manager", "util", "utils", "helper", "helpers", "common", "base", "handler", "service", "impl"}
CLOCK_DOORS = {
    "src/fengsui/clock.py",
    "src/fengsui/simulators",
    "src/fengsui/demo.py",
    "src/fengsui/picture_worker",
}
CLOCK_CALL = re.compile(r"\b(?:time\.time|time\.monotonic|datetime\.now|datetime\.utcnow)\(")
SQL_CALL = re.compile(r"\b(?:select|insert|update|delete)\(\s*[a-z_]*(?:table|tables|users|devices|cameras|sessions)")


def tracked(*patterns: str) -> list[Path]:
    """The files git tracks or would track that match `patterns`."""
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns], check=True, capture_output=True, text=True
    ).stdout
    return [path for line in listing.splitlines() if (path := Path(line)).exists()]


def long_rooms() -> Iterator[str]:
    """One concept with one door fits in the mind: about 400 lines."""
    for path in tracked("src/*.py", "crates/*.rs", "console/src/*.ts", "console/src/*.tsx"):
        if "versions" in path.parts or "tests" in path.parts or path.name == "schema.ts":
            continue
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > MAX_LINES:
            yield f"{path}: {lines} lines; split it into rooms of one concept (limit {MAX_LINES})"


def words_of_the_field() -> Iterator[str]:
    """A thing that is hard to name is two things."""
    for path in tracked("src/*.py", "crates/*.rs", "console/src/*.ts", "console/src/*.tsx"):
        if set(re.split(r"[_\-.]", path.stem.lower())) & FORBIDDEN_FILE_WORDS:
            yield f"{path}: name it by a word of the field"


def one_door_to_the_clock() -> Iterator[str]:
    """Only `fengsui.clock` asks the system for the time; everything else is handed it."""
    for path in tracked("src/*.py"):
        if any(str(path).startswith(door) for door in CLOCK_DOORS):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if CLOCK_CALL.search(line):
                yield f"{path}:{number}: ask `clock` for the time"


def sql_stays_in_queries() -> Iterator[str]:
    """SQL lives in a feature's `queries.py` only."""
    for path in tracked("src/fengsui/features/*.py", "src/fengsui/transports/*.py", "src/fengsui/web_api/*.py"):
        if path.stem.startswith("queries") or path.stem == "tables":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if SQL_CALL.search(line):
                yield f"{path}:{number}: SQL belongs in queries.py"


def wire_stands_alone() -> Iterator[str]:
    """`wire` imports itself and the standard library only."""
    for path in tracked("src/fengsui/wire/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            for name in [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]:
                if name.partition(".")[0] not in sys.stdlib_module_names and not f"{name}.".startswith("fengsui.wire."):
                    yield f"{path}:{node.lineno}: {name}: wire imports the standard library only"


def off_the_map(page: str, lists: dict[str, set[str]]) -> Iterator[str]:
    """What differs between lists of docs/architecture.md (`page`), by how their heading begins, and what is there."""
    for heading, there in lists.items():
        block = page.partition(f"\n{heading}")[2].partition("\n\n")[0]
        heads = re.findall(r"^- ((?:`[\w-]+`(?:, )?)+):", block, re.MULTILINE)
        told = {name for head in heads for name in re.findall(r"`([\w-]+)`", head)}
        yield from (f"docs/architecture.md: {name} has no line under “{heading.strip(', ')}”" for name in sorted(there - told))
        yield from (f"docs/architecture.md: {name} is not there any more" for name in sorted(told - there))


def everything_on_the_map() -> Iterator[str]:
    """Whoever comes new finds each room of the features, each module of `app` and each folder of the console on one page."""
    rooms = {path.parts[3] for path in tracked("src/fengsui/features/*/__init__.py") if len(path.parts) == 5}
    modules = {path.stem for path in tracked("src/fengsui/app/*.py")} - {"__init__"}
    pages, parts = ({path.parts[3] for path in tracked(f"console/src/{floor}/*/*")} for floor in ("features", "ui"))
    lists = {"Rooms, ": rooms, "Composition, ": modules, "Pages, ": pages, "Shared parts, ": parts}
    yield from off_the_map(Path("docs/architecture.md").read_text(encoding="utf-8"), lists)


RULES = (
    long_rooms,
    words_of_the_field,
    one_door_to_the_clock,
    sql_stays_in_queries,
    wire_stands_alone,
    everything_on_the_map,
)


def main() -> int:
    """Print every breach; 1 when there is one."""
    breaches = [breach for rule in RULES for breach in rule()]
    for breach in breaches:
        sys.stdout.write(breach + "\n")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
