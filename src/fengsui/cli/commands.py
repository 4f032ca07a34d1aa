"""The commands. Errors are sentences with a remedy, never tracebacks."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from fengsui.app import Node
from fengsui.app.logging import set_up_logging
from fengsui.app.node_page import join_values
from fengsui.cli.audit import audit, check_audit
from fengsui.demo import run_demo
from fengsui.errors import FengsuiError
from fengsui.media import EngineError
from fengsui.settings import NodeSettings, Secrets
from fengsui.simulators.commands import simulate
from fengsui.store import Store
from fengsui.transports.addresses import LocalAddresses

app = typer.Typer(help="烽燧 Fengsui", no_args_is_help=True, add_completion=False)
app.add_typer(simulate, name="simulate")
app.add_typer(audit, name="audit")
out = Console(highlight=False)
ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML 配置文件 configuration file")]
DataFolder = Annotated[Path, typer.Option("--data", help="数据目录 data folder")]


def explain(error: Exception) -> None:
    """A fault as two sentences."""
    if isinstance(error, FengsuiError):
        out.print(f"[red]✗[/] {error.text_zh}\n  {error.text_en}", markup=True)
        out.print(f"  → {error.remedy_zh.format(**error.facts)}\n  → {error.remedy_en.format(**error.facts)}", markup=False)
    else:
        out.print(f"✗ {error}", markup=False)


@app.command()
def run(config: ConfigFile = None, data: DataFolder = Path("data")) -> None:
    """运行一个节点 Run one node."""
    set_up_logging(json_lines=not sys.stderr.isatty())
    try:
        settings = NodeSettings.load(config)
        uvloop.run(_run(Node(settings, data)))
    except (FengsuiError, EngineError) as error:
        explain(error)
        raise typer.Exit(1) from error


async def _run(node: Node) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    await node.start()
    if node.first_password is not None:
        out.print(f"首次登录 First sign-in: admin / {node.first_password}", markup=False)
    out.print(f"控制台 Console: http://127.0.0.1:{node.settings.http.port}/", markup=False)
    await stopping.wait()
    await node.stop()


@app.command()
def check(config: ConfigFile = None, data: DataFolder = Path("data")) -> None:
    """检查配置、数据库、端口与地址 Check configuration, database, ports and addresses."""
    faults = 0
    try:
        settings = NodeSettings.load(config)
        out.print("✓ 配置 configuration")
    except FengsuiError as error:
        explain(error)
        raise typer.Exit(1) from error
    data.mkdir(parents=True, exist_ok=True)
    try:
        asyncio.run(_open_and_close(settings.store.url or f"sqlite:///{data / 'node.db'}"))
        out.print("✓ 数据库 database")
    except FengsuiError as error:
        explain(error)
        faults += 1
    for kind, port, udp in (
        ("SIP", settings.signalling.port, True),
        ("RTP", settings.media.rtp_port, True),
        ("HTTP", settings.http.port, False),
        ("media HTTP", settings.media.http_port, False),
    ):
        free = _is_free(port, socket.SOCK_STREAM) and (not udp or _is_free(port, socket.SOCK_DGRAM))
        out.print(f"✓ 端口 port {port} ({kind})" if free else f"✗ 端口 port {port} ({kind}) 已被占用 is in use", markup=False)
        faults += not free
    faults += not check_audit(settings, data)
    _print_addresses(settings, data)
    raise typer.Exit(1 if faults else 0)


def _print_addresses(settings: NodeSettings, data: Path) -> None:
    addresses = LocalAddresses(settings.addresses)
    told = {network: address for network, address in settings.addresses.networks.items()}
    elsewhere = addresses.told_to("192.0.2.1")
    out.print("各网段设备被告知的地址 Addresses that devices are told:")
    for network, address in told.items():
        out.print(f"  {network} → {address} (network)", markup=False)
    out.print(f"  * → {elsewhere.address} ({elsewhere.source})", markup=False)
    password = settings.signalling.password or Secrets(data).text("registration-password")
    values = join_values(settings, lambda _: elsewhere.address, password, "192.0.2.1")
    out.print("摄像机菜单中的六个值 The six values for a camera's menu:")
    for name, value in values.model_dump().items():
        out.print(f"  {name}: {value}", markup=False)


async def _open_and_close(url: str) -> None:
    store = await Store.open(url)
    await store.close()


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True


@app.command()
def demo(
    data: DataFolder = Path("demo-data"),
    nodes: Annotated[str, typer.Option(help="county")] = "county",
    cameras: Annotated[int, typer.Option(min=1, max=64, help="模拟摄像机数 simulated cameras")] = 6,
) -> None:
    """节点加模拟设备 A node with simulated devices."""
    if nodes != "county":
        out.print("目前只有县级节点 Only the county node exists so far: --nodes county", markup=False)
        raise typer.Exit(2)
    raise typer.Exit(run_demo(data, cameras=cameras))


def main() -> None:
    """The entry point."""
    app()
