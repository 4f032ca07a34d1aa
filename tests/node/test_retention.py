"""How long footage is kept, on a whole node: the ceiling, room made above the floor, holds, and what proves a removal."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fengsui.features.audit import Act, AuditRecord
from fengsui.features.retention import Proof, actions
from fengsui.features.retention.model import Removal, root_of
from fengsui.features.retention.removals import ends_of
from fengsui.features.second_tier import SecondTier
from fengsui.recording_settings import FootageFolderSection
from fengsui.settings import NodeSettings
from tests.node.clip_room import PAPER
from tests.node.conftest import RunningNode, powered, running_node, simulated_camera, until, with_media
from tests.node.duty_room import CASE, HERE, centre_of, with_pack
from tests.node.test_audit import records
from tests.node.test_footage import footage_files, order, safe_for
from tests.node.test_lifts import MovedClock
from tests.node.test_live import listed
from tests.node.test_masks import approve


@pytest.fixture(autouse=True)
def hasty_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the node does it, only sooner."""
    monkeypatch.setattr(actions, "FIRST_S", 0.1)
    monkeypatch.setattr(actions, "LOOK_S", 0.3)


class LaterClock(MovedClock):
    """So many days later, on a machine that knows its clock's error, or one that does not."""

    def __init__(self, days: float, *, vouched: bool = True) -> None:
        super().__init__()
        self.later = timedelta(days=days)
        self._vouched = vouched

    def error(self) -> str:
        return "1500" if self._vouched else "unsynchronised"


def ruled(tmp_path: Path, **recording: object) -> NodeSettings:
    """With the demonstration's pack: plain video 30 to 90 days, key targets 90 to 180."""
    settings = with_media(with_pack(tmp_path / "node", register=tmp_path / "cases.txt"), grace_s=5)
    approvals = settings.approvals.model_copy(update={"same_workstation": "session"})
    return settings.model_copy(update={"recording": settings.recording.model_copy(update=recording), "approvals": approvals})


@contextlib.asynccontextmanager
async def recorded(tmp_path: Path, settings: NodeSettings) -> AsyncIterator[tuple[RunningNode, str, str]]:
    """A node that has recorded seconds of a plain camera and of a key target's."""
    async with running_node(tmp_path / "node", settings, LaterClock(0)) as node:
        await centre_of(node)
        cameras = [simulated_camera(node.registrar), simulated_camera(node.registrar, number=2)]
        plain, key = (one.identity.code for one in cameras)
        file = {"code": key, "values": {"retention_class": "2"}}
        assert (await node.client.post("/device-files", json=file)).status_code == 201
        async with powered(cameras[0]), powered(cameras[1]):
            for code in (plain, key):
                await until(partial(listed, node, code), what="the camera is listed")
                assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            for code in (plain, key):
                await safe_for(node, code, 3)
            yield node, plain, key


def files_of(tmp_path: Path, code: str) -> list[Path]:
    return [path for path in footage_files(tmp_path / "node") if code in path.parts]


def digest_of(path: Path, folder: Path) -> bytes:
    """As the guide says it, by other means than the product's: the table is what the last eight bytes say."""
    octets = path.read_bytes()
    assert octets.endswith(b"fsTB")
    table = octets[-int.from_bytes(octets[-8:-4], "big") :]
    head = b"fengsui footage file 2\0" + str(path.relative_to(folder)).encode() + b"\0" + len(octets).to_bytes(8, "big")
    return hashlib.sha256(head + table).digest()


def retention_of(node: RunningNode) -> actions.Retention:
    """The room itself."""
    return node.node.footage.retention


async def looks(node: RunningNode, times: int = 2) -> None:
    """The room has looked at everything so many times more."""
    retention, seen = node.node.footage.retention, 0
    look = retention.look

    async def counted() -> None:
        nonlocal seen
        await look()
        seen += 1

    retention.look = counted  # type: ignore[method-assign]
    await until(lambda: seen >= times, seconds=60, what="all footage was looked at")
    retention.look = look  # type: ignore[method-assign]


def noted(node: RunningNode, act: str, target: str) -> list[AuditRecord]:
    """On record, in order."""
    return [one for one in records(node) if (one.act, one.object) == (act, target)]


async def faults(node: RunningNode) -> dict[str, dict[str, Any]]:
    return {one["code"]: one for one in (await node.client.get("/node")).json()["faults"]}


