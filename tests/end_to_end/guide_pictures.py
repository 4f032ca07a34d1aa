"""Takes the guide's pictures from the running console, in both languages: `scripts/guide-pictures`."""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.device_files.many import rows, table
from tests.end_to_end.conftest import CHROMIUM_FLAGS, Demo, running_demo, sign_in, wait_until
from tests.end_to_end.content import arranged, emergency, filed, footage, made_ready, patrolled, played
from tests.end_to_end.cut_line import line
from tests.end_to_end.guide_kit import FOLDER, LANGUAGES, at_desk, frames_shown, moving, page_in, take
from tests.end_to_end.test_finding import place, recorded
from tests.end_to_end.test_first_picture import cameras_with_patches, frames_of
from tests.end_to_end.test_more_pictures import camera
from tests.end_to_end.test_playback import choose, shown_s, ticket
from tests.end_to_end.test_recovery import CODE, first_people, is_ready, process, settings_file, show

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OWN_PASSWORD = "long-enough-for-the-guide"


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
                moving(lambda page=page, tile=tile: frames_of(page, tile))
            wait_until(lambda page=page: "kbit/s" in page.get_by_test_id("tile-3").inner_text(), seconds=60, what="figures")
            take(page, "wall", language)
            page.goto(f"{demo.node['console']}cameras/{dome}")
            picture = page.get_by_test_id("camera-picture")
            moving(lambda picture=picture: int(picture.get_attribute("data-frames") or 0))
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
                moving(lambda page=page, tile=tile: frames_of(page, tile))
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
                moving(lambda screen=screen, tile=tile: frames_of(screen, tile))
            take(screen, "wall-screen", language)
            for number in reversed(kept):
                duty.delete(f"/views/{number}")


def finding(browser: Browser, demo: Demo) -> None:
    """A camera found by pinyin, the palette, and the map of keys. The groups must have been made."""
    for language in LANGUAGES:
        with at_desk(browser, demo, language, "duty") as (page, _):
            page.get_by_test_id("camera-search").fill("ruijin")
            page.locator(".leaf", has_text="瑞金").first.wait_for()
            page.locator(".leaf", has_text="瑞金").first.click()
            moving(lambda page=page: frames_of(page, 0))
            take(page, "finding", language)
            page.keyboard.press("Control+k")
            page.get_by_test_id("palette-text").fill("值班" if language == "zh" else "duty")
            page.get_by_test_id("palette").get_by_role("option").nth(1).wait_for()
            take(page, "palette", language)
            page.keyboard.press("Escape")
            page.get_by_test_id("wall-clear").click()
            page.keyboard.press("?")
            page.get_by_test_id("key-map").wait_for()
            take(page, "key-map", language)


def device_files(browser: Browser, demo: Demo) -> None:
    """The list, one file with what is wrong in it, and a table that was read."""
    filed(demo)
    sheet = {"name": "南明区一季度.xlsx", "mimeType": XLSX, "buffer": table(rows(60, 5, first=100))}
    for language in LANGUAGES:
        with at_desk(browser, demo, language, "system") as (page, go):
            go("files").get_by_test_id("files-total").get_by_text("10").wait_for()
            take(page, "files", language)
            page.get_by_role("row", name=re.compile("错误|rror")).get_by_role("link").first.click()
            page.get_by_test_id("file-history").wait_for()
            take(page, "file", language)
            go("file-import").get_by_test_id("import-file").set_input_files(sheet)
            page.get_by_test_id("faulty-rows").wait_for()
            take(page, "file-import", language)


def situation(browser: Browser, demo: Demo) -> None:
    """The map: a camera chosen, a scene followed, and a choice by radius with the blind spots."""
    code = cameras_with_patches(demo, "H.264")[2]
    for language in LANGUAGES:
        with at_desk(browser, demo, language, "duty") as (page, go):
            go("situation").locator('[data-testid="map"][data-ready="true"]').wait_for()
            page.get_by_test_id(f"situation-{code}").click()
            moving(partial(frames_shown, page, "chosen-picture"))
            take(page, "situation", language)
            page.get_by_test_id("follow").click()
            page.get_by_test_id("map").focus()
            moving(partial(frames_shown, page, "neighbour-1-picture"))
            page.keyboard.press("1")
            moving(partial(frames_shown, page, "chosen-picture"))
            for number in range(1, 5):
                moving(partial(frames_shown, page, f"neighbour-{number}-picture"))
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
            moving(lambda picture=picture: int(picture.get_attribute("data-frames") or 0))
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
    emergency(demo, "duty")
    for language in LANGUAGES:
        with at_desk(browser, demo, language, "duty") as (page, go):
            go("emergencies").get_by_test_id("emergency-bar").wait_for()
            take(page, "emergency", language)
            page.get_by_test_id("lock-now").click()
            page.get_by_test_id("unlock-proof").wait_for()
            take(page, "locked", language)


