"""Sound through every way out where it may be heard, and not a byte of it where it may not."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import sync_playwright

from tests.end_to_end.conftest import CHROMIUM_FLAGS, wait_until
from tests.media.conftest import TONE_HZ, RunningEngine, filming

NAME = "34020000001320000001/main"
PAGE = Path(__file__).with_name("sound.html")


def probe(address: str | Path) -> list[str]:
    """codec_name and sample rate of each stream, by ffprobe."""
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,sample_rate", "-of", "json", str(address)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert found.stderr == ""
    return [f"{stream['codec_name']} {stream.get('sample_rate', '')}".strip() for stream in json.loads(found.stdout)["streams"]]


def recorded(engine: RunningEngine, size: int, target: Path) -> Path:
    """The first bytes of the HTTP body as a file."""
    with httpx.Client(timeout=20) as client, client.stream("GET", engine.url("fmp4", NAME)) as answer:
        assert answer.status_code == 200
        body = b""
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) >= size:
                break
    target.write_bytes(body)
    return target


def test_a_tone_in_g711_leaves_as_flac_at_its_pitch_and_time(running: RunningEngine, tmp_path: Path) -> None:
    source = running.open(NAME, audio=True)
    with filming(running):
        film = recorded(running, 600_000, tmp_path / "film.mp4")
        assert probe(film) == ["h264", "flac 8000"]
        counters = running.engine.source_counters(source)
        assert counters is not None
        assert counters.sound == "g711a"
    command = ["ffmpeg", "-v", "error", "-i", str(film), "-map", "0:a", "-f", "s16le", "-"]
    samples = memoryview(subprocess.run(command, capture_output=True, timeout=60, check=True).stdout).cast("h")
    assert len(samples) > 8_000
    second = samples[:8_000]
    crossings = sum(1 for left, right in itertools.pairwise(second) if left < 0 <= right)
    assert abs(crossings - TONE_HZ) <= 2, "whole, without clicks and at its pitch"
    starts = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "stream=start_time", "-of", "csv=p=0", str(film)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    video, sound = (float(line) for line in starts.stdout.split())
    assert abs(video - sound) < 0.12


def test_without_a_legal_basis_no_byte_of_sound_leaves(running: RunningEngine, tmp_path: Path) -> None:
    source = running.open(NAME)
    with filming(running):
        film = recorded(running, 400_000, tmp_path / "film.mp4")
    assert probe(film) == ["h264"]
    body = film.read_bytes()
    assert b"soun" not in body
    assert b"fLaC" not in body
    assert body.count(b"traf") == len(re.findall(rb"tfhd.{4}\x00\x00\x00\x01", body, re.DOTALL)), (
        "fragments of the video track alone"
    )
    counters = running.engine.source_counters(source)
    assert counters is not None
    assert counters.sound == ""


def test_ffprobe_reads_sound_in_our_hls(running: RunningEngine) -> None:
    running.open(NAME, audio=True)
    with filming(running):
        assert probe(running.url("hls", NAME, "/index.m3u8")) == ["h264", "flac 8000"]


@pytest.mark.parametrize("way", ["ws", "webrtc"])
def test_chromium_decodes_sound_and_picture(running: RunningEngine, way: str) -> None:
    running.open(NAME, audio=True)
    with filming(running), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        page = browser.new_page()
        page.set_content(PAGE.read_text("utf-8"))
        address = running.url("ws" if way == "ws" else "whep", NAME)
        page.evaluate(f"play_{way}({json.dumps(address)})")
        state = wait_until(
            lambda: (
                page.evaluate("heard()")
                if page.evaluate("heard()")["frames"] > 20 and page.evaluate("heard()")["sound"] > 2_000
                else None
            ),
            seconds=60,
            what=f"sound and picture by {way}",
        )
        assert state["error"] is None
        browser.close()
