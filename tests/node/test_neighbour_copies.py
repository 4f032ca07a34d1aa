"""Checkpoints kept by another node: two whole nodes and a real NATS server with TLS and an account for each."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from nats.aio.client import Client
from nats.js.api import Header
from prometheus_client import REGISTRY, CollectorRegistry
from typer.testing import CliRunner

from fengsui.audit_settings import BusSection
from fengsui.cli.commands import app
from fengsui.errors import WrongSettings
from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, demonstration, to_text
from fengsui.features.audit.checkpoints import Signer
from fengsui.features.audit.copies import LATE_S
from fengsui.features.audit.folder import KEY_FILE, checkpoint_files, segments
from fengsui.features.audit.model import NODE, Act, AuditRecord, record_of
from fengsui.features.neighbours.actions import Neighbour, folder_of
from fengsui.features.neighbours.checkpoint_lines import lines_of
from fengsui.features.neighbours.held_chain import Taken, line_hash
from fengsui.features.neighbours.standing import STANDING, Standing, checkpoints_of, copy_of, signed, standing_of, wanted_bytes
from fengsui.settings import NodeSettings, Secrets
from fengsui.transports.nats_bus import NatsBus
from tests.nats_server import NatsServer, keeper, make_certificates, nats_server, writer
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_held_chain import OTHER, point

COUNTY, CITY = "52010200002000000001", "52010000002000000001"


@pytest.fixture(autouse=True)
def two_nodes_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry in which the figures of both nodes may stand."""
    monkeypatch.setattr("fengsui.app.node.REGISTRY", CollectorRegistry(auto_describe=False))


@dataclass
class Places:
    """Where a test's two nodes live."""

    folder: Path
    server: NatsServer
    county_settings: NodeSettings
    city_settings: NodeSettings

    @property
    def county_data(self) -> Path:
        return self.folder / "county"

    @property
    def city_data(self) -> Path:
        return self.folder / "city"

    @property
    def log(self) -> Path:
        return self.county_data / "audit"

    @property
    def signer(self) -> Signer:
        """The county's."""
        return Signer(Secrets(self.county_data).key("audit-checkpoints"))

    @property
    def held(self) -> Path:
        """What the city keeps."""
        return folder_of(self.city_data, COUNTY, self.signer.public)

    def county(self) -> Any:
        return running_node(self.county_data, self.county_settings)

    def city(self) -> Any:
        return running_node(self.city_data, self.city_settings)


def places(folder: Path, server: NatsServer) -> Places:
    """The county's key is brought to the city beforehand, by hand."""
    county = folder / "county"
    county.mkdir(parents=True)
    signer = Signer(Secrets(county).key("audit-checkpoints"))
    (folder / "county.pem").write_bytes(signer.public_pem)

    def settings(code: str, audit: dict[str, object], account: Any) -> NodeSettings:
        facts = settings_for().model_dump()
        facts["node"] |= {"code": code, "name": code}
        return NodeSettings.model_validate({**facts, "audit": audit, "bus": server.section(account).model_dump()})

    return Places(
        folder,
        server,
        settings(COUNTY, {"copies": [f"nats://{CITY}"]}, writer(COUNTY)),
        settings(CITY, {"neighbours": {COUNTY: str(folder / "county.pem")}}, keeper(CITY)),
    )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    """Of each test its own: every county here has the same code and another key."""
    with nats_server(tmp_path / "nats", writer(COUNTY), keeper(CITY)) as running:
        yield running


async def act(county: RunningNode, count: int = 3) -> None:
    """Some records, and a checkpoint for them."""
    for _ in range(count):
        await county.node.audit.record(NODE, Act.NODE_START, "test")
    await county.node.audit.signed()
    county.node.audit.copies.grown()


def kept_of(city: RunningNode) -> Neighbour:
    """What the city keeps of the county."""
    return city.node.neighbours.get(COUNTY)


async def caught_up(county: RunningNode, city: RunningNode) -> None:
    """The city holds every checkpoint, and the county knows it."""
    files, state = county.node.audit.files, county.node.audit.copies.states[0]
    await until(lambda: kept_of(city).chain.last == files.signed_to > 0, what="the city holds everything")
    await until(lambda: not state.what and state.complete_at, what="the county knows it")
    assert list(lines_of(kept_of(city).chain.folder)) == list(lines_of(files.folder))


def records_of(node: RunningNode, act: Act) -> list[AuditRecord]:
    """Of the node's own log."""
    folder = node.node.audit.files.folder
    found = [record_of(line) for one in segments(folder) for line in one.path.read_bytes().splitlines(keepends=True)]
    return [one for one in found if one.act == act]


