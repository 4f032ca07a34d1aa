"""What the guide says of limits is so: each is a setting with that default, and its figure stands in /metrics."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from fengsui.app.logging import SUPPRESSED
from fengsui.settings import NodeSettings
from fengsui.single_sign_on_settings import ProviderSection
from tests.node.conftest import RunningNode

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "limits.md"
BOUNDS = re.compile(r"^max_|_limit$|^trace_|^(head|body|message|idle|lockout|grace|silence|first_packet)_s$|^lines_per")


def rows() -> list[tuple[str, str, str]]:
    """Settings, defaults and metrics of each line of the table."""
    lines = [line.strip("| ").split(" | ") for line in GUIDE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return [(one[0], one[1], one[3]) for one in lines]


def settings_in(cell: str) -> list[str]:
    """`a.b`, `c` → a.b, a.c; `…_x` ends the name before it."""
    names: list[str] = []
    for name in re.findall(r"`([^`]+)`", cell):
        if name.startswith("…"):
            names.append(names[-1] + name[1:])
        else:
            names.append(name if "." in name else f"{names[-1].partition('.')[0]}.{name}")
    return names


def test_each_limit_is_a_setting_with_the_default_that_the_guide_tells() -> None:
    settings = NodeSettings()
    told = {name: default.strip("` ") for cell, defaults, _ in rows() for name, default in _paired(cell, defaults)}
    assert len(told) >= 20
    for name, default in told.items():
        section, _, field = name.partition(".")
        found = getattr(getattr(settings, section), field)
        assert str(found).removesuffix(".0") == default, name


def test_no_limit_is_missing_from_the_guide() -> None:
    told = {name for cell, *_ in rows() for name in settings_in(cell)}
    shapes = {name: type(getattr(NodeSettings(), name)) for name in NodeSettings.model_fields} | {"single_sign_on": ProviderSection}
    sections = ((section, shape.model_fields) for section, shape in shapes.items())
    limits = {f"{section}.{field}" for section, fields in sections for field in fields if BOUNDS.search(field)}
    assert len(limits) >= 40
    assert limits - told == {"signalling.keepalive_missed_limit", "sign_in.idle_s"}, "which say when somebody is gone"


def _paired(cell: str, defaults: str) -> list[tuple[str, str]]:
    return list(zip(settings_in(cell), defaults.split(", "), strict=True))


async def test_each_limit_has_its_figure(node: RunningNode) -> None:
    text = (await node.client.get(f"http://127.0.0.1:{node.node.settings.http.port}/metrics")).text
    found = {family.name for family in text_string_to_metric_families(text)}
    assert SUPPRESSED  # counted where `fengsui run` sets up its log
    wanted = {name for *_, metrics in rows() for name in re.findall(r"`(fengsui_[a-z_]+)", metrics)}
    assert len(wanted) >= 10
    assert {name.removesuffix("_total") for name in wanted} <= found
