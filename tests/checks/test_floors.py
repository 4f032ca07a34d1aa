"""The contracts of imports fail on an import that goes up, and on a package or room that stands on no floor."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the product's modules with its contracts."""
    shutil.copytree(ROOT / "src/fengsui", tmp_path / "fengsui", ignore=_no_modules)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _no_modules(_: str, names: list[str]) -> list[str]:
    others = {"__pycache__", "web_console", "packs"}
    return [name for name in names if name in others or ("." in name and not name.endswith(".py"))]


def lint(house: Path) -> tuple[int, str]:
    """How the contracts came out, and what was said."""
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=house,
        env={**os.environ, "PYTHONPATH": str(house), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    return run.returncode, run.stdout + run.stderr


UPWARD = {
    "features/audit/model.py": ("features.access", "Post"),
    "features/areas/model.py": ("features.live", "Live"),
    "store/engine.py": ("features.audit", "Act"),
    "media/__init__.py": ("store", "Store"),
    "wire/sdp.py": ("clock", "Clock"),
    "features/duty/queries.py": ("features.duty.actions", "Duty"),
    "features/tickets/model.py": ("features.tickets.queries", "Row"),
}


def test_an_import_that_goes_up_breaks_a_contract(house: Path) -> None:
    for module, (target, name) in UPWARD.items():
        with (house / "fengsui" / module).open("a", encoding="utf-8") as planted:
            planted.write(f"\nfrom fengsui.{target} import {name}\n")
    status, told = lint(house)
    assert status != 0
    for module, (target, _) in UPWARD.items():
        importer = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        assert f"fengsui.{importer} -> fengsui.{target}" in told


def test_a_module_that_stands_on_no_floor_breaks_its_contract(house: Path) -> None:
    (house / "fengsui/unplaced.py").write_text('"""Nowhere."""\n', "utf-8")
    (house / "fengsui/features/homeless").mkdir()
    (house / "fengsui/features/homeless/__init__.py").write_text('"""Nowhere."""\n', "utf-8")
    status, told = lint(house)
    assert status != 0 and "unplaced" in told and "homeless" in told


def test_the_order_inside_holds_for_every_room() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (inside,) = [one for one in contracts if one["name"] == "Inside each room"]
    rooms = {f"fengsui.features.{path.parent.name}" for path in (ROOT / "src/fengsui/features").glob("*/__init__.py")}
    assert set(inside["containers"]) == rooms
