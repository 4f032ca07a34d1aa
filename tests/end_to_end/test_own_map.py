"""Maps of the operator's own: in GCJ-02, where cameras stand shifted, and cut by degrees; the absence of their tiles is told."""

from __future__ import annotations

import contextlib
import io
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_recovery import CODE, PASSWORD, first_people, is_ready, process, settings_file

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(240)]
WGS, GCJ = (121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)
"""A published pair: the same place in both."""
APPROVED = "GS(2026)0001号"


SIDE_PX = 256
BLUE, RED, GREEN, YELLOW = (40, 80, 220), (220, 40, 40), (40, 200, 60), (220, 210, 40)


def _png(picture: Image.Image) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()


def _plain(_: str) -> bytes:
    return _png(Image.new("RGB", (SIDE_PX, SIDE_PX), "#6a8ca0"))


def _quarters(path: str) -> bytes:
    """A world in four colours that meet at WGS, by tiles of 360 degrees at level 0 from 180 W, 90 N."""
    level, row, column = (int(re.search(f"{name}=([0-9]+)", path)[1]) for name in ("TILEMATRIX", "TILEROW", "TILECOL"))  # type: ignore[index]
    side = 360 / 2**level
    left, top = (WGS[0] + 180 - column * side) / side * SIDE_PX, (90 - row * side - WGS[1]) / side * SIDE_PX
    picture = Image.new("RGB", (SIDE_PX, SIDE_PX))
    for colour, box in (
        (BLUE, (0, 0, left, top)),
        (RED, (left, 0, SIDE_PX, top)),
        (GREEN, (0, top, left, SIDE_PX)),
        (YELLOW, (left, top, SIDE_PX, SIDE_PX)),
    ):
        west, north, east, south = (round(min(SIDE_PX, max(0, edge))) for edge in box)
        if west < east and north < south:
            picture.paste(colour, (west, north, east, south))
    return _png(picture)


@contextlib.contextmanager
def tile_server(drawn: Callable[[str], bytes] = _plain) -> Iterator[tuple[int, list[str], threading.Event]]:
    """Its port, what was asked of it, and the event upon which it has no tiles any more."""
    asked: list[str] = []
    gone = threading.Event()

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(503 if gone.is_set() else 200)
            self.send_header("access-control-allow-origin", "*")
            self.send_header("content-type", "image/png")
            self.send_header("cache-control", "no-store")
            self.end_headers()
            if not gone.is_set():
                self.wfile.write(drawn(self.path))

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


@contextlib.contextmanager
def situation(page: Page, folder: Path, map_section: str) -> Iterator[list[str]]:
    """A node with that map and a camera at WGS, a browser on its situation page that has chosen it, and what that complains of."""
    config, http, sip = settings_file(folder)
    api = f"http://127.0.0.1:{http}"
    node = {"console": f"{api}/", "api": f"{api}/api/v1", "users": [{"name": "duty", "password": PASSWORD}]}
    with config.open("a", encoding="utf-8") as more:
        more.write(map_section)
    with contextlib.ExitStack() as stack:
        arguments = ["run", "--config", str(config), "--data", str(folder / "data")]
        run = stack.enter_context(process(folder / "node.log", *arguments, **first_people(PASSWORD)))
        wait_until(lambda: is_ready(api), seconds=120, what="the node is ready")
        camera = ["simulate", "camera", "--port", str(sip), "--server", CODE, "--password", "joining"]
        stack.enter_context(process(folder / "camera.log", *camera))
        code = place_one(node["api"])  # type: ignore[arg-type]
        sign_in(page, Demo(folder, node, run))
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.get_by_test_id("nav-situation").click()
        page.get_by_test_id(f"situation-{code}").click()
        yield complaints


def middle(page: Page) -> tuple[float, float]:
    """What the map has in its middle, in its own datum."""
    kept = page.evaluate("JSON.parse(sessionStorage.getItem('fengsui.map'))")
    return kept["longitude"], kept["latitude"]


def zoom(page: Page) -> float:
    """How close the map is."""
    return float(page.evaluate("JSON.parse(sessionStorage.getItem('fengsui.map')).zoom"))


def off(page: Page, place: tuple[float, float]) -> float:
    """How far the middle is from there, in degrees."""
    return max(abs(here - there) for here, there in zip(middle(page), place, strict=True))


