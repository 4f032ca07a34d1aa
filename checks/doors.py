"""Rooms have doors. `python -m checks.doors` prints each import that goes through a wall and exits 1.

A room is a package whose `__init__` lists in `__all__` what others may use; each package of `features` is one. Whoever stands
outside imports only such names, and from the `__init__`: no module of the inside, nor the room as a whole. Tests and benches look
at parts of a room and may reach into it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path("src")
FEATURES = "fengsui.features"
USERS = ("src", "tests", "bench", "checks")
"""Where a listed name may be wanted."""


@dataclass(frozen=True, slots=True)
class Import:
    """`module` as a whole when `name` is empty. `line`: counted from 1."""

    line: int
    module: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class House:
    """`modules`: the parsed sources by dotted name; `rooms`: what each room lists."""

    modules: Mapping[str, ast.Module]
    rooms: Mapping[str, tuple[str, ...]]

    def wall_between(self, outside: str, inside: str) -> str | None:
        """The outermost room that `inside` stands in and `outside` does not."""
        parts = inside.split(".")
        for length in range(1, len(parts) + 1):
            room = ".".join(parts[:length])
            if room in self.rooms and not f"{outside}.".startswith(f"{room}."):
                return room
        return None


def house_of(texts: Mapping[str, str]) -> tuple[House, set[str]]:
    """The house of `texts` (by path below `src`), and which of its modules are packages."""
    modules: dict[str, ast.Module] = {}
    packages: set[str] = set()
    for path, text in texts.items():
        parts = Path(path).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if parts[-1] == "__init__":
            packages.add(name)
        modules[name] = ast.parse(text, path)
    listed = {name: names for name in packages if (names := _listed(modules[name])) is not None}
    return House(modules, listed), packages


def _listed(module: ast.Module) -> tuple[str, ...] | None:
    for node in module.body:
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == "__all__" for one in node.targets):
            return tuple(ast.literal_eval(node.value))
    return None


def imports_of(tree: ast.Module, module: str, *, package: bool) -> Iterator[Import]:
    """Every import of a module wherever it stands, and every call that is handed a module's name. Relative ones are resolved."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, one.name) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")
            above = above[: len(above) - node.level + package] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            yield from (Import(node.lineno, origin, one.name) for one in node.names)
        elif isinstance(node, ast.Call):
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value.startswith("fengsui."):
                    yield Import(node.lineno, argument.value)


def through_walls(house: House, packages: set[str]) -> Iterator[str]:
    """Imports of what a room does not list."""
    for module, tree in sorted(house.modules.items()):
        for one in imports_of(tree, module, package=module in packages):
            inside = f"{one.module}.{one.name}"
            target = inside if inside in house.modules else one.module
            room = house.wall_between(module, target)
            if room is None or (one.module == room and one.name in house.rooms[room]):
                continue
            what = f"{one.name or 'the whole room'}" if one.module == room else f"{target}"
            yield f"{module}:{one.line}: {what} is inside {room}; import what its __init__ lists, or list it there"


def bad_lists(house: House, packages: set[str]) -> Iterator[str]:
    """Rooms of `features` without a list, and lists that open the inside by naming a module."""
    for package in sorted(packages):
        if package.rpartition(".")[0] == FEATURES and package not in house.rooms:
            yield f"{package}: list in __all__ what others may use"
    for room, names in sorted(house.rooms.items()):
        for name in names:
            if f"{room}.{name}" in house.modules:
                yield f"{room}: {name} is a module; list the names that others use"


def unwanted(house: House, users: Iterable[tuple[str, ast.Module, bool]]) -> Iterator[str]:
    """Listed names of `features` that nobody outside imports: a door is no wider than what goes through it."""
    wanted: dict[str, set[str]] = {room: set() for room in house.rooms}
    for module, tree, package in users:
        for one in imports_of(tree, module, package=package):
            if one.module in wanted and not f"{module}.".startswith(f"{one.module}."):
                wanted[one.module].add(one.name)
    for room, names in sorted(house.rooms.items()):
        if room.startswith(FEATURES):
            yield from (f"{room}: nobody outside wants {name}; take it off the list" for name in names if name not in wanted[room])


def breaches(texts: Mapping[str, str]) -> list[str]:
    """Of sources by path below `src`."""
    house, packages = house_of(texts)
    return [*bad_lists(house, packages), *through_walls(house, packages)]


def sources(root: Path) -> dict[str, str]:
    """The product's own modules by path below `src`."""
    return {str(path.relative_to(root / SOURCE)): path.read_text("utf-8") for path in sorted((root / SOURCE).rglob("*.py"))}


def main(root: Path = Path()) -> int:
    """Print every breach; 1 when there is one."""
    texts = sources(root)
    house, packages = house_of(texts)
    users = [(name, tree, name in packages) for name, tree in house.modules.items()]
    for folder in USERS[1:]:
        for path in sorted((root / folder).rglob("*.py")):
            users.append((".".join(path.relative_to(root).with_suffix("").parts), ast.parse(path.read_text("utf-8")), False))
    found = [*breaches(texts), *unwanted(house, users)]
    for breach in found:
        sys.stdout.write(breach + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
