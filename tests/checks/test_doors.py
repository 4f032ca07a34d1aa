"""The check of the rooms' doors fails on each way through a wall, and lets through what a room lists."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from checks import doors

ROOT = Path(__file__).parents[2]
ROOM = "fengsui/features/duty"
HOUSE = {
    "fengsui/__init__.py": "",
    "fengsui/features/__init__.py": '"""Rooms."""\n',
    f"{ROOM}/__init__.py": "from fengsui.features.duty.model import Duty\n\n__all__ = ['Duty']\n",
    f"{ROOM}/model.py": "class Duty: ...\nclass Shift: ...\n",
    f"{ROOM}/actions.py": "from fengsui.features.duty.model import Shift\n",
    "fengsui/features/live/__init__.py": "__all__ = []\n",
    "fengsui/features/live/actions.py": "from fengsui.features.duty import Duty\n",
    "fengsui/app/__init__.py": "",
}


def test_what_a_room_lists_may_be_imported_and_its_own_modules_know_each_other() -> None:
    assert doors.breaches(HOUSE) == []


@pytest.mark.parametrize(
    "line",
    [
        "from fengsui.features.duty.model import Duty",
        "from fengsui.features.duty import Shift",
        "from fengsui.features.duty import model",
        "from fengsui.features.duty import *",
        "from fengsui.features import duty",
        "import fengsui.features.duty",
        "import fengsui.features.duty.model as model",
        "def f() -> None:\n    from fengsui.features.duty.model import Duty",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from fengsui.features.duty.model import Duty",
        "from importlib import import_module\nmodel = import_module('fengsui.features.duty.model')",
    ],
)
@pytest.mark.parametrize("module", ["fengsui/features/live/actions.py", "fengsui/app/__init__.py"])
def test_every_other_way_in_is_a_breach(module: str, line: str) -> None:
    found = doors.breaches({**HOUSE, module: line + "\n"})
    assert len(found) == 1 and "is inside fengsui.features.duty" in found[0]


@pytest.mark.parametrize("line", ["from ..duty.model import Duty", "from ..duty import model", "from .. import duty"])
def test_a_relative_import_is_resolved(line: str) -> None:
    for module in ("fengsui/features/live/actions.py", "fengsui/features/live/inner/__init__.py"):
        planted = line if module.endswith("actions.py") else line.replace("..", "...")
        found = doors.breaches({**HOUSE, module: planted + "\n"})
        assert len(found) == 1 and "is inside fengsui.features.duty" in found[0]


def test_a_room_without_a_list_and_a_list_that_names_a_module_are_breaches() -> None:
    assert doors.breaches({**HOUSE, f"{ROOM}/__init__.py": "from fengsui.features.duty.model import Duty\n"})[0] == (
        "fengsui.features.duty: list in __all__ what others may use"
    )
    assert "fengsui.features.duty: model is a module; list the names that others use" in doors.breaches(
        {**HOUSE, f"{ROOM}/__init__.py": "from fengsui.features.duty import model\n\n__all__ = ['Duty', 'model']\n"}
    )


def test_a_listed_name_that_nobody_outside_imports_is_told() -> None:
    house, packages = doors.house_of(HOUSE)
    users = [(name, tree, name in packages) for name, tree in house.modules.items()]
    assert list(doors.unwanted(house, users)) == []
    alone = [one for one in users if not one[0].startswith("fengsui.features.live")]
    assert list(doors.unwanted(house, alone)) == ["fengsui.features.duty: nobody outside wants Duty; take it off the list"]
    tested = ast.parse("from fengsui.features.duty import Duty")
    assert list(doors.unwanted(house, [*alone, ("tests.node.test_duty", tested, False)])) == []


def test_an_import_planted_in_the_product_is_found() -> None:
    texts = doors.sources(ROOT)
    planted = "fengsui/features/live/model.py"
    texts[planted] += "\nfrom fengsui.features.access.posts import Post\n"
    line = texts[planted].count("\n")
    assert doors.breaches(texts) == [
        f"fengsui.features.live.model:{line}: fengsui.features.access.posts is inside fengsui.features.access; "
        "import what its __init__ lists, or list it there"
    ]
