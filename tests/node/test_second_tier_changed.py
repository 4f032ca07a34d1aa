"""An object of the second tier that somebody altered: what comes back is compared, piece by piece, and never taken for footage."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path
from threading import current_thread, main_thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.bucket import BucketSection
from fengsui.cli.buckets import buckets
from fengsui.features.second_tier.model import Away, note_of
from fengsui.features.second_tier.pieces import HASH_BYTES, PIECE_BYTES, Hashing, aligned, hashes_of, unlike
from fengsui.features.second_tier.tier import CHANGED_AT_ONCE, Tier
from fengsui.recording_settings import SecondTierSection
from fengsui.settings import NodeSettings
from tests.node.clip_room import Filmed, clip_of, ends
from tests.node.conftest import running_node, until
from tests.node.test_audit import records
from tests.node.test_footage import footage_files
from tests.node.test_retention import faults, ruled
from tests.node.test_second_tier import BUCKET, clip, footage, objects, s3, tier_of
from tests.s3_server import Server

__all__ = ["footage", "s3"]
POLYNOMIAL = 0x104C11DB7
"""Of CRC-32: whatever octets it is added to keep their checksum."""


def disguised(octets: bytes, at: int) -> bytes:
    """Other octets with the same CRC-32, changed from there on."""
    bits = f"{POLYNOMIAL:b}"
    changed = bytearray(octets)
    for offset, bit in enumerate(bits):
        changed[at + offset // 8] ^= int(bit) << offset % 8
    assert changed != octets and zlib.crc32(changed) == zlib.crc32(octets)
    return bytes(changed)


def fragments_of(octets: bytes) -> list[bytes]:
    return octets.split(b"moof")[1:]


async def altered(found: Filmed, s3: Server, tmp_path: Path) -> tuple[str, bytes, Path]:
    """Moved, and the object is another since; with its name, and what it was."""
    [path] = footage_files(tmp_path / "node")
    original = path.read_bytes()
    assert await tier_of(found).look() == 1
    [key] = objects(s3)
    s3.client().put_object(Bucket=BUCKET, Key=key, Body=disguised(original, len(original) // 2))
    return key, original, path


async def test_what_was_altered_in_the_bucket_is_damage_and_never_taken_out(footage: Filmed, s3: Server, tmp_path: Path) -> None:
    request = await footage.permit()
    right, _ = await clip(footage, request)
    key, original, path = await altered(footage, s3, tmp_path)

    other, ended = await clip(footage, request)
    [part] = (await clip_of(footage.chen, request))["taken"]
    assert ended == "whole" and other != right, "it is left out, and the file says so"
    assert 1 <= part["damaged"] < len(fragments_of(original)), "of what lies in that piece alone"
    manifest = (await footage.chen.get(f"/clips/{request}/manifest")).json()
    assert (manifest["whole"], manifest["damaged_fragments_left_out"]) == (False, part["damaged"])
    with path.open("rb") as file:
        assert disguised(original, len(original) // 2)[len(original) // 2 :][:5] not in file.read(), "it is not even written"

    async def told() -> bool:
        return "second_tier.changed" in await faults(footage.node)

    await until(told, what="the node's page has it")
    fault = (await faults(footage.node))["second_tier.changed"]
    assert str(path) in fault["en"]
    said = [one for one in records(footage.node) if one.act == "footage.alarm"]
    assert [(one.object, Away.read(note_of(path).read_bytes()).key in one.detail) for one in said] == [(footage.code, True)]
    metrics = await footage.node.client.get(f"http://127.0.0.1:{footage.node.node.settings.http.port}/metrics")
    assert "fengsui_second_tier_changed_files 1.0" in metrics.text

    await clip(footage, request)
    assert len([one for one in records(footage.node) if one.act == "footage.alarm"]) == 1, "once"

    s3.client().put_object(Bucket=BUCKET, Key=key, Body=original)
    assert (await clip(footage, request))[0] == right, "somebody put back what was there"

    async def well() -> bool:
        return "second_tier.changed" not in await faults(footage.node)

    await until(well, what="it is right again")


async def test_without_its_hashes_nothing_is_taken_and_they_go_with_the_file(footage: Filmed, s3: Server, tmp_path: Path) -> None:
    [path] = footage_files(tmp_path / "node")
    request = await footage.permit()
    assert await tier_of(footage).look() == 1
    octets = hashes_of(path).read_bytes()
    assert len(octets) == -(-path.stat().st_size // PIECE_BYTES) * HASH_BYTES
    hashes_of(path).unlink()
    assert (await clip(footage, request))[1] != "whole", "nobody knows whether it is right"
    hashes_of(path).write_bytes(octets)
    await clip(footage, request)
    assert [one.detail.partition(":")[0] for one in ends(footage.node)] == ["left", "whole"]
    assert tier_of(footage).remove([path]) == []
    assert not hashes_of(path).exists() and not note_of(path).exists() and objects(s3) == {}


async def test_lost_hashes_are_told_as_such_and_made_anew(footage: Filmed, s3: Server, tmp_path: Path) -> None:
    [path] = footage_files(tmp_path / "node")
    request = await footage.permit()
    right, _ = await clip(footage, request)
    assert await tier_of(footage).look() == 1
    octets = hashes_of(path).read_bytes()
    hashes_of(path).unlink()
    await clip(footage, request)

    async def told() -> bool:
        return "second_tier.hashes_lost" in await faults(footage.node)

    await until(told, what="the node's page has it")
    found = await faults(footage.node)
    assert str(path) in found["second_tier.hashes_lost"]["en"] and "second_tier.away" not in found, "the bucket is well"
    await tier_of(footage).look()
    assert hashes_of(path).read_bytes() == octets and not await told()
    assert (await clip(footage, request))[0] == right


async def test_lost_hashes_are_not_made_of_what_was_altered(footage: Filmed, s3: Server, tmp_path: Path) -> None:
    request = await footage.permit()
    _, _, path = await altered(footage, s3, tmp_path)
    hashes_of(path).unlink()
    assert (await clip(footage, request))[1] != "whole"
    await tier_of(footage).look()
    assert not hashes_of(path).exists() and "second_tier.hashes_lost" in await faults(footage.node)


async def test_a_file_that_moved_without_hashes_gets_them_once_it_was_wanted(footage: Filmed, s3: Server, tmp_path: Path) -> None:
    [path] = footage_files(tmp_path / "node")
    request = await footage.permit()
    right, _ = await clip(footage, request)
    assert await tier_of(footage).look() == 1
    octets, away = hashes_of(path).read_bytes(), Away.read(note_of(path).read_bytes())
    hashes_of(path).unlink()
    note_of(path).write_bytes(replace(away, piece=0).written())
    assert (await clip(footage, request))[0] == right
    await tier_of(footage).look()
    assert (hashes_of(path).read_bytes(), Away.read(note_of(path).read_bytes())) == (octets, away)


async def test_what_has_changed_is_read_off_the_loop_and_in_parts(
    footage: Filmed, s3: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await footage.permit()
    _, _, path = await altered(footage, s3, tmp_path)
    read = list[tuple[Path, bool]]()
    key_in = Tier.key_in

    def seen(self: Tier, note: Path) -> str:
        read.append((note, current_thread() is main_thread()))
        return key_in(self, note)

    monkeypatch.setattr(Tier, "key_in", seen)
    await clip(footage, request)
    assert read == [(note_of(path), False)], "once, and not by the thread that serves everybody"

    key = tmp_path / "s3.key"
    key.write_text("one\ntwo\n")
    key.chmod(0o600)
    tier = Tier(SecondTierSection(place=f"s3://{BUCKET}", endpoint="http://127.0.0.1:9", key_file=str(key)), "node")
    for number in range(3 * CHANGED_AT_ONCE):
        one = tmp_path / f"{number}.mp4"
        note_of(one).write_bytes(Away("s3://bucket", f"key{number}", 1, "", 0.0).written())
        tier._changed[one] = {0}  # as a fetch leaves it
    known = set[Path]()
    for _ in range(3):
        changed, fresh = tier.changed(known)
        assert (len(changed), len(fresh)) == (3 * CHANGED_AT_ONCE, CHANGED_AT_ONCE)
        known |= fresh.keys()
    assert tier.changed(known)[1] == {}


async def test_hashes_of_a_file_that_is_gone_are_swept(footage: Filmed, tmp_path: Path) -> None:
    [path] = footage_files(tmp_path / "node")
    left = hashes_of(path.with_name("000000.mp4"))
    left.write_bytes(b"\0" * HASH_BYTES)
    assert await tier_of(footage).look() == 1
    await tier_of(footage).look()
    assert not left.exists() and hashes_of(path).exists()


@settings(deadline=None)
@given(st.integers(0, 5 * PIECE_BYTES), st.integers(5_000, 1 << 20), st.integers(0, 4))
def test_a_piece_is_known_by_its_hash(size: int, step: int, which: int) -> None:
    octets = bytes(i % 251 for i in range(997)) * (size // 997 + 1)
    octets, hashing = octets[:size], Hashing()
    for at in range(0, size, step):
        hashing.take(octets[at : at + step])
    told = hashing.told()
    hashes = [told[at : at + HASH_BYTES] for at in range(0, len(told), HASH_BYTES)]
    assert len(hashes) == -(-size // PIECE_BYTES)
    assert unlike(octets, hashes, PIECE_BYTES) == set()
    if which < len(hashes):
        other = bytearray(octets)
        other[which * PIECE_BYTES] ^= 1
        assert unlike(bytes(other), hashes, PIECE_BYTES) == {which}
        assert unlike(octets, hashes[:which], PIECE_BYTES) == set(range(which, len(hashes))), "one without a hash is none"


def test_what_is_fetched_is_whole_pieces() -> None:
    assert aligned(10, 20, 1_000, 256) == (0, 256) and aligned(256, 512, 1_000, 256) == (256, 512)
    assert aligned(900, 1_000, 1_000, 256) == (768, 1_000) and aligned(10, 20, 1_000, 0) == (10, 20)


@pytest.mark.parametrize(
    ("endpoint", "clear"),
    [
        ("http://storage.example:9000", True),
        ("http://10.1.2.3:9000", True),
        ("https://storage.example:9000", False),
        ("http://127.0.0.1:9000", False),
        ("http://[::1]:9000", False),
        ("http://localhost:9000", False),
        ("", False),
    ],
)
def test_a_bucket_that_is_reached_in_the_clear_is_known(endpoint: str, clear: bool) -> None:
    assert BucketSection(endpoint=endpoint).goes_in_the_clear is clear


def test_check_warns_of_buckets_in_the_clear() -> None:
    settings, clear = NodeSettings(), {"endpoint": "http://storage.example:9000"}
    tier = SecondTierSection.model_validate({"place": "s3://footage/video", **clear})
    audit = settings.audit.model_copy(update={"copies": ["s3://audit"], "bucket": BucketSection.model_validate(clear)})
    recording = settings.recording.model_copy(update={"second_tier": tier})
    both = settings.model_copy(update={"audit": audit, "recording": recording})
    assert [one.remedy_en for one in buckets(both)] == [
        "Set endpoint of [recording.second_tier] to an https:// address",
        "Set endpoint of [audit.bucket] to an https:// address",
    ]
    unused = both.model_copy(update={"audit": audit.model_copy(update={"copies": []}), "recording": settings.recording})
    assert list(buckets(unused)) == [] == list(buckets(settings))


async def test_a_second_tier_in_the_clear_is_told_on_the_nodes_page(tmp_path: Path) -> None:
    facts = {"place": "s3://footage/video", "endpoint": "http://storage.invalid:9", "after_hours": 1_000}
    settings = ruled(tmp_path, second_tier=SecondTierSection.model_validate(facts))
    async with running_node(tmp_path / "node", settings) as node:
        fault = (await faults(node))["second_tier.in_the_clear"]
        assert "http://storage.invalid:9" in fault["en"] and "https://" in fault["remedy_en"]
