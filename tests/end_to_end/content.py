"""What stands on a node after some weeks: a roster, tickets, a mask, requests, patrols, device files, views, an emergency."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from playwright.sync_api import Page

from tests.device_files.many import row_of
from tests.end_to_end.conftest import Demo, wait_until
from tests.end_to_end.test_duty import CASE, added_people
from tests.end_to_end.test_first_picture import cameras_with_patches
from tests.end_to_end.test_playback import choose, record, shown_s, ticket

CENTRE = "南明区视频监控中心"
LOOKS = ("路口有无积水、拥堵", "停车场有无烟火、道闸是否正常", "步道有无障碍、灯光是否完好")
TIMES = ["00:00", "02:00", "04:00", "20:00", "22:00"]
FAULTS: tuple[dict[str, str], ...] = (
    {},
    {"mac": "3C:EF:8C"},
    {"lon": "116.397128", "lat": "39.916527"},
    {"name": ""},
    {"retention_days": "7"},
)
"""What is wrong in the device files, in turn; nothing in the first."""


def done(answer: httpx.Response, status: int = 201) -> Any:
    """What the node made."""
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def made_ready(demo: Demo) -> str:
    """A roster with `duty` at seat 2, tickets, a mask, an appointment that waits for a second person. The masked camera's code."""
    code, now = cameras_with_patches(demo, "H.264")[0], datetime.now(UTC)
    people = added_people(demo)
    with demo.client("duty") as duty:
        centres = duty.get("/duty").json()["centres"]
        made = {"name": CENTRE, "area": "", "seats": 4, "min_staff": 2}
        centre = centres[0]["id"] if centres else done(duty.post("/duty/centres", json=made))["id"]
        shift = {"since": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(hours=7)).isoformat()}
        duty.post(f"/duty/centres/{centre}/slots", json={"seat": 2, "user_id": people["duty"], **shift})
        midnight = now.replace(hour=16, minute=0, second=0, microsecond=0) - timedelta(days=8)
        for day in range(14):
            for seat, name, hour in ((1, "li.si", 0), (1, "wang.wu", 8), (2, "wang.wu", 16), (2, "duty", 0)):
                since = midnight + timedelta(days=day, hours=hour)
                times = {"since": since.isoformat(), "until": (since + timedelta(hours=8)).isoformat()}
                duty.post(f"/duty/centres/{centre}/slots", json={"seat": seat, "user_id": people[name], **times})
        if duty.get("/duty").json()["mine"] is None:
            done(duty.post("/duty/shift", json={"centre": centre, "seat": 2}))
        window = {"since": (now - timedelta(hours=3)).isoformat(), "until": (now + timedelta(hours=8)).isoformat()}
        for one, why in zip(duty.get("/ticket-purposes").json()["items"], ("核对门口停放的车辆", "查看路口拥堵原因"), strict=False):
            case = {"case_number": CASE} if one["case_number"] == "required" else {}
            order = {"purpose": one["code"], "legal_basis": one["basis"][0], "bounds": {"cameras": [code], **window}, "reason": why}
            done(duty.post("/tickets", json={**order, **case}))
        corners = [[600, 1200], [3600, 1500], [3400, 4600], [700, 4300]]
        done(duty.post(f"/cameras/{code}/masks", json={"name": "居民楼窗户", "points": corners}))
    with demo.client("security") as office:
        post = {"post": "commander", "area": "520102", "reason": "代理指挥长"}
        done(office.post(f"/users/{people['li.si']}/appointments", json=post), 202)
    return code


