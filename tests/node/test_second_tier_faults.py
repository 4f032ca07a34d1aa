"""The second tier when things go wrong: a node is killed, a disk is full or lost, a bucket is away, other threads ask."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import signal
import threading
import time
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from fengsui.app import Node
from fengsui.cli.footage import restore_footage
from fengsui.features.finding import searches
from fengsui.features.second_tier import actions, tier
from fengsui.features.second_tier.model import RESTORING, Away, Kept, kept_of, key_of, note_of
from fengsui.recording_settings import SecondTierSection, footage_index_in
from fengsui.settings import NodeSettings
from fengsui.simulators.recordings import RecordedFile
from tests.node.clip_room import Filmed, clip_of
from tests.node.conftest import OWN_PASSWORD, powered, running_node, simulated_camera, until
from tests.node.duty_room import HERE, centre_of
from tests.node.test_audit import records
from tests.node.test_filling import GAP_S, fetched, has_ended, hasty, recorded_then_cut, with_card
from tests.node.test_footage import footage_files, order
from tests.node.test_playback import decoded, fragments, opened, player_of
from tests.node.test_retention import faults
from tests.node.test_second_tier import BUCKET, clip, footage, objects, s3, taken_up, tier_of, tiered
from tests.s3_server import Server

__all__ = ["footage", "hasty", "s3"]


def moves(found: Filmed, act: str) -> list[str]:
    return [f"{one.range} {one.detail}" for one in records(found.node) if one.act == act]


async def test_what_moved_and_came_back_is_on_record_and_counted_by_tier(
    footage: Filmed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [path] = footage_files(tmp_path / "node")
    size = path.stat().st_size
    own = threading.get_ident()
    noted: list[int] = []
    room = tier_of(footage)
    note = room._note

    def marked(*facts: Any) -> None:
        noted.append(threading.get_ident())
        note(*facts)

    monkeypatch.setattr(room, "_note", marked)

    async def told() -> dict[str, Any]:
        answer: dict[str, Any] = (await footage.node.client.get(f"/cameras/{footage.code}/retention")).json()
        return answer

    assert ((await told())["stored_bytes"], (await told())["away_bytes"]) == (size, 0)
    assert await room.look() == 1
    await until(lambda: moves(footage, "footage.move"), what="it is on record")
    [moved] = moves(footage, "footage.move")
    assert f"files 1; bytes {size}; streams 1; from {tmp_path / 'node' / 'footage'}" in moved
    assert await room.look() == 0 and len(moves(footage, "footage.move")) == 1, "a look that moves nothing says nothing"
    assert ((await told())["stored_bytes"], (await told())["away_bytes"]) == (size, size)
    retention = footage.node.node.footage.retention
    retention._reckoned_s = None
    await retention.look()
    storage = (await footage.node.client.get("/footage-storage")).json()
    assert (storage["stored_bytes"], storage["second_tier"]["stored_bytes"]) == (0, size)

    assert (await clip(footage, await footage.permit()))[1] == "whole"
    monkeypatch.setattr(actions, "TELL_S", 0.0)
    await room.look()
    await room.look()
    await until(lambda: moves(footage, "footage.return"), what="it is on record")
    [came] = moves(footage, "footage.return")
    assert "files 1; bytes " in came
    assert noted and set(noted) == {own}, "threads of the media core hand over what they saw"


async def test_a_bucket_that_is_away_is_told_to_whoever_plays_it_and_comes_back(
    footage: Filmed, s3: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert await tier_of(footage).look() == 1
    [(key, _)] = objects(s3).items()
    content = s3.client().get_object(Bucket=BUCKET, Key=key)["Body"].read()
    playback = (await opened(footage.chen, footage.code, footage.since, footage.end)).json()
    s3.stop()
    monkeypatch.setattr(tier, "AGAIN_S", 3_600.0)
    store = tier_of(footage)._tier
    assert store is not None
    async with player_of(playback["url"]) as player:
        answer, media = await player.ask("all", footage.since, count=4)
        failed = store._failed
        [away] = answer["pieces"]
        assert away["kind"] == "away" and f"s3://{BUCKET}" in away["reason"] and not media and not answer["ended"], answer
        passed = 1
        while (answer := (await player.ask("all", answer["next_us"], "on", 4))[0])["pieces"]:
            assert [one["kind"] for one in answer["pieces"]] == ["away"], answer
            passed += 1
        assert passed > 3 and answer["ended"]
        peek, _ = await player.ask("peek", away["from_us"] + 100_000, count=1)
        assert [one["kind"] for one in peek["pieces"]] == ["away"], peek
        assert store._failed == failed, "nobody waits for the same silence again and again"
        await until(lambda: _told(footage, "second_tier.away"), what="the node's page says so")

        s3.start()
        s3.bucket(BUCKET, lock=False)
        s3.client().put_object(Bucket=BUCKET, Key=key, Body=content)
        monkeypatch.setattr(tier, "AGAIN_S", 0.0)
        answer, media = await player.ask("all", footage.since, count=4)
        assert len(fragments(answer)) == 4 and decoded(media)
    await until(lambda: _is_well(footage), what="the fault is over")


async def test_a_bucket_that_accepts_and_says_nothing_blocks_nobody_for_long(
    footage: Filmed, s3: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert s3.process is not None
    assert await tier_of(footage).look() == 1
    playback = (await opened(footage.chen, footage.code, footage.since, footage.end)).json()
    os.kill(s3.process.pid, signal.SIGSTOP)  # the system still accepts for it
    try:
        async with player_of(playback["url"]) as player:
            begun_s = time.monotonic()
            answer, _ = await player.ask("all", footage.since, count=4)
            assert time.monotonic() - begun_s < tier.SILENT_S + 3
            [away] = answer["pieces"]
            assert away["kind"] == "away" and "the second tier does not answer" in away["reason"], answer
            monkeypatch.setattr(tier, "AGAIN_S", 0.0)
            begun_s = time.monotonic()
            for _ in range(3):
                answer, _ = await player.ask("all", footage.since, count=4)
                assert [one["kind"] for one in answer["pieces"]] == ["away"], answer
            assert time.monotonic() - begun_s < 2, "it is asked again in the background, and nobody waits for that"
            os.kill(s3.process.pid, signal.SIGCONT)

            async def comes_back() -> bool:
                told, media = await player.ask("all", footage.since, count=4)
                return len(fragments(told)) == 4 and bool(decoded(media))

            await until(comes_back, seconds=30, what="it answers again")
    finally:
        os.kill(s3.process.pid, signal.SIGCONT)
    await until(lambda: _is_well(footage), what="the fault is over")


async def test_nothing_is_sent_to_a_bucket_that_says_nothing_and_that_is_known_in_seconds(
    footage: Filmed, s3: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert s3.process is not None
    os.kill(s3.process.pid, signal.SIGSTOP)
    try:
        begun_s = time.monotonic()
        assert await tier_of(footage).look() == 0
        assert time.monotonic() - begun_s < tier.SILENT_S + 4
        begun_s = time.monotonic()
        assert await tier_of(footage).look() == 0
        assert time.monotonic() - begun_s < 2, "nobody waits for the same silence again"
    finally:
        os.kill(s3.process.pid, signal.SIGCONT)
    monkeypatch.setattr(tier, "AGAIN_S", 0.0)

    async def moves() -> bool:
        return await tier_of(footage).look() == 1

    await until(moves, seconds=30, what="it answers again")


async def test_what_lies_here_does_not_wait_for_what_is_to_be_fetched(footage: Filmed, s3: Server, tmp_path: Path) -> None:
    [path] = footage_files(tmp_path / "node")
    original = path.read_bytes()
    assert s3.process is not None
    assert await tier_of(footage).look() == 1
    low = taken_up(path)
    playback = (await opened(footage.chen, footage.code, footage.since, footage.end)).json()
    with path.open("r+b") as file:  # the first part of it is here
        file.write(original[: len(original) // 2])
    assert taken_up(path) > low
    os.kill(s3.process.pid, signal.SIGSTOP)
    try:
        async with player_of(playback["url"]) as player:
            begun_s = time.monotonic()
            answer, media = await player.ask("all", footage.since, count=16)
            assert time.monotonic() - begun_s < 2
            assert fragments(answer) and decoded(media) and not answer["ended"]
            assert {one["kind"] for one in answer["pieces"]} == {"init", "fragment"}, answer
            rest, _ = await player.ask("all", answer["next_us"], "on", 16)
            assert [one["kind"] for one in rest["pieces"]] == ["away"], rest
    finally:
        os.kill(s3.process.pid, signal.SIGCONT)


async def _told(found: Filmed, code: str) -> bool:
    return code in await faults(found.node)


async def _is_well(found: Filmed) -> bool:
    return not {"second_tier.away", "second_tier.no_room"} & set(await faults(found.node))


async def is_whole(found: Filmed, request: str) -> bool:
    """After a try that failed."""
    octets, _ = await clip(found, request)
    last = (await clip_of(found.chen, request))["taken"][-1]
    return bool(last["ended"] == "whole" and last["bytes"] == len(octets) > 100_000)


async def test_a_disk_without_room_for_what_is_wanted_says_so_and_keeps_its_room(footage: Filmed, tmp_path: Path) -> None:
    [path] = footage_files(tmp_path / "node")
    room = tier_of(footage)
    assert await room.look() == 1
    low = taken_up(path)
    assert room._tier is not None
    reserves = room._tier.reserves
    assert reserves == {tmp_path / "node" / "footage": 2_000_000_000}, "as the settings have it"
    room._tier.reserves = dict.fromkeys(reserves, 1 << 60)
    request = await footage.permit()
    _, ended = await clip(footage, request)
    assert ended in ("unread", "left") and taken_up(path) == low, "what is recorded needs the room"
    await until(lambda: _told(footage, "second_tier.no_room"), what="the node's page says so")
    assert not await _told(footage, "second_tier.away"), "it is not the bucket's fault"
    room._tier.reserves = reserves
    assert await is_whole(footage, request)
    await until(lambda: _is_well(footage), what="the fault is over")


async def test_a_disk_that_is_full_tears_nothing(footage: Filmed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system itself says that it takes no more, in the middle of what is brought back."""
    room = tier_of(footage)
    assert await room.look() == 1
    request = await footage.permit()
    pwrite = os.pwrite

    def torn(file: int, octets: bytes, at: int) -> int:
        if len(octets) < 4096:
            raise OSError(28, os.strerror(28))
        return pwrite(file, octets[: len(octets) // 2], at)

    monkeypatch.setattr("fengsui.features.second_tier.tier.os.pwrite", torn)
    _, ended = await clip(footage, request)
    assert ended in ("unread", "left")
    await until(lambda: _told(footage, "second_tier.no_room"), what="the node's page says so")
    monkeypatch.undo()
    assert await is_whole(footage, request), "what was torn is fetched anew"


def run_node(settings: NodeSettings, data: Path) -> None:
    """A node of its own process that looks often."""
    vars(actions).update(LOOK_S=0.2, SOONEST_S=0.0)

    async def run() -> None:
        await Node(settings, data).start()
        await asyncio.Event().wait()

    uvloop.run(run())


def slow(settings: NodeSettings, megabit_s: float) -> NodeSettings:
    section = SecondTierSection.model_validate(settings.recording.second_tier.model_dump() | {"megabit_s": megabit_s})
    return settings.model_copy(update={"recording": settings.recording.model_copy(update={"second_tier": section})})


@pytest.mark.timeout(300)
async def test_a_node_that_is_killed_while_footage_moves_loses_nothing(footage: Filmed, s3: Server, tmp_path: Path) -> None:
    data, settings = tmp_path / "node", footage.node.node.settings
    request = await footage.permit()
    first, _ = await clip(footage, request)
    [path] = footage_files(data)
    original = path.read_bytes()
    await footage.node.node.stop()
    spawn = multiprocessing.get_context("spawn")
    slowly = slow(settings, len(original) * 8 / 1e6 / 4)  # so that a move lasts four seconds
    for after_s in (0.0, 0.5, 1.5):
        child = spawn.Process(target=run_node, args=(slowly, data))
        child.start()
        await until(lambda: s3.client().list_multipart_uploads(Bucket=BUCKET).get("Uploads"), seconds=90, what="it moves")
        await asyncio.sleep(after_s)  # a moment of the move, not something to be awaited
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        await asyncio.to_thread(child.join)
        assert path.read_bytes() == original and not note_of(path).exists() and not objects(s3), "half a copy is none"
        for one in s3.client().list_multipart_uploads(Bucket=BUCKET)["Uploads"]:
            s3.client().abort_multipart_upload(Bucket=BUCKET, Key=one["Key"], UploadId=one["UploadId"])
    child = spawn.Process(target=run_node, args=(settings, data))
    child.start()
    await until(lambda: note_of(path).exists(), seconds=90, what="it has moved")
    os.kill(child.pid or 0, signal.SIGKILL)
    await asyncio.to_thread(child.join)
    async with running_node(data, settings) as node, aclosing(await node.sign_in("chen-qi", OWN_PASSWORD)) as chen:
        room = node.node.footage.second_tier
        await until(partial(_let_go, room, path, len(original)), seconds=30, what="what a stop left is let go of")
        [size] = objects(s3).values()
        assert size == len(original)
        spot = await opened(chen, footage.code, footage.since, footage.end)
        async with player_of(spot.json()["url"]) as player:
            shown, media = await player.ask("all", footage.since, count=4)
        assert len(fragments(shown)) == 4 and decoded(media)
    assert first


async def _let_go(room: Any, path: Path, size: int) -> bool:
    await room.look()
    return taken_up(path) < size / 2


@pytest.mark.timeout(300)
async def test_what_was_fetched_from_a_device_moves_and_is_played_over_its_borders(
    tmp_path: Path, s3: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "LOOK_S", 3600.0)
    monkeypatch.setattr(actions, "SOONEST_S", 0.0)
    data, settings = tmp_path / "node", tiered(tmp_path, s3)
    signalling = settings.signalling.model_copy(update={"keepalive_interval_s": 1, "keepalive_missed_limit": 3})
    settings = settings.model_copy(update={"signalling": signalling})
    async with running_node(data, settings) as node:
        await centre_of(node)
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        cut, back = await recorded_then_cut(node, camera)
        device = with_card(node.registrar, [RecordedFile(float(int(cut)) - 60, back + 600)])
        async with powered(device):
            await has_ended(node, code, "filled")
            [(since, until_)] = fetched(node, code)
            await until(lambda: time.time() > until_ + 3, what="what came after it is on disk")
    assert until_ - since > GAP_S - 4
    async with (
        running_node(data, settings) as node,
        aclosing(await node.client_of("chen-qi", {"post": "investigator", "area": HERE})) as chen,
    ):
        kept = footage_files(data)
        assert any("-device" in one.name for one in kept)
        assert await node.node.footage.second_tier.look() == len(kept) == len(objects(s3))
        begin, end = (datetime.fromtimestamp(at, UTC) for at in (since - 2, until_ + 2))
        assert (await order(chen, code, begin, end)).status_code == 201
        async with player_of((await opened(chen, code, begin, end)).json()["url"]) as player:
            pieces: list[dict[str, Any]] = []
            at, how = int(begin.timestamp() * 1e6), "seek"
            while True:
                answer, _ = await player.ask("all", at, how, 16)
                assert not [one for one in answer["pieces"] if one["kind"] in ("damage", "away")], answer
                pieces += fragments(answer)
                if answer["ended"] or not answer["bytes"]:
                    break
                at, how = answer["next_us"], "on"
        marks = [one["from_device"] for one in pieces]
        assert marks.count(True) > 3 and not marks[0] and not marks[-1], marks


async def searched(found: Filmed) -> dict[str, Any]:
    """A search for changes of a region, once it is over."""
    region = [{"x": x, "y": y} for x, y in ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))]
    body = {"from": found.since.isoformat(), "to": found.end.isoformat(), "region": region}
    begun = await found.chen.post(f"/cameras/{found.code}/changes", json=body)
    assert begun.status_code == 202, begun.text
    told: dict[str, Any] = {}

    async def over() -> bool:
        told.update((await found.chen.get(f"/changes/{begun.json()['search']}")).json())
        return told["state"] not in ("waiting", "running")

    await until(over, seconds=90, what="the search is over")
    return told


