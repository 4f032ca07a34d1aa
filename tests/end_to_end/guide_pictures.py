"""Takes the guide's pictures from the running console, in both languages: `scripts/guide-pictures`."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.end_to_end.conftest import CHROMIUM_FLAGS, Demo, running_demo, sign_in, wait_until
from tests.end_to_end.test_duty import CASE, added_people
from tests.end_to_end.test_first_picture import cameras_with_patches, frames_of
from tests.end_to_end.test_recovery import CODE, first_people, is_ready, process, settings_file

FOLDER = Path(__file__).parents[2] / "docs" / "guide" / "pictures"
SIZE, LIMIT_BYTES, QUALITIES = (1280, 720), 150_000, (82, 72, 60, 45)
LANGUAGES = {"zh": "zh-CN", "en": "en"}
OWN_PASSWORD = "long-enough-for-the-guide"


def take(page: Page, name: str, language: str) -> None:
    """Keeps the page as JPEG, as good as the limit allows."""
    page.wait_for_load_state("networkidle")
    target = FOLDER / f"{name}.{language}.jpg"
    for quality in QUALITIES:
        page.screenshot(path=target, type="jpeg", quality=quality, animations="disabled")
        if target.stat().st_size <= LIMIT_BYTES:
            print(f"{target.name}: {target.stat().st_size // 1000} kB")
            return
    raise SystemExit(f"{target} stays above {LIMIT_BYTES} bytes")


@contextmanager
def page_in(browser: Browser, language: str) -> Iterator[Page]:
    """A page in this language."""
    context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]}, locale=LANGUAGES[language])
    page = context.new_page()
    page.add_init_script(f"localStorage.setItem('fengsui.language', '{LANGUAGES[language]}')")
    yield page
    context.close()


def door_and_waiting_list(browser: Browser) -> None:
    """A new node: the sign-in, and two cameras that nobody has admitted yet."""
    folder = Path(tempfile.mkdtemp(prefix="fengsui-guide-"))
    config, http, sip = settings_file(folder)
    text = config.read_text(encoding="utf-8").replace('admission = "password"', 'admission = "waiting-list"')
    config.write_text(text.replace("[node]\n", '[node]\nname = "南明区共享平台"\n'), encoding="utf-8")
    console, log = f"http://127.0.0.1:{http}/", folder / "node.log"
    camera = ["simulate", "camera", "--port", str(sip), "--server", CODE, "--password", "its-own", "--count", "2"]
    with ExitStack() as stack:
        stack.enter_context(
            process(log, "run", "--config", str(config), "--data", str(folder / "data"), **first_people(OWN_PASSWORD))
        )
        wait_until(lambda: is_ready(console.rstrip("/")), seconds=120, what="the node is ready")
        stack.enter_context(process(folder / "camera.log", *camera))
        for language in LANGUAGES:
            with page_in(browser, language) as page:
                page.goto(console)
                page.get_by_test_id("sign-in-name").fill("system")
                page.get_by_test_id("sign-in-password").fill(OWN_PASSWORD)
                take(page, "sign-in", language)
                page.get_by_test_id("sign-in-submit").click()
                page.get_by_test_id("own-account").wait_for()
                page.goto(f"{console}waiting")
                wait_until(lambda page=page: page.get_by_test_id(re.compile("^admit-")).count() == 2, seconds=60, what="two wait")
                take(page, "waiting", language)
                page.get_by_test_id(re.compile("^admit-")).first.click()
                page.get_by_test_id("admit-name").fill("南门入口" if language == "zh" else "South gate")
                page.get_by_test_id("admit-password").fill("its-own")
                take(page, "admit", language)
    shutil.rmtree(folder, ignore_errors=True)


def pictures_and_node(browser: Browser, demo: Demo) -> None:
    """The demonstration: the wall, a dome's page, the node's page."""
    with demo.client() as client:
        items = client.get("/cameras", params={"status": "online", "limit": 100}).json()["items"]
    dome = next(item["code"] for item in items if "PTZ" in item["name"])
    plain = [item["code"] for item in items if "H.264" in item["name"] and "PTZ" not in item["name"]][:3]
    for language in LANGUAGES:
        with page_in(browser, language) as page:
            sign_in(page, demo)
            for tile, code in enumerate([*plain, dome]):
                page.get_by_test_id(f"camera-{code}").click()
                _moving(lambda page=page, tile=tile: frames_of(page, tile))
            wait_until(lambda page=page: "kbit/s" in page.get_by_test_id("tile-3").inner_text(), seconds=60, what="figures")
            take(page, "wall", language)
            page.goto(f"{demo.node['console']}cameras/{dome}")
            picture = page.get_by_test_id("camera-picture")
            _moving(lambda picture=picture: int(picture.get_attribute("data-frames") or 0))
            wait_until(lambda picture=picture: "kbit/s" in picture.inner_text(), seconds=60, what="figures")
            take(page, "camera", language)
        with page_in(browser, language) as page:
            sign_in(page, demo, "security")
            page.goto(f"{demo.node['console']}users")
            page.get_by_test_id("user-duty").wait_for()
            take(page, "people", language)
        with page_in(browser, language) as page:
            sign_in(page, demo, "system")
            page.goto(f"{demo.node['console']}node")
            page.get_by_test_id("join-values").wait_for()
            page.get_by_test_id("node-charts").locator("canvas").first.wait_for()
            take(page, "node", language)


def the_wall(browser: Browser, demo: Demo) -> None:
    """A grid of one's own, views and a tour, and a screen that another workstation has sent a wall to."""
    codes = cameras_with_patches(demo, "H.264")[:4]
    tiles = [{"camera": code} for code in codes]
    words = {
        "zh": ("早高峰 · 人民广场", "夜间轮巡", "指挥大厅"),
        "en": ("Morning rush, People's Square", "Night tour", "Command hall"),
    }
    for language in LANGUAGES:
        view, tour, hall = words[language]
        with demo.client("duty") as duty, page_in(browser, language) as page:
            saved = {"name": view, "wall": {"grid": "AAB/AAC/DEF", "tiles": tiles}, "sharing": "post", "post": "duty-supervisor"}
            kept = [duty.post("/views", json=saved).json()["id"]]
            steps = [{"view": kept[0], "dwell_s": 20}, {"camera": codes[0], "dwell_s": 10}]
            kept.append(duty.post("/views", json={"name": tour, "steps": steps}).json()["id"])
            sign_in(page, demo)
            page.get_by_test_id("views").click()
            page.get_by_test_id(f"view-{kept[0]}").get_by_role("button").first.click()
            for tile in range(4):
                _moving(lambda page=page, tile=tile: frames_of(page, tile))
            page.get_by_test_id("views").click()
            page.get_by_test_id("view-save").wait_for()
            page.wait_for_timeout(500)
            take(page, "wall-views", language)
            page.keyboard.press("Escape")
            page.get_by_test_id("layout-custom").click()
            page.get_by_test_id("grid-sheet").wait_for()
            page.wait_for_timeout(500)
            take(page, "wall-grid", language)
            page.keyboard.press("Escape")
            screen = page.context.new_page()
            screen.add_init_script(f"localStorage.setItem('fengsui.screen-name.3', '{hall}')")
            screen.goto(f"{demo.node['console']}screen/3")
            screen.locator('[data-testid="screen-head"][data-state="open"]').wait_for()
            page.bring_to_front()
            page.get_by_test_id("send-to").click()
            page.get_by_test_id("screen-3").click()
            screen.bring_to_front()
            screen.get_by_test_id("screen-driven").wait_for()
            for tile in range(4):
                _moving(lambda screen=screen, tile=tile: frames_of(screen, tile))
            take(screen, "wall-screen", language)
            for number in reversed(kept):
                duty.delete(f"/views/{number}")


