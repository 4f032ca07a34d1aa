"""`fengsui check` finds what would keep a node from working, and nothing where all is well."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from fengsui.app import Node
from fengsui.app.node_page import join_values
from fengsui.app.told import told_devices
from fengsui.cli.check import clock, files
from fengsui.cli.people import administrators
from fengsui.errors import StorageFault
from fengsui.features.access import ADMINISTRATORS
from fengsui.features.access.first_people import FIRST_PEOPLE, SET_UP_DAYS
from fengsui.features.audit.acts import Act
from fengsui.features.audit.queries import Wanted
from fengsui.secrets_folder import Secrets
from fengsui.settings import AccessSection, AddressesSection, NodeSettings
from fengsui.store import Store
from fengsui.transports.addresses import ELSEWHERE, Doubt, LocalAddresses, doubt, outer_addresses, route_to
from fengsui.wire.sip.headers import BEIJING
from tests.commands import fengsui
from tests.node.conftest import powered, running_node, settings_for, simulated_camera, until
from tests.node.test_storage_faults import HOLD_PORT, write_config


async def made_database(folder: Path) -> Path:
    """A data folder with tables of this version."""
    store = await Store.open(f"sqlite:///{folder / 'node.db'}")
    await store.close()
    return folder / "node.db"


def checked(config: Path, data: Path) -> subprocess.CompletedProcess[str]:
    """The command, to its end, without a traceback."""
    found = fengsui("check", "--config", str(config), "--data", str(data))
    assert "Traceback" not in found.stderr, found.stderr
    return found


def test_all_is_well_before_the_first_start(tmp_path: Path) -> None:
    config, ports = write_config(tmp_path)
    found = checked(config, tmp_path / "data")
    assert found.returncode == 0 and "✗" not in found.stdout, found.stdout
    assert all(f"port {port} " in found.stdout for port in ports.values())
    assert not (tmp_path / "data" / "node.db").exists(), "a check makes no database"


def test_leaving_prerequisites_out_is_a_warning(tmp_path: Path) -> None:
    config, _ = write_config(tmp_path, '[access]\nprerequisites = ["vetting"]\n')
    found = checked(config, tmp_path / "data")
    assert found.returncode == 0 and "! 账户开通前不核对:undertaking, training" in found.stdout, found.stdout


def test_what_is_said_of_the_administrators() -> None:
    def row(name: str, training_until: str) -> SimpleNamespace:
        return SimpleNamespace(name=name, vetted_on="2026-01-05", undertaking_on="2026-01-05", training_until=training_until)

    def said(*rows: SimpleNamespace, access: AccessSection = AccessSection()) -> list[tuple[str, str]]:
        return [(one.mark, one.en) for one in administrators(rows, access, noon)]

    noon = datetime(2026, 11, 26, 4, tzinfo=UTC).timestamp()
    assert said() == [], "before the first start"
    assert said(row("a", "2099-12-31"), row("b", "2099-12-31")) == []
    (alone,) = said(row("a", "2099-12-31"), row("b", "2026-11-25"))
    assert alone[0] == "!" and alone[1].startswith("a is the only security administrator")
    (soon,) = said(row("a", "2026-12-01"), row("b", "2099-12-31"))
    assert soon[0] == "!" and "closes on 2026-12-02" in soon[1]
    (closed,) = said(row("a", ""))
    assert closed[0] == "✗" and "training" in closed[1]
    assert said(row("a", ""), row("b", ""), access=AccessSection(prerequisites=[])) == []


async def test_the_first_account_opens_for_a_month_and_is_on_record(tmp_path: Path) -> None:
    node = Node(settings_for(), tmp_path)
    await node.start()
    try:
        assert node.first_account is not None
        name, password = node.first_account
        made = [one for one in await node.audit.index.page(Wanted(act=Act.USER_ADD), 0, 9) if one.record is not None]
        assert [(one.record.object, one.record.role) for one in made if one.record] == [(name, "node")]
        assert made[0].record is not None and "first set-up" in made[0].record.detail
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{node.settings.http.port}/api/v1") as client:
            answer = await client.post("/session", json={"name": name, "password": password})
            assert answer.status_code == 201, "the safe default does not lock the first one out"
            assert answer.json()["user"]["not_required"] == []
        async with node.store.reading() as tx:
            (keeper,) = await tx.execute(ADMINISTRATORS)
        until = date.fromisoformat(keeper.training_until)
        assert timedelta(days=SET_UP_DAYS - 1) <= until - datetime.now(BEIJING).date() <= timedelta(days=SET_UP_DAYS)
    finally:
        await node.stop()


@pytest.mark.parametrize("name", ["sip", "rtp", "http", "media", "webrtc"])
def test_each_taken_port_is_a_fault(tmp_path: Path, name: str) -> None:
    for _ in range(5):  # a port may be somebody's who is only just ending
        config, ports = write_config(tmp_path)
        held = ["python3", "-c", HOLD_PORT, str(ports[name])]
        with subprocess.Popen(held, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdout is not None
            if is_held := holder.stdout.readline() == "up\n":
                found = checked(config, tmp_path / "data")
            holder.communicate()
        if is_held:
            break
    assert found.returncode == 1
    assert f"✗ 端口 {ports[name]}" in found.stdout and found.stdout.count("✗") == 1, found.stdout


async def test_a_damaged_database_is_a_fault(tmp_path: Path) -> None:
    config, _ = write_config(tmp_path)
    path = await made_database(tmp_path)
    path.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 64)
    found = checked(config, tmp_path)
    assert found.returncode == 1 and "备份" in found.stdout and "backup" in found.stdout, found.stdout


async def test_a_database_of_a_newer_version_is_refused_by_check_and_by_start(tmp_path: Path) -> None:
    config, _ = write_config(tmp_path)
    path = await made_database(tmp_path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    for command in ("check", "run"):
        found = fengsui(command, "--config", str(config), "--data", str(tmp_path))
        assert found.returncode == 1 and "Traceback" not in found.stderr, found.stderr
        assert "9999" in found.stdout and "→" in found.stdout, found.stdout
    with pytest.raises(StorageFault):
        await Store.open(f"sqlite:///{path}")


def test_open_secrets_are_a_fault(tmp_path: Path) -> None:
    config, _ = write_config(tmp_path)
    found = checked(config, tmp_path / "data")
    assert found.returncode == 0 and "首次启动时生成" in six_values(found.stdout)[-1]
    secret = tmp_path / "data" / "secrets" / "registration-password"
    assert not secret.exists(), "whoever looks at the wrong folder is told no password that nobody has"
    Secrets(tmp_path / "data").text("registration-password")
    secret.chmod(0o644)
    found = checked(config, tmp_path / "data")
    assert found.returncode == 1 and f"chmod go= {secret}" in found.stdout, found.stdout


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_data_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path, command: str) -> None:
    config, _ = write_config(tmp_path)
    (tmp_path / "file").touch()
    found = fengsui(command, "--config", str(config), "--data", str(tmp_path / "file" / "data"))
    assert found.returncode == 1 and "Traceback" not in found.stderr, found.stderr
    assert "数据目录" in found.stdout and "--data" in found.stdout, found.stdout


async def test_a_running_nodes_devices_and_ports_are_explained(tmp_path: Path) -> None:
    config, ports = write_config(tmp_path, '[addresses.networks]\n"127.0.0.0/8" = "127.0.0.9"\n')
    settings = NodeSettings.load(config)
    async with running_node(tmp_path / "data", settings) as running:
        camera = simulated_camera(running.registrar)
        await running.client.post("/devices", json={"code": camera.identity.code, "password": "node-password"})
        async with powered(camera):
            await until(lambda: running.node.devices.by_state()["online"] == 1, what="the camera is online")
            found = await asyncio.to_thread(checked, config, tmp_path / "data")
    assert found.returncode == 0, found.stdout
    assert camera.identity.code in found.stdout and "127.0.0.9" in found.stdout
    assert "a node runs here already" in found.stdout and str(ports["rtp"]) not in found.stdout.split("a node runs")[0]


@pytest.mark.parametrize(
    ("peer", "address", "wanted"),
    [
        ("10.1.2.3", "10.1.0.5", None),
        ("127.0.0.2", "127.0.0.1", None),
        ("10.1.2.3", "127.0.0.1", Doubt.LOOPBACK),
        ("10.1.2.3", "0.0.0.0", Doubt.UNSPECIFIED),
        ("8.8.8.8", "192.168.1.4", Doubt.PRIVATE),
        ("fd00::1", "10.1.0.5", Doubt.FAMILY),
    ],
)
def test_an_address_that_a_peer_cannot_reach_is_doubted(peer: str, address: str, wanted: Doubt | None) -> None:
    assert doubt(peer, address) is wanted


def test_the_narrowest_network_then_the_public_address_then_the_route_decides() -> None:
    networks = {"127.1.0.0/16": "127.1.0.5", "127.1.2.0/24": "127.1.2.5", "10.0.0.0/8": "10.0.0.1"}
    addresses = LocalAddresses(AddressesSection(public="203.0.113.5", networks=networks))
    told = told_devices(
        [("a", "127.1.9.9"), ("b", "127.1.2.9"), ("c", "10.2.3.4"), ("d", "127.3.0.1"), ("e", "198.51.100.7")], addresses
    )
    assert {one.code: (one.address, one.source) for one in told} == {
        "a": ("127.1.0.5", "network"),
        "b": ("127.1.2.5", "network"),
        "c": ("10.0.0.1", "network"),
        "d": ("127.0.0.1", "route"),
        "e": ("203.0.113.5", "public"),
    }


def test_whoever_asks_at_this_machine_is_told_its_outer_address() -> None:
    ours = LocalAddresses(AddressesSection(networks={"10.0.0.0/8": "10.0.0.1"}))
    assert [ours.told_to_newcomer(caller) for caller in ("127.0.0.1", "::1", "10.2.3.4")] == [
        *2 * (route_to(ELSEWHERE),),
        "10.0.0.1",
    ]
    public = LocalAddresses(AddressesSection(public="203.0.113.5"))
    assert public.told_to_newcomer("127.0.0.1") == "203.0.113.5"
    bound = NodeSettings.model_validate({"signalling": {"host": "127.0.0.1"}})
    assert join_values(bound, public, "", "127.0.0.1", "").server_address == "127.0.0.1", "nothing else is listened on"
    assert join_values(NodeSettings(), public, "", "127.0.0.1", "").server_address == "203.0.113.5"


def test_without_a_default_route_the_address_of_a_network_card_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fengsui.transports.addresses.route_to", lambda _: "127.0.0.1")  # as the kernel says without a route
    cards = outer_addresses()
    assert "127.0.0.1" not in cards
    assert LocalAddresses(AddressesSection()).told_to_newcomer("127.0.0.1") == (cards[0] if cards else "127.0.0.1")


async def test_the_first_start_prints_the_six_values_and_check_does_always(tmp_path: Path) -> None:
    config, ports = write_config(tmp_path)
    config.write_text(config.read_text().replace('host = "127.0.0.1"', 'host = "0.0.0.0"', 1))
    people = {name: value for name, value in os.environ.items() if name != FIRST_PEOPLE}
    first, second = [], []
    for printed in (first, second):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fengsui", "run", "--config", config, "--data", tmp_path / "data"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**people, "PYTHONUNBUFFERED": "1"},
        )
        try:
            async with asyncio.timeout(60):
                assert process.stdout is not None
                while not printed or "http://" not in printed[-1]:
                    printed.append((await process.stdout.readline()).decode())
                    assert printed[-1], "it ended"
        finally:
            process.terminate()
            await process.communicate()
    node = NodeSettings.load(config).node
    password = (tmp_path / "data" / "secrets" / "registration-password").read_text().strip()
    wanted = [node.code, node.sip_domain, route_to(ELSEWHERE), str(ports["sip"]), f"{node.code[:10]}1320000001"]
    assert six_values("".join(first)) == [*wanted, password]
    told = f"fengsui check --data {tmp_path / 'data'}"
    assert six_values("".join(second)) == [*wanted, told], "the journal keeps the password once"
    found = await asyncio.to_thread(checked, config, tmp_path / "data")
    assert six_values(found.stdout) == [*wanted, password]


def six_values(printed: str) -> list[str]:
    """What stands behind the labels of the block that names them."""
    _, found, block = printed.partition("六个值")
    assert found, printed
    return [line.rpartition(": ")[2] for line in block.splitlines()[1:7]]


def test_doubtful_devices_come_first() -> None:
    addresses = LocalAddresses(AddressesSection(networks={"10.0.0.0/8": "127.0.0.1"}))
    told = told_devices([("a", "127.0.0.1"), ("b", "10.0.0.7")], addresses)
    assert [(one.code, one.doubt) for one in told] == [("b", Doubt.LOOPBACK), ("a", None)]


def test_the_clock_is_well_only_when_the_kernel_says_so() -> None:
    assert [clock(error).mark for error in ("900", "unsynchronised", "unknown", "5000000")] == ["✓", "!", "!", "!"]


def test_too_few_open_files_are_told() -> None:
    settings = NodeSettings()
    few = files(settings, 1024)
    assert few.mark == "!" and files(settings, 1_000_000).mark == "✓"
    needed = int(few.en.rpartition(" ")[2])
    assert f"LimitNOFILE={needed}" in few.remedy_zh and f"LimitNOFILE={needed}" in few.remedy_en
    assert files(settings, needed).mark == "✓" and files(settings, needed - 1).mark == "!", "as many as it says are enough"
