"""Tables of alarm points under way, in memory: nothing is written before somebody says so, and then all of it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from fengsui.clock import Clock
from fengsui.errors import FengsuiError, OperatorFault
from fengsui.features.access import Access, Function, Place, Principal
from fengsui.features.alarms import AlarmHost, AlarmHosts, ChangedHost
from fengsui.features.audit import Act, Audit
from fengsui.features.cameras import Cameras
from fengsui.features.device_files import read_sheet
from fengsui.features.point_imports.model import Judged, Known, Outcome, Phase, Row, changes_of, judged, rows_of
from fengsui.kept_work import KeptWork, Work

A_STEP: Final = 200
MOST_KEPT: Final = 8
MOST_ROWS: Final = 100_000
"""Imports in memory at once, and rows in all of them."""


class UnknownPointImport(OperatorFault):
    """Somebody else's, or of an hour ago."""

    code = "alarm_point.import_unknown"
    status = 404
    zh = "没有这次导入,或已超过一小时"
    en = "There is no such import, or it is more than an hour old"
    remedy_zh = "请重新上传"
    remedy_en = "Send the table again"


class PointImportNotReady(OperatorFault):
    """Being read, or written already."""

    code = "alarm_point.import_not_ready"
    status = 409
    zh = "这次导入现在不能写入"
    en = "This import cannot be written now"
    remedy_zh = "请等待检查结束;已写入的请重新上传"
    remedy_en = "Wait for the checks; one that is written is sent anew"


class PointsRefused(OperatorFault):
    """All or nothing, and not all are right."""

    code = "alarm_point.import_refused"
    status = 409
    zh = "有 {count} 行不能导入,没有写入任何报警点"
    en = "{count} rows are refused: nothing was written"
    remedy_zh = "请改正或删去这些行后重新上传"
    remedy_en = "Mend these rows or leave them out, and send the table again"


class PointImportBusy(OperatorFault):
    """Too many at once."""

    code = "alarm_point.import_busy"
    status = 503
    zh = "正在进行的导入过多"
    en = "Too many imports at once"
    remedy_zh = "请稍后再试"
    remedy_en = "Try again later"


@dataclass(slots=True)
class PointImport(Work):
    """One table under way. `hosts`: as the rows were compared with them."""

    name: str = ""
    digest: str = ""
    phase: Phase = Phase.READING
    hosts: Mapping[str, AlarmHost] = field(default_factory=dict)
    rows: list[Judged] = field(default_factory=list)

    def counts(self) -> dict[Outcome, int]:
        """Rows by what they do."""
        found = dict.fromkeys(Outcome, 0)
        for one in self.rows:
            found[one.outcome] += 1
        return found

    def begin(self, phase: Phase, total: int) -> None:
        """The next phase."""
        self.phase = phase
        self.count_from(total)

    def fail(self, error: FengsuiError) -> None:
        """It came to nothing."""
        self.error, self.phase = error, Phase.FAILED


class PointImports:
    """Of one node."""

    def __init__(self, clock: Clock, access: Access, audit: Audit, hosts: AlarmHosts, cameras: Cameras) -> None:
        self._access = access
        self._audit = audit
        self._hosts = hosts
        self._cameras = cameras
        self._now = clock.monotonic_s
        self._kept = KeptWork[PointImport](
            self._now, most=MOST_KEPT, most_rows=MOST_ROWS, busy=PointImportBusy, unknown=UnknownPointImport
        )

    async def stop(self) -> None:
        """Ends what is under way."""
        await self._kept.stop()

    async def begin(self, who: Principal, name: str, octets: bytes) -> PointImport:
        """Looks a table through in the background; nothing is written. Raises PointImportBusy, AuditUnavailable."""
        now, digest = self._now(), hashlib.sha256(octets).hexdigest()
        one = PointImport(self._kept.next_number(), who.user_id, self._now, now, name=name, digest=digest)
        self._kept.take_in(one)
        try:
            await self._audit.record(who, Act.ALARM_POINT_IMPORT, name, detail=f"looked through, sha256 {digest}")
        except BaseException:
            self._kept.drop(one)
            raise
        self._kept.run(one, self._prepare(who, one, octets))
        return one

    def get(self, who: Principal, number: int) -> PointImport:
        """One's own. Raises UnknownPointImport."""
        return self._kept.get(who.user_id, number)

    async def _prepare(self, who: Principal, one: PointImport, octets: bytes) -> None:
        sheet = await asyncio.to_thread(read_sheet, octets)
        rows = await asyncio.to_thread(rows_of, sheet)
        self._kept.grow(one, len(rows))
        one.begin(Phase.CHECKING, len(rows))
        named = {row.account for row in rows}
        hosts = {known.host.account: known.host for known in self._hosts.all() if known.host.account in named}
        one.hosts = {account: host for account, host in hosts.items() if self._keeps(who, Place(account, host.area))}
        known = await self._known(who, one.hosts, {row.camera for row in rows} - {""})
        for at in range(0, len(rows), A_STEP):
            part = rows[at : at + A_STEP]
            one.rows += await asyncio.to_thread(_judged, part, known)
            one.done = len(one.rows)
        one.phase = Phase.READY

    def _keeps(self, who: Principal, place: Place) -> bool:
        return self._access.may(who, Function.MANAGE_DEVICES, place)

    async def _known(self, who: Principal, hosts: Mapping[str, AlarmHost], cameras: set[str]) -> Known:
        linked = {of.camera for host in hosts.values() for point in host.points.values() for of in point.cameras}
        facts = await self._cameras.facts(sorted(cameras | linked))
        may = self._access.may
        linkable = {code for code in cameras if code in facts and may(who, Function.MANAGE_DEVICES, facts[code])}
        seen = {code for code in linked if code in facts and may(who, Function.LOOK_AROUND, facts[code])}
        return Known(hosts, linkable, linked - seen)

    async def commit(self, who: Principal, number: int) -> PointImport:
        """All rows, in one transaction. Raises UnknownPointImport, PointImportNotReady, PointsRefused, AlarmHostChanged,
        AuditUnavailable, StorageFault."""
        one = self.get(who, number)
        if one.phase is not Phase.READY:
            raise PointImportNotReady()
        counts = one.counts()
        if counts[Outcome.REFUSED]:
            raise PointsRefused(count=counts[Outcome.REFUSED])
        if any(not self._keeps(who, Place(account, host.area)) for account, host in one.hosts.items()):
            raise PointImportNotReady()
        changes = changes_of(one.rows, one.hosts)
        one.begin(Phase.WRITING, sum(map(len, changes.values())))

        def told(points: int) -> None:
            one.done += points

        try:
            many = []
            for account, points in changes.items():
                host = one.hosts[account]
                many.append((host, ChangedHost(host.site, host.supervision_s, points, host.arming)))
            said = ", ".join(f"{outcome} {number}" for outcome, number in counts.items())
            detail = f"{said}; {len(many)} hosts: {' '.join(list(changes)[:50])}; sha256 {one.digest}"
            await self._hosts.change_many(who, many, one.name, detail, told)
            one.phase = Phase.DONE
        finally:
            one.phase = one.phase if one.phase is Phase.DONE else Phase.READY
            self._kept.rests(one)
        return one


def _judged(rows: Sequence[Row], known: Known) -> list[Judged]:
    return [judged(row, known) for row in rows]