def video_patrols(browser: Browser, demo: Demo) -> None:
    """A round under way with a finding, what is due, and the joint log."""
    begun = patrolled(demo)
    for language in LANGUAGES:
        with at_desk(browser, demo, language, "duty") as (page, go):
            picture = go(f"patrols/rounds/{begun}").get_by_test_id("patrol-picture")
            moving(lambda picture=picture: int(picture.get_attribute("data-frames") or 0))
            if language == "zh":
                page.keyboard.press("f")
                page.get_by_test_id("finding-kind").get_by_text("道路交通").click()
                page.get_by_test_id("finding-text").fill("路口东侧车道有遗撒物,已通知交警")
                page.get_by_test_id("save-finding").click()
                page.get_by_test_id("stop-1").locator(".mark-finding").wait_for()
                moving(lambda picture=picture: int(picture.get_attribute("data-frames") or 0))
            take(page, "patrol-round", language)
            go("patrols").get_by_test_id("due-patrols").wait_for()
            take(page, "patrols", language)
            go("patrols/log").get_by_test_id("line-foot").wait_for()
            take(page, "patrol-log", language)


def changes_found(page: Page) -> None:
    """What changed in a place on the picture that is chosen, also what only passed."""
    page.get_by_test_id("open-changes").click()
    box = page.get_by_test_id("region-sheet").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.75, steps=4)
    page.mouse.up()
    page.get_by_test_id("find-changes").click()
    page.locator('[data-testid="changes"][data-state="done"]').wait_for()
    for small in page.get_by_test_id("small-picture").all()[:4]:
        expect(small).to_have_attribute("data-state", "picture")


def playback(browser: Browser, demo: Demo) -> None:
    """Two cameras in step under a use ticket, and one that no ticket covers."""
    cameras = cameras_with_patches(demo, "H.264")[:3]
    footage(demo, cameras)
    for language in LANGUAGES:
        with at_desk(browser, demo, language, "duty") as (page, go):
            go("playback").get_by_test_id("playback").wait_for()
            played(page, cameras)
            take(page, "playback", language)
            page.get_by_test_id(f"playback-{cameras[0]}").click()
            page.get_by_test_id("timeline").focus()
            if language == "zh":
                for text in ("红色面包车停在路口", "司机下车,向东步行"):
                    page.keyboard.press("b")
                    page.get_by_test_id("reason").fill(text)
                    page.get_by_test_id("sure").click()
                    page.get_by_test_id("reason").wait_for(state="detached")
                    page.keyboard.press("ArrowRight")
            page.get_by_text("7 天" if language == "zh" else "7 days", exact=True).click()
            page.get_by_test_id("mark-bookmark").first.wait_for()
            page.keyboard.press("m")
            page.keyboard.press("Shift+M")
            take(page, "playback-week", language)


MINUTES = re.compile(r"^10 (分钟|minutes)$")


def changes(browser: Browser, demo: Demo) -> None:
    """A place that has changed, before and after."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as kept:
        folder = Path(name)
        code = kept.enter_context(camera(demo, folder / "camera.log", 931, "--footage", str(place(folder))))
        with demo.client("system") as keeper, demo.client() as duty:
            ticket(duty, [code], recorded(keeper, code))
        for language in LANGUAGES:
            with at_desk(browser, demo, language, "duty") as (page, go):
                go("playback").get_by_test_id("playback").wait_for()
                choose(page, [code])
                page.get_by_test_id(f"lane-{code}").get_by_test_id("activity").wait_for(state="attached")
                page.get_by_test_id("timeline").click(position={"x": 2, "y": 4})  # before all of it
                page.get_by_test_id("next-footage").click()
                page.get_by_test_id("playback").get_by_text(MINUTES).click()
                wait_until(partial(shown_s, page, code), seconds=60, what="a picture is shown")
                changes_found(page)
                take(page, "changes", language)


def lost_network(browser: Browser, demo: Demo) -> None:
    """The cable between desk and node is pulled while pictures play."""
    codes = cameras_with_patches(demo, "H.264")[:4]
    for language in LANGUAGES:
        with line() as cable, page_in(browser, language, cable.port) as page:
            sign_in(page, demo)
            show(page, codes)
            cable.cut()
            page.get_by_test_id("not-live").wait_for()
            for tile in range(len(codes)):
                page.locator(f'[data-testid="tile-{tile}"][data-state="stalled"]').wait_for()
            take(page, "lost", language, connected=False)
            cable.mend()


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
                moving(lambda page=page: frames_of(page, 0))
            li.get_by_test_id("tile-0").hover()
            li.get_by_test_id("tile-0-steer").click()
            li.keyboard.press("ArrowRight", delay=500)
            chief.get_by_test_id("tile-0-take-over").click()
            chief.get_by_test_id("reason").fill("人民广场有人落水" if language == "zh" else "Somebody drowns at the square")
            take(chief, "steering", language)
            li.get_by_test_id("tile-0-give-back").click()
            chief.get_by_test_id("tile-0-take-over").wait_for(state="detached")


def main() -> None:
    """All pictures."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), headless=True, args=CHROMIUM_FLAGS)
        door_and_waiting_list(browser)
        with running_demo() as demo:
            pictures_and_node(browser, demo)
            the_wall(browser, demo)
            arranged(demo)
            finding(browser, demo)
            situation(browser, demo)
            camera_list(browser, demo)
            device_files(browser, demo)
            lawful_use(browser, demo)
            steering(browser, demo)
        with running_demo() as demo:
            lost_network(browser, demo)
            playback(browser, demo)
            changes(browser, demo)
            video_patrols(browser, demo)
        browser.close()


if __name__ == "__main__":
    main()
