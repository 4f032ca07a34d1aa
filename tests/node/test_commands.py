"""What the command line does and by whose right: none of it works past a node's door (decision 0027)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from fengsui.app import Node
from fengsui.cli.commands import app
from fengsui.features.policy.signing import DEMO_PACK, DEMO_PUBLISHER
from tests.node.conftest import settings_for
from tests.node.test_second_person import node_records


class Right(StrEnum):
    """Of whoever runs a command."""

    HOST = "host"
    """Runs the node on this machine, or brings its footage back before it runs; the node's record says so when it starts."""
    READS = "reads"
    """Reads files that the host lets them read, and changes none of a node's."""
    OWN = "own"
    """Makes files of the person's own, or speaks to a node from outside as any device does."""


COMMANDS = {
    "run": Right.HOST,
    "demo": Right.HOST,
    "restore-footage": Right.HOST,
    "check": Right.READS,
    "audit verify": Right.READS,
    "policy verify": Right.READS,
    "policy show": Right.READS,
    "policy key": Right.OWN,
    "policy sign": Right.OWN,
    "simulate street": Right.OWN,
    "simulate camera": Right.OWN,
    "simulate nvr": Right.OWN,
    "simulate alarm-host": Right.OWN,
    "simulate patrol": Right.OWN,
    "simulate fleet": Right.OWN,
    "simulate storm": Right.OWN,
}


def commands(group: Any, path: str = "") -> Iterator[str]:
    """Every command with its groups."""
    for name, one in group.commands.items():
        if hasattr(one, "commands"):
            yield from commands(one, f"{path}{name} ")
        else:
            yield f"{path}{name}"


def test_every_command_has_its_right_written_down() -> None:
    assert set(commands(typer.main.get_command(app))) == COMMANDS.keys(), "a new command is decided about first: decision 0027"


def digests(folder: Path) -> dict[str, str]:
    """Of every file that holds data: SQLite's `-shm` is the readers' scratch beside the log, where each leaves its mark."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.endswith("-shm"))
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


async def test_what_reads_changes_nothing_and_what_starts_is_on_record(tmp_path: Path) -> None:
    node, data = Node(settings_for(password=""), tmp_path / "data"), tmp_path / "data"
    await node.start()
    await node.stop()
    started = [one for one in node_records(node) if one.act == "node.start"]
    assert len(started) == 1 and started[0].role == "node"
    key = tmp_path / "audit.pem"
    key.write_bytes(node.audit.files.signer.public_pem)
    before = digests(data)
    runner = CliRunner()
    for line in (
        ["check", "--data", str(data)],
        ["audit", "verify", str(data / "audit"), "--key", str(key)],
        ["policy", "show", str(DEMO_PACK)],
        ["policy", "verify", str(DEMO_PACK), "--key", str(DEMO_PUBLISHER)],
    ):
        ended = await asyncio.to_thread(runner.invoke, app, line)
        assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.output
        assert ended.output.strip()
    assert digests(data) == before
