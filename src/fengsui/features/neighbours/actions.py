"""Keeps the checkpoints of other nodes: what comes by the bus is looked at, kept, and only then acknowledged.

Every message passes the one door as its platform, and nothing that a message holds raises out of here.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter as Counts
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from prometheus_client import Counter, Gauge

from fengsui.audit_settings import AuditSection
from fengsui.clock import Clock
from fengsui.errors import OperatorFault, WrongSettings
from fengsui.features.access import Access, Platform, PlatformFunction, Refusal
from fengsui.features.audit import Act, Actor, Audit, AuditUnavailable, Result, Stranger, fingerprint, public_key, stamp
from fengsui.features.neighbours.checkpoint_lines import lines_after
from fengsui.features.neighbours.findings import AGAINST_THE_LOG, ENDS_BY_ITSELF, TEXTS, Finding, Findings
from fengsui.features.neighbours.held_chain import ChainDamaged, HeldChain, Taken
from fengsui.features.neighbours.standing import (
    CHANNEL,
    LINE_BYTES,
    RECEIPT,
    Receipt,
    checkpoints_of,
    copy_of,
    receipt_bytes,
    standing_in,
    standing_of,
    wanted_in,
)
from fengsui.loops import keep
from fengsui.node_bus import NodeBus

log = structlog.get_logger(__name__)
TICK_S = 1.0
MESSAGES_A_S, QUESTIONS_A_S = 100.0, 10.0
"""Of one neighbour; what is more waits on the bus, or gets no answer."""
HAND_IN = PlatformFunction.HAND_IN_CHECKPOINTS
MESSAGES = Counter(
    "fengsui_audit_neighbour_messages", "Checkpoints of other nodes that came, by what became of them", ["node", "result"]
)
AGE = Gauge("fengsui_audit_neighbour_age_seconds", "Since another node was last heard about its log", ["node"])
OPEN = Gauge("fengsui_audit_neighbour_findings", "Findings about other nodes' logs that are open", ["node", "kind"])
FINDING_OF = {
    Taken.FORGED: Finding.FORGED,
    Taken.FOREIGN: Finding.FOREIGN,
    Taken.FORKED: Finding.FORKED,
    Taken.REWRITTEN: Finding.REWRITTEN,
}


class UnknownNeighbour(OperatorFault):
    """Nothing is kept of this node."""

    code = "audit.unknown_neighbour"
    status = 404
    zh = "本节点不保存节点 {code} 的检查点"
    en = "This node keeps no checkpoints of {code}"
    remedy_zh = "在配置 [audit.neighbours] 中登记该节点及其公钥"
    remedy_en = "Enter the node and its public key in [audit.neighbours]"


def pinned_keys(settings: AuditSection) -> dict[str, Ed25519PublicKey]:
    """The keys of the nodes whose checkpoints are kept. Raises WrongSettings."""
    found = {}
    for code, path in settings.neighbours.items():
        try:
            found[code] = public_key(Path(path).read_bytes())
        except (OSError, ValueError) as error:
            what = error.strerror if isinstance(error, OSError) else "no Ed25519 public key in PEM"
            raise WrongSettings(
                what=f"audit.neighbours.{code}: {path}: {what}",
                do_zh="请把该节点 fengsui check 打印的公钥存为文件放到此处,并核对指纹",
                do_en="Bring the key that `fengsui check` prints on that node here as a file, and compare the fingerprints",
            ) from error
    return found


def folder_of(data: Path, code: str, key: Ed25519PublicKey) -> Path:
    """Where a node's checkpoints are kept: a new key begins a new chain and touches no old one."""
    return data / "neighbours" / code / fingerprint(key).replace(" ", "")


class Pace:
    """At most so many a second, with one second's worth at once."""

    def __init__(self, clock: Clock, a_second: float) -> None:
        self._clock = clock
        self._a_second = a_second
        self._left = a_second
        self._at_s = clock.monotonic_s()

    def _refill(self) -> None:
        now_s = self._clock.monotonic_s()
        self._left = min(self._a_second, self._left + (now_s - self._at_s) * self._a_second)
        self._at_s = now_s

    def allows(self) -> bool:
        """Takes one if there is one left."""
        self._refill()
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def wait_s(self, count: int) -> float:
        """How long to rest after having taken `count`."""
        self._refill()
        self._left -= count
        return max(0.0, -self._left / self._a_second)


