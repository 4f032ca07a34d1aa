"""A real node that runs out of descriptors says so, goes on for its devices and open pictures, and recovers by itself."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.conftest import wait_until
from tests.end_to_end.test_recovery import CODE, FENGSUI, PASSWORD, first_people, is_ready, process, settings_file

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]
LIMIT, SWARM = 220, 900
CAMERA = f"{CODE[:10]}1320000001"
SAID = "node.open_files"


@contextlib.contextmanager
def node_with_few_descriptors(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, int], Path]]:
    """The process, its ports and its log."""
    settings, http, sip = settings_file(folder)
    media = int(next(line for line in settings.read_text().splitlines() if line.startswith("http_port")).split("=")[1])
    log = folder / "node.log"
    command = [*FENGSUI, "run", "--config", str(settings), "--data", str(folder / "data")]
    with log.open("ab") as out:
        shell = ["sh", "-c", f'ulimit -n {LIMIT}; exec "$@"', "sh"]
        environment = {**os.environ, **first_people(PASSWORD)}
        node = subprocess.Popen([*shell, *command], stdout=out, stderr=out, env=environment)
    try:
        yield node, {"http": http, "sip": sip, "media": media}, log
    finally:
        node.terminate()
        node.wait(20)


class Reader:
    """Reads a picture's stream all the time."""

    def __init__(self, url: str) -> None:
        self.octets = 0
        self._url = url
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with httpx.stream("GET", self._url, timeout=20) as body:
            for chunk in body.iter_bytes():
                self.octets += len(chunk)
                if self._stopped.is_set():
                    return

    def stop(self) -> None:
        """Ends the thread with the next chunk."""
        self._stopped.set()
        self._thread.join(30)


def open_files(node: subprocess.Popen[bytes]) -> int:
    """Descriptors of the process."""
    return sum(1 for _ in Path(f"/proc/{node.pid}/fd").iterdir())


def changed(sign: Callable[[], object]) -> Callable[[], bool]:
    """Whether it is another than now."""
    before = sign()
    return lambda: sign() != before


def told(client: httpx.Client) -> dict[str, Any]:
    """What the node's page says of its descriptors; a machine that is busy may have more to tell."""
    (fault,) = (one for one in client.get("/node").json()["faults"] if one["code"] == SAID)
    found: dict[str, Any] = fault
    return found


def test_a_node_out_of_descriptors_says_so_keeps_its_devices_and_recovers(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        node, ports, log = stack.enter_context(node_with_few_descriptors(tmp_path))
        base = f"http://127.0.0.1:{ports['http']}"
        wait_until(lambda: is_ready(base), seconds=120, what="the node is ready")
        simulate = ["simulate", "camera", "--port", str(ports["sip"]), "--server", CODE, "--password", "joining", "--first-number"]
        stack.enter_context(process(tmp_path / "camera.log", *simulate, "1"))
        client = stack.enter_context(httpx.Client(base_url=f"{base}/api/v1", timeout=20))
        token = client.post("/session", json={"name": "duty", "password": PASSWORD}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"

        def device(code: str) -> dict[str, Any]:
            found: dict[str, Any] = client.get(f"/devices/{code}").json()
            return found

        wait_until(lambda: client.get(f"/cameras/{CAMERA}").status_code == 200, seconds=60, what="the camera is listed")
        opened = client.post(f"/cameras/{CAMERA}/live", json={"codecs": ["h264", "h265"]}).json()
        reader = Reader(opened["ws_fmp4"].replace("ws://", "http://").replace("/ws/", "/fmp4/"))
        stack.callback(reader.stop)
        wait_until(lambda: reader.octets > 100_000, seconds=60, what="the picture plays")
        page = client.get("/node").json()
        assert page["faults"] == [] and page["open_files"]["limit"] == LIMIT and 20 < page["open_files"]["open"] < LIMIT
        registered, before = device(CAMERA)["registered_at"], open_files(node)

        with contextlib.ExitStack() as swarm:
            for number in range(SWARM):
                one = swarm.enter_context(socket.socket())
                one.bind((f"127.0.{1 + number % 30}.1", 0))
                one.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    one.connect(("127.0.0.1", list(ports.values())[number % 3]))
            wait_until(
                lambda: device(CAMERA) and open_files(node) >= LIMIT,
                seconds=60,
                what="no descriptor is left",
            )
            wait_until(lambda: SAID in log.read_text(), seconds=60, what="the node says so")
            fault = told(client)
            assert str(LIMIT) in fault["zh"] and "LimitNOFILE" in fault["remedy_zh"]
            signs: Mapping[str, Callable[[], object]] = {
                "the camera is heard": lambda: device(CAMERA)["last_seen_at"],
                "the picture goes on": lambda: reader.octets,
            }
            for what, sign in signs.items():
                wait_until(changed(sign), seconds=90, what=what)
            assert (device(CAMERA)["registered_at"], device(CAMERA)["status"]) == (registered, "online"), (
                "it did not notice anything"
            )
        said = log.read_text()
        assert str(LIMIT) in said and "ulimit -n" in said and said.count(SAID) <= 6, "a sentence with the remedy, and no flood"

        wait_until(lambda: open_files(node) <= before + 10, seconds=60, what="descriptors are there again")
        wait_until(lambda: is_ready(base), seconds=60, what="new callers are answered")
        assert client.get("/node").json()["open_files"]["open"] < LIMIT
        assert told(client)["at"] >= fault["at"], "told for some time after it"
        other = f"{CODE[:10]}1320000002"
        more = [*simulate, "2", "--transport", "TCP"]
        stack.enter_context(process(tmp_path / "other.log", *more))
        wait_until(lambda: client.get(f"/cameras/{other}").status_code == 200, seconds=60, what="a camera registers by TCP")
        fresh = client.post(f"/cameras/{other}/live", json={"codecs": ["h264", "h265"]}).json()
        second = Reader(fresh["ws_fmp4"].replace("ws://", "http://").replace("/ws/", "/fmp4/"))
        wait_until(lambda: second.octets > 50_000, seconds=60, what="and plays")
        second.stop()
        assert node.poll() is None
