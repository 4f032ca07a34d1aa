"""Footage in an S3 bucket: it moves there, is found, taken out and rebuilt as before, and goes for good when its time is over."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import httpx
import obstore
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fengsui.features.retention import actions as retention
from fengsui.features.second_tier import SecondTier, actions, tier
from fengsui.features.second_tier.model import Away, begins, note_of
from fengsui.media import rebuild_footage_index
from fengsui.recording_settings import SecondTierSection, footage_index_in
from fengsui.settings import NodeSettings
from tests.node.clip_room import Filmed, clip_of, filmed
from tests.node.conftest import OWN_PASSWORD, running_node, until
from tests.node.test_footage import footage_files
from tests.node.test_retention import LaterClock, faults, ruled
from tests.s3_server import Server, emptied, section_of

BUCKET, PREFIX = "footage", "video"


@pytest.fixture
def s3() -> Server:
    """A running server with the bucket."""
    server = emptied()
    server.bucket(BUCKET, lock=False)
    return server


def objects(s3: Server) -> dict[str, int]:
    """Name and size of each."""
    found = s3.client().list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {one["Key"]: one["Size"] for one in found}


def tiered(tmp_path: Path, s3: Server, **tier: object) -> NodeSettings:
    """A node of which everything closed moves when it is looked at."""
    facts = section_of(s3, tmp_path).model_dump() | {"place": f"s3://{BUCKET}/{PREFIX}", "after_hours": 0} | tier
    return ruled(tmp_path, second_tier=SecondTierSection.model_validate(facts))


@pytest.fixture
async def footage(tmp_path: Path, s3: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Filmed]:
    """Some seconds of one camera, which is off; their file is closed and has not moved."""
    monkeypatch.setattr(actions, "LOOK_S", 3600.0)
    monkeypatch.setattr(actions, "SOONEST_S", 0.0)
    data, settings = tmp_path / "node", tiered(tmp_path, s3)
    async with running_node(data, settings) as node, filmed(node, 8) as found:
        pass  # its stop closes the file
    async with (
        running_node(data, settings) as node,
        contextlib.aclosing(await node.sign_in("chen-qi", OWN_PASSWORD)) as chen,
        contextlib.aclosing(await node.sign_in("zhou-ba", OWN_PASSWORD)) as zhou,
    ):
        yield replace(found, node=node, chen=chen, zhou=zhou)


def tier_of(footage: Filmed) -> SecondTier:
    return footage.node.node.footage.second_tier


def taken_up(path: Path) -> int:
    """Bytes of the disk."""
    return path.stat().st_blocks * 512


async def moved_files(footage: Filmed) -> float:
    """Of all nodes of this process."""
    metrics = await footage.node.client.get(f"http://127.0.0.1:{footage.node.node.settings.http.port}/metrics")
    [line] = [one for one in metrics.text.splitlines() if one.startswith("fengsui_second_tier_moved_files_total ")]
    return float(line.split()[1])


async def clip(footage: Filmed, request: str) -> tuple[bytes, str]:
    """What is handed over, and how it ended."""
    before = (await clip_of(footage.chen, request))["taken"]
    address = (await footage.take(request)).json()
    octets = b""
    with contextlib.suppress(httpx.RemoteProtocolError):
        async with httpx.AsyncClient() as browser, browser.stream("GET", address["url"]) as got:
            async for some in got.aiter_bytes():
                octets += some

    async def told() -> bool:
        return (await clip_of(footage.chen, request))["taken"] != before  # type: ignore[no-any-return]

    await until(told, what="it is told")
    return octets, (await clip_of(footage.chen, request))["taken"][0]["ended"]


async def test_footage_moves_and_is_found_and_taken_out_as_before(footage: Filmed, s3: Server, tmp_path: Path) -> None:
    data, code, engine = tmp_path / "node", footage.code, footage.node.node.engine
    [path] = footage_files(data)
    original, before = path.read_bytes(), taken_up(path)
    request = await footage.permit()
    first, ended = await clip(footage, request)
    assert ended == "whole" and len(first) > 100_000
    spans = engine.footage(f"{code}/main", 0, 2**62)

    counted = await moved_files(footage)
    assert await tier_of(footage).look() == 1
    [(key, size)] = objects(s3).items()
    node = footage.node.node.settings.node.code
    assert key.startswith(f"{PREFIX}/{node}/{code}/main/") and size == len(original)
    away = Away.read(note_of(path).read_bytes())
    assert (away.size, away.sha256) == (len(original), hashlib.sha256(original).hexdigest())
    assert s3.client().get_object(Bucket=BUCKET, Key=key)["Body"].read() == original
    assert path.stat().st_size == len(original) and taken_up(path) < before / 4, "the disk has its room back"
    assert path.read_bytes() != original, "the pictures are not here any more"
    assert await tier_of(footage).look() == 0, "once"

    # What needs no pictures needs no bucket.
    assert engine.footage(f"{code}/main", 0, 2**62) == spans
    rebuilt = rebuild_footage_index(tmp_path / "anew.db", [data / "footage"])
    assert (rebuilt.files, rebuilt.damaged_bytes, rebuilt.unreadable) == (1, 0, [])
    assert footage_index_in(data).exists()

    again, ended = await clip(footage, request)
    assert (ended, again) == ("whole", first), "to the byte, out of the bucket"
    assert await moved_files(footage) == counted + 1


async def test_what_was_brought_back_is_let_go_of_again(footage: Filmed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [path] = footage_files(tmp_path / "node")
    assert await tier_of(footage).look() == 1
    low = taken_up(path)
    request = await footage.permit()
    await clip(footage, request)
    assert taken_up(path) > low, "it is a cache of itself"
    await tier_of(footage).look()
    assert taken_up(path) > low, "for a while"
    monkeypatch.setattr(actions, "COLD_S", 0.0)
    await tier_of(footage).look()
    assert taken_up(path) == low
    assert (await clip(footage, request))[1] == "whole"


async def test_a_bucket_that_is_away_is_told_and_nothing_is_lost(footage: Filmed, s3: Server, tmp_path: Path) -> None:
    [path] = footage_files(tmp_path / "node")
    request = await footage.permit()
    first, _ = await clip(footage, request)
    original = path.read_bytes()
    s3.stop()
    assert await tier_of(footage).look() == 0
    assert path.read_bytes() == original and not note_of(path).exists(), "it stays where it is"
    assert "second_tier.away" in await faults(footage.node)
    s3.start()
    s3.bucket(BUCKET, lock=False)
    async with asyncio.timeout(60):  # one that gave no answer is left alone for some seconds
        while not await tier_of(footage).look():  # noqa: ASYNC110  (what it waits for is what it asks)
            await asyncio.sleep(0.2)
    assert "second_tier.away" not in await faults(footage.node)

    s3.stop()
    part, ended = await clip(footage, request)
    assert ended in ("unread", "left") and part != first, "it is not taken for whole"
    assert "second_tier.away" in await faults(footage.node)


async def test_what_a_stop_left_between_copy_and_hole_is_finished(footage: Filmed, tmp_path: Path, s3: Server) -> None:
    [path] = footage_files(tmp_path / "node")
    tier = tier_of(footage)
    assert tier._tier is not None
    before = taken_up(path)
    assert tier._tier.copy(path, tmp_path / "node" / "footage", 0.0) is not None  # and there the node was killed
    gone = path.with_name("000000.mp4")
    note_of(gone).write_bytes(note_of(path).read_bytes().replace(b".mp4", b"-other.mp4"))  # its file was removed meanwhile
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(actions, "STUB_BYTES", 64 << 10)
        patch.setattr(actions, "COLD_S", 0.0)
        await tier.look()
        await tier.look()
    assert taken_up(path) < before / 4 and len(objects(s3)) == 1
    assert not note_of(gone).exists()


@pytest.mark.timeout(300)
async def test_what_has_reached_its_ceiling_goes_from_both_tiers(
    tmp_path: Path, s3: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "LOOK_S", 0.3)
    monkeypatch.setattr(actions, "SOONEST_S", 0.0)
    monkeypatch.setattr(retention, "FIRST_S", 0.1)
    monkeypatch.setattr(retention, "LOOK_S", 0.3)
    data = tmp_path / "node"
    async with running_node(data, tiered(tmp_path, s3), LaterClock(0)) as node, filmed(node, 5):
        pass
    async with running_node(data, tiered(tmp_path, s3), LaterClock(0)):
        await until(lambda: objects(s3), what="it has moved")
    [path] = footage_files(data)
    async with running_node(data, ruled(tmp_path), LaterClock(92)) as node:
        await until(lambda: "retention.surplus" in (node.node.footage.retention._faults), what="without its tier it is not removed")
        assert path.exists() and objects(s3)
    full = ruled(tmp_path, ahead_gb=100_000, second_tier=tiered(tmp_path, s3).recording.second_tier)
    async with running_node(data, full, LaterClock(60)) as node:
        await until(lambda: "retention.floor" in node.node.footage.retention._faults, what="room is wanted")
        assert path.exists() and objects(s3), "what takes no room makes none"
    async with running_node(data, tiered(tmp_path, s3), LaterClock(92)):
        await until(lambda: not path.exists(), seconds=60, what="its time is over")
        await until(lambda: not objects(s3) and not note_of(path).exists(), what="nothing of it is left")


@pytest.mark.parametrize("place", ["bucket", "s3://", "s3:///", "https://a/b"])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(ValidationError):
        SecondTierSection.model_validate({"place": place})


@given(st.binary(max_size=300))
def test_a_note_that_is_none_is_refused(octets: bytes) -> None:
    with pytest.raises(ValueError):
        Away.read(octets)


@given(st.text(max_size=12), st.text(max_size=20))
def test_other_files_are_not_footage(day: str, name: str) -> None:
    assert begins(day, name) is None


def test_a_footage_file_says_when_it_begins() -> None:
    for name in ("000001.mp4", "000001-3.mp4", "000001-device.mp4", "000001-device-2.mp4"):
        assert begins("19700102", name) == 86_401.0
    assert begins("19701302", "000001.mp4") is None and begins("19700102", "000001.mp4.away") is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_silent_bucket_is_asked_again_though_one_who_should_ask_could_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key, now_s = tmp_path / "key", [0.0]
    key.write_text("one\ntwo\n")
    key.chmod(0o600)
    section = SecondTierSection(place=f"s3://{BUCKET}", endpoint="http://127.0.0.1:9", key_file=str(key))

    def silence(*_: object, **__: object) -> bytes:
        now_s[0] += tier.SILENT_S
        raise obstore.exceptions.BaseError("operation timed out")

    def surprise(*_: object, **__: object) -> bytes:
        raise ValueError("nobody thought of this")

    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    def answers(how: Callable[..., bytes]) -> None:
        for name in ("get_range", "head"):
            monkeypatch.setattr(obstore, name, how)

    store = tier.Tier(section, "52010200002000000001", lambda: now_s[0])

    def asked() -> bytes:
        """Later; whoever asks in the background has come back."""
        now_s[0] += tier.AGAIN_S
        try:
            return store._asked("key", lambda: bytes(obstore.get_range(store._watched, "key", start=0, end=1)))
        finally:
            for one in threading.enumerate():
                if one.name == "second-tier-probe":
                    one.join(10)

    answers(silence)
    with pytest.raises(OSError, match="does not answer"):
        asked()
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", none_left)
        with pytest.raises(OSError, match="does not answer"):
            asked()
    answers(surprise)
    with pytest.raises(OSError, match="does not answer"):
        asked()
    answers(lambda *_, **__: b"x")
    with pytest.raises(OSError, match="does not answer"):
        asked()
    assert asked() == b"x", "it was asked in the background, and has answered"
