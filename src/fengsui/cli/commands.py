"""The commands. Errors are sentences with a remedy, never tracebacks."""

from __future__ import annotations

import asyncio
import gc
import itertools
import signal
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from fengsui.app import Node, camera_code, join_lines, join_values, set_up_logging
from fengsui.certificates import fingerprint_of
from fengsui.cli.audit import audit, check_audit
from fengsui.cli.check import report, soft_limit_raised
from fengsui.cli.footage import rebuild_footage, restore_footage
from fengsui.cli.policy import policy
from fengsui.demo import run_demo
from fengsui.errors import FengsuiError
from fengsui.features.access import SET_UP_DAYS
from fengsui.media import EngineError
from fengsui.settings import NodeSettings, Secrets
from fengsui.simulators.commands import simulate
from fengsui.transports.addresses import ELSEWHERE, LocalAddresses

app = typer.Typer(help="烽燧 Fengsui", no_args_is_help=True, add_completion=False)
app.add_typer(simulate, name="simulate")
app.add_typer(audit, name="audit")
app.add_typer(policy, name="policy")
out = Console(highlight=False, emoji=False)
MOST_GOOD_LINES = 60
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
        set_up_logging(json_lines=not sys.stderr.isatty(), settings=settings.log)
        soft_limit_raised()
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
    _settle_memory()
    if node.first_account is not None:
        name, password = node.first_account
        out.print(f"首次登录 First sign-in: {name} / {password}", markup=False)
        out.print("  安全管理员,由其建立其他账户 The security administrator, who makes the other accounts", markup=False)
        out.print(f"  {SET_UP_DAYS} 天内须由第二名安全管理员登记其审查、承诺与培训日期", markup=False)
        out.print(f"  Within {SET_UP_DAYS} days a second one enters the dates of vetting, undertaking and training", markup=False)
    # The journal keeps what a service prints: the password stands there once, as the first sign-in does.
    password = node.join_password if node.first_account is not None else f"见 see: fengsui check --data {node.data}"
    _print_join_values(node.settings, LocalAddresses(node.settings.addresses), password, await node.free_code())
    scheme = "https" if node.settings.http.tls else "http"
    out.print(f"控制台 Console: {scheme}://127.0.0.1:{node.settings.http.port}/", markup=False)
    if node.certificates is not None and not node.certificates.given:
        print_authority(node.certificates.ca_pem(), node.settings.http.port)
    await stopping.wait()
    await node.stop()


def _settle_memory() -> None:
    """What was loaded stays: the collector need not walk 100,000 devices again and again, nor stop for every message.

    Of the process and not of a node: what is frozen is never freed, and a process may start another node after this one.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def print_authority(pem: str, port: int) -> None:
    """How workstations come to trust the node's own CA."""
    out.print(f"CA 证书指纹 fingerprint (SHA-256): {fingerprint_of(pem)}", markup=False, soft_wrap=True)
    out.print(f"  下载并核对后导入工作站 Download, compare, import on workstations: https://<address>:{port}/ca.pem", markup=False)


@app.command()
def check(
    config: ConfigFile = None,
    data: DataFolder = Path("data"),
    rebuild: Annotated[bool, typer.Option("--rebuild", help="由录像文件重建录像索引 make the index of footage anew")] = False,
) -> None:
    """检查配置、数据库、端口、地址、时钟、文件数与密钥 Check configuration, database, ports, addresses, clock, files, secrets."""
    try:
        settings = NodeSettings.load(config)
    except FengsuiError as error:
        explain(error)
        raise typer.Exit(1) from error
    if rebuild:
        raise typer.Exit(0 if rebuild_footage(settings, data) else 1)
    out.print("✓ 配置\n  configuration", markup=False)
    addresses = LocalAddresses(settings.addresses)
    found, known = report(settings, data, addresses)
    quiet = [one for one in found if one.mark == "✓"]
    for one in [*quiet[:MOST_GOOD_LINES], *(one for one in found if one.mark != "✓")]:
        out.print(f"{one.mark} {one.zh}\n  {one.en}", markup=False, soft_wrap=True)
        if one.remedy_zh:
            out.print(f"  → {one.remedy_zh}\n  → {one.remedy_en}", markup=False, soft_wrap=True)
    if len(quiet) > MOST_GOOD_LINES:
        out.print(f"✓ 另有 {len(quiet) - MOST_GOOD_LINES} 项正常 more that are well", markup=False)
    audited = found[0].mark != "✓" or check_audit(settings, data)
    faulty = not audited or any(one.mark == "✗" for one in found)
    if found[0].mark == "✓":
        _print_addresses(settings, data, addresses, known)
    raise typer.Exit(1 if faulty else 0)


@app.command("restore-footage")
def restore(
    config: ConfigFile = None,
    data: DataFolder = Path("data"),
    to: Annotated[Path | None, typer.Option("--to", help="录像文件夹 footage folder that gets it; the first one otherwise")] = None,
) -> None:
    """磁盘丢失后,由二级存储恢复录像的索引与回放 Footage of a lost disk found again from the second tier."""
    try:
        done = restore_footage(NodeSettings.load(config), data, to)
    except FengsuiError as error:
        explain(error)
        raise typer.Exit(1) from error
    raise typer.Exit(0 if done else 1)


def _print_addresses(settings: NodeSettings, data: Path, addresses: LocalAddresses, known: Iterable[str]) -> None:
    told = {network: address for network, address in settings.addresses.networks.items()}
    elsewhere = addresses.told_to(ELSEWHERE)
    out.print("各网段设备被告知的地址 Addresses that devices are told:")
    for network, address in told.items():
        out.print(f"  {network} → {address} (network)", markup=False)
    out.print(f"  * → {elsewhere.address} ({elsewhere.source})", markup=False)
    password = settings.signalling.password or Secrets(data).kept("registration-password")
    password = password or "首次启动时生成 made at the first start"
    taken = set(known)
    free = next(code for code in map(partial(camera_code, settings), itertools.count(1)) if code not in taken)
    _print_join_values(settings, addresses, password, free)


def _print_join_values(settings: NodeSettings, addresses: LocalAddresses, password: str, device_code: str) -> None:
    """For somebody at this machine."""
    for line in join_lines(join_values(settings, addresses, password, "127.0.0.1", device_code)):
        out.print(line, markup=False, soft_wrap=True)


@app.command()
def demo(
    data: DataFolder = Path("demo-data"),
    nodes: Annotated[str, typer.Option(help="county")] = "county",
    cameras: Annotated[int, typer.Option(min=1, max=64, help="模拟摄像机数 simulated cameras")] = 6,
    patrols: Annotated[int, typer.Option(min=0, max=2, help="模拟巡防手机数 simulated phones on patrol")] = 2,
) -> None:
    """节点加模拟设备 A node with simulated devices."""
    if nodes != "county":
        out.print("目前只有县级节点 Only the county node exists so far: --nodes county", markup=False)
        raise typer.Exit(2)
    try:
        ended = run_demo(data, main=main, cameras=cameras, patrols=patrols)
    except FengsuiError as error:
        explain(error)
        raise typer.Exit(1) from error
    raise typer.Exit(ended)


def main() -> None:
    """The entry point."""
    app()
