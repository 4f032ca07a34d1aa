"""A county that writes its log and a city that keeps the copy: two whole nodes on one bus."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from typer.testing import CliRunner

from fengsui.cli.commands import app
from fengsui.features.audit import NODE, Act, Signer
from fengsui.features.audit.model import AuditRecord
from fengsui.features.neighbours import folder_of
from fengsui.features.neighbours.actions import Neighbour
from fengsui.features.neighbours.checkpoint_lines import lines_of
from fengsui.settings import NodeSettings, Secrets
from tests.nats_server import NatsServer, keeper, writer
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_audit import records

COUNTY, CITY = "52010200002000000001", "52010000002000000001"


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
    return [one for one in records(node) if one.act == act]


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
