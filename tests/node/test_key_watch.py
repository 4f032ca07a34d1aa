"""Key files that somebody changes or opens while the node runs are told: on record, on the node's page, by `fengsui check`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

import fengsui.app.node
from fengsui.cli.changed import keys
from fengsui.cli.check import database
from fengsui.features.audit.acts import Act
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_audit import records


def told(node: RunningNode) -> list[tuple[str, str]]:
    """File and what was seen of it, as recorded."""
    return [(one.object, one.detail) for one in records(node) if one.act == Act.KEY_CHANGED]


async def test_changed_and_opened_keys_are_told_once_and_closed_again(tmp_path: Path) -> None:
    data, paper, base = tmp_path / "node", tmp_path / "cases.key", settings_for()
    paper.write_text("name\nsecret", encoding="utf-8")
    paper.chmod(0o600)
    settings = base.model_copy(update={"bus": base.bus.model_copy(update={"key_file": str(paper)})})
    async with running_node(data, settings) as node:
        watch, held = node.node.keys, data / "secrets"
        watch.look()
        assert watch.findings == [], "nothing has changed since the start"
        watch._secrets.keep("second-factors-of-tomorrow", "made by the node itself")
        watch.look()
        assert watch.findings == [], "what the node writes is its own"

        (held / "media-tickets").write_text("0" * 64, encoding="utf-8")
        (held / "audit-checkpoints").chmod(0o640)
        held.chmod(0o755)
        (held / "planted").write_text("x", encoding="utf-8")
        (held / "planted").chmod(0o600)
        paper.write_text("name\nanother", encoding="utf-8")
        watch.look()
        wanted = [
            ("file of bus.key_file", "changed"),
            ("secrets", "open"),
            ("secrets/audit-checkpoints", "open"),
            ("secrets/media-tickets", "changed"),
            ("secrets/planted", "new"),
        ]
        assert [(one.name, one.what) for one in watch.findings] == wanted
        await until(lambda: told(node) == wanted, what="each is on record")
        assert held.stat().st_mode & 0o777 == 0o700 and (held / "audit-checkpoints").stat().st_mode & 0o077 == 0
        watch.look()
        paper.chmod(0o644)
        (held / "planted").unlink()
        watch.look()
        assert [(one.name, one.what) for one in watch.findings[5:]] == [
            ("file of bus.key_file", "open"),
            ("secrets/planted", "gone"),
        ]
        page = (await node.client.get("/node")).json()
        assert [(one["name"], one["what"]) for one in page["key_findings"][:5]] == wanted
        assert "another" not in str(page["key_findings"]), "names, never contents"
        found, _ = await asyncio.to_thread(database, settings, data)
        said = "\n".join(one.en for one in found)
        assert "secrets/media-tickets is another one than when the node last started" in said
        assert "file of bus.key_file is another one" in said and "while the node ran, within 30 days" in said
    async with running_node(data, settings) as node:
        assert (await node.client.get("/node")).json()["key_findings"] == [], "a start takes what is there, and records it"
        assert [one for one in keys(datetime.now(UTC), settings, data) if one.mark == "✗"] == []


async def test_the_watch_looks_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fengsui.app.node, "LOOK_AT_FILES_S", 0.2)
    async with running_node(tmp_path, settings_for()) as node:
        (tmp_path / "secrets" / "media-tickets").write_text("0" * 64, encoding="utf-8")
        await until(lambda: told(node) == [("secrets/media-tickets", "changed")], what="it is seen")
