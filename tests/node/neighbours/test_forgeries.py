"""What a thief, a stranger or the writer itself does to a copy is named, and changes nothing of what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client
from nats.js.api import Header
from typer.testing import CliRunner

from fengsui.cli.commands import app
from fengsui.features.audit import Act
from fengsui.features.audit.folder import KEY_FILE, checkpoint_files, segments
from fengsui.features.neighbours.checkpoint_lines import lines_of
from fengsui.features.neighbours.held_chain import line_hash
from fengsui.features.neighbours.standing import STANDING, Standing, checkpoints_of, copy_of, signed, standing_of, wanted_bytes
from tests.nats_server import NatsServer
from tests.node.conftest import RunningNode, until
from tests.node.neighbours.two_nodes import (
    CITY,
    COUNTY,
    Places,
    act,
    caught_up,
    check,
    kept_of,
    log_of,
    metric,
    open_kinds,
    places,
    records_of,
)
from tests.node.test_held_chain import OTHER, point


@asynccontextmanager
async def client_of(where: Places, code: str) -> AsyncIterator[Client]:
    """A bare client by a node's account, as whoever stole its key file would have."""
    name = f"node-{code}"
    client = Client()
    options = {"user": name, "password": f"secret-of-{name}", "inbox_prefix": f"_INBOX.{code}"}
    server = where.server
    await client.connect(f"tls://127.0.0.1:{server.port}", tls=server.trust(), error_cb=_nothing, **options)
    try:
        yield client
    finally:
        await client.close()


async def _nothing(error: Exception) -> None:
    """Refusals of the server are what some tests are after."""


async def sent(client: Client, line: bytes, message_id: str) -> None:
    """A message on the county's subject, on the bus's disk when it returns."""
    await client.jetstream().publish(checkpoints_of(COUNTY), line, headers={Header.MSG_ID.value: message_id})


async def test_what_does_not_belong_to_the_chain_is_named_everywhere_and_changes_nothing(
    tmp_path: Path, server: NatsServer
) -> None:
    where = places(tmp_path, server)
    async with where.city() as city, where.county() as county, client_of(where, COUNTY) as thief:
        await act(county, 12)
        await caught_up(county, city)
        held = list(lines_of(where.held))
        last = kept_of(city).chain.last
        following = last + 1, last + 5, line_hash(held[-1])
        await sent(thief, held[0], "again")  # a replay is no finding
        await sent(thief, b"\x00\xff" * 50_000, "nonsense")
        await sent(thief, point(*following, node=COUNTY, signer=OTHER), "other key")
        await until(lambda: city.node.neighbours.open_findings == 1, what="the forged one is found")
        assert await open_kinds(city) == ["forged"]
        await sent(thief, point(*following, node=CITY, signer=where.signer), "other node")
        await sent(thief, point(1, last, node=COUNTY, signer=where.signer), "fork")
        await sent(thief, point(*following[:2], "7" * 64, node=COUNTY, signer=where.signer), "rewritten")
        await until(lambda: city.node.neighbours.open_findings == 4, what="each has its name")
        assert sorted(await open_kinds(city)) == ["foreign", "forged", "forked", "rewritten"]
        assert list(lines_of(where.held)) == held
        for kind in ("forged", "foreign", "forked", "rewritten"):
            assert await metric(city, "fengsui_audit_neighbour_findings", f'kind="{kind}"') == 1
            assert [one for one in records_of(city, Act.NEIGHBOUR_FINDING) if one.detail.startswith(kind)]
        assert [one.detail for one in records_of(city, Act.NEIGHBOUR_MESSAGE)] == ["access.speaks_for_another"]
        place: Any = county.node.audit.copies._places[0]
        place._stood_s -= 60
        county.node.audit.copies.grown()
        state = county.node.audit.copies.states[0]
        await until(lambda: state.late, what="the county is told that its copy speaks against its log")
        assert "forked" in (await asyncio.to_thread(check, where, where.city_settings, where.city_data))
        answer = await city.client.post(f"/audit/neighbours/{COUNTY}/review", json={"note": "我们自己的试验"})
        assert answer.status_code == 204 and not await open_kinds(city)
        assert {one["ended_by"] for one in (await log_of(city))["findings"]} == {"audit"}
        await act(county)
        await caught_up(county, city)
        assert await metric(city, "fengsui_audit_neighbour_findings", 'kind="forked"') == 0


