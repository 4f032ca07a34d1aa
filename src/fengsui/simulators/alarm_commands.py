"""`fengsui simulate alarm-host`: hosts that report events at a rate, and what became of them."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from fengsui.simulators.alarm_host import RETRY_S, AlarmTarget, NotHandled, SimulatedAlarmHost

out = Console(highlight=False, emoji=False)
MOST_ALARMS = 1_000_000


def alarm_host(
    host: Annotated[str, typer.Option(help="节点地址 node address")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="报警端口 alarm hosts' port")] = 12300,
    account: Annotated[str, typer.Option(help="账号;多台时依次加一 account; of several hosts, each one higher")] = "4321",
    count: Annotated[int, typer.Option(min=1, max=10_000, help="主机数 hosts")] = 1,
    key: Annotated[str, typer.Option(envvar="FENGSUI_ALARM_KEY", help="AES 密钥,十六进制;空为明文 key, empty: in clear")] = "",
    alarms: Annotated[int, typer.Option(min=1, max=MOST_ALARMS, help="报警总数 alarms in all")] = 1,
    rate: Annotated[float, typer.Option(min=0.001, max=10_000, help="合计每秒报警数 alarms a second, all together")] = 1.0,
    transport: Annotated[str, typer.Option(help="UDP | TCP")] = "UDP",
    code: Annotated[str, typer.Option(help="SIA 两字母代码,可列多个 codes of two letters: BA or PA,BA")] = "BA",
    zones: Annotated[int, typer.Option(min=1, max=999, help="防区数,依次触发 zones, one after the other")] = 999,
    retry_s: Annotated[float, typer.Option(min=0.1, max=60, help="多久无应答即重发 sends again without an answer")] = RETRY_S,
) -> None:
    """报警主机(DC-09) Alarm hosts that report by DC-09 until they are acknowledged."""
    try:
        octets = bytes.fromhex(key) or None
        accounts = [f"{int(account, 16) + at:0{len(account)}X}" for at in range(count)]
    except ValueError:
        raise typer.BadParameter("密钥和账号须为十六进制 key and account are hexadecimal digits") from None
    if transport not in ("UDP", "TCP") or len(octets or bytes(16)) not in (16, 24, 32):
        raise typer.BadParameter("UDP | TCP; 密钥 16、24、32 字节 a key of 16, 24 or 32 octets")
    target = AlarmTarget(host, port, transport, retry_s)
    hosts = [SimulatedAlarmHost(one, target, octets) for one in accounts]
    codes = code.split(",")
    events = [f"Nri1/{codes[at % len(codes)]}{at % zones + 1:03}" for at in range(len(codes) * zones)]
    refused = uvloop.run(_report_all(hosts, alarms, rate, events))
    again = sum(one.sent for one in hosts) - alarms
    out.print(f"{alarms - refused}/{alarms} acknowledged, {refused} not handled, {max(0, again)} frames sent again", markup=False)
    if refused:
        raise typer.Exit(1)


async def _report_all(hosts: list[SimulatedAlarmHost], alarms: int, rate: float, events: list[str]) -> int:
    """One of `events` after the other. How many were not handled."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()

    async def run(at: int, host: SimulatedAlarmHost) -> int:
        refused = 0
        for number in range(at, alarms, len(hosts)):
            await asyncio.sleep(max(0.0, began_s + number / rate - loop.time()))
            try:
                await host.report(events[number % len(events)])
            except NotHandled:
                refused += 1
        await host.close()
        return refused

    return sum(await asyncio.gather(*(run(at, host) for at, host in enumerate(hosts))))
