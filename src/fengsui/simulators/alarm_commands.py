"""`fengsui simulate alarm-host`: hosts that report events at a rate, and what became of them."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from fengsui.simulators.alarm_host import RETRY_S, AlarmTarget, NotHandled, SimulatedAlarmHost

out = Console(highlight=False, emoji=False)
MOST_ALARMS = 1_000_000
CODES = {"sia": "BA", "cid": "130"}
CODE = {"sia": re.compile("[A-Z]{2}"), "cid": re.compile("[0-9]{3}")}
TOKENS = {"sia": "SIA-DCS", "cid": "ADM-CID"}


def alarm_host(
    host: Annotated[str, typer.Option(help="节点地址 node address")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="报警端口 alarm hosts' port")] = 12300,
    account: Annotated[str, typer.Option(help="账号;多台时依次加一 account; of several hosts, each one higher")] = "4321",
    count: Annotated[int, typer.Option(min=1, max=10_000, help="主机数 hosts")] = 1,
    key: Annotated[str, typer.Option(envvar="FENGSUI_ALARM_KEY", help="AES 密钥,十六进制;空为明文 key, empty: in clear")] = "",
    alarms: Annotated[int, typer.Option(min=1, max=MOST_ALARMS, help="报警总数 alarms in all")] = 1,
    rate: Annotated[float, typer.Option(min=0.001, max=10_000, help="合计每秒报警数 alarms a second, all together")] = 1.0,
    transport: Annotated[str, typer.Option(help="UDP | TCP")] = "UDP",
    protocol: Annotated[str, typer.Option(help="sia | cid (Contact ID)")] = "sia",
    code: Annotated[str, typer.Option(help="代码,可列多个;cid 为三位数字 codes: BA or PA,BA; of cid 130 or 120,130")] = "",
    zones: Annotated[int, typer.Option(min=1, max=999, help="防区数,依次触发 zones, one after the other")] = 999,
    retry_s: Annotated[float, typer.Option(min=0.1, max=60, help="多久无应答即重发 sends again without an answer")] = RETRY_S,
    clock_skew_s: Annotated[float, typer.Option(help="主机时钟快多少秒 its clock is ahead, s")] = 0.0,
    clock_drift_s: Annotated[float, typer.Option(help="主机时钟每小时快多少秒 its clock gains, s an hour")] = 0.0,
    beat_s: Annotated[
        float, typer.Option(min=0, max=86_400, help="巡检报文间隔,0 为不发 says that it is there each so many s")
    ] = 0.0,
    silent_after_s: Annotated[float, typer.Option(min=0, help="多久后失联,0 为不失联 falls silent after so many s")] = 0.0,
) -> None:
    """报警主机(DC-09) Alarm hosts that report by DC-09 until they are acknowledged."""
    try:
        octets = bytes.fromhex(key) or None
        accounts = [f"{int(account, 16) + at:0{len(account)}X}" for at in range(count)]
    except ValueError:
        raise typer.BadParameter("密钥和账号须为十六进制 key and account are hexadecimal digits") from None
    if transport not in ("UDP", "TCP") or len(octets or bytes(16)) not in (16, 24, 32):
        raise typer.BadParameter("UDP | TCP; 密钥 16、24、32 字节 a key of 16, 24 or 32 octets")
    if protocol not in CODES:
        raise typer.BadParameter("sia | cid")
    codes, token = (code or CODES[protocol]).split(","), TOKENS[protocol]
    if not all(CODE[protocol].fullmatch(one) for one in codes):
        raise typer.BadParameter("sia:两字母 two letters (BA);cid:三位数字 three digits (130)")
    target, skew = AlarmTarget(host, port, transport, retry_s), timedelta(seconds=clock_skew_s)
    hosts = [SimulatedAlarmHost(one, target, octets, skew, clock_drift_s) for one in accounts]
    said = "1{code} 01 {zone:03}" if protocol == "cid" else "Nri1/{code}{zone:03}"
    events = [said.format(code=codes[at % len(codes)], zone=at % zones + 1) for at in range(len(codes) * zones)]
    refused, unsent = uvloop.run(_Run(hosts, alarms, rate, beat_s, silent_after_s).all(events, token))
    beats, corrected = sum(one.beats for one in hosts), sum(one.corrected for one in hosts)
    again = sum(one.sent for one in hosts) - (alarms - unsent) - beats
    out.print(
        f"{alarms - refused - unsent}/{alarms} acknowledged, {refused} not handled, {max(0, again)} frames sent again, "
        f"{unsent} unsent in silence, {beats} beats, clock put right {corrected} times",
        markup=False,
        soft_wrap=True,
    )
    if refused:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class _Run:
    hosts: list[SimulatedAlarmHost]
    alarms: int
    rate: float
    beat_s: float
    silent_after_s: float

    async def all(self, events: list[str], token: str) -> tuple[int, int]:
        """One of `events` after the other. How many were not handled, and how many not sent, for their host was silent."""
        began_s = asyncio.get_running_loop().time()
        beating = [asyncio.create_task(self._beat(one, began_s)) for one in self.hosts if self.beat_s > 0]
        told = await asyncio.gather(*(self._report(at, began_s, events, token) for at in range(len(self.hosts))))
        for one in beating:
            one.cancel()
        await asyncio.gather(*beating, return_exceptions=True)
        for host in self.hosts:
            await host.close()
        return sum(refused for refused, _ in told), sum(unsent for _, unsent in told)

    async def _report(self, at: int, began_s: float, events: list[str], token: str) -> tuple[int, int]:
        refused = unsent = 0
        for number in range(at, self.alarms, len(self.hosts)):
            await asyncio.sleep(max(0.0, began_s + number / self.rate - asyncio.get_running_loop().time()))
            if self._is_silent(began_s):
                unsent += 1
                continue
            try:
                await self.hosts[at].report(events[number % len(events)], token)
            except NotHandled:
                refused += 1
        return refused, unsent

    async def _beat(self, host: SimulatedAlarmHost, began_s: float) -> None:
        while not self._is_silent(began_s):
            with suppress(NotHandled):
                await host.beat()
            await asyncio.sleep(self.beat_s)

    def _is_silent(self, began_s: float) -> bool:
        return 0 < self.silent_after_s <= asyncio.get_running_loop().time() - began_s
