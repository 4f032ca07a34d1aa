"""What an operator sees when a camera or the node itself goes away and comes back: words, then the picture, without a click."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page

from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, demonstration, to_text
from fengsui.simulators.fleet import FleetTarget, SignallingFleet
from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_first_picture import frames_of
from tests.ports import free_port

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]

CODE, PASSWORD = "52010200002000000001", "first-password"
TILES, FLEET = 9, 2_000
FENGSUI = [sys.executable, "-m", "fengsui"]


@contextlib.contextmanager
def process(log: Path, *command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command of ours, ended afterwards."""
    with log.open("ab") as out:
        running = subprocess.Popen([*FENGSUI, *command], stdout=out, stderr=out, env={**os.environ, **environment})
    try:
        yield running
    finally:
        if running.poll() is None:
            running.terminate()
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def show(page: Page, codes: list[str], layout: int = 4) -> None:
    """Puts these cameras on a wall and waits until they move."""
    page.get_by_test_id(f"layout-{layout}").click()
    for code in codes:
        page.get_by_test_id(f"camera-{code}").click()
    for tile in range(len(codes)):
        wait_until(lambda tile=tile: frames_of(page, tile) >= 5, seconds=60, what=f"tile {tile} plays")


@pytest.mark.parametrize(
    ("transport", "number", "words"), [("TCP", 901, ("设备不在线",)), ("UDP", 902, ("码流中断", "设备无应答"))], ids=["tcp", "udp"]
)
def test_a_killed_camera_says_so_and_comes_back(
    demo: Demo, page: Page, tmp_path: Path, transport: str, number: int, words: tuple[str, ...]
) -> None:
    sip, code = demo.node["sip"], f"{demo.node['code'][:10]}1320{number:06d}"
    command = ["simulate", "camera", "--port", str(sip["port"]), "--server", demo.node["code"], "--password", sip["password"]]
    command += ["--transport", transport, "--first-number", str(number)]
    sign_in(page, demo)
    with process(tmp_path / "camera.log", *command) as camera:
        page.get_by_test_id(f"camera-{code}").wait_for(timeout=60_000)
        show(page, [code])
        camera.send_signal(signal.SIGKILL)
        camera.wait()
    tile = page.get_by_test_id("tile-0")
    wait_until(lambda: any(word in tile.inner_text() for word in words), seconds=60, what="the tile tells what is wrong")
    before = frames_of(page, 0)
    with process(tmp_path / "camera.log", *command):
        wait_until(lambda: tile.get_attribute("data-state") == "playing", seconds=60, what="the tile plays again by itself")
        wait_until(lambda: frames_of(page, 0) >= before + 10, seconds=60, what="the picture moves")
        assert not any(word in tile.inner_text() for word in words)
    with demo.client() as client:
        client.delete(f"/devices/{code}")


def settings_file(folder: Path) -> tuple[Path, int, int]:
    """A node's settings on free ports: the file, the HTTP port, the SIP port."""
    http, media, webrtc, rtp, sip = (free_port() for _ in range(5))
    path = folder / "fengsui.toml"
    path.write_text(
        f'[node]\ncode = "{CODE}"\n[signalling]\nport = {sip}\nadmission = "password"\npassword = "joining"\n'
        f"[media]\nrtp_port = {rtp}\nhttp_port = {media}\nwebrtc_port = {webrtc}\n[http]\ntls = false\nport = {http}\n"
        f"[alarm_hosts]\nport = {free_port()}\n",
        encoding="utf-8",
    )
    return path, http, sip


def alarm_port(config: Path) -> int:
    """Of a node with these settings."""
    return int(tomllib.loads(config.read_text(encoding="utf-8"))["alarm_hosts"]["port"])


