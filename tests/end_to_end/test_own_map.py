"""A map of the operator's own in GCJ-02: its tiles come, cameras stand shifted on it, and its absence is told."""

from __future__ import annotations

import contextlib
import struct
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_recovery import CODE, PASSWORD, first_people, is_ready, process, settings_file

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]
WGS, GCJ = (121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)
"""A published pair: the same place in both."""
APPROVED = "GS(2026)0001号"


def _png(side: int = 256) -> bytes:
    """One colour."""

    def part(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + b"\x6a\x8c\xa0" * side for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


@contextlib.contextmanager
def tile_server() -> Iterator[tuple[int, list[str], threading.Event]]:
    """Its port, what was asked of it, and the event upon which it has no tiles any more."""
    asked: list[str] = []
    gone = threading.Event()
    tile = _png()

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(503 if gone.is_set() else 200)
            self.send_header("access-control-allow-origin", "*")
            self.send_header("content-type", "image/png")
            self.send_header("cache-control", "no-store")
            self.end_headers()
            if not gone.is_set():
                self.wfile.write(tile)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield server.server_port, asked, gone
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def place_one(api: str) -> str:
    """Puts the first camera where the published pair is; its code."""
    answer = httpx.post(f"{api}/session", json={"name": "system", "password": PASSWORD}, timeout=20)
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    with httpx.Client(base_url=api, headers=headers, timeout=20) as system:
        items = wait_until(lambda: system.get("/cameras").json()["items"], seconds=60, what="a camera is listed")
        code: str = items[0]["code"]
        changed = system.patch(f"/cameras/{code}", json={"longitude": WGS[0], "latitude": WGS[1]})
        assert changed.status_code == 200, changed.text
    return code


def test_cameras_stand_in_the_right_place_on_a_map_in_gcj02(page: Page, tmp_path: Path) -> None:
    config, http, sip = settings_file(tmp_path)
    api, log = f"http://127.0.0.1:{http}", tmp_path / "node.log"
    node = {"console": f"{api}/", "api": f"{api}/api/v1", "users": [{"name": "duty", "password": PASSWORD}]}
    complaints: list[str] = []
    with contextlib.ExitStack() as stack:
        port, asked, gone = stack.enter_context(tile_server())
        with config.open("a", encoding="utf-8") as more:
            more.write(
                f'[map]\ndatum = "GCJ-02"\nattribution = "测试底图"\napproval_number = "{APPROVED}"\n'
                f'[[map.layers]]\nkind = "wmts"\nurl = "http://127.0.0.1:{port}/wmts?tk=abc"\nlayer = "vec"\n'
            )
        run = stack.enter_context(
            process(log, "run", "--config", str(config), "--data", str(tmp_path / "data"), **first_people(PASSWORD))
        )
        wait_until(lambda: is_ready(api), seconds=120, what="the node is ready")
        camera = ["simulate", "camera", "--port", str(sip), "--server", CODE, "--password", "joining"]
        stack.enter_context(process(tmp_path / "camera.log", *camera))
        code = place_one(node["api"])  # type: ignore[arg-type]
        sign_in(page, Demo(tmp_path, node, run))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.get_by_test_id("nav-situation").click()
        page.get_by_test_id(f"situation-{code}").click()
        expect(page.get_by_test_id("map-credit")).to_contain_text(APPROVED)
        expect(page.get_by_test_id("map-credit")).to_contain_text("GCJ-02")

        def middle() -> tuple[float, float]:
            kept = page.evaluate("JSON.parse(sessionStorage.getItem('fengsui.map'))")
            return kept["longitude"], kept["latitude"]

        def off() -> float:
            return max(abs(here - there) for here, there in zip(middle(), GCJ, strict=True))

        wait_until(lambda: off() < 1e-6, seconds=30, what="it is in the middle")
        expect(page.get_by_test_id("count-view")).to_have_text("1")
        assert any("TILEMATRIXSET=w" in one and "tk=abc" in one and "LAYER=vec" in one for one in asked), asked
        assert complaints == [] and page.get_by_test_id("no-tiles").count() == 0
        gone.set()
        page.get_by_test_id("map-farther").click()
        page.get_by_test_id("map-farther").click()
        expect(page.get_by_test_id("no-tiles")).to_be_visible()
