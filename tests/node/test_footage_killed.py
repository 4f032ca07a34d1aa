"""kill -9 in the midst of recording: what was told to be on disk is there, any player opens it, and recording goes on by itself."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import av
import httpx
import pytest

from fengsui.media import Engine, EngineConfig
from tests.end_to_end.conftest import wait_until
from tests.end_to_end.test_recovery import CODE, FENGSUI, PASSWORD, first_people, is_ready, process, settings_file

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(280)]

CAMERA = f"{CODE[:10]}1320000001"


def signed_in(api: str) -> httpx.Client:
    """As the system administrator."""
    client = httpx.Client(base_url=f"{api}/api/v1", timeout=30)
    client.headers["Authorization"] = (
        f"Bearer {client.post('/session', json={'name': 'system', 'password': PASSWORD}).json()['token']}"
    )
    client.cookies.clear()
    return client


def safe_until(client: httpx.Client) -> datetime | None:
    """Up to when the camera's footage is on disk; None: nothing yet in this life of the node."""
    told = client.get(f"/cameras/{CAMERA}/recording-plan").json()["safe_until"]
    return None if told is None else datetime.fromisoformat(told)


def test_a_killed_node_keeps_what_it_told_and_goes_on(tmp_path: Path) -> None:
    killed_while_recording(tmp_path, 2)


def killed_while_recording(tmp_path: Path, lives: int, seconds: Callable[[], float] = lambda: 3.0) -> None:
    """A node that records is killed so many times, each time so long after it first told that something is safe."""
    config, http, sip = settings_file(tmp_path)
    api, log, data = f"http://127.0.0.1:{http}", tmp_path / "node.log", tmp_path / "data"
    camera = ["simulate", "camera", "--port", str(sip), "--server", CODE, "--password", "joining", "--first-number", "1"]
    run = ["run", "--config", str(config), "--data", str(data)]
    told: list[tuple[datetime, datetime]] = []
    with contextlib.ExitStack() as stack:
        for life in range(lives):
            environment = first_people(PASSWORD) if life == 0 else {}
            node = stack.enter_context(process(log, *run, **environment))
            wait_until(lambda: is_ready(api), seconds=120, what=f"the node is ready; log: {log}")
            if life == 0:
                stack.enter_context(process(tmp_path / "camera.log", *camera))
            with contextlib.closing(signed_in(api)) as client:
                wait_until(lambda: client.get(f"/cameras/{CAMERA}").status_code == 200, seconds=60, what="the camera is known")
                if life == 0:
                    assert client.put(f"/cameras/{CAMERA}/recording-plan", json={"mode": "always"}).status_code == 200
                wait_until(lambda: safe_until(client) is not None, seconds=90, what="it is recorded")
                first = safe_until(client)
                assert first is not None
                later = first + timedelta(seconds=seconds())
                wait_until(lambda later=later: (safe_until(client) or later) > later, seconds=60, what="and goes on")
                last = safe_until(client)
                assert last is not None
            node.send_signal(signal.SIGKILL)
            node.wait(30)
            told.append((first, last))
    rebuilt = subprocess.run(
        [*FENGSUI, "check", "--rebuild", "--config", str(config), "--data", str(data)], capture_output=True, text=True, check=False
    )
    assert rebuilt.returncode == 0 and "rebuilt" in rebuilt.stdout, rebuilt.stdout + rebuilt.stderr
    files = sorted((data / "footage").rglob("*.mp4"))
    assert lives <= len(files) <= lives + 2, "each life of the node has its file, and one more where an hour ends"
    for file in files:
        with av.open(str(file)) as opened:
            assert sum(1 for _ in opened.decode(video=0)) > 20
    engine = Engine(EngineConfig(ticket_key=b"sixteen bytes...", http_host="127.0.0.1"))
    engine.keep_footage([(data / "footage", 1, 0)], data / "footage-index.db")
    spans = engine.footage(f"{CAMERA}/main", 0, 2**62)
    engine.stop()
    for since, until in told:
        inside = [(start, end) for start, end in spans if start <= since.timestamp() * 1e6 and until.timestamp() * 1e6 <= end + 1]
        assert inside, (since, until, spans)
