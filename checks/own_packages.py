"""The product runs on what `make run` installs. `python -m checks.own_packages` imports every module of it in an interpreter that
refuses the packages of developers, whose set is installed over the product's own and would hide that one is missing.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

NAME = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", re.MULTILINE)
NOT_IMPORTED = ("fengsui.store.migrations", "fengsui.__main__")
"""Alembic loads the one, the other starts the program."""


def packages(lock: Path) -> set[str]:
    """The packages of a lock file by their normal names (PEP 503)."""
    return {_normal(name) for name in NAME.findall(lock.read_text(encoding="utf-8"))}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class NotOurs:
    """A finder that knows the modules of developers' packages, and says so."""

    def __init__(self, ours: set[str], theirs: set[str]) -> None:
        owners = {module: {_normal(name) for name in names} for module, names in packages_distributions().items()}
        self._refused = {module for module, names in owners.items() if names <= theirs - ours}

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Raises ModuleNotFoundError for a developers' module, else leaves it to the next finder."""
        if name.partition(".")[0] in self._refused:
            raise ModuleNotFoundError(f"{name} is in requirements-dev.lock only", name=name)
        return None


def faults(root: Path) -> list[str]:
    """One line for each module that does not import without the developers' packages."""
    finder = NotOurs(packages(root / "requirements.lock"), packages(root / "requirements-dev.lock"))
    sys.meta_path.insert(0, finder)
    found: list[str] = []
    try:
        import_all(found)
    finally:
        sys.meta_path.remove(finder)
    return found


def import_all(found: list[str]) -> None:
    """Imports the product, module for module; notes what fails."""
    product = importlib.import_module("fengsui")
    for module in pkgutil.walk_packages(product.__path__, "fengsui.", onerror=lambda name: None):
        if module.name.startswith(NOT_IMPORTED):
            continue
        try:
            importlib.import_module(module.name)
        except ImportError as error:
            found.append(f"{module.name}: {error}")


def main() -> int:
    """0 when the product needs nothing but its own packages."""
    found = faults(Path.cwd())
    for line in found:
        print(line)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
