"""Rust's floors. `python -m checks.crate_floors` prints each dependency or `use` that goes up and exits 1.

`[workspace.metadata.floors]` of `Cargo.toml` says them as the import contracts of Python do, the top first: `|` parts what stands
on one floor and does not know each other, `:` what does. Every crate and every module of a crate has its place. `outside` names
the crates that may touch sockets, files, threads or the clock; `python` the one that knows Python. What a crate's root defines
itself is the ground of its modules; what it re-exports belongs to the module it comes from.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
TESTS = re.compile(r"#\[cfg\(test\)\]\s*(?:#\[[^\]]*\]\s*)*mod\b.*", re.DOTALL)
"""By custom the tests of a module stand at its end."""
PATH = re.compile(r"\b(crate|(?:super::)*super)::(\{|\w+|\*)")
REEXPORT = re.compile(r"\bpub use (\w+)::([^;]+);")
WORLD = re.compile(
    r"\b(?:UdpSocket|TcpStream|TcpListener|UnixStream|UnixListener|Instant::now|SystemTime::now|"
    r"std::(?:fs|thread|process|env)\b|thread::spawn|(?:socket2|mio|axum|hyper)::)"
)
PYTHON = "pyo3"
KINDS = ("dependencies", "dev-dependencies", "build-dependencies")


def floor_of(floors: Iterable[str]) -> dict[str, tuple[int, bool]]:
    """By name: how high it stands, and whether those of its floor know each other. The top comes first."""
    found: dict[str, tuple[int, bool]] = {}
    rows = list(floors)
    for height, row in zip(range(len(rows), 0, -1), rows, strict=True):
        for name in re.split(r"[|:]", row):
            found[name.strip()] = height, ":" in row
    return found


def goes_up(floors: Mapping[str, tuple[int, bool]], lower: str, upper: str) -> bool:
    """Whether `lower` may not use `upper`."""
    (here, _), (there, together) = floors[lower], floors[upper]
    return there > here or (there == here and not together)


def crate_dependencies(manifest: Mapping[str, Any]) -> set[str]:
    """The names of everything a crate depends on; of our own crates the folder's."""
    tables = [manifest, *manifest.get("target", {}).values()]
    found = set()
    for table in tables:
        for kind in KINDS:
            for name, what in table.get(kind, {}).items():
                path = what.get("path") if isinstance(what, dict) else None
                found.add(Path(path).name if path else what.get("package", name) if isinstance(what, dict) else name)
    return found


def uses_of(text: str, depth: int) -> set[str]:
    """What a module takes from its crate's root, the names right below it. `depth`: how far below the root the module stands."""
    text = TESTS.sub("", COMMENT.sub("", text))
    found: set[str] = set()
    for match in PATH.finditer(text):
        if match[1] != "crate" and match[1].count("super") != depth:
            continue
        found.update(_heads(text[match.end() :]) if match[2] == "{" else [match[2]])
    return found


def _heads(group: str) -> Iterator[str]:
    """The first names of a group of paths that begins behind its brace."""
    depth, part = 1, ""
    for sign in group:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth == 0 or (depth == 1 and sign == ","):
            if head := re.match(r"\s*(\w+)", part):
                yield head[1]
            part = ""
            if depth == 0:
                return
        else:
            part += sign


def module_breaches(crate: str, texts: Mapping[str, str], floors: Mapping[str, tuple[int, bool]]) -> Iterator[str]:
    """Of one crate's sources by path below its `src`."""
    modules = {Path(path).with_suffix("").parts[0] for path in texts} - {"lib", "main", "bin"}
    modules = {name for name in modules if not name.endswith("_tests")}
    for name in sorted(modules ^ set(floors)):
        yield f"{crate}: module {name} {'stands on no floor' if name in modules else 'has a floor and is not there'}"
    root = COMMENT.sub("", texts.get("lib.rs", ""))
    origins = {name: origin for origin, names in REEXPORT.findall(root) for name in re.findall(r"\w+", names)}
    for path, text in sorted(texts.items()):
        parts = Path(path).with_suffix("").parts
        if parts[0] not in modules & set(floors) or parts[-1] == "tests":
            continue
        for name in sorted(uses_of(text, len(parts))):
            target = name if name in modules else origins.get(name, "")
            if name == "*":
                yield f"crates/{crate}/src/{path}: name what is used of the crate"
            elif target in floors and target != parts[0] and goes_up(floors, parts[0], target):
                yield f"crates/{crate}/src/{path}: {parts[0]} may not use {target}, which does not stand below it"


def breaches(root: Path) -> list[str]:
    """Of the workspace at `root`."""
    said = tomllib.loads((root / "Cargo.toml").read_text("utf-8"))["workspace"]["metadata"]["floors"]
    floors = floor_of(said["crates"])
    found: list[str] = []
    crates = {path.parent.name: path.parent for path in (root / "crates").glob("*/Cargo.toml")}
    for name in sorted(set(crates) ^ set(floors)):
        found.append(f"crates/{name}: {'stands on no floor' if name in crates else 'has a floor and is not there'}")
    for crate, folder in sorted(crates.items()):
        needed = crate_dependencies(tomllib.loads((folder / "Cargo.toml").read_text("utf-8")))
        for other in sorted(needed & set(floors)):
            if crate in floors and goes_up(floors, crate, other):
                found.append(f"crates/{crate}: may not depend on {other}, which does not stand below it")
        if PYTHON in needed and crate != said["python"]:
            found.append(f"crates/{crate}: only {said['python']} knows Python")
        texts = {str(path.relative_to(folder / "src")): path.read_text("utf-8") for path in (folder / "src").rglob("*.rs")}
        found += module_breaches(crate, texts, floor_of(said["modules"].get(crate, ())))
        if crate not in said["outside"]:
            found += touches_the_world(crate, texts)
    return found


def touches_the_world(crate: str, texts: Mapping[str, str]) -> Iterator[str]:
    """Sockets, files, threads and the clock where only values come in and go out."""
    for path, text in sorted(texts.items()):
        plain = TESTS.sub("", COMMENT.sub("", text))
        if not Path(path).stem.endswith("tests") and (found := WORLD.search(plain)):
            yield f"crates/{crate}/src/{path}: {found[0]}: this crate takes values in and gives values out"


def main(root: Path = Path()) -> int:
    """Print every breach; 1 when there is one."""
    found = breaches(root)
    for breach in found:
        sys.stdout.write(breach + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
