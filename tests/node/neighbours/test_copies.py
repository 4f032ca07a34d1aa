"""Checkpoints kept by another node: two whole nodes and a real NATS server with TLS and an account for each."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY
from typer.testing import CliRunner

from fengsui.cli.commands import app
from fengsui.features.access import DEMONSTRATION, FIRST_PEOPLE, demonstration, first_people_to_text
from fengsui.features.audit import Act
from fengsui.features.audit.copies import LATE_S
from fengsui.features.audit.folder import KEY_FILE, checkpoint_files, segments
from fengsui.features.neighbours.checkpoint_lines import lines_of
from fengsui.features.neighbours.held_chain import Taken
from tests.nats_server import NatsServer
from tests.node.conftest import until
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


async def test_a_neighbour_keeps_the_copy_and_its_keeper_can_prove_the_log(tmp_path: Path, server: NatsServer) -> None:
    where = places(tmp_path, server)
    async with where.city() as city, where.county() as county:
        await act(county)
        await caught_up(county, city)
        await act(county)
        await caught_up(county, city)
        (copy,) = (await county.get("/audit/copies"))["items"]  # type: ignore[misc]
        assert copy["place"] == f"nats://{CITY}" and not copy["late"]
        kept = await log_of(city)
        assert kept["code"] == COUNTY and kept["fingerprint"] == county.node.audit.files.signer.fingerprint
        assert kept["last"] == county.node.audit.files.signed_to and not kept["findings"] and kept["heard_at"]
        assert (await city.get("/audit/neighbours"))["bus"] == "connected"
        assert await metric(county, "fengsui_audit_copy_age_seconds", CITY) == 0
        assert await metric(city, "fengsui_audit_neighbour_messages_total", 'result="kept"') >= 2
        assert len(records_of(city, Act.NEIGHBOUR_PINNED)) == 1
        taken = await city.client.get(f"/audit/neighbours/{COUNTY}/checkpoints")
        assert records_of(city, Act.NEIGHBOUR_COPY)[0].object == COUNTY
        unknown = await city.client.get(f"/audit/neighbours/{CITY}/checkpoints")
        assert unknown.status_code == 404 and unknown.json()["code"] == "audit.unknown_neighbour"
        checked = await asyncio.to_thread(check, where, where.county_settings, where.county_data)
        assert f"complete: nats://{CITY}" in checked, checked
    (tmp_path / "taken.checkpoints").write_bytes(taken.content)
    verified = verify_command(where, tmp_path / "taken.checkpoints")
    assert verified.exit_code == 0, verified.output
    (last,) = checkpoint_files(where.log)
    last.write_bytes(last.read_bytes()[:-1].rsplit(b"\n", 1)[0] + b"\n")
    (log,) = segments(where.log)
    log.path.write_bytes(log.path.read_bytes().splitlines(keepends=True)[0])
    verified = verify_command(where, tmp_path / "taken.checkpoints")
    assert verified.exit_code == 1 and "First bad record: 2" in verified.output


def verify_command(where: Places, copy: Path) -> Any:
    """`fengsui audit verify` of the county's log with a copy."""
    command = ["audit", "verify", str(where.log), "--key", str(where.log / KEY_FILE), "--copy", str(copy)]
    return CliRunner().invoke(app, command)


