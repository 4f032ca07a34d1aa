"""What is played stands on record however it ends, under the ticket that opened it, and each leap by itself (A27, A28, A30)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from fengsui.errors import StorageFault
from fengsui.features.audit.model import AuditRecord, AuditUnavailable
from fengsui.features.playback import actions
from fengsui.features.playback.model import MOST_TOLD, Piece, said
from tests.node.conftest import RunningNode, powered, running_node, simulated_camera, until, with_media
from tests.node.duty_room import centre_of, with_pack
from tests.node.test_audit import records
from tests.node.test_footage import order, safe_for, state_of
from tests.node.test_live import listed
from tests.node.test_playback import CHEN, STILL, closed_code, fragments, opened, player_of

PIECE = re.compile(r"(all|keys|back) (\d+\.\d)–(\d+\.\d)")


class CountedCameras:
    """A playback room's cameras, that count how often their facts are asked for together; `away`: then the database is."""

    def __init__(self, room: Any, *, away: bool = False) -> None:
        self._kept, self._away = room._cameras.kept, away
        self.kept = self
        self.asked: list[list[str]] = []

    async def get(self, code: str) -> Any:
        return await self._kept.get(code)

    async def many(self, codes: list[str]) -> Any:
        self.asked.append(codes)
        if self._away:
            raise StorageFault(what="away", remedy_zh="", remedy_en="")
        return await self._kept.many(codes)


class Filmed(NamedTuple):
    """A camera of a node with some seconds of footage, and an investigator."""

    node: RunningNode
    code: str
    since: datetime
    until: datetime
    chen: httpx.AsyncClient

    async def open(self) -> dict[str, Any]:
        answer = await opened(self.chen, self.code, self.since, self.until)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def ticket(self) -> str:
        answer = await order(self.chen, self.code, self.since, datetime.now(UTC) + timedelta(hours=1))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"])

    def shown(self) -> list[AuditRecord]:
        return [one for one in records(self.node) if one.act == "playback.show"]

    async def next_shown(self, before: int) -> AuditRecord:
        await until(lambda: len(self.shown()) > before, what="what was shown is on record")
        return self.shown()[before]


@asynccontextmanager
async def filmed(folder: Path, seconds: float = 8, **media: object) -> AsyncIterator[Filmed]:
    settings = with_media(with_pack(folder, register=folder.parent / "cases.txt"), **media)
    async with running_node(folder, settings) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        await centre_of(node)
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            safe = await safe_for(node, code, seconds)
            since = datetime.fromisoformat((await state_of(node, code))["since"])
            chen = await node.client_of("chen-qi", CHEN)
            yield Filmed(node, code, since, safe, chen)
            await chen.aclose()