def test_cameras_stand_in_the_right_place_on_a_map_in_gcj02(page: Page, tmp_path: Path) -> None:
    with tile_server() as (port, asked, gone):
        section = (
            f'[map]\ndatum = "GCJ-02"\nattribution = "测试底图"\napproval_number = "{APPROVED}"\n'
            f'[[map.layers]]\nkind = "wmts"\nurl = "http://127.0.0.1:{port}/wmts?tk=abc"\nlayer = "vec"\n'
        )
        with situation(page, tmp_path, section) as complaints:
            expect(page.get_by_test_id("map-credit")).to_contain_text(APPROVED)
            expect(page.get_by_test_id("map-credit")).to_contain_text("GCJ-02")
            wait_until(lambda: off(page, GCJ) < 1e-6, seconds=60, what="it is in the middle")
            expect(page.get_by_test_id("count-view")).to_have_text("1")
            assert any("TILEMATRIXSET=w" in one and "tk=abc" in one and "LAYER=vec" in one for one in asked), asked
            assert complaints == [] and page.get_by_test_id("no-tiles").count() == 0
            gone.set()
            page.get_by_test_id("map-farther").click()
            page.get_by_test_id("map-farther").click()
            expect(page.get_by_test_id("no-tiles")).to_be_visible()


def _corner(page: Page) -> tuple[int, int, dict[str, tuple[int, ...]]]:
    """How far from the map's middle, in pixels to the right and down, four colours meet; and the colours, by quarters."""
    box = page.get_by_test_id("map").bounding_box()
    assert box is not None
    picture = Image.open(io.BytesIO(page.get_by_test_id("map").screenshot())).convert("RGB")
    x, y = round(box["width"] / 2), round(box["height"] / 2)
    reach = 60  # beside the camera's own mark and name

    def edge(at: Callable[[int], tuple[int, ...]]) -> int:
        """Where along a line the colour changes most."""
        return max(
            range(-reach, reach), key=lambda step: sum(abs(one - other) for one, other in zip(at(step), at(step + 1), strict=True))
        )

    across = edge(lambda step: picture.getpixel((x + step, y - reach)))  # type: ignore[arg-type, return-value]
    down = edge(lambda step: picture.getpixel((x - reach, y + step)))  # type: ignore[arg-type, return-value]
    places = {"nw": (-reach, -reach), "ne": (reach, -reach), "sw": (-reach, reach), "se": (reach, reach)}
    return across, down, {name: picture.getpixel((x + dx, y + dy)) for name, (dx, dy) in places.items()}  # type: ignore[misc]


def test_tiles_cut_by_degrees_lie_where_they_belong(page: Page, tmp_path: Path) -> None:
    """Tianditu's and PGIS's own cut: the server's colours meet at the camera, at each zoom, in Web Mercator."""
    with tile_server(_quarters) as (port, asked, gone):
        section = (
            '[map]\ndatum = "CGCS2000"\n'
            f'[[map.layers]]\nkind = "wmts"\nurl = "http://127.0.0.1:{port}/vec_c/wmts?tk=abc"\n'
            'layer = "vec"\nprojection = "EPSG:4490"\n'
        )
        with situation(page, tmp_path, section) as complaints:
            drawn = page.locator('[data-testid="map"][data-idle="true"]')
            wait_until(lambda: off(page, WGS) < 1e-6, seconds=60, what="it is in the middle")
            for step in range(6):
                before = zoom(page)
                expect(drawn).to_be_visible()
                across, down, colours = _corner(page)
                assert abs(across) <= 2 and abs(down) <= 2, (step, across, down)
                strongest = {name: max(range(3), key=colour.__getitem__) for name, colour in colours.items()}
                assert (strongest["nw"], strongest["ne"], strongest["sw"]) == (2, 0, 1), colours
                page.get_by_test_id("map-farther").click()
                wait_until(lambda before=before: zoom(page) < before - 0.9, seconds=60, what="it has gone farther away")
            assert asked and all("TILEMATRIXSET=c" in one for one in asked)
            assert complaints == [] and page.get_by_test_id("no-tiles").count() == 0
            gone.set()
            page.get_by_test_id("map-farther").click()
            expect(page.get_by_test_id("no-tiles")).to_be_visible()
