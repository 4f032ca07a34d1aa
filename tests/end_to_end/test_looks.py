"""Every page at a desk, on an old screen and on a phone, dark and light, in both languages: told by geometry, by words, by axe.

`LOOKS=folder` also keeps a picture of each, for people to look at.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import ConsoleMessage, Page

from tests.end_to_end.conftest import Demo, running_demo, sign_in
from tests.end_to_end.content import arranged, emergency, filed, footage, made_ready, patrolled, played
from tests.end_to_end.test_accessibility import at_rest, faults
from tests.end_to_end.test_duty import added_people
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_on_patrol import crewed
from tests.end_to_end.test_recovery import show
from tests.end_to_end.words import WORDS, keys, untranslated, written
from tests.rounds import rounds

pytestmark = [pytest.mark.end_to_end, pytest.mark.rounds, pytest.mark.timeout(1_500)]
GEOMETRY = (Path(__file__).parent / "geometry.js").read_text(encoding="utf-8")
ROUTES = Path(__file__).parents[2] / "console" / "src" / "app" / "routes.tsx"
SIZES = {"desk": (1920, 1080), "old": (1366, 768), "phone": (390, 844)}
LOOKS = (("dark", "zh-CN"), ("light", "en"), ("dark", "en"), ("light", "zh-CN"))
JUDGED = rounds(
    (("desk", "dark", "zh-CN"), ("old", "light", "en"), ("phone", "dark", "en")),
    (("desk", "dark", "zh-CN"), ("desk", "light", "en"), ("phone", "dark", "en"), ("phone", "light", "zh-CN")),
)
"""When axe looks as well: both forms, both themes; in `make soak` each with each. An old screen has the form of a desk."""
TURNS = rounds(JUDGED, (*JUDGED[:2], ("old", "light", "en"), *JUDGED[2:]))
"""A theme changes no shape, and English is the longer: an old screen is looked at once. People are shown all there is."""
SETTLES_S = 5.0
"""A page that has another size, theme or language is laid out again within this."""
CONTENT = "main :is(button, td, dd, .padded input, .hint a, .tile, [data-testid=watch-only], .tree .leaf):visible"


@dataclass
class Place:
    """One page. `path`: as routes.tsx has it; `at`: its address; `then`: what is done before it is looked at."""

    path: str
    at: str = ""
    name: str = ""
    then: Callable[[Page], None] = lambda _: None

    def __post_init__(self) -> None:
        self.at = self.at or self.path
        self.name = self.name or self.path.replace("/", "-").replace("$", "") or "wall"


@dataclass
class Lived:
    """A node with content, and the pages of it by who looks at them."""

    demo: Demo
    places: dict[str, list[Place]] = field(default_factory=dict)
    addresses: dict[str, list[str]] = field(default_factory=dict)


def routes() -> set[str]:
    """Every page of the console, as routes.tsx has it."""
    return set(re.findall(r'path: "/([^"]*)"', ROUTES.read_text(encoding="utf-8")))


def watched(client: httpx.Client) -> int:
    """An incident that its leader has before them on a wall."""
    incident: int = client.post("/incidents", json={"type": "intrusion", "place": "南明小学东门", "priority": 1}).json()["id"]
    people = client.get(f"/incidents/{incident}/watches").json()["candidates"]
    me = next(one["user_id"] for one in people if one["name"] == "duty")
    assert client.post(f"/incidents/{incident}/watches", json={"user": me}).status_code == 201
    return incident


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    """Of its own: what it makes outlasts a test."""
    with running_demo() as demo:
        masked = made_ready(demo)
        begun, filed_code = patrolled(demo), filed(demo)
        arranged(demo)
        taped = cameras_with_patches(demo, "H.264")[1:4]  # the first has a mask, of the last no ticket tells
        footage(demo, taped)
        with demo.client() as client:
            items = client.get("/cameras", params={"limit": 100, "status": "online"}).json()["items"]
            centre = client.get("/duty").json()["mine"]["centre"]
            incident = watched(client)
        dome = next(item for item in items if "PTZ" in item["name"])
        code = dome["code"]
        plain = cameras_with_patches(demo, "H.264")[:2]
        places = {
            "duty": [
                Place("", then=lambda page: show(page, [*plain, code])),
                Place("", name="wall-views", then=views),
                Place("", name="key-map", then=key_map),
                Place("cameras/$code", f"cameras/{masked}", "camera-masked"),
                Place("cameras/$code", f"cameras/{code}", "camera-dome", then=ptz),
                Place("situation", then=whole_map),
                Place("situation", name="situation-chosen", then=lambda page: chosen(page, plain[0])),
                Place("alarms", then=lambda page: page.get_by_test_id("alarm-facts").wait_for()),
                Place("incidents"),
                Place(
                    "incidents/$id/watch", f"incidents/{incident}/watch", then=lambda page: page.get_by_test_id("watch").wait_for()
                ),
                Place("board", then=lambda page: page.get_by_test_id("board-alarms").wait_for()),
                Place("patrol-units"),
                Place("alarm-rules"),
                Place("procedures", then=lambda page: page.get_by_test_id("show-1").click()),
                Place("methods", then=lambda page: page.get_by_test_id("method-1").click()),
                Place("duty"),
                Place("duty/roster"),
                Place("duty/log"),
                Place("emergencies"),
                Place("patrols"),
                Place("patrols", name="patrol-plan", then=lambda page: page.get_by_test_id("add-plan").click()),
                Place("patrols/rounds/$round", f"patrols/rounds/{begun}"),
                Place("patrols/log"),
                Place("tickets"),
                Place("case-numbers"),
                Place("account"),
                Place("spot"),
                Place("spot", name="spot-shown", then=lambda page: followed(page, taped[2])),
                Place("screen/$number", "screen/3"),
                Place("playback"),
                Place("playback", name="playback-shown", then=lambda page: played(page, taped)),
            ],
            "system": [
                Place("devices"),
                Place("devices/$code", f"devices/{dome['device']}", "device"),
                Place("files"),
                Place("files/$code", f"files/{filed_code}", "file"),
                Place("file-import"),
                Place("cameras"),
                Place("cameras", name="cameras-edit", then=edit_of_many),
                Place("waiting"),
                Place("alarm-points"),
                Place("links"),
                Place("completeness", then=reckoned),
                Place("node", then=lambda page: page.get_by_test_id("node-charts").locator("canvas").first.wait_for()),
                Place("policy"),
                Place("gallery"),
                Place("nowhere"),
            ],
            "security": [Place("users"), Place("users", name="person", then=person), Place("approvals")],
            "audit": [Place("audit"), Place("approvals", name="approvals-read")],
        }
        added_people(demo, {"lin.jie": ("林杰", "patrol")})
        crewed(demo)
        places["lin.jie"] = [Place("patrol")]
        emergency(demo, "li.si")  # whose pages stand in a red frame from here on
        places["li.si"] = [Place("", name="wall-emergency"), Place("emergencies", name="emergencies-own")]
        seen = {place.path for them in places.values() for place in them}
        places["system"] += [Place(path) for path in sorted(routes() - seen) if "$" not in path]
        cameras = [f"/cameras/{code}", f"/cameras/{masked}", f"/cameras/{masked}/masks", f"/cameras/{code}/presets"]
        files = [f"/device-files/{filed_code}", f"/device-files/{filed_code}/versions"]
        logs = [f"/duty/centres/{centre}/log", f"/video-patrols/centres/{centre}/log"]
        addresses = {
            "duty": [
                *cameras,
                *logs,
                "/alarm-points",
                "/alarm-figures",
                "/units",
                f"/video-patrols/rounds/{begun}",
                f"/incidents/{incident}",
            ],
            "system": [f"/cameras/{code}", *files],
        }
        yield Lived(demo, places, addresses)


def reckoned(page: Page) -> None:
    """Of the plans that footage was recorded by: a while after they were made, and shown at the page's next look."""
    page.locator('[data-testid^="area-days-"]').first.wait_for(timeout=200_000)


