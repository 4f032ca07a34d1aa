"""A time that a node recorded twice, its clock having been ahead: both recordings are listed, and both are played."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from fengsui.features.audit import Act
from tests.node.conftest import powered, running_node, simulated_camera, until, with_media
from tests.node.duty_room import centre_of, with_pack
from tests.node.test_audit import records
from tests.node.test_footage import footage_files, order, safe_for, state_of
from tests.node.test_live import listed
from tests.node.test_playback import CHEN, decoded, fragments, player_of

FACTS, TABLE = b"\xf5\x5a\x1c\x9dFENGSUI\x07\xc4\xe1\x93\x02", b"\xf5\x5a\x1c\x9dFENGSUI\x07\x74\x61\x62\x02"
"""Of the box before each fragment, and of the one at the end of a closed file (docs/decisions/0041-footage-files.md)."""
LATER_US = 3_300_000


def recorded_again(file: Path, later_us: int) -> None:
    """Lays beside a file what a recorder whose clock was so far ahead would have kept of these pictures, before it was killed."""
    octets = bytearray(file.read_bytes())
    if (table := octets.find(TABLE)) > 0:
        del octets[table - 8 :]
    at = octets.find(FACTS)
    while at > 0:
        head = at - 8
        size = int.from_bytes(octets[head : head + 4])
        for place in (50, 58, 66):  # the run, and its begin and end
            time = slice(head + place, head + place + 8)
            octets[time] = (int.from_bytes(octets[time]) + later_us).to_bytes(8)
        whole = bytes(octets[head : head + size])
        octets[head + 24 : head + 28] = zlib.crc32(whole[28:], zlib.crc32(whole[:24])).to_bytes(4)
        at = octets.find(FACTS, head + size)
    name = next(path for number in count(7) if not (path := file.with_name(f"{file.stem}-{number}.mp4")).exists())
    name.write_bytes(octets)


async def test_what_was_recorded_twice_is_told_and_each_recording_is_played(tmp_path: Path) -> None:
    settings = with_media(with_pack(tmp_path / "node", register=tmp_path / "cases.txt"), grace_s=5)
    async with running_node(tmp_path / "node", settings) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            await safe_for(node, code, 14)
            since = datetime.fromisoformat((await state_of(node, code))["since"])
    [file] = footage_files(tmp_path / "node")
    recorded_again(file, LATER_US)
    async with running_node(tmp_path / "node", settings) as node:
        await centre_of(node)
        await until(lambda: not node.node.engine.footage_counters().looking, what="the index has all footage")
        [(begin_us, end_us)] = node.node.engine.footage(f"{code}/main", 0, 2**62)
        until_ = since + timedelta(minutes=2)
        chen = await node.client_of("chen-qi", CHEN)
        assert (await order(chen, code, since, until_)).status_code == 201
        span = {"from": since.isoformat(), "to": until_.isoformat()}
        told = (await chen.get(f"/cameras/{code}/recordings", params=span)).json()
        [twice] = told["twice"]
        assert twice["times"] == 2
        between = [int(datetime.fromisoformat(twice[name]).timestamp() * 1e6) for name in ("from", "to")]
        assert abs(between[0] - begin_us - LATER_US) < 10 and abs(between[1] - (end_us - LATER_US)) < 10

        async def shown(recording: int) -> tuple[list[int], list[float]]:
            body = {**span, "recording": recording}
            answer = await chen.post(f"/cameras/{code}/playback", json=body)
            assert answer.status_code == 201, answer.text
            async with player_of(answer.json()["url"]) as player:
                found, media = await player.ask("all", between[0] + 1_000_000, count=4)
                return [one["from_us"] for one in fragments(found)], decoded(media)

        first, pictures = await shown(1)
        second, others = await shown(2)
        assert pictures and others and not set(first) & set(second), "another recording, and it is one"
        assert min(abs(one - LATER_US - other) for one in second for other in first) % 2_000_000 < 50_000
        assert await shown(3) == (first, pictures), "there is no third one"
        for wrong in (0, 10):
            answer = await chen.post(f"/cameras/{code}/playback", json={**span, "recording": wrong})
            assert answer.status_code == 422
        await until(
            lambda: any("main recording 2 " in one.range for one in records(node) if one.act == Act.PLAYBACK_SHOW),
            what="which one was shown is on record",
        )
        opened = [one.range for one in records(node) if one.act == Act.PLAYBACK_OPEN and one.result == "allowed"]
        assert [one.partition(" recording ")[2][:1] for one in opened] == ["", "2", "3"]
        assert datetime.now(UTC) > since
        await chen.aclose()
