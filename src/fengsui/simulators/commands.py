"""`fengsui simulate …`: simulated devices against a running node."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from fengsui.simulators.device import Channel, DeviceIdentity, Registrar, SimulatedDevice
from fengsui.simulators.faults import AnswerFault, Faults, PsmFault, SsrcFault
from fengsui.simulators.fleet import FleetTarget, SignallingFleet
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, LoopingClip
from fengsui.simulators.street import street_devices
from fengsui.wire.gb28181.catalog import CatalogueItem

simulate = typer.Typer(help="模拟设备 simulated devices", no_args_is_help=True)
out = Console(highlight=False)
Host = Annotated[str, typer.Option(help="节点地址 node address")]
Port = Annotated[int, typer.Option(help="SIP 端口 port")]
Code = Annotated[str, typer.Option("--server", help="节点编码 node code")]
Password = Annotated[str, typer.Option(envvar="FENGSUI_DEVICE_PASSWORD", help="注册密码 registration password")]
Count = Annotated[int, typer.Option(min=1)]


@simulate.command()
def street(host: Host = "127.0.0.1", port: Port = 5060, server: Code = "", password: Password = "", count: Count = 6) -> None:
    """演示用的摄像机和录像机 The demonstration's cameras and recorder."""
    registrar = Registrar(host, port, server, server[:10], password)
    uvloop.run(_run_all(street_devices(registrar, server[:6], count)))


@simulate.command()
def camera(
    host: Host = "127.0.0.1",
    port: Port = 5060,
    server: Code = "",
    password: Password = "",
    count: Count = 1,
    footage: Annotated[Path, typer.Option(help="<name>.<fps>fps.h264|h265")] = FOOTAGE_FOLDER / "street.10fps.h264",
    transport: Annotated[str, typer.Option(help="UDP | TCP")] = "UDP",
    first_number: int = 501,
    loss: float = 0.0,
    reorder: float = 0.0,
    psm: PsmFault = PsmFault.NONE,
    ssrc: SsrcFault = SsrcFault.NONE,
    silent_media: bool = False,
    no_answer: bool = False,
    half_open_tcp: bool = False,
    clock_skew_s: float = 0.0,
    invite_status: int = 0,
    answer: AnswerFault = AnswerFault.NONE,
    bye_after_s: float = 0.0,
    unknown_codec: bool = False,
    no_marker: bool = False,
    stall_after_s: float = 0.0,
) -> None:
    """单镜头摄像机,可带故障 Single-lens cameras, with faults on request."""
    faults = Faults(
        loss, reorder, psm, ssrc, silent_media, no_answer, half_open_tcp, clock_skew_s, invite_status, answer, bye_after_s,
        unknown_codec, no_marker, stall_after_s,
    )  # fmt: skip
    clip = Clip.load(footage)
    registrar = Registrar(host, port, server, server[:10], password)
    devices = []
    for number in range(first_number, first_number + count):
        code = f"{server[:10]}1320{number:06d}"
        item = CatalogueItem(code, f"模拟摄像机 {number}", "Fengsui", "SIM-1", civil_code=server[:6], status="ON", ptz_type=3)
        identity = DeviceIdentity(code, item.name, transport=transport, faults=faults)
        devices.append(SimulatedDevice(identity, registrar, [Channel(item, {"main": partial(LoopingClip, clip)})], []))
    uvloop.run(_run_all(devices))


@simulate.command()
def nvr(host: Host = "127.0.0.1", port: Port = 5060, server: Code = "", password: Password = "") -> None:
    """一台四通道录像机 One recorder with four channels."""
    registrar = Registrar(host, port, server, server[:10], password)
    uvloop.run(_run_all(street_devices(registrar, server[:6], 1)[-1:]))


@simulate.command()
def storm(
    host: Host = "127.0.0.1",
    port: Port = 5060,
    server: Code = "",
    password: Password = "",
    count: Count = 1000,
    keepalives: int = 0,
) -> None:
    """信令风暴:注册与保活 A storm of registrations and keep-alives (loopback only)."""
    fleet = SignallingFleet(FleetTarget(host, port, server, server[:10], password), count)
    try:
        report = fleet.register_all()
        out.print(
            f"{report.answered}/{report.asked} in {report.took_s:.2f} s, p99 {report.percentile_s(0.99) * 1000:.0f} ms",
            markup=False,
        )
        if keepalives:
            report = fleet.keep_alive(messages=keepalives, rate_s=None)
            out.print(f"{report.answered}/{report.asked} keep-alives in {report.took_s:.2f} s", markup=False)
    finally:
        fleet.close()


async def _run_all(devices: list[SimulatedDevice]) -> None:
    async with asyncio.TaskGroup() as group:
        for device in devices:
            group.create_task(device.run())