@dataclass
class Neighbour:
    """One node whose checkpoints are kept. `claimed`: the record at which it says its log stands."""

    code: str
    key: Ed25519PublicKey
    chain: HeldChain
    findings: Findings
    platform: Platform
    messages: Pace
    questions: Pace
    nonce: str = ""
    heard_s: float = 0.0
    heard_at: datetime | None = None
    claimed: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """The chain is one thread's at a time."""


class Neighbours:
    """`keys`: by code, as `pinned_keys` read them."""

    def __init__(
        self,
        data: Path,
        keys: Mapping[str, Ed25519PublicKey],
        own: str,
        bus: NodeBus,
        access: Access,
        audit: Audit,
        clock: Clock,
        *,
        silent_s: float,
    ) -> None:
        self._own = own
        self._bus = bus
        self._access = access
        self._audit = audit
        self._clock = clock
        self._silent_s = silent_s
        self._tasks: list[asyncio.Task[None]] = []
        self.known: dict[str, Neighbour] = {}
        for code, key in keys.items():
            folder = folder_of(data, code, key)
            paces = Pace(clock, MESSAGES_A_S), Pace(clock, QUESTIONS_A_S)
            self.known[code] = Neighbour(code, key, HeldChain(folder, code, key), Findings(folder), Platform(code), *paces)

    @property
    def open_findings(self) -> int:
        """Of all neighbours."""
        return sum(len(one.findings.open_kinds) for one in self.known.values())

    def get(self, code: str) -> Neighbour:
        """Raises UnknownNeighbour."""
        if code not in self.known:
            raise UnknownNeighbour(code=code)
        return self.known[code]

    async def start(self) -> None:
        """Opens what is kept and follows what comes. Raises OSError."""
        for one in self.known.values():
            one.heard_s = self._clock.monotonic_s()
            one.nonce = secrets.token_hex(16)
            if not await self._open(one):
                continue
            await self._bus.answer(standing_of(one.code, self._own), partial(self._take_standing, one))
            await self._bus.answer(copy_of(one.code, self._own), partial(self._give_copy, one))
            name = f"{self._own}-{one.code}-{fingerprint(one.key).replace(' ', '')}"
            follow = partial(self._bus.follow, CHANNEL, checkpoints_of(one.code), name, partial(self._take, one))
            self._tasks.append(keep("neighbour-checkpoints", follow))
            self._show(one)
        if self.known:
            self._tasks.append(keep("neighbours", self._watch))

    async def _open(self, one: Neighbour) -> bool:
        try:
            new = await asyncio.to_thread(one.chain.open)
            one.findings.open()
        except ChainDamaged as error:
            one.findings.open()
            await self._found(one, Finding.DAMAGED, 0, str(error))
            return False
        if new:
            log.info("a neighbour's audit checkpoints are kept from now on", node=one.code, key=fingerprint(one.key))
            self._audit.record_end(one.platform, Act.NEIGHBOUR_PINNED, one.code, detail=f"key {fingerprint(one.key)}")
        return True

    async def stop(self) -> None:
        """What was not acknowledged comes again at the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for one in self.known.values():
            await self._keep_findings(one)

    async def _allowed(self, one: Neighbour, about: str) -> bool:
        """The door; a refusal is on record, repetitions within a minute as one."""
        try:
            self._access.platforms.check(one.platform, HAND_IN, about)
        except Refusal as error:
            stranger = Stranger(one.code, "bus", role=one.platform.role)
            try:
                await self._audit.record_stranger(
                    stranger, Act.NEIGHBOUR_MESSAGE, result=Result.REFUSED, detail=error.code, target=about[:20]
                )
            except AuditUnavailable as unavailable:
                log.warning("a refusal could not be recorded", node=one.code, what=str(unavailable))
            return False
        return True

    async def _take(self, one: Neighbour, messages: Sequence[bytes]) -> None:
        """Checkpoints, from the bus: kept on disk when it returns. Raises OSError: they come again."""
        if not await self._allowed(one, one.code):
            return
        async with one.lock:
            results = await asyncio.to_thread(one.chain.take, messages)
        for result, count in Counts(results).items():
            MESSAGES.labels(one.code, result.value).inc(count)
        if Taken.KEPT in results:
            await self._heard(one)
        for message, result in zip(messages, results, strict=True):
            if result is Taken.FOREIGN:
                await self._allowed(one, "another node")
            if result in FINDING_OF:
                detail = f"kept up to record {one.chain.last}; {len(message)} octets"
                await self._found(one, FINDING_OF[result], one.chain.last, detail)
        await asyncio.sleep(one.messages.wait_s(len(messages)))

    async def _take_standing(self, one: Neighbour, message: bytes) -> bytes | None:
        """A signed statement, or an empty question how far the copy is. The receipt, or None when it asks too often or may not."""
        if not one.questions.allows() or not await self._allowed(one, one.code):
            return None
        if message:
            found = standing_in(message, one.key)
            if found is None or found.keeper != self._own:
                MESSAGES.labels(one.code, Taken.FORGED.value).inc()
                await self._found(one, Finding.FORGED, 0, f"a statement of {len(message)} octets")
                return None
            if not await self._allowed(one, found.node):
                return None
        else:
            found = None
        async with one.lock:
            if found is not None and secrets.compare_digest(found.nonce.encode(), one.nonce.encode()):
                one.nonce = secrets.token_hex(16)
                one.claimed = found.last
                await self._heard(one)
                await self._compare(one, found.last, found.line)
            open_ones = [kind for kind in one.findings.open_kinds if kind in AGAINST_THE_LOG]
            return receipt_bytes(Receipt(RECEIPT, self._own, one.code, one.nonce, one.chain.last, one.chain.line, open_ones))

    async def _compare(self, one: Neighbour, last: int, line: str) -> None:
        """What the node says of its log against what is kept of it."""
        if last < one.chain.last:
            await self._found(one, Finding.SHORTENED, last + 1, f"it says {last}, kept up to record {one.chain.last}")
        elif last == one.chain.last and line != one.chain.line:
            await self._found(one, Finding.FORKED, last, f"another checkpoint of record {last} than the one kept")

    async def _give_copy(self, one: Neighbour, message: bytes) -> bytes | None:
        """Whole lines, as many as fit; empty: there are no more."""
        after = wanted_in(message)
        if after is None or not one.questions.allows() or not await self._allowed(one, one.code):
            return None
        try:
            return await asyncio.to_thread(_part_of, one.chain, after)
        except OSError as error:
            log.warning("a neighbour's checkpoints could not be read", node=one.code, what=str(error))
            return None

    async def _heard(self, one: Neighbour) -> None:
        one.heard_s, one.heard_at = self._clock.monotonic_s(), self._clock.now()
        if one.findings.end(stamp(self._clock), "", "heard again", *ENDS_BY_ITSELF):
            log.info("a silent neighbour speaks again", node=one.code)
            self._audit.record_end(one.platform, Act.NEIGHBOUR_HEARD, one.code)
            await self._keep_findings(one)
            self._show(one)

    async def _found(self, one: Neighbour, kind: Finding, record: int, detail: str) -> None:
        """Named at once everywhere when it is new; counted while it is open."""
        if not one.findings.add(kind, stamp(self._clock), record, detail):
            return
        log.error("a neighbour's audit log", node=one.code, finding=kind.value, record=record, what=TEXTS[kind][1], detail=detail)
        about = f"record {record}" if record else ""
        self._audit.record_end(one.platform, Act.NEIGHBOUR_FINDING, one.code, range=about, detail=f"{kind.value}: {detail}")
        await self._keep_findings(one)
        self._show(one)

    async def _keep_findings(self, one: Neighbour) -> None:
        try:
            await asyncio.to_thread(one.findings.keep)
        except OSError as error:
            log.warning("findings about a neighbour could not be kept", node=one.code, what=str(error))

    def _show(self, one: Neighbour) -> None:
        open_ones = one.findings.open_kinds
        for kind in Finding:
            OPEN.labels(one.code, kind.value).set(kind in open_ones)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            for one in self.known.values():
                age_s = self._clock.monotonic_s() - one.heard_s
                AGE.labels(one.code).set(age_s)
                if age_s > self._silent_s and one.findings.open_one(Finding.SILENT) is None:
                    line = "" if self._bus.state.connected else "; this node has no connection to the bus itself"
                    await self._found(one, Finding.SILENT, 0, f"nothing for {age_s:.0f} s{line}")

    async def review(self, who: Actor, code: str, note: str) -> None:
        """Somebody looked at the findings and says what came of it. Raises UnknownNeighbour, AuditUnavailable."""
        await self._audit.record(who, Act.NEIGHBOUR_REVIEW, code, detail=note)
        one = self.get(code)
        one.findings.end(stamp(self._clock), who.name, note, *(kind for kind in Finding if kind not in ENDS_BY_ITSELF))
        await self._keep_findings(one)
        self._show(one)


def _part_of(chain: HeldChain, after: int) -> bytes:
    part = bytearray()
    for line in lines_after(chain.folder, after):
        if part and len(part) + len(line) >= LINE_BYTES:
            break
        part += line + b"\n"
    return bytes(part)
