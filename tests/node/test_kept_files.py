"""Tables, photos and snapshots on a full disk and after a kill: kept whole, or refused with what to do; halves go."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image

from fengsui.whole_files import COMING, remove_halves, write_whole
from tests.device_files.many import rows, table
from tests.node.conftest import running_node, settings_for
from tests.node.duty_room import CAMERA, centre_of, operator
from tests.node.test_audit import records
from tests.node.test_device_files import POINT
from tests.node.test_device_files import opened as file_opened
from tests.node.test_file_imports import commit, looked_through
from tests.node.test_storage_faults import fill, small_disk
from tests.node.test_video_patrol_model import jpeg
from tests.node.test_video_patrols import made, opened, order, room

FOLDERS = ("device-photos", "patrol-snapshots", "preset-pictures")
ROOM_LEFT = 160_000
"""Octets for records and small rows, not for pictures and tables."""


@contextmanager
def hardly_any_room(disk: Path) -> Iterator[None]:
    """A disk that takes a record yet, and no picture."""
    ballast = fill(disk)
    os.truncate(ballast, ballast.stat().st_size - ROOM_LEFT)
    yield
    ballast.unlink()


def noise(seed: int, edge: int = 900) -> bytes:
    """A JPEG that no compression makes small."""
    made_of = random.Random(seed).randbytes(edge * edge * 3)
    octets = BytesIO()
    Image.frombytes("RGB", (edge, edge), made_of).save(octets, "JPEG", quality=90)
    return octets.getvalue()


def halves(folder: Path) -> list[Path]:
    return list(folder.rglob(f"*{COMING}"))


def told(answer: httpx.Response, code: str) -> None:
    """A problem document that says what to do."""
    said = answer.json()
    assert (answer.status_code, said["code"]) == (503, code), answer.text
    assert all(said[name] for name in ("zh", "en", "remedy_zh", "remedy_en"))


def test_what_the_disk_does_not_take_leaves_what_was_there() -> None:
    with small_disk() as disk:
        path = disk / "a" / "one.jpg"
        write_whole(path, b"before")
        with hardly_any_room(disk):
            with pytest.raises(OSError, match="No space left"):
                write_whole(path, bytes(1_000_000))
            with pytest.raises(OSError, match="No space left"):
                write_whole(disk / "b" / "two.jpg", bytes(1_000_000))
            assert path.read_bytes() == b"before" and halves(disk) == [] and not (disk / "b" / "two.jpg").exists()
        write_whole(path, b"after")
        assert path.read_bytes() == b"after" and path.stat().st_mode & 0o777 == 0o600


WRITER = """
import sys
from pathlib import Path
from fengsui.whole_files import write_whole
number = 0
while True:
    number += 1
    write_whole(Path(sys.argv[1]) / f"{number % 7}.jpg", number.to_bytes(4) * 500_000)
    print(number, flush=True)