def ptz(page: Page) -> None:
    page.get_by_test_id("ptz-left").wait_for()


def views(page: Page) -> None:
    page.keyboard.press("v")
    page.get_by_test_id("view-save").wait_for()


def key_map(page: Page) -> None:
    page.keyboard.press("?")
    page.get_by_test_id("key-map").wait_for()


def whole_map(page: Page) -> None:
    page.locator('[data-testid="map"][data-ready="true"]').wait_for()
    page.get_by_test_id("map-whole").click()
    page.locator('[data-testid="map"][data-idle="true"]').wait_for()


def chosen(page: Page, code: str) -> None:
    page.locator('[data-testid="map"][data-ready="true"]').wait_for()
    page.get_by_test_id(f"situation-{code}").click()
    page.get_by_test_id("chosen-camera").wait_for()


def followed(page: Page, code: str) -> None:
    """A wall in another window of this browser chooses a camera; the spot window stays with it when that is closed."""
    wall = page.context.new_page()
    wall.goto(page.url.removesuffix("spot"))
    wall.get_by_test_id(f"camera-{code}").click()
    page.get_by_test_id("spot-picture").wait_for()
    wall.close()


def edit_of_many(page: Page) -> None:
    page.get_by_test_id("choose-all").click()
    page.get_by_test_id("list-edit").click()
    page.get_by_test_id("edit-tags-add").wait_for()


