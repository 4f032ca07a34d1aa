"""One node a data folder: a second start is refused with what to do; a process that was killed leaves nothing in the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from fengsui.app import Node
from fengsui.data_folder import LOCK_FILE, DataFolderLock, holder_of
from fengsui.errors import DataFolderTaken
from tests.commands import fengsui
from tests.node.conftest import running_node, settings_for, until
from tests.node.test_storage_faults import write_config


def started(config: Path, data: Path) -> subprocess.Popen[bytes]:
    """A node's process."""
    with (data.parent / "node.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "fengsui", "run", "--config", str(config), "--data", str(data)], stdout=log, stderr=log
        )


async def ready(port: int, process: subprocess.Popen[bytes]) -> None:
    """Awaits it."""

    async def answers() -> bool:
        assert process.poll() is None, "it ended"
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"http://127.0.0.1:{port}/readyz", timeout=2)).status_code == 200
        except httpx.HTTPError:
            return False

    await until(answers, seconds=120, what="the node is ready")


async def test_a_second_node_on_a_data_folder_is_refused_and_a_killed_one_is_no_obstacle(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (tmp_path / "other").mkdir()
    config, ports = write_config(tmp_path)
    other, other_ports = write_config(tmp_path / "other")
    first = started(config, data)
    try:
        await ready(ports["http"], first)
        second = fengsui("run", "--config", str(other), "--data", str(data))
        assert second.returncode == 1 and "Traceback" not in second.stdout + second.stderr, second.stdout + second.stderr
        said = second.stdout.replace("\n", "")
        assert str(first.pid) in said and "两个节点不能共用一个数据目录" in said and "--data" in said
        checked = fengsui("check", "--config", str(config), "--data", str(data))
        assert checked.returncode == 0 and f"process {first.pid} uses it" in checked.stdout, checked.stdout
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert (data / LOCK_FILE).read_text() == f"{first.pid}\n", "the file stays, the lock does not"
        assert holder_of(data) is None
        again = started(other, data)
        try:
            await ready(other_ports["http"], again)
            assert holder_of(data) == str(again.pid)
        finally:
            again.terminate()
            again.wait(30)
    finally:
        if first.poll() is None:
            first.kill()
            first.wait()


async def test_a_node_lets_its_folder_go_when_it_stops_and_when_it_cannot_start(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as running:
        assert holder_of(tmp_path) == str(os.getpid())
        with pytest.raises(DataFolderTaken):
            await Node(settings_for(), tmp_path).start()
        assert holder_of(tmp_path) == str(os.getpid()), "a refused start takes nothing away from the first"
        taken = running.node.settings
        elsewhere = tmp_path / "elsewhere"
        with pytest.raises(Exception, match="in use"):
            await Node(taken, elsewhere).start()
        assert holder_of(elsewhere) is None
    assert holder_of(tmp_path) is None


def test_a_demonstration_is_alone_in_its_folder(tmp_path: Path) -> None:
    lock = DataFolderLock(tmp_path)
    lock.take()
    (tmp_path / "demo.json").write_text("{}")
    found = fengsui("demo", "--data", str(tmp_path))
    lock.release()
    assert found.returncode == 1 and str(os.getpid()) in found.stdout and "Traceback" not in found.stderr, found.stdout
    assert (tmp_path / "demo.json").exists(), "what the first one wrote is still there"