async def log_of(city: RunningNode) -> dict[str, Any]:
    """What the city's audit office sees of the county."""
    (item,) = (await city.get("/audit/neighbours"))["items"]  # type: ignore[misc]
    assert isinstance(item, dict)
    return item


async def open_kinds(city: RunningNode) -> list[str]:
    """Of the open findings."""
    return [one["kind"] for one in (await log_of(city))["findings"] if one["ended_at"] is None]


async def metric(node: RunningNode, name: str, *labels: str) -> float:
    """One sample."""
    text = (await node.client.get(httpx.URL(str(node.client.base_url)).copy_with(path="/metrics"))).text
    (line,) = [line for line in text.splitlines() if line.startswith(name + "{") and all(one in line for one in labels)]
    return float(line.rsplit(" ", 1)[1])


def came(result: Taken) -> float:
    """Messages of the county of which that became, since this process began: other tests count too."""
    labels = {"node": COUNTY, "result": result.value}
    return REGISTRY.get_sample_value("fengsui_audit_neighbour_messages_total", labels) or 0


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


def check(where: Places, settings: NodeSettings, data: Path) -> str:
    """`fengsui check` of one node."""
    config = where.folder / "check.toml"
    audit, bus = settings.audit, settings.bus
    neighbours = "".join(f'"{code}" = "{path}"\n' for code, path in audit.neighbours.items())
    config.write_text(
        f'[node]\ncode = "{settings.node.code}"\n[audit]\ncopies = {list(audit.copies)}\n[audit.neighbours]\n{neighbours}'
        f'[bus]\nservers = {list(bus.servers)}\nca = "{bus.ca}"\nkey_file = "{bus.key_file}"\n'
    )
    return CliRunner().invoke(app, ["check", "--config", str(config), "--data", str(data)]).output


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
        people = {FIRST_PEOPLE: to_text(demonstration({one.name: "first-password" for one in DEMONSTRATION}))}
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


async def test_a_server_without_tls_never_hears_the_password(tmp_path: Path) -> None:
    heard = bytearray()
    came = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer_: asyncio.StreamWriter) -> None:
        writer_.write(b'INFO {"server_id":"x","version":"2.15.0","max_payload":1048576,"headers":true,"auth_required":true}\r\n')
        heard.extend(await reader.read(4096))
        came.set()
        writer_.close()

    stranger = await asyncio.start_server(listen, "127.0.0.1", 0)
    key_file = tmp_path / "key"
    key_file.write_text("node\nthe-password\n")
    key_file.chmod(0o600)
    ca = make_certificates(tmp_path)
    section = BusSection(servers=[f"tls://127.0.0.1:{stranger.sockets[0].getsockname()[1]}"], ca=str(ca), key_file=str(key_file))
    bus = NatsBus(section, COUNTY)
    await bus.start()
    try:
        async with asyncio.timeout(40):
            await came.wait()
        await until(lambda: "TLS" in bus.state.what, what="it is told why")
    finally:
        await bus.stop()
        stranger.close()
    assert b"CONNECT" not in heard and b"the-password" not in heard


async def test_a_foreign_certificate_a_wrong_password_and_an_open_key_file_are_told(tmp_path: Path, server: NatsServer) -> None:
    section = server.section(writer(COUNTY))
    other_ca = make_certificates_in(tmp_path / "other")
    key_file = tmp_path / "wrong"
    key_file.write_text("node\nwrong-password\n")
    key_file.chmod(0o600)
    for changed, word in (
        (section.model_copy(update={"ca": str(other_ca)}), "CERTIFICATE"),
        (section.model_copy(update={"key_file": str(key_file)}), "uthorization"),
    ):
        bus = NatsBus(changed, COUNTY)
        await bus.start()
        await until(lambda: word in bus.state.what, what=word)  # noqa: B023
        assert not bus.state.connected and "wrong-password" not in bus.state.what
        await bus.stop()
    key_file.chmod(0o644)
    with pytest.raises(WrongSettings, match="open to other users"):
        await NatsBus(section.model_copy(update={"key_file": str(key_file)}), COUNTY).start()
    with pytest.raises(WrongSettings, match=r"bus\.ca"):
        await NatsBus(section.model_copy(update={"ca": str(tmp_path / "none")}), COUNTY).start()


def make_certificates_in(folder: Path) -> Path:
    """A CA that signed nothing of ours."""
    folder.mkdir()
    return make_certificates(folder)