async def test_what_could_not_be_sent_while_the_line_was_down_is_made_up_for(tmp_path: Path, server: NatsServer) -> None:
    where = places(tmp_path, server)
    async with where.city() as city, where.county() as county:
        await act(county)
        await caught_up(county, city)
        server.stop()
        state, copies = county.node.audit.copies.states[0], county.node.audit.copies
        for _ in range(5):
            await act(county)
        await until(lambda: state.what, what="the county knows that it cannot push")
        copies._complete_s[state.place] -= LATE_S  # two minutes pass
        kept_of(city).heard_s -= 400  # and more
        await until(lambda: state.late, what="the copy is late")
        assert (await county.get("/node"))["late_copies"] == 1
        await until(lambda: city.node.neighbours.open_findings, what="the county is silent")
        assert await open_kinds(city) == ["silent"] and (await log_of(city))["silent"]
        assert (await city.get("/node"))["neighbour_findings"] == 1
        assert "no connection to the bus" in (await log_of(city))["findings"][0]["detail"]
        server.start()
        await caught_up(county, city)
        await until(lambda: not city.node.neighbours.open_findings, what="the county speaks again")
        assert not state.late and records_of(city, Act.NEIGHBOUR_HEARD)
        held = list(lines_of(where.held))
        server.stop(kill=True)
        server.start()
        await act(county)
        await caught_up(county, city)
        assert list(lines_of(where.held))[: len(held)] == held


async def test_what_waits_on_the_bus_comes_when_the_keeper_is_back(tmp_path: Path, server: NatsServer) -> None:
    where = places(tmp_path, server)
    async with where.county() as county:
        async with where.city() as city:
            await act(county)
            await caught_up(county, city)
        for _ in range(3):
            await act(county)
        place: Any = county.node.audit.copies._places[0]
        await until(lambda: place._published == county.node.audit.files.signed_to, what="everything waits on the bus")
        state = county.node.audit.copies.states[0]
        await until(lambda: "not on the bus" in state.what, what="the county knows that nobody keeps it")
    async with where.city() as city:  # the county is away now: all that comes was on the bus
        await until(lambda: len(list(lines_of(where.held))) >= 4, what="what waited has come")
        async with where.county() as county:
            await act(county)
            await caught_up(county, city)
        assert not city.node.neighbours.open_findings


def came(result: Taken) -> float:
    """Messages of the county of which that became, since this process began: other tests count too."""
    labels = {"node": COUNTY, "result": result.value}
    return REGISTRY.get_sample_value("fengsui_audit_neighbour_messages_total", labels) or 0


KILLED_BEFORE_ACK = """
    import asyncio, os, signal, sys
    from pathlib import Path
    from nats.aio.msg import Msg
    from fengsui.app import Node
    from fengsui.settings import NodeSettings

    async def killed(self):
        os.kill(os.getpid(), signal.SIGKILL)

    async def main():
        Msg.ack = killed
        node = Node(NodeSettings.model_validate_json(sys.stdin.read()), Path(sys.argv[1]))
        await node.start()
        await asyncio.sleep(600)

    asyncio.run(main())
"""


async def test_a_keeper_killed_between_keeping_and_acknowledging_keeps_it_once(tmp_path: Path, server: NatsServer) -> None:
    where = places(tmp_path, server)
    command = [sys.executable, "-c", textwrap.dedent(KILLED_BEFORE_ACK), str(where.city_data)]
    with (tmp_path / "city.log").open("wb") as told:
        people = {FIRST_PEOPLE: first_people_to_text(demonstration({one.name: "first-password" for one in DEMONSTRATION}))}
        pipes = {"stdin": subprocess.PIPE, "stdout": told, "stderr": told}
        city_process = await asyncio.create_subprocess_exec(*command, env=os.environ | people, **pipes)
    assert city_process.stdin is not None
    city_process.stdin.write(where.city_settings.model_dump_json().encode())
    city_process.stdin.close()
    async with where.county() as county:
        await act(county)
        async with asyncio.timeout(60):
            ended = await city_process.wait()
        assert ended == -signal.SIGKILL, (tmp_path / "city.log").read_text()
        assert list(lines_of(where.held)), "kept, but not acknowledged"
        for _ in range(3):
            await act(county)
        before = came(Taken.KNOWN)
        async with where.city() as city:
            await caught_up(county, city)
            await until(lambda: came(Taken.KNOWN) > before, what="what was not acknowledged comes again, and is known")
            assert len(list(lines_of(where.held))) == len(set(lines_of(where.held)))
            assert not city.node.neighbours.open_findings
