"""HLS with parts: a player gets each as soon as it is there, and waits for it in its request. RFC 8216bis §6.2.5.2."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import httpx
import pytest

from tests.media.conftest import RunningEngine, filming

NAME = "34020000001320000001/main"
PART = re.compile(r'#EXT-X-PART:DURATION=([\d.]+),URI="(part/(\d+)\.(\d+)\.m4s\?[^"]+)"(,INDEPENDENT=YES)?')
HINT = re.compile(r'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="(part/(\d+)\.(\d+)\.m4s\?[^"]+)"')


@pytest.fixture
def player(running: RunningEngine) -> Iterator[httpx.Client]:
    """A player in front of a camera; its base address is the playlist's folder."""
    running.open(NAME)
    base = running.url("hls", NAME, "/").partition("?")[0]
    with filming(running, audio=False), httpx.Client(base_url=base, timeout=20) as client:
        yield client


def playlist(client: httpx.Client, running: RunningEngine, *wanted: tuple[str, int]) -> str:
    """As it is, or as soon as it has what is wanted."""
    answer = client.get("index.m3u8", params={"ticket": running.ticket(NAME), **dict(wanted)})
    assert answer.status_code == 200, answer.text
    return answer.text


def newest(text: str) -> tuple[int, int]:
    """(segment, part) of the part that the playlist announces as the next."""
    hint = HINT.search(text)
    assert hint is not None, text
    return int(hint[2]), int(hint[3])


def test_each_reload_waits_for_the_next_part_which_is_then_there(player: httpx.Client, running: RunningEngine) -> None:
    text = playlist(player, running)
    assert "CAN-BLOCK-RELOAD=YES" in text
    target = float(re.findall(r"PART-TARGET=([\d.]+)", text)[0])
    hold_back = float(re.findall(r"PART-HOLD-BACK=([\d.]+)", text)[0])
    assert hold_back >= 3 * target, "RFC 8216bis §4.4.3.8"
    reached = [newest(text)]
    while len(reached) < 12:
        segment, part = reached[-1]
        text = playlist(player, running, ("_HLS_msn", segment), ("_HLS_part", part))
        listed = {(int(found[3]), int(found[4])) for found in PART.finditer(text)}
        assert (segment, part) in listed or (segment + 1, 0) in listed, "the answer came when the part was there"
        assert all(0 < float(found[1]) <= target for found in PART.finditer(text))
        reached.append(newest(text))
    assert reached == sorted(set(reached)), "each answer brought something new"
    assert len({segment for segment, _ in reached}) > 1, "over the end of a segment too"
    firsts = [found for found in PART.finditer(text) if found[4] == "0"]
    assert firsts and all(found[5] for found in firsts), "a segment begins with a key frame"


def test_the_parts_of_a_segment_are_the_segment(player: httpx.Client, running: RunningEngine) -> None:
    text = playlist(player, running)
    whole = [int(number) for number in re.findall(r"^seg/(\d+)\.m4s", text, re.MULTILINE)]
    number = whole[-1]
    addresses = [found[2] for found in PART.finditer(text) if int(found[3]) == number]
    assert len(addresses) > 1
    parts = [player.get(address).content for address in addresses]
    assert all(part[4:8] == b"moof" for part in parts)
    assert b"".join(parts) == player.get(f"seg/{number}.m4s", params={"ticket": running.ticket(NAME)}).content


def test_a_part_that_is_announced_may_be_asked_for_before_it_is_there(player: httpx.Client, running: RunningEngine) -> None:
    hint = HINT.search(playlist(player, running))
    assert hint is not None
    answer = player.get(hint[1])
    # The segment may have ended with the part before: then there is none of this number.
    assert answer.status_code == 404 or answer.content[4:8] == b"moof"
    for _ in range(5):
        segment, part = newest(playlist(player, running))
        found = player.get(f"part/{segment}.{part}.m4s", params={"ticket": running.ticket(NAME)})
        if found.status_code == 200:
            assert found.content[4:8] == b"moof"
            return
    pytest.fail("no announced part ever came")


def test_a_reload_that_waits_ends_with_its_session(player: httpx.Client, running: RunningEngine) -> None:
    segment, _ = newest(playlist(player, running))
    answers: list[int] = []

    def wait() -> None:
        far = {"ticket": running.ticket(NAME), "_HLS_msn": segment + 2, "_HLS_part": 0}
        answers.append(player.get("index.m3u8", params=far).status_code)

    waiting = threading.Thread(target=wait)
    waiting.start()
    running.engine.revoke_session("s1")
    waiting.join(20)
    assert answers == [403]