@pytest.mark.timeout(300)
async def test_what_has_reached_its_ceiling_goes_by_class_with_its_root_on_record(tmp_path: Path) -> None:
    settings = ruled(tmp_path)
    async with recorded(tmp_path, settings) as (node, plain, key):
        told = (await node.client.get(f"/cameras/{key}/retention")).json()
        assert (told["data_class"], told["floor_days"], told["ceiling_days"]) == ("key-target-video", 90, 180)
        told = (await node.client.get(f"/cameras/{plain}/retention")).json()
        assert (told["data_class"], told["floor_days"], told["ceiling_days"], told["held"]) == ("video", 30, 90, 0)
        assert told["bytes_a_day"] is None, "no day is over yet"
    kept = files_of(tmp_path, plain)
    folder = tmp_path / "node" / "footage"
    digests = [digest_of(path, folder) for path in kept]
    sizes = sum(path.stat().st_size for path in kept)
    assert kept and files_of(tmp_path, key)

    async with running_node(tmp_path / "node", settings, LaterClock(2)) as node:
        await looks(node)
        told = (await node.client.get(f"/cameras/{plain}/retention")).json()
        days = (retention_of(node)._window()[1] - datetime.fromisoformat(told["oldest"]).timestamp()) / 86_400
        assert 1 < days <= 2, "from when it began until today did"
        assert told["bytes_a_day"] == pytest.approx(sizes / days)
        storage = (await node.client.get("/footage-storage")).json()
        rate, free = storage["bytes_a_day"], storage["free_bytes"]
        assert rate == pytest.approx(sum(path.stat().st_size for path in footage_files(tmp_path / "node")) / days, rel=0.01)
        assert storage["full_in_days"] == pytest.approx(free / rate)
        assert storage["holds_days"] == pytest.approx((free + storage["stored_bytes"]) / rate)
        assert storage["needed_bytes"] == pytest.approx(told["bytes_a_day"] * 30 + (rate - told["bytes_a_day"]) * 90)
        assert not await _has(node, "retention.short")
    full = ruled(tmp_path, folders=[FootageFolderSection(path="footage", reserve_gb=100_000)])
    async with running_node(tmp_path / "node", full, LaterClock(2)) as node:
        await until(lambda: _has(node, "retention.short"), what="the alarm comes before anything is full")
    async with running_node(tmp_path / "node", settings, LaterClock(88)) as node:
        await looks(node)
        assert files_of(tmp_path, plain) == kept, "between floor and ceiling, and there is room"
        told = (await node.client.get(f"/cameras/{plain}/retention")).json()
        assert told["stored_bytes"] == sizes and told["bytes_a_day"] == 0 and told["oldest"] is not None
    async with running_node(tmp_path / "node", settings, LaterClock(91, vouched=False)) as node:
        await looks(node)
        assert files_of(tmp_path, plain) == kept, "a clock that leapt and that nobody vouches for makes nothing old"
    async with running_node(tmp_path / "node", settings, LaterClock(92)) as node:
        await until(lambda: not files_of(tmp_path, plain), seconds=60, what="what is too old is gone")
        await looks(node)
        assert files_of(tmp_path, key), "a key target's is kept longer"
        items = (await node.client.get(f"/cameras/{plain}/footage-removals")).json()["items"]
        assert [digest for one in items for digest in one["digests"]] == [one.hex() for one in digests]
        assert {(one["why"], one["data_class"]) for one in items} == {("ceiling", "video")}
        assert sum(one["bytes"] for one in items) == sizes
        told_roots = noted(node, "footage.remove", plain)
        assert len(told_roots) == len(items)
        for one, record in zip(reversed(items), told_roots, strict=True):
            assert one["root"] == root_of([bytes.fromhex(digest) for digest in one["digests"]]).hex()
            assert f"root {one['root']}" in record.detail and "policy CN-base" in record.detail
            assert record.range == f"main {one['day']}"
        await until(lambda: len(noted(node, "footage.removed", plain)) == len(items), what="what came of it is on record")
        for one, record in zip(reversed(items), noted(node, "footage.removed", plain), strict=True):
            count = len(one["digests"])
            assert record.range == f"main {one['day']}"
            assert record.detail.startswith(f"done: files {count} of {count}; bytes {one['bytes']} of {one['bytes']}; ")
            assert record.detail.endswith(f"root {one['root']}, with the pictures of {count} of {count} files")
        assert not node.node.engine.footage(f"{plain}/main", 0, 2**62), "nothing of it is found any more"
        assert "retention.surplus" not in await faults(node)
    async with running_node(tmp_path / "node", settings, LaterClock(182)) as node:
        await until(lambda: not files_of(tmp_path, key), seconds=60, what="the key target's is gone too")


