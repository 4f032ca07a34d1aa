"""Floor plans of protected places: read as pictures, kept without what else a file says, marked with points, gone when removed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from fengsui.features.alarm_sites.schemas import AlarmSiteOrder, SitePlanChange
from fengsui.features.device_files.model import UnusablePhoto
from fengsui.features.device_files.photos import rewritten
from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.test_alarm_sites import HOST, NURSERY, added, alarmed, card
from tests.node.test_alarm_work import operator
from tests.node.test_audit import records

POINTS = [{"zone": "5", "name": "大一班窗户"}, {"zone": "6", "name": "厨房"}]


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


def drawn(colour: str = "white", form: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    """With where it was made, which nobody is to read from it."""
    written = BytesIO()
    image = Image.new("RGB", size, colour)
    exif = image.getexif()
    exif[0x010E] = "drawn by somebody"
    image.save(written, form, **({} if form == "GIF" else {"exif": exif}))
    return written.getvalue()


async def upload(node: RunningNode, site: int, octets: bytes, version: int = 1, name: str = "一楼") -> httpx.Response:
    return await node.client.post(f"/alarm-sites/{site}/plans", params={"version": version, "name": name}, content=octets)


def kept(node: RunningNode) -> list[Path]:
    return sorted((node.node.data / "site-plans").rglob("*.jpg"))


async def test_an_alarm_shows_where_its_point_stands_on_the_plan(tmp_path: Path, store_url: str) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        await added(node, "/alarm-hosts", {**HOST, "points": POINTS})
        site = await added(node, "/alarm-sites", NURSERY)
        assert [(one["zone"], one["name"]) for one in site["points"]] == [("5", "大一班窗户"), ("6", "厨房")]
        path = f"/alarm-sites/{site['id']}/plans"
        answer = await upload(node, site["id"], drawn())
        assert answer.status_code == 201, answer.text
        (plan,) = answer.json()["plans"]
        marks = [
            {"account": "4321", "zone": "5", "x": 0.25, "y": 0.75},
            {"account": "4321", "zone": "6", "x": 1, "y": 0},
        ]
        change = {"name": "一楼", "marks": marks, "version": 2}
        answer = await node.client.put(f"{path}/{plan['picture']}", json=change)
        assert answer.status_code == 200, answer.text
        assert (await node.client.put(f"{path}/{plan['picture']}", json=change)).json()["code"] == "alarm_site.changed"
        desk = await operator(node, "li-si")
        alarm = await alarmed(node)
        (shown,) = (await card(desk, alarm))["plans"]  # type: ignore[index]
        assert [(one["name"], one["x"], one["y"], one["rings"]) for one in shown["marks"]] == [
            ("大一班窗户", 0.25, 0.75, True),
            ("厨房", 1, 0, False),
        ]
        picture = await desk.get(f"/alarms/{alarm['id']}/site/plans/{plan['picture']}")
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
        assert b"drawn by somebody" not in picture.content and Image.open(BytesIO(picture.content)).size == (60, 40)
        assert (await node.client.get(f"{path}/{plan['picture']}")).content == picture.content
        assert (await desk.get(f"/alarms/{alarm['id']}/site/plans/{'0' * 64}")).status_code == 404
        looks = [one for one in records(node) if one.act == "alarm-site.plan"]
        of, beside = str(site["id"]), f"alarm {alarm['id']}"
        assert [(one.object, one.result) for one in looks] == [(of, "allowed"), (of, "allowed"), (beside, "refused")]
        assert [(one.person, beside in one.detail) for one in looks[:2]] == [("li-si", True), (looks[1].person, False)]
        assert (await desk.get(f"{path}/{plan['picture']}")).status_code == 403
        await desk.aclose()
        changed = await node.client.put(f"/alarm-sites/{site['id']}", json={**NURSERY, "note": "西门", "version": 3})
        assert changed.json()["plans"][0]["marks"] == answer.json()["plans"][0]["marks"], "they stay when the rest is written anew"
        left = kept(node)[0]
        left = left.with_name(f"{left.stem[:2]}{'0' * 62}.jpg")
        left.write_bytes(b"a kill left it before its row was written")
    async with running_node(tmp_path, settings_for(store_url)) as node:
        assert [path.stem for path in kept(node)] == [plan["picture"]]
        assert len((await card(node, alarm))["plans"][0]["marks"]) == 2  # type: ignore[index]


async def test_a_picture_that_no_place_has_any_more_leaves_the_disk(node: RunningNode) -> None:
    await added(node, "/alarm-hosts", HOST)
    one = await added(node, "/alarm-sites", NURSERY)
    two = await added(node, "/alarm-sites", {"name": "二幼", "kind": "kindergarten"})
    for site in (one, two):
        assert (await upload(node, site["id"], drawn())).status_code == 201
    again = await upload(node, one["id"], drawn(), version=2)
    assert (again.status_code, again.json()["code"]) == (422, "alarm_site.unusable")
    assert (await upload(node, one["id"], drawn("red"), version=2)).status_code == 201
    (white, red) = (await node.client.get(f"/alarm-sites/{one['id']}")).json()["plans"]
    assert len(kept(node)) == 2
    for plan, version in ((white, 3), (red, 4)):
        gone = await node.client.delete(f"/alarm-sites/{one['id']}/plans/{plan['picture']}", params={"version": version})
        assert gone.status_code == 200, gone.text
    assert [path.stem for path in kept(node)] == [white["picture"]], "the other place has it still"
    assert (await node.client.delete(f"/alarm-sites/{two['id']}")).status_code == 204
    assert kept(node) == []


async def test_marks_are_of_points_that_stand_there_and_go_with_their_host(node: RunningNode) -> None:
    host = await added(node, "/alarm-hosts", {**HOST, "points": POINTS})
    await added(node, "/alarm-hosts", {**HOST, "account": "9999"})
    site = await added(node, "/alarm-sites", NURSERY)
    plan = (await upload(node, site["id"], drawn())).json()["plans"][0]["picture"]
    path = f"/alarm-sites/{site['id']}/plans/{plan}"
    there = {"account": "4321", "zone": "5", "x": 0.5, "y": 0.5}
    for marks in ([{**there, "zone": "7"}], [{**there, "account": "9999"}], [there, {**there, "zone": "005"}]):
        answer = await node.client.put(path, json={"marks": marks, "version": 2})
        assert (answer.status_code, answer.json()["code"]) == (422, "alarm_site.unusable"), answer.text
    for wrong in ({"x": 1.1}, {"y": -0.1}, {"x": None}, {"zone": "a b"}):
        assert (await node.client.put(path, json={"marks": [{**there, **wrong}], "version": 2})).status_code == 422
    assert (await node.client.put(path, json={"marks": [there], "version": 2})).status_code == 200
    assert (await node.client.delete(f"/alarm-hosts/{host['id']}")).status_code == 204
    found = (await node.client.get(f"/alarm-sites/{site['id']}")).json()
    assert found["plans"][0]["marks"] == [] and found["points"] == []


@pytest.mark.parametrize(
    ("octets", "status", "code"),
    [
        (b"", 422, "file.photo"),
        (b"%PDF-1.7", 422, "file.photo"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 422, "file.photo"),
        (drawn(form="GIF"), 422, "file.photo"),
        (drawn()[:60], 422, "file.photo"),
        (b"x" * ((12 << 20) + 1), 413, "request.too_large"),
    ],
)
async def test_what_is_no_picture_is_refused_and_nothing_of_it_kept(
    node: RunningNode, octets: bytes, status: int, code: str
) -> None:
    site = await added(node, "/alarm-sites", {"name": "一幼", "kind": "kindergarten"})
    answer = await upload(node, site["id"], octets)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert kept(node) == [] and (await node.client.get(f"/alarm-sites/{site['id']}")).json()["version"] == 1


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["PNG", "JPEG", "WEBP"]), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=12))
def test_a_picture_that_was_spoilt_is_a_picture_or_refused(form: str, changes: list[tuple[int, int]]) -> None:
    octets = bytearray(drawn(form=form))
    for at, octet in changes:
        octets[at % len(octets)] = octet
    try:
        made = rewritten(bytes(octets))
    except UnusablePhoto:
        return
    with Image.open(BytesIO(made)) as found:
        assert found.format == "JPEG" and dict(found.getexif()) == {}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["name", "kind", "contacts", "hosts", "marks", "x"]), inner)
    ),
    max_leaves=8,
)


@given(anything)
def test_whatever_is_sent_is_a_place_that_fits_its_table_or_refused(body: Any) -> None:
    for shape in (AlarmSiteOrder, SitePlanChange):
        try:
            found = shape.model_validate(body)
        except ValidationError:
            continue
        assert len(found.model_dump_json()) < 20_000