async def test_what_was_shown_is_on_record_whatever_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "COMES_WITHIN_S", 0.0)
    async with filmed(tmp_path / "node", max_sessions_per_person=1) as one:
        first, second = await one.ticket(), await one.ticket()
        playback = await one.open()
        assert playback["use_ticket"] == first
        async with player_of(playback["url"]) as player:
            assert fragments((await player.ask("all", one.since, count=2))[0])
            crowded = await opened(one.chen, one.code, one.since, one.until)
            assert (crowded.status_code, crowded.json()["code"]) == (429, "playback.too_many"), "what is watched is not idle"
            assert one.shown() == [], "nobody leapt yet"
            assert (await one.chen.delete(f"/playback/{playback['session']}")).status_code == 204
            assert await closed_code(player.socket) == 4403
        told = await one.next_shown(0)
        assert (told.person, told.ticket, told.object) == ("chen-qi", first, one.code) and "all " in told.detail

        # The ticket is closed while another one would open the same: that is another purpose.
        playback = await one.open()
        async with player_of(playback["url"]) as player:
            assert fragments((await player.ask("keys", one.since, count=2))[0])
            assert (await one.chen.delete(f"/tickets/{first}")).status_code == 204
            assert await closed_code(player.socket) == 4403
        told = await one.next_shown(1)
        assert told.ticket == first and "keys " in told.detail

        # Under the other one, whatever becomes of it beside; and signing out ends it.
        playback = await one.open()
        assert playback["use_ticket"] == second
        third = await one.ticket()
        bounds = {"cameras": [one.code], "since": one.since.isoformat(), "until": datetime.now(UTC).isoformat()}
        change = {"bounds": bounds, "hours": 2, "reason": "the case goes on"}
        renewed = await one.chen.post(f"/tickets/{second}/versions", json=change)
        assert renewed.status_code == 201, renewed.text
        async with player_of(playback["url"]) as player:
            assert fragments((await player.ask("back", one.until, count=2))[0])
            with monkeypatch.context() as patched:
                cameras = CountedCameras(room := one.node.node.footage.playback)
                patched.setattr(room, "_cameras", cameras)
                await until(lambda: len(cameras.asked) > 2, what="rights were looked at")
            assert fragments((await player.ask("back", one.until, count=1))[0]), "the renewed ticket is the same ticket"
            assert (await one.chen.delete("/session")).status_code == 204
            assert await closed_code(player.socket) == 4403
        await until(lambda: len(one.shown()) == 4, what="both pieces are on record")
        assert {told.ticket for told in one.shown()[2:]} == {second} != {third}
        await until(lambda: not room._ended, what="whose players left is forgotten")


async def test_a_still_stands_under_the_ticket_of_the_playback_that_it_is_of(tmp_path: Path) -> None:
    async with filmed(tmp_path / "node") as one:
        first, second = await one.ticket(), await one.ticket()
        playback = await one.open()
        bounds = {"cameras": [one.code], "since": one.since.isoformat(), "until": datetime.now(UTC).isoformat()}
        change = {"bounds": bounds, "hours": 2, "reason": "the case goes on"}
        renewed = await one.chen.post(f"/tickets/{first}/versions", json=change)
        assert renewed.status_code == 201, renewed.text
        still = {"content": STILL, "params": {"at": (one.since + timedelta(seconds=1)).isoformat()}}
        kept = await one.chen.post(f"/playback/{playback['session']}/snapshot", **still)
        assert kept.status_code == 201, kept.text
        [told] = [entry for entry in records(one.node) if entry.act == "playback.snapshot"]
        assert told.ticket == playback["use_ticket"] == first != second, "though the other one opens it too"


async def test_nothing_is_shown_that_cannot_be_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with filmed(tmp_path / "node") as one:
        await one.ticket()
        playback = await one.open()
        async with player_of(playback["url"]) as player:
            assert fragments((await player.ask("all", one.since, count=2))[0])

            def full(entries: Any) -> None:
                raise AuditUnavailable(what="the disk is full")

            with monkeypatch.context() as patched:
                patched.setattr(one.node.node.audit.files, "commit", full)
                assert fragments((await player.ask("keys", one.since, count=2))[0]), "a leap, of which the log is to know"
                assert await closed_code(player.socket) == 4403
                refused = await opened(one.chen, one.code, one.since, one.until)
                assert refused.status_code == 503, refused.text
        await until(lambda: len(one.shown()) >= 2, what="what was shown is on record once the log can be written")
        ends = [entry.detail for entry in records(one.node) if entry.act == "playback.stop"]
        assert ends == ["what is shown cannot be recorded"]
        assert (await opened(one.chen, one.code, one.since, one.until)).status_code == 201


async def test_what_was_shown_until_the_node_stops_is_on_record(tmp_path: Path) -> None:
    async with AsyncExitStack() as outlives_it, filmed(tmp_path / "node") as one:
        number = await one.ticket()
        playback = await one.open()
        player = await outlives_it.enter_async_context(player_of(playback["url"]))
        assert fragments((await player.ask("all", one.since, count=2))[0])
        assert one.shown() == []
    [told] = one.shown()
    assert (told.ticket, told.object) == (number, one.code)
    stops = [one.detail for one in records(one.node) if one.act == "playback.stop"]
    assert stops == ["the node stops"]


