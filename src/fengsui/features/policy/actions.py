"""The pack in force, what comes, and the gate that recorded functions pass. Packs come in through approvals alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.features.access import Function, Place, Rank
from fengsui.features.audit import NODE, Act, Audit, Result
from fengsui.features.policy import queries
from fengsui.features.policy.changes import stricter
from fengsui.features.policy.errors import ChangedPast, ClosedByPolicy, OlderVersion, PackFault, PurposeOpensNot, SameVersion
from fengsui.features.policy.model import (
    RECORDED,
    TEXTS,
    DataClass,
    Gated,
    LiveWithoutCentre,
    Purpose,
    SignOnFactor,
    TwoPersonAct,
)
from fengsui.features.policy.owner_notices import Notice, OwnerNotices, Told
from fengsui.features.policy.pack import Duty as DutyRules
from fengsui.features.policy.pack import Pack
from fengsui.features.policy.signing import FOLDER, Publishers, SignedPack, trusted_in, verify
from fengsui.features.policy.state_log import PolicyStateLog, written
from fengsui.store import Store

log = structlog.get_logger(__name__)
DAY_S: Final = 86_400.0
RECORDED_WORDS: Final = frozenset(one.value for one in RECORDED)
DUTY_NOTICE: Final = "duty-basis"
"""The text of a pack that names the legal basis of viewing on duty."""
DUTY_BASIS: Final = "公共安全视频图像信息系统管理条例第16条"
"""Where no pack says another."""


@dataclass(frozen=True, slots=True)
class PolicyChanged:
    """`state`: in-force, coming (a loosening waits until `from_at`, seconds since 1970), dropped, closed."""

    label: str
    state: str
    from_at: float


@dataclass(frozen=True, slots=True)
class Coming:
    """An approved pack that waits."""

    signed: SignedPack
    request: str
    from_at: float


class Policy:
    """What the jurisdiction's pack says. `gate` before anything recorded is opened; `effective` for its figures."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, audit: Audit, data: Path) -> None:
        self.in_force: SignedPack | None = None
        """As it was signed."""
        self.since = 0.0
        self.coming: Coming | None = None
        self.effective: Pack | None = None
        """What holds now: the pack in force, narrowed by what comes. None: recorded functions are closed."""
        self.fault: PackFault | None = None
        """Why the pack in force cannot be used."""
        self._store = store
        self._clock = clock
        self._bus = bus
        self._audit = audit
        self._folder = data / FOLDER
        self.owners = OwnerNotices(store, clock, audit)
        """Partner owners are told through it."""
        self._states = PolicyStateLog(audit)
        self._believed = True
        """Whether what the database says is in force or waits is what the log says."""

    async def start(self, first_pack: str = "") -> None:
        """Reads what is in force and proves it anew. `first_pack`: a file that is taken when there never was a pack here."""
        async with self._store.reading() as tx:
            fresh = not await queries.everything(tx)
        await self._states.start()
        if fresh and first_pack and not self._states.knows_packs:
            await self._take_first(Path(first_pack))
        await self.read()
        if self.fault is not None:
            log.error("the policy pack in force cannot be used; recorded functions are closed", what=str(self.fault))
            await self._audit.record(NODE, Act.POLICY_CLOSED, "policy", detail=self.fault.code)

    async def _take_first(self, path: Path) -> None:
        """The pack that whoever installed the node gave it. When it cannot be used, the node starts without one and says so."""
        try:
            signed = self.verified(await asyncio.to_thread(path.read_bytes))
        except (OSError, PackFault) as error:
            log.error("the first policy pack cannot be used; recorded functions are closed", path=str(path), what=str(error))
            code = error.code if isinstance(error, PackFault) else "policy.unreadable"
            await self._audit.record(NODE, Act.POLICY_FIRST, path.name, detail=code, result=Result.REFUSED)
            return
        await self._audit.record(NODE, Act.POLICY_FIRST, signed.pack.label, detail=signed.digest)
        async with self._store.transaction() as tx:
            await self.put_in_force(tx, signed, request="", asked_by="", approved_by="")

    def publishers(self) -> Publishers:
        """Whose packs this node takes. Raises OSError."""
        return trusted_in(self._folder)

    def verified(self, octets: bytes) -> SignedPack:
        """Raises PackFault, OSError."""
        return verify(octets, self.publishers())

    async def fits(self, tx: AsyncConnection, signed: SignedPack) -> None:
        """Whether it may follow what was in force here. Raises OlderVersion, SameVersion."""
        pack = signed.pack
        newest = await queries.newest_version(tx, pack.name)
        current = await queries.in_state(tx, "in-force")
        if pack.version < newest:
            raise OlderVersion(name=pack.name, version=pack.version, newest=newest)
        known = await queries.digest_of(tx, pack.name, pack.version)
        is_current = current is not None and current.name == pack.name and current.version == pack.version
        if is_current or known not in ("", signed.digest):
            raise SameVersion(name=pack.name, version=pack.version)

    async def put_in_force(self, tx: AsyncConnection, signed: SignedPack, *, request: str, asked_by: str, approved_by: str) -> None:
        """In the caller's transaction; `read` when that is on disk."""
        now = self._clock.now().timestamp()
        await self._clear(tx, now)
        await queries.end_in_force(tx, now)
        if not (request and await queries.coming_is_in_force(tx, request, now)):
            await self._add(tx, signed, "in-force", now, request, asked_by, approved_by)
        await self._states.intend(tx)

    async def let_come(
        self, tx: AsyncConnection, signed: SignedPack, from_at: float, *, request: str, asked_by: str, approved_by: str
    ) -> None:
        """Its tightening holds from now on, the whole of it from `from_at`; the audit office is told."""
        due = datetime.fromtimestamp(from_at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        said = f"loosening takes effect at {due}; asked {asked_by}, approved {approved_by}"
        await self._audit.record(NODE, Act.POLICY_NOTICE, signed.pack.label, range=request, detail=said)
        zh = f"策略包 {signed.pack.label} 放宽的规定将于 {due} 生效(申请 {asked_by},批准 {approved_by}),逐项见“策略”页"
        en = f"what policy pack {signed.pack.label} loosens takes effect at {due} (asked {asked_by}, approved {approved_by})"
        await self.owners.give(tx, Place(signed.pack.label, ""), Notice(Told.POLICY, zh, en, from_at, request))
        await self._clear(tx, self._clock.now().timestamp())
        await self._add(tx, signed, "coming", from_at, request, asked_by, approved_by)
        await self._states.intend(tx)

    async def _clear(self, tx: AsyncConnection, now: float) -> None:
        """What was put in force or let come past the node is not taken along into what two persons approve."""
        if not self._believed:
            await queries.end_in_force(tx, now)
            await queries.drop_all_coming(tx)

    async def drop_coming(self, tx: AsyncConnection, request: str) -> None:
        """What waited will not come."""
        await self._clear(tx, self._clock.now().timestamp())
        await queries.drop_coming(tx, request)
        await self._states.intend(tx)

    async def _add(
        self, tx: AsyncConnection, signed: SignedPack, state: str, from_at: float, request: str, asked_by: str, approved_by: str
    ) -> None:
        await queries.add(
            tx,
            name=signed.pack.name,
            version=signed.pack.version,
            digest=signed.digest,
            octets=signed.octets,
            state=state,
            request=request,
            asked_by=asked_by,
            approved_by=approved_by,
            from_at=from_at,
            until_at=0.0,
        )

    async def read(self) -> None:
        """Takes over what is on disk now, and tells the others."""
        async with self._store.reading() as tx:
            current, coming = await queries.in_state(tx, "in-force"), await queries.in_state(tx, "coming")
            state = await written(tx)
        self._believed = await self._states.holds(state)  # nobody sees what is half taken over: from here on nothing is awaited
        self.in_force, self.coming, self.fault, self.since = None, None, None, 0.0
        if current is not None:
            self.since = current.from_at
            self.in_force, self.fault = self._proved(current)
        if coming is not None:
            signed, _ = self._proved(coming)  # one that cannot be used any more is void when it is due
            if signed is not None:
                self.coming = Coming(signed, coming.request, coming.from_at)
        if not self._believed:
            self.in_force, self.coming, self.since, self.fault = None, None, 0.0, self.fault or ChangedPast()
        self.effective = self.in_force.pack if self.in_force is not None else None
        if self.effective is not None and self.coming is not None:
            self.effective = stricter(self.effective, self.coming.signed.pack)
        self._audit.policy = self.label
        self._audit.floor_days = self.effective.retention[DataClass.AUDIT].floor_days if self.effective is not None else 0

    def _proved(self, row: queries.Row) -> tuple[SignedPack | None, PackFault | None]:
        try:
            return self.verified(bytes(row.octets)), None
        except PackFault as error:
            return None, error

    @property
    def label(self) -> str:
        """For audit records: name and version in force, and what waits; empty for none."""
        if self.in_force is None:
            return ""
        return self.in_force.pack.label + (f" (+{self.coming.signed.pack.version})" if self.coming is not None else "")

    async def tell(self) -> None:
        """After `read`: the event for consoles."""
        state = "coming" if self.coming is not None else "in-force" if self.in_force is not None else "closed"
        told = self.coming.signed.pack.label if self.coming is not None else self.label
        self._bus.publish(PolicyChanged(told, state, self.coming.from_at if self.coming is not None else self.since))

    async def history(self) -> Sequence[queries.Row]:
        """Every pack that was in force or waited, the newest first."""
        async with self._store.reading() as tx:
            return await queries.everything(tx)

    # What others ask

    def gate(self, function: Gated) -> None:
        """Raises ClosedByPolicy: without a pack everything recorded is closed; with one, what it opens for no purpose."""
        is_open = function not in RECORDED if self.effective is None else self.effective.opens(function)
        if not is_open:
            raise closed(function)

    def gate_purpose(self, purpose: Purpose, function: Gated) -> None:
        """Raises ClosedByPolicy, PurposeOpensNot."""
        self.gate(function)
        rule = self.effective.purposes.get(purpose) if self.effective is not None else None
        if rule is None or function not in rule.functions:
            purpose_zh, purpose_en = TEXTS[f"purpose.{purpose}"]
            function_zh, function_en = TEXTS[f"function.{function}"]
            raise PurposeOpensNot(purpose_zh=purpose_zh, purpose_en=purpose_en, function_zh=function_zh, function_en=function_en)

    def rank_for(self, act: TwoPersonAct) -> Rank | None:
        """The lowest rank that approves an act; None without a pack: then whoever holds the right does."""
        return None if self.effective is None else self.effective.approvals[act].rank

    def document_for(self, act: TwoPersonAct) -> bool:
        """Whether an act needs its legal document (rule A16)."""
        return self.effective is not None and self.effective.approvals[act].document

    def age_limit_for(self, function: Function) -> float | None:
        """As `age_limit_s`; None as well for a recorded function that no purpose of the pack opens."""
        known = function.value in RECORDED_WORDS
        is_open = not known or (self.effective is not None and self.effective.opens(Gated(function.value)))
        return self.age_limit_s if is_open else None

    @property
    def age_limit_s(self) -> float | None:
        """Older footage needs a higher approver (rule A8); None: there is no pack, and nothing recorded is opened."""
        return None if self.effective is None else self.effective.older_data.gate_days * DAY_S

    def opens_without_centre(self, *, any_centre: bool) -> bool:
        """Whether live pictures of an area for which no duty centre answers are open by the post alone (rule A5).

        Without a pack: as long as the whole node has no centre, and is being set up. `any_centre`: it has one somewhere.
        """
        return self.fault is None and opens_without_centre(self.effective, any_centre=any_centre)

    @property
    def sign_on_needs_factor(self) -> bool:
        """Whether signing on to a shift takes a fresh second factor."""
        return self.effective is not None and self.effective.duty.sign_on_factor is SignOnFactor.SECOND_FACTOR

    @property
    def duty_rules(self) -> DutyRules:
        """How long people are on duty, and how long they rest; without a pack, as one that does not say."""
        return DutyRules() if self.effective is None else self.effective.duty

    async def age_limit_then(self, label: str) -> dict[Function, float | None]:
        """Of recorded functions under the pack that a record names (`label`): None where it opened them for no purpose.

        Raises StorageFault.
        """
        then = await self._pack_then(label)
        words = {function: Gated(function.value) for function in Function if function.value in RECORDED_WORDS}
        days_s = 0.0 if then is None else then.older_data.gate_days * DAY_S
        return {one: days_s if then is not None and then.opens(gated) else None for one, gated in words.items()}

    async def purposes_then(self, label: str) -> dict[str, frozenset[str]] | None:
        """What each purpose opened under the pack that a record names; None without one. Raises StorageFault."""
        then = await self._pack_then(label)
        if then is None:
            return None
        return {purpose.value: frozenset(one.value for one in rule.functions) for purpose, rule in then.purposes.items()}

    async def opens_without_centre_then(self, label: str, *, any_centre: bool) -> bool:
        """As `opens_without_centre`, under the pack that a record names. Raises StorageFault."""
        then = await self._pack_then(label)
        return (then is not None or not label) and opens_without_centre(then, any_centre=any_centre)

    async def _pack_then(self, label: str) -> Pack | None:
        """What held under the pack that a record names; None for none, and for one that cannot be proved any more.

        Packs are proved by their signatures, so that a database changed by hand answers nothing. Raises StorageFault.
        """
        name, _, rest = label.partition(" ")
        versions = re.findall(r"\d+", rest)
        async with self._store.reading() as tx:
            rows = [row for row in await queries.everything(tx) if row.name == name and str(row.version) in versions]
        packs = [signed.pack for signed, _ in (self._proved(row) for row in rows) if signed is not None]
        return reduce(stricter, sorted(packs, key=lambda pack: pack.version)) if len(packs) == len(set(versions)) > 0 else None

    @property
    def duty_basis(self) -> str:
        """The legal basis of viewing on duty (rule A5), for records."""
        said = None if self.effective is None else self.effective.notices.get(DUTY_NOTICE)
        return DUTY_BASIS if said is None else said.zh


def opens_without_centre(pack: Pack | None, *, any_centre: bool) -> bool:
    """See `Policy.opens_without_centre`."""
    return not any_centre if pack is None else pack.duty.live_without_centre is LiveWithoutCentre.OPEN


def closed(function: Gated) -> ClosedByPolicy:
    """The refusal of a function that no pack opens."""
    zh, en = TEXTS[f"function.{function}"]
    return ClosedByPolicy(function=function.value, function_zh=zh, function_en=en)