"""


def test_a_killed_writer_leaves_every_file_whole_and_its_halves_go(tmp_path: Path) -> None:
    left = 0
    for life in range(1, 9):
        folder = tmp_path / str(life)
        folder.mkdir()
        writer = subprocess.Popen([sys.executable, "-c", WRITER, folder], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(life)]
        while not halves(folder):
            pass
        writer.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in writer.stdout.read().splitlines()]
        writer.wait()
        newest = acknowledged[-1]
        for path in folder.glob("*.jpg"):
            octets = path.read_bytes()
            number = int.from_bytes(octets[:4])
            assert octets == number.to_bytes(4) * 500_000, "whole"
            assert number in (*range(max(1, newest - 6), newest + 1), newest + 1), "as it was acknowledged, or the one after"
        left += remove_halves(folder)
        assert halves(folder) == []
    assert left, "at least one was killed in the middle of a file"


async def test_a_photo_that_the_disk_does_not_take_is_refused_and_the_file_stays_as_it_was() -> None:
    with small_disk() as disk:
        async with running_node(disk, settings_for(f"sqlite:///{disk / 'node.db'}")) as node:
            await file_opened(node)
            path = f"/device-files/{POINT}/photo"
            first = await node.client.put(path, content=noise(1, 200))
            assert first.status_code == 200, first.text
            with hardly_any_room(disk):
                told(await node.client.put(path, content=noise(2)), "file.photo_not_kept")
                assert halves(disk) == []
                seen = await node.get(f"/device-files/{POINT}")
                assert (seen["photo"], seen["version"]) == (first.json()["photo"], first.json()["version"])
                assert hashlib.sha256((await node.client.get(path)).content).hexdigest() == first.json()["photo"]
            again = await node.client.put(path, content=noise(2))
            assert again.status_code == 200 and again.json()["photo"] != first.json()["photo"], "as soon as there is room"


async def test_a_table_that_the_disk_does_not_take_is_written_not_at_all_and_can_be_tried_again() -> None:
    with small_disk() as disk:
        async with running_node(disk, settings_for(f"sqlite:///{disk / 'node.db'}")) as node:
            found = await looked_through(node, table(rows(400, 0)))
            with hardly_any_room(disk):
                told(await commit(node, found["number"], "all"), "store.unavailable")
                assert (await node.get("/device-files"))["total"] == 0, "all rows or none"
            done = await commit(node, found["number"], "all")
            assert (done.status_code, done.json()["phase"], done.json()["written"]) == (200, "done", 400), done.text
            assert (await node.get("/device-files"))["total"] == 400


async def test_snapshots_of_wall_and_patrol_on_a_full_disk() -> None:
    with small_disk() as disk:
        async with room(disk) as node:
            centre, li = await centre_of(node), await node.client_of("li-si", operator())
            await made(node.client, "/video-patrols/plans", order(centre))
            await made(li, "/duty/shift", {"centre": centre, "seat": 1})
            begun = (await made(li, "/video-patrols/plans/1/rounds"))["round"]["id"]
            stop, session = f"/video-patrols/rounds/{begun}/stops/1", await opened(li)
            await made(li, f"{stop}/watch", {"session": session["session"], "played_s": 0}, 200)
            picture = jpeg(640, 360)[:-2] + bytes(1_500_000) + b"\xff\xd9"
            with hardly_any_room(disk):
                told(await li.post(f"{stop}/snapshot", content=picture), "patrol.snapshot_not_kept")
                assert halves(disk) == [] and list((disk / "node" / "patrol-snapshots").rglob("*.jpg")) == []
            ballast = fill(disk)
            still = await li.post(f"/live/{session['session']}/snapshot")
            assert still.status_code == 503 and still.json()["remedy_zh"], "what is not on record is not given"
            ballast.unlink()
            kept = await li.post(f"{stop}/snapshot", content=picture)
            assert kept.status_code == 201, kept.text
            shown = await li.get(f"/cameras/{CAMERA}/patrol-snapshot?digest={kept.json()['digest']}")
            assert shown.content == picture
            assert (await li.post(f"/live/{session['session']}/snapshot")).status_code == 201
            assert [one.result for one in records(node) if one.act == "live.snapshot"].count("allowed") == 1
            await li.aclose()


async def test_a_start_removes_what_a_kill_left_half_written(tmp_path: Path) -> None:
    left = [tmp_path / folder / "ab" / f"tmpx{COMING}" for folder in FOLDERS]
    kept = [tmp_path / folder / "ab" / "abcd.jpg" for folder in FOLDERS]
    for path in (*left, *kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    async with running_node(tmp_path, settings_for()):
        assert not any(path.exists() for path in left) and all(path.exists() for path in kept)


def test_a_new_folder_is_written_down_before_its_first_file_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced, fsync = list[str](), os.fsync

    def noted(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    write_whole(tmp_path / "photos" / "ab" / "one.jpg", b"1")
    assert {str(tmp_path), str(tmp_path / "photos"), str(tmp_path / "photos" / "ab")} <= set(synced)