async def test_each_leap_is_a_piece_of_its_own_and_a_flood_of_them_waits(tmp_path: Path) -> None:
    async with filmed(tmp_path / "node") as one:
        await one.ticket()
        playback = await one.open()
        async with player_of(playback["url"]) as player:
            first, _ = await player.ask("all", one.since, count=1)
            last = int(one.until.timestamp() * 1e6) - 2_500_000
            far, _ = await player.ask("all", last, "on", count=1)
            [early], [late] = fragments(first), fragments(far)[:1]
            assert late["from_us"] > early["to_us"] + 1_000_000, "a leap that is called going on"
            begun = asyncio.get_running_loop().time()
            for at in range(60):
                await player.ask("keys", one.since + timedelta(seconds=at % 7), count=1)
            took_s = asyncio.get_running_loop().time() - begun
            assert took_s > 1.5, "20 at once, then 20 a second"
        await until(lambda: any(told.act == "playback.stop" for told in records(one.node)), what="its end is on record")
        pieces = [found for told in one.shown() for found in PIECE.findall(told.detail)]
        assert len(pieces) == 62 and all("more" not in told.detail for told in one.shown())
        covers = [float(to) - float(since) for way, since, to in pieces if way == "all"]
        assert len(covers) == 2 and max(covers) < 4, "none holds what was leapt over"
        assert all(len(PIECE.findall(told.detail)) <= MOST_TOLD for told in one.shown())


async def test_one_that_cannot_be_decided_keeps_no_other_from_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "UNDECIDED_S", 2.0)
    async with filmed(tmp_path / "node", seconds=2) as one:
        room, node = one.node.node.footage.playback, one.node
        lin = await node.client_of("lin-yi", CHEN)
        theirs = one._replace(chen=lin)
        await one.ticket()
        number = await theirs.ticket()
        broken, other = await one.open(), await theirs.open()
        renewed = room._access.renewed

        async def fails_for_chen(who: Any) -> Any:
            if who.name == "chen-qi":
                raise ValueError("not to be read")
            return await renewed(who)

        with monkeypatch.context() as patched:
            patched.setattr(room._access, "renewed", fails_for_chen)
            assert (await lin.delete(f"/tickets/{number}")).status_code == 204

            def ended() -> dict[str, str]:
                return {told.person: told.detail for told in records(node) if told.act == "playback.stop"}

            await until(lambda: len(ended()) == 2, what="both have ended")
            assert ended() == {"lin-yi": "the right has ended", "chen-qi": "the right to it could not be decided"}
        assert broken["session"] != other["session"]

        # The database away: it is asked once for all of them.
        for _ in range(5):
            await one.open()
        cameras = CountedCameras(room, away=True)
        with monkeypatch.context() as patched:
            patched.setattr(room, "_cameras", cameras)
            await until(lambda: len([1 for told in records(node) if told.act == "playback.stop"]) == 7, what="all have ended")
        assert 2 <= len(cameras.asked) <= 5 and all(codes in ([one.code], []) for codes in cameras.asked), cameras.asked
        await lin.aclose()


def test_every_piece_stands_in_a_record_that_names_its_times() -> None:
    pieces = [Piece("all", at * 100.0, at * 100.0 + 2, 50) for at in range(2 * MOST_TOLD + 3)]
    told = list(said(pieces))
    assert [len(PIECE.findall(detail)) for _, detail in told] == [MOST_TOLD, MOST_TOLD, 3]
    assert told[0][0] == f"0–{(MOST_TOLD - 1) * 100 + 2}" and told[-1][1].startswith("150 pictures")
    assert list(said([])) == []