def situation(browser: Browser, demo: Demo) -> None:
    """The map: a camera chosen, a scene followed, and a choice by radius with the blind spots."""
    code = cameras_with_patches(demo, "H.264")[2]
    for language in LANGUAGES:
        with at_desk(browser, demo, language, "duty") as (page, go):
            go("situation").locator('[data-testid="map"][data-ready="true"]').wait_for()
            page.get_by_test_id(f"situation-{code}").click()
            _moving(partial(_shown, page, "chosen-picture"))
            take(page, "situation", language)
            page.get_by_test_id("follow").click()
            page.get_by_test_id("map").focus()
            _moving(partial(_shown, page, "neighbour-1-picture"))
            page.keyboard.press("1")
            _moving(partial(_shown, page, "chosen-picture"))
            for number in range(1, 5):
                _moving(partial(_shown, page, f"neighbour-{number}-picture"))
            take(page, "situation-follow", language)
            page.keyboard.press("Escape")
            page.get_by_test_id("map-whole").click()
            page.get_by_test_id("map-farther").click()
            page.get_by_test_id("map-blind").click()
            page.get_by_test_id("map-circle").click()
            page.get_by_test_id("radius").fill("900")
            page.get_by_test_id("radius-here").click()
            page.locator('[data-testid="map"][data-idle="true"]').wait_for()
            take(page, "situation-choice", language)


