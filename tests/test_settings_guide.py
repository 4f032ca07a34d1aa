"""Each setting stands in the guide, once, with the default that it has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from fengsui.settings import NodeSettings
from fengsui.settings_section import Section
from fengsui.single_sign_on_settings import GroupSection, ProviderSection

GUIDE = Path(__file__).parents[1] / "docs" / "guide"
SETTING = re.compile(r"`([a-z_]+(?:\.[a-z_]+)+)`")


def settings_of(section: Section, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Dotted names with their defaults; identity providers have names of the operator's own."""
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Section):
            yield from settings_of(value, f"{prefix}{name}.")
        elif name != "single_sign_on":
            yield prefix + name, value


def rows_of(page: str) -> list[list[str]]:
    """Cells of the lines of its table that begin with a setting."""
    lines = (GUIDE / page).read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if re.match(r"\| `[a-z_]+\.", line)]


def as_told(value: object) -> str:
    """As the page writes a default."""
    if isinstance(value, list) and value:
        return ", ".join(f"`{one}`" for one in value)
    return (
        f"`{str(value).removesuffix('.0') if isinstance(value, float) else value}`"
        if value not in ("", None, [], {})
        else "空 empty"
    )


def test_each_setting_is_told_once() -> None:
    here = [name for row in rows_of("settings.md") for name in SETTING.findall(row[0])]
    limits = [name for row in rows_of("limits.md") for name in SETTING.findall(row[0])]
    assert len(here) >= 50 and len(limits) >= 30
    assert sorted(here + limits) == sorted(name for name, _ in settings_of(NodeSettings()))


def test_each_default_is_told_as_it_is() -> None:
    defaults = dict(settings_of(NodeSettings()))
    told = {SETTING.findall(row[0])[0]: row[1] for row in rows_of("settings.md")}
    assert told == {name: as_told(defaults[name]) for name in told}


def test_each_setting_of_an_identity_provider_is_told() -> None:
    page = (GUIDE / "single-sign-on.md").read_text(encoding="utf-8")
    names = {*ProviderSection.model_fields, *GroupSection.model_fields}
    assert {name for name in names if not re.search(rf"`{name}`|^{name} = |^\[\[.*\.{name}\]\]", page, re.MULTILINE)} == set()