def person(page: Page) -> None:
    page.get_by_test_id("user-duty").click()
    page.locator(".ant-drawer-content-wrapper:visible").wait_for()


def test_each_page_of_the_console_is_looked_at(lived: Lived) -> None:
    assert routes() - {place.path for places in lived.places.values() for place in places} == set()


class Look:
    """One browser that goes through the pages; the language and the theme change in place."""

    def __init__(self, page: Page, lived: Lived) -> None:
        self.page, self.lived = page, lived
        self.known, self.names = keys(), written(lived.demo, lived.addresses)
        self.found: dict[str, list[str]] = {}
        self.complaints: list[str] = []
        self.wrong: dict[str, set[str]] = {}
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _said(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.complaints.append(f"{said.text} {said.location.get('url', '')}")

    def size(self, name: str) -> None:
        width, height = SIZES[name]
        self.page.set_viewport_size({"width": width, "height": height})

    def enter(self, office: str) -> None:
        """Somebody else sits down at the desk."""
        self.size("desk")
        self.page.context.clear_cookies()
        sign_in(self.page, self.lived.demo, office)

    def at(self, place: Place, office: str) -> None:
        """Everything about one page."""
        self.size("desk")
        self.complaints.clear()  # nobody is signed in yet when the door asks
        self.page.goto(self.lived.demo.node["console"] + place.at)
        self.page.locator(CONTENT).first.wait_for()
        place.then(self.page)
        all_there_is = [(size, *look) for size in SIZES for look in LOOKS]
        for size, theme, language in all_there_is if os.environ.get("LOOKS") else TURNS:
            self.size(size)
            self.turn("theme", "dataset.theme", theme)
            self.turn("language", "lang", language)
            where = f"{office} {place.name} {size} {theme} {language}"
            self.note(self.settled(place.name), where)
            if (size, theme, language) in JUDGED:
                self.note(faults(self.page), where)
            self.keep(place.name, f"{size}-{theme}-{language}")
            if language == "en":
                left = untranslated(self.page.evaluate(WORDS), self.names, self.known)
                self.note([f"untranslated: {word}" for word in left], where)
        self.note([f"the browser complains: {said}" for said in self.complaints], f"{office} {place.name}")
        self.complaints.clear()

    def turn(self, button: str, fact: str, wanted: str) -> None:
        """Presses the header's button where the page is not so yet; it may be in a menu, or below a dialog."""
        if self.page.evaluate(f"document.documentElement.{fact}") != wanted:
            self.page.get_by_test_id(button).first.evaluate("button => button.click()")
            assert self.page.evaluate(f"document.documentElement.{fact}") == wanted

    def settled(self, name: str) -> list[str]:
        """What is wrong once the page stands still, or will not; what was wrong with it before is not waited for again."""
        at_rest(self.page)
        deadline = time.monotonic() + SETTLES_S
        known = self.wrong.setdefault(name, set())
        while set(wrong := self.page.evaluate(GEOMETRY)) - known and time.monotonic() < deadline:
            self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        known.update(wrong)
        return list(wrong)

    def note(self, wrong: list[str], where: str) -> None:
        for one in wrong:
            self.found.setdefault(one, []).append(where)

    def keep(self, name: str, folder: str) -> None:
        """For people, where the pictures are asked for."""
        if wanted := os.environ.get("LOOKS"):
            target = Path(wanted) / folder
            target.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=target / f"{name}.png", animations="disabled")


def told(found: dict[str, list[str]]) -> str:
    """What is wrong, and where, a line each."""
    return "\n".join(f"{what}\n    {len(where)}: {'; '.join(where[:3])}" for what, where in sorted(found.items()))


def test_no_page_is_out_of_shape(lived: Lived, page: Page) -> None:
    look = Look(page, lived)
    for office, places in lived.places.items():
        look.enter(office)
        for place in places:
            look.at(place, office)
            if wanted := os.environ.get("LOOKS"):
                (Path(wanted) / "wrong.txt").write_text(told(look.found), encoding="utf-8")
    assert look.found == {}, told(look.found)