@pytest.mark.timeout(300)
async def test_room_is_made_above_the_floor_and_below_it_there_is_an_alarm(tmp_path: Path) -> None:
    settings = ruled(tmp_path, ahead_gb=100_000)  # no disk has so much: it is as if every folder were nearly full
    async with recorded(tmp_path, settings) as (node, plain, key):
        await until(lambda: _has(node, "retention.floor"), what="the alarm is told")
        assert files_of(tmp_path, plain) and files_of(tmp_path, key)
        fault = (await faults(node))["retention.floor"]
        assert str(tmp_path) in fault["zh"] and "不会被自动删除" in fault["remedy_zh"]
        assert len(noted(node, "footage.alarm", str(tmp_path / "node" / "footage"))) == 1, "once, as long as it lasts"
    async with running_node(tmp_path / "node", settings, LaterClock(29.5)) as node:
        await looks(node)
        assert files_of(tmp_path, plain), "not a moment below the floor"
    async with running_node(tmp_path / "node", settings, LaterClock(31)) as node:
        await until(lambda: not files_of(tmp_path, plain), seconds=60, what="the oldest beyond its floor made room")
        await looks(node)
        assert files_of(tmp_path, key), "90 days at least"
        items = (await node.client.get(f"/cameras/{plain}/footage-removals")).json()["items"]
        assert {one["why"] for one in items} == {"space"}
        assert "retention.floor" in await faults(node), "and it was not enough"
        storage = (await node.client.get("/footage-storage")).json()
        assert storage["stored_bytes"] == sum(path.stat().st_size for path in files_of(tmp_path, key))
        metrics = await node.client.get(f"http://127.0.0.1:{settings.http.port}/metrics")
        assert "fengsui_footage_short_folders 1.0" in metrics.text


def test_the_end_of_a_removal_tells_of_each_day_what_is_gone() -> None:
    half_us = 43_200_000_000
    files: Any = [
        SimpleNamespace(stream="c/main", path=Path(f"{at}"), start_us=at * half_us, bytes=10, has_pictures=at > 0)
        for at in range(6)
    ]
    removals = [Removal("c/main", f"1970-01-0{day}", "ceiling", 0, 1, 20, (b"x" * 32,) * 2, root=b"r") for day in (1, 2, 3)]
    left = {Path("2"): "read-only", Path("4"): "read-only", Path("5"): "hangs"}
    assert [how for _, how in ends_of(removals, files, left, UTC)] == [
        "done: files 2 of 2; bytes 20 of 20; root 72, with the pictures of 1 of 2 files",
        "partly: files 1 of 2; bytes 10 of 20; root 72, with the pictures of 2 of 2 files; left: read-only",
        "failed: files 0 of 2; bytes 0 of 20; root 72, with the pictures of 2 of 2 files; left: read-only",
    ]


def test_a_removal_whose_end_is_not_on_record_is_named() -> None:
    def record(act: Act, day: str) -> Any:
        at = datetime(2026, 12, 1, tzinfo=UTC).isoformat()
        return SimpleNamespace(act=act.value, object="camera", range=f"main {day}", detail="", at=at)

    begun, ended = ([record(act, f"2026-11-0{day}") for day in range(1, 5)] for act in (Act.FOOTAGE_REMOVE, Act.FOOTAGE_REMOVED))
    now = datetime(2026, 12, 2, tzinfo=UTC).timestamp()
    order = [begun[0], begun[1], ended[1], begun[2], begun[3], ended[3]]  # of the first one ends were not recorded yet
    assert Proof(order, 0.0, now).endless == ["camera main 2026-11-03"]
    assert Proof(order, 0.0, datetime(2026, 12, 1, tzinfo=UTC).timestamp() + 60).endless == [], "it may be going on"