def patrolled(demo: Demo) -> int:
    """A plan of three stops, a round under way by `duty`, who is on duty, and a patrol on foot. The round."""
    cameras = cameras_with_patches(demo, "H.264")[:3]
    stops = [{"camera": one, "look_for": look, "watch_s": 8} for one, look in zip(cameras, LOOKS, strict=True)]
    with demo.client("duty") as duty:
        mine = duty.get("/duty").json()["mine"]
        hours = {"times": TIMES, "weekdays": [1, 2, 3, 4, 5, 6, 7]}
        order = {"centre": mine["centre"], "name": "城区夜间巡逻", "stops": stops, "tolerance_s": 1800, **hours}
        plan = done(duty.post("/video-patrols/plans", json=order))["id"]
        begun: int = done(duty.post(f"/video-patrols/plans/{plan}/rounds"))["round"]["id"]
        foot = {"place": "河岸步道北段", "at": datetime.now(UTC).isoformat(), "text": "栏杆完好，灯光正常"}
        done(duty.post("/video-patrols/on-foot", json=foot))
    return begun


def filed(demo: Demo, count: int = 10) -> str:
    """Device files, some with faults, two of them handed on. The code of one with a history."""
    with demo.client("system") as office:
        for number in range(1, count + 1):
            values = {**row_of(number), **FAULTS[number % len(FAULTS)]}
            done(office.post("/device-files", json={"code": values["device_code"], "values": values, "note": "一季度普查"}))
        first = row_of(len(FAULTS))
        change = {"version": 1, "values": {**first, "managing_contact": "0851-85559999"}, "note": "更换管理单位联系电话"}
        done(office.put(f"/device-files/{first['device_code']}", json=change), 200)
        for number, version in ((len(FAULTS), 2), (2 * len(FAULTS), 1)):
            code = row_of(number)["device_code"]
            done(office.post(f"/device-files/{code}/acts", json={"act": "submit", "version": version}), 200)
    return first["device_code"]


def arranged(demo: Demo) -> None:
    """Views, a tour and a group of `duty`, and a favourite."""
    codes = cameras_with_patches(demo, "H.264")[:4]
    tiles = [{"camera": code} for code in codes]
    with demo.client("duty") as duty:
        wall = {"grid": "AAB/AAC/DEF", "tiles": tiles}
        shared = {"sharing": "post", "post": "duty-supervisor"}
        view = done(duty.post("/views", json={"name": "早高峰 · 人民广场", "wall": wall, **shared}))["id"]
        steps = [{"view": view, "dwell_s": 20}, {"camera": codes[0], "dwell_s": 10}]
        done(duty.post("/views", json={"name": "夜间轮巡", "steps": steps}))
        done(duty.post("/camera-groups", json={"name": "河岸与步道", "cameras": codes[:3]}))


def emergency(demo: Demo, name: str) -> None:
    """Somebody is in danger: the red frame stands around every page of this person, who looks."""
    with demo.client(name) as duty:
        order = {"area": "520102", "danger": "life", "said": "有人落水，立即查看河岸", "proof": demo.user_named(name)["password"]}
        done(duty.post("/emergencies", json=order))


def footage(demo: Demo, cameras: list[str]) -> None:
    """Some seconds of each of these cameras are on disk, and `duty` has a use ticket for all but the last."""
    with demo.client("system") as keeper, demo.client() as duty:
        began, _ = record(keeper, cameras)
        ticket(duty, cameras[:-1], began)


def played(page: Page, cameras: list[str]) -> None:
    """On the page of playback each of these cameras has a picture that stands, but the last."""
    choose(page, cameras)
    for camera in cameras[:-1]:
        page.get_by_test_id(f"lane-{camera}").get_by_test_id("span").first.wait_for(state="attached")
    play, sought_s = page.get_by_test_id("play"), 0.0

    def shown() -> bool:
        """A slow machine may be at the footage's end before its picture is: it is sought again, on both sides of where one is."""
        nonlocal sought_s
        if all(shown_s(page, one) > 0 for one in cameras[:-1]):
            return True
        if time.monotonic() - sought_s > 8:
            sought_s = time.monotonic()
            for way in ("last", "next"):
                page.get_by_test_id(f"{way}-footage").click()
            if play.get_attribute("aria-pressed") == "false":
                play.click()
        return False

    wait_until(shown, seconds=60, what="pictures are shown")
    if play.get_attribute("aria-pressed") == "true":
        play.click()
    page.get_by_test_id("camera-search").fill("")