class Load:
    """Devices that keep alive all the time, whether somebody answers or not."""

    def __init__(self, sip: int) -> None:
        target = FleetTarget("127.0.0.1", sip, CODE, CODE[:10], "joining")
        self._fleet = SignallingFleet(target, FLEET, code_prefix=f"{CODE[:10]}999", first_network="127.77.0.1")
        self._stopped = threading.Event()
        self._whole = threading.Semaphore(0)
        """Rounds in which each device was answered with 200."""
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stopped.is_set():
            round_ = self._fleet.keep_alive(messages=FLEET, rate_s=FLEET / 4, limit_s=30)
            if round_.answered == FLEET:
                self._whole.release()

    def start(self) -> None:
        """Registers all, then keeps alive."""
        assert self._fleet.register_all().answered == FLEET
        self._thread.start()
        self.wait_for_a_whole_round()

    def wait_for_a_whole_round(self) -> None:
        """One that begins from now on."""
        while self._whole.acquire(blocking=False):
            pass
        for _ in range(2):
            assert self._whole.acquire(timeout=90), "the fleet is answered"

    def stop(self) -> None:
        """Ends the thread."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        self._fleet.close()


@contextlib.contextmanager
def load_of(sip: int) -> Iterator[Load]:
    """A fleet that keeps alive at this port."""
    load = Load(sip)
    try:
        load.start()
        yield load
    finally:
        load.stop()


def first_people(password: str) -> dict[str, str]:
    """Environment of a new node with the demonstration's accounts, all with this password."""
    return {FIRST_PEOPLE: to_text(demonstration({one.name: password for one in DEMONSTRATION}))}


def is_ready(api: str) -> bool:
    """Whether the node answers."""
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{api}/readyz", timeout=2).status_code == 200
    return False


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["restarted", "killed"])
def test_a_node_restarted_under_load_plays_the_wall_again(page: Page, tmp_path: Path, how: signal.Signals) -> None:
    config, http, sip = settings_file(tmp_path)
    api, log = f"http://127.0.0.1:{http}", tmp_path / "node.log"
    run = ["run", "--config", str(config), "--data", str(tmp_path / "data")]
    street = ["simulate", "street", "--port", str(sip), "--server", CODE, "--password", "joining"]
    node = {"console": f"{api}/", "api": f"{api}/api/v1", "users": [{"name": "duty", "password": PASSWORD}]}
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(process(log, *run, **first_people(PASSWORD)))
        wait_until(lambda: is_ready(api), seconds=120, what=f"the node is ready; log: {log}")
        stack.enter_context(process(log, *street))
        demo = Demo(tmp_path, json.loads(json.dumps(node)), first)
        with demo.client() as client:
            wait_until(lambda: client.get("/cameras?status=online").json()["total"] >= 10, seconds=60, what="the street is there")
            items = client.get("/cameras?status=online&limit=100").json()["items"]
        sign_in(page, demo)
        shown = [item["code"] for item in items if "H.264" in item["name"]][:TILES]
        assert len(shown) == TILES
        show(page, shown, TILES)
        fleet = stack.enter_context(load_of(sip))
        first.send_signal(how)
        first.wait(60)
        page.get_by_role("alert").wait_for(timeout=60_000)
        before = [frames_of(page, tile) for tile in range(TILES)]
        stack.enter_context(process(log, *run))
        wait_until(lambda: is_ready(api), seconds=120, what="the node is ready again")
        for tile in range(TILES):
            wait_until(
                lambda tile=tile: frames_of(page, tile) >= before[tile] + 10, seconds=60, what=f"tile {tile} plays again by itself"
            )
        page.get_by_role("alert").wait_for(state="detached", timeout=60_000)
        fleet.wait_for_a_whole_round()
        with demo.client() as client:
            assert client.get("/node").json()["devices"]["online"] >= FLEET


def test_a_page_loaded_while_the_node_is_away_waits_and_is_still_signed_in(demo: Demo, page: Page) -> None:
    sign_in(page, demo)
    page.route("**/api/v1/session", lambda route: route.abort())
    page.reload()
    page.get_by_role("alert").wait_for(timeout=60_000)
    assert page.get_by_test_id("sign-in-name").count() == 0
    page.unroute("**/api/v1/session")
    page.get_by_test_id("layout-4").wait_for(timeout=60_000)