def camera_list(browser: Browser, demo: Demo) -> None:
    """The list with tags, and the preview of an edit in which some are refused."""
    with demo.client("system") as client:
        items = client.get("/cameras", params={"limit": 100}).json()["items"]
        for item, tags in zip(items, (["学校", "护学岗"], ["学校"], ["商圈"], ["商圈", "夜市"], ["河道"]), strict=False):
            assert client.patch(f"/cameras/{item['code']}", json={"tags": tags}).status_code == 200
        full = {"tags": [f"巡查点{number}" for number in range(32)]}
        assert client.patch(f"/cameras/{items[5]['code']}", json=full).status_code == 200
    for language in LANGUAGES:
        with at_desk(browser, demo, language, "system") as (page, go):
            go("cameras").get_by_test_id(f"row-{items[0]['code']}").wait_for()
            page.get_by_test_id("camera-table").focus()
            for key in ("Home", " ", "ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown"):
                page.keyboard.press(key)
            take(page, "cameras", language)
            page.keyboard.press("Control+a")
            page.get_by_test_id("list-edit").click()
            page.get_by_test_id("edit-tags-add").click()
            page.keyboard.type("重点区域" if language == "zh" else "key area")
            page.keyboard.press("Enter")
            page.keyboard.press("Escape")
            page.get_by_test_id("edit-look").click()
            page.locator('[data-testid="edit-state"][data-phase="ready"]').wait_for()
            take(page, "cameras-edit", language)
    with demo.client("system") as client:
        for item in items[:6]:
            client.patch(f"/cameras/{item['code']}", json={"tags": []})


def _shown(page: Page, tile: str) -> int:
    video = page.get_by_test_id(tile).locator("video")
    return int(video.evaluate("video => video.getVideoPlaybackQuality().totalVideoFrames"))


