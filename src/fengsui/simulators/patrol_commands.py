"""`fengsui simulate patrol`: phones of units on patrol, at a running node by its ordinary API."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Annotated

import httpx2
import typer
import uvloop
from rich.console import Console

from fengsui.simulators.patrol_phone import PatrolPhone, PhoneLine, PhoneStopped
from fengsui.simulators.patrol_walk import BEATS, Walk

out = Console(highlight=False, emoji=False)
ANSWER_LIMIT_S = 10.0


def patrol(
    api: Annotated[str, typer.Option(help="节点的 API 地址 address of the node's API")] = "http://127.0.0.1:8080/api/v1",
    names: Annotated[str, typer.Option("--names", help="巡防账户,逗号分隔,每部手机一个 accounts, by commas, one a phone")] = "",
    passwords: Annotated[
        str,
        typer.Option(envvar="FENGSUI_PATROL_PASSWORDS", help="口令,逗号分隔,次序同账户 passwords, by commas, in the same order"),
    ] = "",
    hurry: Annotated[float, typer.Option(min=0.1, max=1_000, help="快于真实的倍数 times as fast as in life")] = 1.0,
    ca: Annotated[Path | None, typer.Option(help="HTTPS:信任的 CA 证书 CA certificate to trust")] = None,
) -> None:
    """巡防手机:上报定位,接受、出发、到达、完成任务 Phones on patrol that tell where they are and take their units' tasks."""
    people = list(zip(names.split(","), passwords.split(","), strict=False)) if names else []
    if not people or names.count(",") != passwords.count(",") or not all(map(all, people)):
        raise typer.BadParameter("每个账户一个口令 one password for each account: --names a,b FENGSUI_PATROL_PASSWORDS=x,y")
    if not uvloop.run(_run_all(api.rstrip("/"), people, hurry, ca)):
        raise typer.Exit(1)


async def _run_all(api: str, people: list[tuple[str, str]], hurry: float, ca: Path | None) -> bool:
    """Until every phone has stopped: False, for none stops by itself unless something is wrong or somebody has taken it over."""
    trusted = ssl.create_default_context(cafile=ca)

    async def run(at: int, name: str, password: str) -> None:
        phone = PatrolPhone(Walk(BEATS[at % len(BEATS)]), hurry)
        agent = {"User-Agent": f"fengsui-simulated-phone/{name}"}
        async with httpx2.AsyncClient(base_url=api, timeout=ANSWER_LIMIT_S, verify=trusted, headers=agent) as client:
            try:
                await PhoneLine(client, name, password, phone, _tell, hurry).run()
            except PhoneStopped as stopped:
                _tell(str(stopped))

    await asyncio.gather(*(run(at, name, password) for at, (name, password) in enumerate(people)))
    return False


def _tell(text: str) -> None:
    out.print(text, markup=False, soft_wrap=True)
