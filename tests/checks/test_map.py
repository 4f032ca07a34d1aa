"""The map of the house: a room or module without a line fails, and so does a line whose room is gone."""

from __future__ import annotations

from checks.house_rules import everything_on_the_map, off_the_map

PAGE = """# House

Rooms, `features/`:
- `duty`: shifts, `live` pictures stand under them
- `masks`: hidden

Composition, `app/`:
- `node`, `web`, `sign-in`: made and served

- `areas`: another list
"""
ROOMS, MODULES = {"duty", "masks"}, {"node", "web", "sign-in"}


def lists(rooms: set[str], modules: set[str]) -> dict[str, set[str]]:
    return {"Rooms, ": rooms, "Composition, ": modules}


def test_a_whole_map_passes() -> None:
    assert list(off_the_map(PAGE, lists(ROOMS, MODULES))) == []


def test_what_has_no_line_of_its_own_is_named() -> None:
    assert len(list(off_the_map(PAGE, lists(ROOMS | {"live"}, MODULES)))) == 1, "a mention is no line"
    assert len(list(off_the_map(PAGE, lists(ROOMS | {"areas"}, MODULES | {"duty"})))) == 2, "nor is one of another list"


def test_a_line_of_what_is_gone_is_named() -> None:
    assert "masks is not there any more" in next(off_the_map(PAGE, lists({"duty"}, MODULES)))


def test_the_house_has_its_map() -> None:
    assert list(everything_on_the_map()) == []
