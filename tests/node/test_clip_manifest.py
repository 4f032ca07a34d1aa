"""What is written beside a clip says what it lacks, and how far the clock may have been off while it was recorded (A34, A47)."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from fengsui.errors import StorageFault
from fengsui.features.clips import queries
from fengsui.features.clips.files import read, written
from fengsui.features.clips.model import FootageFacts, Taken
from tests.node.clip_room import asked, clip_node, clip_of, ends, filmed
from tests.node.conftest import OWN_PASSWORD, powered, simulated_camera, until
from tests.node.duty_room import CASE, HERE, centre_of
from tests.node.test_footage import footage_files, order, safe_for, state_of
from tests.node.test_live import listed
from tests.node.test_masks import approve


async def test_a_manifest_names_what_lacks_and_the_clock_of_the_recording(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        await centre_of(node)
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            first = await safe_for(node, code, 5)
        since = datetime.fromisoformat((await state_of(node, code))["since"])
        async with powered(camera):
            second = await safe_for(node, code, (first - since).total_seconds() + 8)
        chen = await node.client_of("chen-qi", {"post": "investigator", "area": HERE})
        zhou = await node.client_of("zhou-ba", {"post": "commander", "area": HERE, "rank": "unit-head"})
        async with contextlib.aclosing(chen), contextlib.aclosing(zhou):
            assert (await order(chen, code, since, datetime.now(UTC) + timedelta(hours=1))).status_code == 201

            async def taken(begin: datetime, end: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
                answer = await asked(chen, code, begin, end)
                assert answer.status_code == 202, answer.text
                request = answer.json()["id"]
                await approve(zhou, request)
                address = (await chen.post(f"/clips/{request}/download", json={})).json()
                async with httpx.AsyncClient() as browser:
                    assert (await browser.get(address["url"])).status_code == 200

                async def told() -> bool:
                    return bool((await clip_of(chen, request))["taken"])

                await until(told, what="it is told")
                [file] = (await clip_of(chen, request))["taken"]
                return file, (await chen.get(f"/clips/{request}/manifest")).json()

            _, whole = await taken(since, first - timedelta(seconds=1))
            assert (whole["whole"], whole["missing"], whole["missing_s"]) == (True, [], 0.0)
            assert not (whole["overlapping_footage_left_out"] or whole["clock_set_within"] or whole["from_device"])
            assert whole["clock_error_us"] is None or whole["clock_error_us"] >= 0

            later = second + timedelta(minutes=5)
            file, partly = await taken(since, later)
            assert (file["ended"], partly["whole"]) == ("whole", False)
            [within, behind] = partly["missing"]
            at = datetime.fromisoformat
            assert first - timedelta(seconds=3) < at(within["from"]) < at(within["to"]) < second
            assert at(behind["from"]) >= second - timedelta(seconds=3) and at(behind["to"]) == later.replace(
                microsecond=later.microsecond // 1_000 * 1_000
            )
            spans = sum((at(one["to"]) - at(one["from"])).total_seconds() for one in partly["missing"])
            assert abs(partly["missing_s"] - spans) < 0.01 and file["missing_s"] == partly["missing_s"]
            assert any(f"{file['missing_s']:.3f} s missing" in one.detail for one in ends(node)), "the log says it too"


async def test_a_manifest_outlasts_the_node_and_names_each_file_that_was_handed_over(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node, filmed(node, 4) as film:
        request = await film.permit()
        addresses = [(await film.take(request)).json() for _ in range(2)]
        async with httpx.AsyncClient() as browser:
            files = [(await browser.get(one["url"])).content for one in addresses]

        async def told() -> bool:
            return len([one for one in ends(node) if "sha256" in one.detail]) == 2

        await until(told, what="both are on record")
        before = (await film.chen.get(f"/clips/{request}/manifest")).json()
        listed_ = (await clip_of(film.chen, request))["taken"]
        assert before["sha256"] == listed_[0]["sha256"] in [hashlib.sha256(one).hexdigest() for one in files]
        assert before["sm3"] is None, "it says that there is none"

    async with clip_node(tmp_path / "node") as node:
        async with contextlib.aclosing(await node.sign_in("chen-qi", OWN_PASSWORD)) as chen:
            assert (await clip_of(chen, request))["taken"] == listed_, "the list too"
            assert (await chen.get(f"/clips/{request}/manifest")).json() == before
        async with node.node.store.transaction() as tx:
            assert (await tx.execute(sa.text("SELECT count(*) FROM clip_files WHERE manifest != ''"))).scalar_one() == 2
            await tx.execute(sa.text("UPDATE clip_files SET manifest = replace(manifest, :was, :is)"), {"was": CASE, "is": "A1"})
        async with contextlib.aclosing(await node.sign_in("chen-qi", OWN_PASSWORD)) as chen:
            forged = await chen.get(f"/clips/{request}/manifest")
            assert (forged.status_code, forged.json()["code"]) == (409, "clips.nothing_taken"), (
                "what was changed past the node is none"
            )


async def test_each_file_of_a_clip_that_was_taken_twice_has_its_manifest(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node, filmed(node, 6) as film:
        request, files = await film.permit(), list[bytes]()
        for count in (1, 2):
            address = (await film.take(request)).json()
            async with httpx.AsyncClient() as browser:
                files.append((await browser.get(address["url"])).content)
            await until(lambda: len(ends(node)) == count, what="it is on record")  # noqa: B023
            [path] = footage_files(tmp_path / "node")
            with path.open("r+b") as footage:  # what is left out of the second
                footage.seek(path.stat().st_size // 2)
                footage.write(b"not what was recorded")
        hashes = [hashlib.sha256(one).hexdigest() for one in files]
        assert hashes[0] != hashes[1] and (await film.chen.get(f"/clips/{request}/manifest")).json()["sha256"] == hashes[1]
        for file, digest in zip(files, hashes, strict=True):
            mine = await film.chen.get(f"/clips/{request}/manifest", params={"sha256": digest})
            assert (mine.json()["sha256"], mine.json()["bytes"]) == (digest, len(file)), mine.text
        other = await film.chen.get(f"/clips/{request}/manifest", params={"sha256": "0" * 64})
        assert (other.status_code, other.json()["code"]) == (409, "clips.nothing_taken")
        nobodys = await film.zhou.get(f"/clips/{request}/manifest", params={"sha256": hashes[0]})
        assert (nobodys.status_code, nobodys.json()["code"]) == (404, "clips.unknown")


async def test_a_manifest_that_the_database_does_not_take_is_told_and_written_later(tmp_path: Path) -> None:
    async with clip_node(tmp_path / "node") as node, filmed(node, 3) as film:
        request = await film.permit()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(queries, "add", failing)
            address = (await film.take(request)).json()
            async with httpx.AsyncClient() as browser:
                assert (await browser.get(address["url"])).status_code == 200

            async def told() -> bool:
                return bool((await clip_of(film.chen, request))["taken"])

            await until(told, what="it is told")
            before = (await film.chen.get(f"/clips/{request}/manifest")).json()
            assert node.node.footage.clips._files._unwritten
        await until(lambda: not node.node.footage.clips._files._unwritten, what="it is written")
        assert (await film.chen.get(f"/clips/{request}/manifest")).json() == before


async def failing(*_: object) -> None:
    raise StorageFault(why="the disk is full")


def test_what_is_told_of_a_file_is_read_as_it_was_written() -> None:
    footage = FootageFacts(None, True, False, ((1, 2),), ((3, 4), (5, 6)), 7, (-8, 9))
    taken = Taken("a.mp4", 1, 2, 3, 4, 5, "ab", "whole", datetime(2026, 11, 29, 1, 2, 3, 4, tzinfo=UTC), footage)
    assert read(written(taken)) == taken
    bare = replace(taken, footage=FootageFacts())
    assert read(written(bare)) == bare