def made_ready(demo: Demo) -> str:
    """What the pages of duty and of the offices show: a roster, tickets, a mask, requests that wait. The masked camera's code."""
    code, now = cameras_with_patches(demo, "H.264")[0], datetime.now(UTC)
    people = added_people(demo)
    with demo.client("duty") as duty:
        centres = duty.get("/duty").json()["centres"]
        made = {"name": "南明区视频监控中心", "area": "", "seats": 4, "min_staff": 2}
        centre = centres[0]["id"] if centres else duty.post("/duty/centres", json=made).json()["id"]
        shift = {"since": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(hours=7)).isoformat()}
        duty.post(f"/duty/centres/{centre}/slots", json={"seat": 2, "user_id": people["duty"], **shift})
        midnight = now.replace(hour=16, minute=0, second=0, microsecond=0) - timedelta(days=8)
        for day in range(14):
            for seat, name, hour in ((1, "li.si", 0), (1, "wang.wu", 8), (2, "wang.wu", 16), (2, "duty", 0)):
                since = midnight + timedelta(days=day, hours=hour)
                times = {"since": since.isoformat(), "until": (since + timedelta(hours=8)).isoformat()}
                duty.post(f"/duty/centres/{centre}/slots", json={"seat": seat, "user_id": people[name], **times})
        if duty.get("/duty").json()["mine"] is None:
            assert duty.post("/duty/shift", json={"centre": centre, "seat": 2}).status_code == 201
        window = {"since": (now - timedelta(hours=3)).isoformat(), "until": (now + timedelta(hours=8)).isoformat()}
        for one, why in zip(duty.get("/ticket-purposes").json()["items"], ("核对门口停放的车辆", "查看路口拥堵原因"), strict=False):
            case = {"case_number": CASE} if one["case_number"] == "required" else {}
            order = {"purpose": one["code"], "legal_basis": one["basis"][0], "bounds": {"cameras": [code], **window}, "reason": why}
            assert duty.post("/tickets", json={**order, **case}).status_code == 201
        corners = [[600, 1200], [3600, 1500], [3400, 4600], [700, 4300]]
        assert duty.post(f"/cameras/{code}/masks", json={"name": "居民楼窗户", "points": corners}).status_code == 201
    with demo.client("security") as office:
        post = {"post": "commander", "area": "520102", "reason": "代理指挥长"}
        assert office.post(f"/users/{people['li.si']}/appointments", json=post).status_code == 202
    return code


def lawful_use(browser: Browser, demo: Demo) -> None:
    """Duty, tickets, emergency, masks, approvals, policy, the auditor's reader, and the locked screen."""
    code = made_ready(demo)
    for language in LANGUAGES:
        with at_desk(browser, demo, language, "duty") as (page, go):
            go("duty").get_by_test_id("seat-2").wait_for()
            take(page, "duty", language)
            go("duty/roster").get_by_test_id(re.compile(r"^slot-\d+$")).first.wait_for()
            take(page, "roster", language)
            go("tickets").get_by_test_id(re.compile("^close-")).first.wait_for()
            take(page, "tickets", language)
            go("policy").get_by_test_id("pack-in-force").wait_for()
            take(page, "policy", language)
            picture = go(f"cameras/{code}").get_by_test_id("camera-picture")
            _moving(lambda picture=picture: int(picture.get_attribute("data-frames") or 0))
            page.get_by_test_id("draw-mask").click()
            box = picture.bounding_box()
            assert box is not None
            for across, down in ((0.5, 0.3), (0.8, 0.35), (0.78, 0.7)):
                page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
            take(page, "mask", language)
        with at_desk(browser, demo, language, "security-2") as (page, go):
            go("approvals").locator("tbody tr.ant-table-row button").first.click()
            page.get_by_test_id("opened-request").wait_for()
            take(page, "approval", language)
        with at_desk(browser, demo, language, "audit") as (page, go):
            go("audit").get_by_test_id("audit-mask.add").first.wait_for()
            take(page, "audit", language)
            page.locator(".ant-table-row-expand-icon").nth(3).click()
            page.get_by_test_id("rights-then").first.click()
            page.get_by_test_id("rights-source").wait_for()
            take(page, "rights-then", language)
    with demo.client("duty") as duty:
        proof = demo.user_named("duty")["password"]
        danger = {"area": "520102", "danger": "life", "said": "有人落水,立即查看河岸", "proof": proof}
        assert duty.post("/emergencies", json=danger).status_code == 201
    for language in LANGUAGES:
        with at_desk(browser, demo, language, "duty") as (page, go):
            go("emergencies").get_by_test_id("emergency-bar").wait_for()
            take(page, "emergency", language)
            page.get_by_test_id("lock-now").click()
            page.get_by_test_id("unlock-proof").wait_for()
            take(page, "locked", language)


