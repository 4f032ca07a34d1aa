"""Notices over HTTP: one's own, and whom rules told of an alarm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Path, Request

from fengsui.features.access import Function, Named, Principal, recorded, require, scope_for
from fengsui.features.alarms import WATCHED_BY, Alarms
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.features.notices.actions import Notices
from fengsui.features.notices.model import Notice, Reader
from fengsui.features.notices.schemas import AlarmNotice, AlarmNoticeList, NoticePerson, OwnNotice, OwnNoticeList
from fengsui.late_routes import LateRoutes

Told = Annotated[Principal, Depends(require(*WATCHED_BY, Function.GO_ON_PATROL))]
Watcher = Annotated[Principal, Depends(require(*WATCHED_BY))]
AlarmId = Annotated[int, Path(ge=1, le=2**63 - 1)]
NoticeId = Annotated[int, Path(ge=1, le=2**31 - 1)]


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _person(one: Reader, named: Mapping[int, Named]) -> NoticePerson:
    who = named.get(one.user_id)
    name, full_name = ("", "") if who is None else (who.name, who.full_name)
    seen = None if one.seen_at is None else _moment(one.seen_at)
    return NoticePerson(name=name, full_name=full_name, post=one.post, unit=one.unit, seen_at=seen)


def router(notices: Notices, alarms: Alarms, divisions: Divisions) -> LateRoutes:
    """The routes of notices."""
    routes = LateRoutes(tags=["alarms"])

    def own(who: Principal, one: Notice, reader: Reader) -> OwnNotice:
        names = ("id", "category", "priority", "area", "place", "text", "rule", "more")
        facts = {name: getattr(one, name) for name in names}
        facts |= {"alarm": one.alarm_id, "area_name": divisions.name_of(one.area), "at": _moment(one.at), "unit": reader.unit}
        return OwnNotice.model_validate({**facts, "may_open": notices.may_open(who, one)})

    @routes.get("/notices", operation_id="listOwnNotices")
    async def list_own(who: Told) -> OwnNoticeList:
        """What rules told oneself, by one's post or in one's unit, and one has not acknowledged."""
        return OwnNoticeList(items=[own(who, one, reader) for one, reader in await notices.standing(who)])

    @routes.post("/notices/{notice_id}/acknowledgement", status_code=204, operation_id="acknowledgeNotice")
    async def acknowledge(request: Request, who: Told, notice_id: NoticeId) -> None:
        """One has read it: it stands no more, and when is kept. The same answer for what was acknowledged before."""
        async with recorded(request, who, Act.NOTICE_ACKNOWLEDGE, str(notice_id)):
            await notices.acknowledge(who, notice_id)

    @routes.get("/alarms/{alarm_id}/notices", operation_id="listAlarmNotices")
    async def list_of_alarm(request: Request, who: Watcher, alarm_id: AlarmId) -> AlarmNoticeList:
        """Whom rules told of an alarm, by name, and who has acknowledged it."""
        await alarms.get([scope_for(request, who, one) for one in WATCHED_BY], alarm_id)
        found, named = await notices.of_alarm(alarm_id)
        items = []
        for one, told in found:
            people = sorted((_person(some, named) for some in told), key=lambda some: some.name)
            items.append(AlarmNotice(rule=one.rule, text=one.text, at=_moment(one.at), more=one.more, people=people))
        return AlarmNoticeList(items=items)

    return routes
