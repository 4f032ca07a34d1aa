"""The part of `fengsui check` about other nodes: copies of our log there, and copies of theirs here."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from rich.console import Console

from fengsui.app import places_of
from fengsui.clock import SystemClock
from fengsui.errors import FengsuiError
from fengsui.features.audit import Place, Signer, fingerprint
from fengsui.features.neighbours import FINDING_TEXTS, Findings, folder_of, pinned_keys, verify_held
from fengsui.settings import NodeSettings
from fengsui.transports.nats_bus import NatsBus

CONNECT_S = 5.0
out = Console(highlight=False, emoji=False)


def say(text: str) -> None:
    """A line as it stands."""
    out.print(text, markup=False, soft_wrap=True)


@contextmanager
def reached_places(settings: NodeSettings, signer: Signer) -> Iterator[list[Place]]:
    """Every place of copies, with a connection to the bus where one is over it. Raises WrongSettings."""
    loop = asyncio.new_event_loop()
    running = Thread(target=loop.run_forever, daemon=True)
    running.start()
    bus = NatsBus(settings.bus, settings.node.code)
    try:
        if settings.audit.over_bus:
            asyncio.run_coroutine_threadsafe(_connect(bus), loop).result()
        yield asyncio.run_coroutine_threadsafe(_places(settings, bus, signer), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(bus.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        running.join()
        loop.close()


async def _connect(bus: NatsBus) -> None:
    await bus.start()
    await bus.connected(CONNECT_S)


async def _places(settings: NodeSettings, bus: NatsBus, signer: Signer) -> list[Place]:
    return places_of(settings, bus, signer, SystemClock(), lambda: 0)  # nothing is pushed by a check


def say_neighbours(settings: NodeSettings, data: Path) -> bool:
    """Each node whose checkpoints are kept here; whether all is well with them."""
    try:
        keys = pinned_keys(settings.audit)
    except FengsuiError as error:
        say(f"✗ {error.text_zh}\n  {error.text_en}")
        say(f"  → {error.remedy_zh.format(**error.facts)}\n  → {error.remedy_en.format(**error.facts)}")
        return False
    whole = True
    for code, key in keys.items():
        folder = folder_of(data, code, key)
        print_ = fingerprint(key)
        if not folder.exists():
            say(f"! 尚未收到节点 {code} 的检查点(公钥 {print_})\n  No checkpoint of {code} has come yet (key {print_})")
            continue
        kept, findings = verify_held(folder, code, key), Findings(folder)
        findings.open()
        if kept.bad:
            whole = False
            say(f"✗ 本节点保存的 {code} 检查点副本被改动,自第 {kept.bad} 条记录起")
            say(f"  The copy of {code}'s checkpoints kept here was changed, from record {kept.bad} on")
        else:
            what = f"{kept.checkpoints:,} 个至第 {kept.last:,} 条记录 up to record {kept.last:,}, 公钥 key {print_}"
            say(f"✓ 保存的节点 {code} 检查点 Checkpoints kept of {code}: {what}")
        for kind in findings.open_kinds:
            whole = False
            zh, en = FINDING_TEXTS[kind]
            say(f"✗ 节点 {code}:{zh}\n  {en}")
    return whole