def video_patrols(browser: Browser, demo: Demo) -> None:
    """A round under way with a finding, what is due, and the joint log."""
    cameras = cameras_with_patches(demo, "H.264")[:3]
    looks = ("路口有无积水、拥堵", "停车场有无烟火、道闸是否正常", "步道有无障碍、灯光是否完好")
    stops = [{"camera": one, "look_for": look, "watch_s": 8} for one, look in zip(cameras, looks, strict=True)]
    with demo.client("duty") as duty:
        mine = duty.get("/duty").json()["mine"]
        hours = {"times": ["00:00", "02:00", "04:00", "20:00", "22:00"], "weekdays": [1, 2, 3, 4, 5, 6, 7]}
        order = {"centre": mine["centre"], "name": "城区夜间巡逻", "stops": stops, "tolerance_s": 1800, **hours}
        made = duty.post("/video-patrols/plans", json=order)
        assert made.status_code == 201, made.text
        begun = duty.post(f"/video-patrols/plans/{made.json()['id']}/rounds").json()["round"]["id"]
        foot = {"place": "河岸步道北段", "at": datetime.now(UTC).isoformat(), "text": "栏杆完好,灯光正常"}
        assert duty.post("/video-patrols/on-foot", json=foot).status_code == 201
    for language in LANGUAGES:
        with at_desk(browser, demo, language, "duty") as (page, go):
            picture = go(f"patrols/rounds/{begun}").get_by_test_id("patrol-picture")
            _moving(lambda picture=picture: int(picture.get_attribute("data-frames") or 0))
            if language == "zh":
                page.keyboard.press("f")
                page.get_by_test_id("finding-kind").get_by_text("道路交通").click()
                page.get_by_test_id("finding-text").fill("路口东侧车道有遗撒物,已通知交警")
                page.get_by_test_id("save-finding").click()
                page.get_by_test_id("stop-1").locator(".mark-finding").wait_for()
                _moving(lambda picture=picture: int(picture.get_attribute("data-frames") or 0))
            take(page, "patrol-round", language)
            go("patrols").get_by_test_id("due-patrols").wait_for()
            take(page, "patrols", language)
            go("patrols/log").get_by_test_id("line-foot").wait_for()
            take(page, "patrol-log", language)


@contextmanager
def at_desk(browser: Browser, demo: Demo, language: str, name: str) -> Iterator[tuple[Page, Callable[[str], Page]]]:
    """A page on which this person has signed in, and the way to a room."""
    with page_in(browser, language) as page:
        sign_in(page, demo, name)

        def go(room: str) -> Page:
            page.goto(demo.node["console"] + room)
            return page

        yield page, go


def steering(browser: Browser, demo: Demo) -> None:
    """One steers a dome, another, who ranks higher, is about to take it over. The people must have been added."""
    with demo.client() as client:
        items = client.get("/cameras", params={"status": "online", "limit": 100}).json()["items"]
    dome = next(item["code"] for item in items if "PTZ" in item["name"])
    for language in LANGUAGES:
        with ExitStack() as stack:
            (li, _), (chief, _) = (stack.enter_context(at_desk(browser, demo, language, name)) for name in ("li.si", "duty"))
            for page in (li, chief):
                page.get_by_test_id("layout-1").click()
                page.get_by_test_id(f"camera-{dome}").click()
                _moving(lambda page=page: frames_of(page, 0))
            li.get_by_test_id("tile-0").hover()
            li.get_by_test_id("tile-0-steer").click()
            li.keyboard.press("ArrowRight", delay=500)
            chief.get_by_test_id("tile-0-take-over").click()
            chief.get_by_test_id("reason").fill("人民广场有人落水" if language == "zh" else "Somebody drowns at the square")
            take(chief, "steering", language)
            li.get_by_test_id("tile-0-give-back").click()
            chief.get_by_test_id("tile-0-take-over").wait_for(state="detached")


def _moving(frames: Callable[[], int]) -> None:
    wait_until(lambda: frames() >= 15, seconds=60, what="the picture moves")


def main() -> None:
    """All pictures."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), headless=True, args=CHROMIUM_FLAGS)
        door_and_waiting_list(browser)
        with running_demo() as demo:
            pictures_and_node(browser, demo)
            the_wall(browser, demo)

            situation(browser, demo)
            camera_list(browser, demo)
            lawful_use(browser, demo)
            steering(browser, demo)
        with running_demo() as demo:
            video_patrols(browser, demo)
        browser.close()


if __name__ == "__main__":
    main()