@pytest.mark.timeout(300)
async def test_what_did_not_go_is_no_fault_once_it_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ruled(tmp_path)
    async with recorded(tmp_path, settings):
        pass
    # Before the node starts, for it looks at once.
    monkeypatch.setattr(SecondTier, "remove", lambda tier, paths: [(path, "it does not let go") for path in paths])
    async with running_node(tmp_path / "node", settings, LaterClock(182)) as node:
        engine = node.node.engine
        await until(partial(_has, node, "retention.surplus"), seconds=60, what="what is too old is still there")
        ends = [one.detail for one in records(node) if one.act == "footage.removed"]
        assert ends and all(one.startswith("failed: files 0 of ") and one.endswith("it does not let go") for one in ends)
        found = [stream for stream, _ in engine.oldest_footage()]
        ever = [(stream, 2**62, 2**62, list[tuple[int, int]]()) for stream in found]
        engine.remove_footage(engine.old_footage(ever, 1_000, str(tmp_path / "node" / "footage"), False))
        assert not footage_files(tmp_path / "node"), "by other hands"
        await looks(node)
        assert "retention.surplus" not in await faults(node)


async def _has(node: RunningNode, code: str) -> bool:
    return code in await faults(node)


@pytest.mark.timeout(300)
async def test_what_two_persons_hold_for_a_case_stays_until_two_release_it(tmp_path: Path) -> None:
    settings = ruled(tmp_path)
    async with recorded(tmp_path, settings) as (node, plain, key):
        chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
        zhou = await node.client_of("zhou-ba", {"post": "commander", "area": HERE, "rank": "unit-head"})
        now = datetime.now(UTC)
        span = {"from": (now - timedelta(hours=1)).isoformat(), "to": (now + timedelta(minutes=30)).isoformat()}
        body = {**span, "review_at": (now + timedelta(days=60)).isoformat(), "reason": "案件尚在侦查", "document": PAPER}
        path = f"/cameras/{plain}/footage-holds"
        assert (await chen.post(path, json=body)).json()["rule"] == "A1", "no ticket, no hold"
        ticket = await order(chen, plain, now - timedelta(hours=2), now + timedelta(hours=1))
        assert ticket.status_code == 201, ticket.text
        far = await chen.post(path, json={**body, "review_at": (now + timedelta(days=185)).isoformat()})
        assert (far.status_code, far.json()["rule"]) == (422, "A52"), far.text
        assert (await chen.post(path, json={**body, "from": span["to"], "to": span["from"]})).status_code == 422
        assert (await chen.post(path, json={**body, "document": None})).json()["rule"] == "A16"
        asked = await chen.post(path, json=body)
        assert asked.status_code == 202, asked.text
        assert (await chen.get(path)).json()["items"] == [], "asked for is not held"
        assert (await chen.post(f"/approvals/{asked.json()['id']}/approve", json={"hash": "0" * 64})).status_code in (403, 409)
        await approve(zhou, asked.json()["id"])
        [hold] = (await chen.get(path)).json()["items"]
        assert (hold["case_number"], hold["asked_by"], hold["approved_by"]) == (CASE, "chen-qi", "zhou-ba")
        assert (await node.client.get(f"/cameras/{plain}/retention")).json()["held"] == 1
        assert len(noted(node, "footage.hold", plain)) == 1
        await chen.aclose()
        await zhou.aclose()
    held = files_of(tmp_path, plain)

    async with running_node(tmp_path / "node", settings, LaterClock(182)) as node:
        await until(lambda: not files_of(tmp_path, key), seconds=60, what="what nobody holds is gone")
        await looks(node)
        assert files_of(tmp_path, plain) == held, "what is held stays beyond its ceiling"
        assert "retention.review" in await faults(node)
        [alarm] = noted(node, "footage.alarm", plain)
        assert CASE in alarm.detail
        chen = await node.client_of("wu-shi", {"post": "investigator", "area": HERE})
        zhou = await node.client_of("zheng-yi", {"post": "commander", "area": HERE, "rank": "unit-head"})
        path = f"/cameras/{plain}/footage-holds/{hold['id']}/release"
        why = {"reason": "案件已审结", "document": PAPER}
        elsewhere = await chen.post(f"/cameras/{key}/footage-holds/{hold['id']}/release", json=why)
        assert elsewhere.status_code == 404, elsewhere.text
        asked = await chen.post(path, json=why)
        assert asked.status_code == 202, asked.text
        await looks(node)
        assert files_of(tmp_path, plain) == held, "one alone releases nothing"
        await approve(zhou, asked.json()["id"])
        await until(lambda: not files_of(tmp_path, plain), seconds=60, what="released, it is as old as it is")
        await looks(node, 1)
        assert "retention.review" not in await faults(node)
        assert (await chen.post(path, json=why)).json()["code"] == "retention.no_hold"
        await chen.aclose()
        await zhou.aclose()
