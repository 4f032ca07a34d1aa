"""A wrong configuration names the line and the remedy, and nothing starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from fengsui.errors import WrongSettings
from fengsui.settings import NodeSettings


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ('[node]\nname = "x"\ncode = "123"\n', 3, "node.code"),
        ("[signalling]\n\nport = 70000\n", 3, "signalling.port"),
        ("[signalling]\npasword = 1\n", 2, "signalling.pasword"),
        ("[media]\nrtp_port = 1\n[nothing]\nx = 1\n", 3, "nothing"),
    ],
)
def test_a_wrong_entry_is_named_with_its_line(tmp_path: Path, text: str, line: int, name: str) -> None:
    path = tmp_path / "fengsui.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WrongSettings) as found:
        NodeSettings.load(path)
    assert f"line {line}: {name}" in found.value.text_en


def test_broken_toml_and_a_missing_file_are_sentences(tmp_path: Path) -> None:
    path = tmp_path / "fengsui.toml"
    path.write_text("[node\n", encoding="utf-8")
    for wrong in (path, tmp_path / "missing.toml"):
        with pytest.raises(WrongSettings) as found:
            NodeSettings.load(wrong)
        assert found.value.facts["remedy"]