async def test_old_statements_and_questions_of_strangers_have_no_effect(tmp_path: Path, server: NatsServer) -> None:
    where = places(tmp_path, server)
    async with where.city() as city, where.county() as county, client_of(where, COUNTY) as thief:
        await act(county, 12)
        await caught_up(county, city)
        kept = kept_of(city)
        old = signed(where.signer, Standing(STANDING, COUNTY, CITY, "0" * 32, "2026-11-26T00:00:00Z", 1, "0" * 64))
        heard_s = kept.heard_s
        answer = await thief.request(standing_of(COUNTY, CITY), old, timeout=20)
        assert b'"last":' in answer.data and kept.heard_s == heard_s and not city.node.neighbours.open_findings
        fresh = Standing(STANDING, COUNTY, CITY, kept.nonce, "2026-11-26T00:00:00Z", 1, "0" * 64)
        answer = await thief.request(standing_of(COUNTY, CITY), signed(where.signer, fresh), timeout=20)
        assert b'"shortened"' in answer.data and await open_kinds(city) == ["shortened"]
        whole = b"".join(line + b"\n" for line in lines_of(where.held))
        assert (await thief.request(copy_of(COUNTY, CITY), wanted_bytes(0), timeout=20)).data == whole
        with pytest.raises(TimeoutError):  # the server's account lets nobody speak for another
            await thief.request(standing_of(CITY, CITY), b"", timeout=0.5)
        with pytest.raises(TimeoutError):
            await thief.jetstream().publish("fengsui.audit.checkpoints.52010300002000000001", b"x", timeout=0.5)
        with pytest.raises(TimeoutError):
            await thief.request("$JS.API.STREAM.DELETE.FENGSUI-AUDIT-CHECKPOINTS", b"", timeout=0.5)
        assert (await thief.request(standing_of(COUNTY, CITY), b"", timeout=20)).data, "the connection is as good as before"


async def test_a_platform_without_an_agreement_is_refused_at_the_door(tmp_path: Path, server: NatsServer) -> None:
    where = places(tmp_path, server)
    async with where.city() as city, where.county() as county:
        await act(county)
        await caught_up(county, city)
        before = kept_of(city).chain.last
        city.node.access.platforms.agreed = {}
        await act(county)
        state = county.node.audit.copies.states[0]
        await until(lambda: state.what, what="the county gets no receipt")
        await until(lambda: records_of(city, Act.NEIGHBOUR_MESSAGE), what="the refusal is on record")
        refused = records_of(city, Act.NEIGHBOUR_MESSAGE)[0]
        assert (refused.result, refused.person, refused.detail) == ("refused", COUNTY, "access.platform_not_agreed")
        assert kept_of(city).chain.last == before


async def test_a_log_that_was_cut_is_found_by_the_copy_wherever_one_looks(tmp_path: Path, server: NatsServer) -> None:
    where = places(tmp_path, server)
    async with where.city() as city:
        async with where.county() as county:
            for _ in range(3):
                await act(county, 8)
            await caught_up(county, city)
        await until(lambda: kept_of(city).chain.last == last_signed(where), what="the last words are kept too")
        (log,) = segments(where.log)
        (points,) = checkpoint_files(where.log)
        lines = points.read_bytes().splitlines(keepends=True)
        records = log.path.read_bytes().splitlines(keepends=True)
        cut_at = len(records) - 12
        log.path.write_bytes(b"".join(records[:cut_at]))
        points.write_bytes(b"".join(line for line in lines if int(line[129:].split(b",")[4]) <= cut_at))
        command = ["audit", "verify", str(where.log), "--key", str(where.log / KEY_FILE)]
        assert CliRunner().invoke(app, command).exit_code == 0, "alone, a shorter log looks whole"
        checked = await asyncio.to_thread(check, where, where.county_settings, where.county_data)
        assert f"First bad record: {cut_at + 1}" in checked and "不一致" in checked, checked
        async with where.county() as county:
            state = county.node.audit.copies.states[0]
            await until(lambda: state.late, what="the county is told at once")
            assert "does not fit" in state.what or "cut" in state.what, state.what
            await until(lambda: city.node.neighbours.open_findings, what="the city hears that the log is shorter")
            assert set(await open_kinds(city)) & {"shortened", "forked"}
            while county.node.audit.files.signed_to <= kept_of(city).chain.last:
                await act(county, 8)
            county.node.audit.copies.grown()
            await until(lambda: open_forked(city), what="the log that grew anew is a fork")
        assert list(lines_of(where.held))[: len(lines)] == [line[:-1] for line in lines], "what is kept stays"


def open_forked(city: RunningNode) -> bool:
    """Whether a fork was found."""
    return "forked" in kept_of(city).findings.open_kinds


def last_signed(where: Places) -> int:
    """The last record that the county's own checkpoints speak for."""
    return int(list(lines_of(where.log))[-1][129:].split(b",")[4])