async def test_a_search_for_a_change_looks_at_what_has_moved_and_says_what_it_could_not(
    footage: Filmed, s3: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [path] = footage_files(tmp_path / "node")
    here = await searched(footage)
    assert here["state"] == "done" and here["looked"] > 2 and here["away"] == 0, here
    assert await tier_of(footage).look() == 1
    low = taken_up(path)
    moved = await searched(footage)
    for what in ("state", "looked", "items", "away"):
        assert moved[what] == here[what], moved
    assert taken_up(path) > low

    monkeypatch.setattr(actions, "COLD_S", 0.0)
    await tier_of(footage).look()
    assert taken_up(path) == low
    monkeypatch.setattr(searches, "MOST_BROUGHT", 1)
    bounded = await searched(footage)
    assert (bounded["state"], bounded["looked"]) == ("done", 0) and bounded["away"] > 0 and taken_up(path) == low, bounded
    monkeypatch.setattr(searches, "MOST_BROUGHT", 1 << 30)
    s3.stop()
    silent = await searched(footage)
    assert (silent["state"], silent["looked"]) == ("done", 0) and silent["away"] > 0, silent
    ended = partial(moves, footage, "footage.changes.end")
    await until(lambda: any("not had from the second tier" in one for one in ended()), what="it is on record")


# A lost disk


async def test_footage_of_a_lost_disk_is_restored_and_played(footage: Filmed, s3: Server, tmp_path: Path, capsys: Any) -> None:
    data, settings = tmp_path / "node", footage.node.node.settings
    request = await footage.permit()
    first, _ = await clip(footage, request)
    assert await tier_of(footage).look() == 1
    [path] = footage_files(data)
    spans = footage.node.node.engine.footage(f"{footage.code}/main", 0, 2**62)
    stub = path.stat().st_blocks
    assert not await asyncio.to_thread(restore_footage, settings, data, None), "not beside a running node"
    assert "先停止" in capsys.readouterr().out
    await footage.node.node.stop()

    shutil.rmtree(data / "footage")
    footage_index_in(data).unlink()
    assert not await asyncio.to_thread(restore_footage, settings, data, tmp_path / "elsewhere")
    s3.client().put_object(Bucket=BUCKET, Key=f"{next(iter(objects(s3))).split('/34')[0]}/readme.txt", Body=b"somebody else's")
    kept = len(objects(s3))
    assert await asyncio.to_thread(restore_footage, settings, data, None), capsys.readouterr().out
    said = capsys.readouterr().out
    assert "恢复 1 个文件" in said and "1 files" in said and "录像索引已重建:1 个文件" in said, said
    assert footage_files(data) == [path] and path.stat().st_blocks <= stub
    away = Away.read(note_of(path).read_bytes())
    assert away.size == path.stat().st_size and away.key in next(iter(objects(s3)))
    assert await asyncio.to_thread(restore_footage, settings, data, None)
    assert "恢复 0 个文件" in capsys.readouterr().out, "what is there stays as it is"

    # Cut off between note and name: the next try finishes it, and a node that starts instead does as well.
    coming = path.with_name(path.name + RESTORING)
    path.rename(coming)
    assert await asyncio.to_thread(restore_footage, settings, data, None)
    assert footage_files(data) == [path] and not coming.exists()
    path.rename(coming)
    async with running_node(data, settings) as node:
        await node.node.footage.second_tier.look()
        assert footage_files(data) == [path] and len(objects(s3)) == kept, "nothing is taken for removed"
        told = [one for one in records(node) if one.act == "footage.return" and one.range == "restored"]
        assert len(told) == 1 and "files 1; " in told[0].detail and str(data / "footage") in told[0].detail
    async with (
        running_node(data, settings) as node,
        aclosing(await node.sign_in("chen-qi", OWN_PASSWORD)) as chen,
    ):
        await until(lambda: node.node.engine.footage(f"{footage.code}/main", 0, 2**62) == spans, what="it is found again")
        again = Filmed(node, footage.code, footage.since, footage.end, chen, footage.zhou, footage.number)
        assert await clip(again, request) == (first, "whole"), "to the byte"
        assert (await clip_of(chen, request))["taken"]


async def test_a_file_without_pictures_and_without_a_note_never_overwrites_its_object(
    footage: Filmed, s3: Server, tmp_path: Path
) -> None:
    [path] = footage_files(tmp_path / "node")
    assert await tier_of(footage).look() == 1
    [(key, size)] = objects(s3).items()
    whole = s3.client().get_object(Bucket=BUCKET, Key=key)["Body"].read()
    note_of(path).unlink()
    assert await tier_of(footage).look() == 0
    assert s3.client().get_object(Bucket=BUCKET, Key=key)["Body"].read() == whole and len(whole) == size


@given(st.text(max_size=60))
def test_an_object_of_another_name_is_no_footage(key: str) -> None:
    assert kept_of(key) is None


def test_an_objects_name_says_which_file_it_was() -> None:
    path = Path("34020000001320000001/main/20261127/235959-device-2.mp4")
    kept = kept_of(key_of(path, 123_456, 0xFE))
    assert kept is not None and kept == Kept(kept.path, 123_456) and Path(kept.path) == path
    for bad in (
        "../x/20261127/000001-a-00000000.mp4",
        "/a/b/20261127/000001-a-00000000.mp4",
        "a/.b/20261127/000001-a-00000000.mp4",
    ):
        assert kept_of(bad) is None, bad
