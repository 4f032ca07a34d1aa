"""A wrong configuration names the line and the remedy, and nothing starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from fengsui.errors import SecretsUnusable, WrongSettings
from fengsui.settings import NodeSettings, Secrets


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ('[node]\nname = "x"\ncode = "123"\n', 3, "node.code"),
        ('[node]\nzone = "Mars/Olympus"\n', 2, "node.zone"),
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
        assert found.value.facts["do_zh"] and found.value.facts["do_en"]


def test_secrets_that_others_can_read_are_closed_with_a_warning(tmp_path: Path) -> None:
    made = Secrets(tmp_path).text("join")
    place = tmp_path / "secrets" / "join"
    place.chmod(0o644)
    place.parent.chmod(0o755)
    with capture_logs() as said:
        assert Secrets(tmp_path).text("join") == made
    assert place.stat().st_mode & 0o777 == 0o600 and place.parent.stat().st_mode & 0o777 == 0o700
    assert {one["path"] for one in said if one["log_level"] == "warning"} == {str(place), str(place.parent)}


def test_secrets_that_cannot_be_closed_keep_the_node_from_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Secrets(tmp_path).text("join")
    (tmp_path / "secrets" / "join").chmod(0o640)

    def refuse(path: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted", str(path), mode)

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(SecretsUnusable, match="join"):
        Secrets(tmp_path).text("join")
