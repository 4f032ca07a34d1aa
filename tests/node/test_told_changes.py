"""A record of a change tells each value before and after, and no secret."""

from __future__ import annotations

import pytest

from fengsui.features.audit import Act, told_changes
from fengsui.features.audit.changes import ONE
from tests.node.conftest import RunningNode, powered, simulated_camera, until
from tests.node.test_audit import CODE, _has_camera, records


def detail_of(node: RunningNode, act: Act) -> str:
    return [one for one in records(node) if one.act == act][-1].detail


async def test_the_changes_of_a_camera_and_a_device_are_told_with_their_former_values(node: RunningNode) -> None:
    async with powered(simulated_camera(node.registrar)):
        await until(lambda: _has_camera(node), what="the camera is there")
        first = {
            "own_area": "52010203",
            "audio_basis": "求助点通话 合同2026-7",
            "camera_class": "restricted",
            "tags": ["大门", "东"],
        }
        assert (await node.client.patch(f"/cameras/{CODE}", json=first)).status_code == 200
        assert detail_of(node, Act.CAMERA_CHANGE) == (
            "audio_basis=none→求助点通话 合同2026-7; camera_class=government→restricted; own_area=none→52010203; tags=none→大门,东"
        )
        second = {"own_area": "", "audio_basis": None, "own_name": "东门", "tags": ["大门", "东"]}
        assert (await node.client.patch(f"/cameras/{CODE}", json=second)).status_code == 200
        assert detail_of(node, Act.CAMERA_CHANGE) == (
            "audio_basis=求助点通话 合同2026-7→none; own_area=52010203→none; own_name=none→东门; tags=大门,东, as before"
        )
        change = {"name": "西门", "password": "a-Secret-of-9-digits", "pinned_edition": "3.0"}
        assert (await node.client.patch(f"/devices/{CODE}", json=change)).status_code == 200
        told = detail_of(node, Act.DEVICE_CHANGE)
        assert told == "name=测试摄像机1→西门; password=none→(hidden), another one; pinned_edition=0→30"
        assert (await node.client.patch(f"/devices/{CODE}", json={"password": "another-Secret-7"})).status_code == 200
        assert detail_of(node, Act.DEVICE_CHANGE) == "password=(hidden)→(hidden), another one"
        log = b"".join(path.read_bytes() for path in node.node.audit.files.folder.glob("*.log"))
        assert b"a-Secret-of-9-digits" not in log and b"another-Secret-7" not in log


async def test_the_changes_of_people_and_units_are_told_with_their_former_values(node: RunningNode) -> None:
    wang, _ = await node.appoint("wang", {"post": "operator"})
    for name in ("王一", "王二"):
        assert (await node.client.patch(f"/users/{wang['id']}", json={"full_name": name})).status_code == 200
    assert detail_of(node, Act.USER_CHANGE) == "full_name=王一→王二"
    unit = (await node.client.post("/organisations", json={"name": "指挥中心", "area": "520102"})).json()
    body = {"name": "指挥中心", "area": "520103"}
    assert (await node.client.put(f"/organisations/{unit['id']}", json=body)).status_code == 200
    assert detail_of(node, Act.UNIT_CHANGE) == "area=520102→520103; name=指挥中心, as before"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [(0, 0, "n=0, as before"), (False, True, "n=False→True"), ("", None, "n=none, as before"), (None, 1.5, "n=none→1.5")],
)
def test_values_are_told_as_they_are(old: object, new: object, told: str) -> None:
    assert told_changes({"n": old}, {"n": new}) == told


def test_a_long_value_is_cut_and_says_so() -> None:
    assert told_changes({}, {"n": "x" * 400}) == f"n=none→{'x' * ONE}… (400 characters)"
