"""Alarm hosts, their points, and alarms over HTTP."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Request, Response
from pydantic import Field

from fengsui.features.access import (
    CameraClass,
    CameraFacts,
    Function,
    Place,
    Principal,
    Scope,
    desk_scopes_for,
    recorded,
    refuse_unless,
    require,
    scope_for,
)
from fengsui.features.alarms.actions import Alarms
from fengsui.features.alarms.host_shapes import HostShapes, new_arming, new_point
from fengsui.features.alarms.hosts import AlarmHosts, Known
from fengsui.features.alarms.model import (
    Alarm,
    AlarmHost,
    ChangedHost,
    NewHost,
    UnusableAlarmHost,
    key_of,
    with_hidden,
    zone_of,
)
from fengsui.features.alarms.point_marks import PointMarks
from fengsui.features.alarms.queries import Asked
from fengsui.features.alarms.renumbered import points_that_stay
from fengsui.features.alarms.schemas import (
    AlarmHostChange,
    AlarmHostOrder,
    AlarmHostPage,
    AlarmHostShape,
    AlarmHostTestOrder,
    AlarmPage,
    AlarmPointMarks,
    AlarmPointPage,
    AlarmShape,
    AreaCode,
    Change,
    Reporter,
    WaitingAlarmHostPage,
    WaitingAlarmHostShape,
)
from fengsui.features.alarms.shapes import AlarmShapes, moment
from fengsui.features.alarms.waiting import WaitingAlarmHosts
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.features.cameras import Cameras, UnknownCamera
from fengsui.late_routes import LateRoutes
from fengsui.long_answers import compressed

WATCHED_BY = (Function.TAKE_DUTY, Function.READ_DUTY_LOG)
"""Whoever works at a desk, or reads what was done there."""
Keeper = Annotated[Principal, Depends(require(Function.MANAGE_DEVICES))]
Watcher = Annotated[Principal, Depends(require(*WATCHED_BY))]
Looker = Annotated[Principal, Depends(require(*WATCHED_BY, Function.LOOK_AROUND))]
"""Whoever sees a camera in the lists sees what was reported there, as with what it was recorded for."""
PointReader = Annotated[Principal, Depends(require(Function.TAKE_DUTY, Function.MANAGE_DEVICES))]
HostId = Annotated[int, Path(ge=1, le=2**31 - 1)]
AlarmId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Limit = Annotated[int, Query(ge=1, le=500)]
AT_ONCE = 100
OneOfMany = Annotated[int, Field(ge=1, le=2**63 - 1)]
CODE = r"^([0-9]{20})?$"
Cursor = Annotated[str, Query(pattern=r"^[0-9]{0,18}$")]
QueueCursor = Annotated[str, Query(pattern=r"^(([1-4]-)?[0-9]{1,18})?$")]
"""Of a queue it has the priority before the number."""


def _seconds(at: datetime | None) -> float | None:
    """A time without its zone is of UTC."""
    return None if at is None else (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _fits(one: Known | AlarmHost, q: str) -> bool:
    host = one.host if isinstance(one, Known) else one
    named = (host.account, host.site, *(point.name for point in host.points.values())) if q else ()
    return not q or any(q in name.casefold() for name in named)


def _account_of(one: Known | AlarmHost) -> str:
    return one.host.account if isinstance(one, Known) else one.account


def _behind(cursor: str) -> tuple[int, int] | None:
    """Of a cursor of the other kind: from the beginning."""
    priority, _, id = cursor.partition("-")
    return (int(priority), int(id)) if id else None


def router(
    hosts: AlarmHosts,
    waiting: WaitingAlarmHosts,
    pages: HostShapes,
    marks: PointMarks,
    alarms: Alarms,
    shapes: AlarmShapes,
    cameras: Cameras,
    divisions: Divisions,
    own_area: str,
) -> LateRoutes:
    """The routes of alarms. `own_area`: the node's own."""
    routes = LateRoutes(tags=["alarms"])

    host_shape, point_shape = pages.host, pages.point

    def scopes_of(request: Request, who: Principal, functions: Collection[Function]) -> list[Scope]:
        return [scope_for(request, who, function) for function in functions]

    def hosts_in(scopes: Collection[Scope]) -> list[Known]:
        return [one for one in hosts.all() if any(scope.holds(one.host.area) for scope in scopes)]

    async def kept(request: Request, who: Principal, host_id: int) -> tuple[AlarmHost, Principal]:
        """The host, for whoever keeps it. Raises UnknownAlarmHost, Refusal."""
        host = hosts.get(host_id)
        area = own_area if hosts.is_distrusted(host) else host.area
        return host, await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(host.account, area))

    async def linkable(request: Request, who: Principal, codes: Collection[str]) -> Mapping[str, CameraFacts]:
        """Cameras that the caller keeps. Raises UnknownCamera, Refusal."""
        facts = await cameras.facts(sorted(codes))
        for code in sorted(codes):
            if code not in facts:
                raise UnknownCamera(camera=code)
            await refuse_unless(request, who, Function.MANAGE_DEVICES, facts[code])
        return facts

    async def shape_for(request: Request, who: Principal, host_id: int) -> AlarmHostShape:
        host = hosts.get(host_id)
        seen = await shapes.seen_by(request, who, [of.camera for one in host.points.values() for of in one.cameras])
        return host_shape(hosts.known(host.account) or host, seen)

    def is_in(one: Known | AlarmHost, state: str) -> bool:
        if isinstance(one, AlarmHost):
            return state == "distrusted"
        tested = state == "tested" and any(hosts.is_tested(point) for point in one.host.points.values())
        return tested or (state == "silent" and one.silent) or (state == "lapse" and pages.has_lapse(one.host))

    @routes.get("/alarm-hosts", operation_id="listAlarmHosts")
    async def list_hosts(
        request: Request,
        who: Keeper,
        q: Annotated[str, Query(max_length=64)] = "",
        state: Annotated[Literal["silent", "lapse", "tested", "distrusted"] | None, Query()] = None,
        limit: Limit = 100,
        cursor: Annotated[str, Query(max_length=16)] = "",
    ) -> AlarmHostPage:
        """Alarm hosts of one's own areas, by account; never a key. With those that are distrusted, for who keeps the node's own.

        `q`: in the account, or in what the site or a point is called; `state`: only those.
        """
        fitting: list[Known | AlarmHost] = [*hosts_in(scopes_of(request, who, (Function.MANAGE_DEVICES,)))]
        if scope_for(request, who, Function.MANAGE_DEVICES).holds(own_area):
            fitting = sorted([*fitting, *hosts.distrusted()], key=_account_of)
        fitting = [one for one in fitting if _fits(one, q.strip().casefold()) and (state is None or is_in(one, state))]
        following = [one for one in fitting if _account_of(one) > cursor]
        page = following[:limit]
        points = [point for one in page if isinstance(one, Known) for point in one.host.points.values()]
        cameras_of_page = [of.camera for point in points for of in point.cameras]
        seen = await shapes.seen_by(request, who, cameras_of_page)
        return AlarmHostPage(
            items=[host_shape(one, seen) for one in page],
            next=_account_of(page[-1]) if len(following) > limit else None,
            total=len(fitting),
        )

    @routes.post("/alarm-hosts", status_code=201, operation_id="addAlarmHost")
    async def add_host(request: Request, who: Keeper, body: AlarmHostOrder) -> AlarmHostShape:
        """Make an alarm host known: its frames are taken from now on."""
        account, area = body.account.upper(), divisions.current(body.area or own_area)
        async with recorded(request, who, Act.ALARM_HOST_ADD, account):
            if body.area and divisions.name_of(area) == area:
                raise UnusableAlarmHost(why_zh=f"没有行政区划 {area}", why_en=f"there is no area {area}")
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(account, area))
            points = tuple(new_point(one)._replace(id=None) for one in body.points)
            facts = await linkable(request, who, {of.camera for one in points for of in one.cameras})
            key = None if body.key is None else key_of(body.key, body.key_form)
            host = await hosts.add(
                who, NewHost(body.protocol, account, body.site, area, key, points, body.supervision_s, new_arming(body.arming))
            )
        return host_shape(host, facts)

    @routes.put("/alarm-hosts/{host_id}", operation_id="changeAlarmHost")
    async def change_host(request: Request, who: Keeper, host_id: HostId, body: AlarmHostChange) -> AlarmHostShape:
        """Change what a host's site is called, how often it must be heard, and its points. Cameras of a point that the caller does
        not see stay linked."""
        async with recorded(request, who, Act.ALARM_HOST_CHANGE, str(host_id)):
            host, who = await kept(request, who, host_id)
            points = tuple(map(new_point, body.points))
            before = {of.camera for one in host.points.values() for of in one.cameras}
            wanted = {of.camera for one in points for of in one.cameras}
            facts = await linkable(request, who, wanted - before)
            hidden = before - (await shapes.seen_by(request, who, before)).keys()
            there = {zone: one.cameras for zone, one in points_that_stay(host.points, points).items()}
            points = tuple(
                one._replace(cameras=with_hidden(there.get(zone_of(one.zone), ()), one.cameras, hidden)) for one in points
            )
            new = ChangedHost(body.site, body.supervision_s, points, new_arming(body.arming))
            changed = await hosts.change(who, host, body.revision, new)
        seen = await shapes.seen_by(request, who, wanted)
        return host_shape(hosts.known(changed.account) or changed, {*facts, *seen})

    @routes.put("/alarm-hosts/{host_id}/test", operation_id="testAlarmHost")
    async def test_host(request: Request, who: Keeper, host_id: HostId, body: AlarmHostTestOrder) -> AlarmHostShape:
        """Put points of a host in test: their alarms are on record and ring nobody, until the end that is said here."""
        async with recorded(request, who, Act.ALARM_HOST_TEST, str(host_id)):
            host, who = await kept(request, who, host_id)
            await hosts.begin_test(who, host, body.points, body.minutes, body.reason.strip())
        return await shape_for(request, who, host_id)

    @routes.delete("/alarm-hosts/{host_id}/test", operation_id="endAlarmHostTest")
    async def end_test(request: Request, who: Keeper, host_id: HostId) -> AlarmHostShape:
        """End the test of all points of a host."""
        async with recorded(request, who, Act.ALARM_HOST_TEST_END, str(host_id)):
            host, who = await kept(request, who, host_id)
            await hosts.end_test(who, host)
        return await shape_for(request, who, host_id)

    @routes.delete("/alarm-hosts/{host_id}", status_code=204, operation_id="removeAlarmHost")
    async def remove_host(request: Request, who: Keeper, host_id: HostId) -> None:
        """Forget an alarm host; its alarms stay."""
        async with recorded(request, who, Act.ALARM_HOST_REMOVE, str(host_id)):
            host, who = await kept(request, who, host_id)
            await hosts.remove(who, host)

    @routes.get("/waiting-alarm-hosts", operation_id="listWaitingAlarmHosts")
    async def list_waiting(request: Request, who: Keeper) -> WaitingAlarmHostPage:
        """Accounts that report here and that nobody has entered: for who keeps the devices of the node's own area."""
        if not scope_for(request, who, Function.MANAGE_DEVICES).holds(own_area):
            return WaitingAlarmHostPage(items=[])
        return WaitingAlarmHostPage(
            items=[
                WaitingAlarmHostShape(
                    account=one.account,
                    address=one.address,
                    transport=one.transport,
                    encrypted=one.encrypted,
                    first_seen_at=moment(one.first_seen_at),
                    last_seen_at=moment(one.last_seen_at),
                    attempts=one.attempts,
                )
                for one in waiting.all()
            ]
        )

    @routes.get("/alarm-points", operation_id="listAlarmPoints")
    async def list_points(
        request: Request,
        who: PointReader,
        area: Annotated[AreaCode, Query()] = "",
        id: Annotated[list[OneOfMany] | None, Query(max_length=AT_ONCE)] = None,
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> AlarmPointPage:
        """Zones, buttons and detectors of one's own areas, in the order in which they were entered. `id`: these alone."""
        found = hosts_in(scopes_of(request, who, (Function.TAKE_DUTY, Function.MANAGE_DEVICES)))
        fitting = sorted(
            ((point, one.host) for one in found if one.host.area.startswith(area) for point in one.host.points.values()),
            key=lambda pair: pair[0].id,
        )
        if id is not None:
            fitting = [pair for pair in fitting if pair[0].id in id]
        following = [pair for pair in fitting if pair[0].id > int(cursor or 0)]
        page = following[:limit]
        seen = await shapes.seen_by(request, who, [of.camera for point, _ in page for of in point.cameras])
        return AlarmPointPage(
            items=[point_shape(host, point, seen) for point, host in page],
            next=str(page[-1][0].id) if len(following) > limit else None,
            total=len(fitting),
        )

    @routes.get("/alarm-point-marks", operation_id="listAlarmPointMarks", response_model=AlarmPointMarks)
    async def list_marks(
        request: Request, who: PointReader, known: Annotated[str, Query(pattern=r"^([0-9a-f]{18})?$")] = ""
    ) -> Response:
        """Every alarm point of one's own areas as the map shows it, with the open alarms that one may see. `known`: what the
        columns that one has are known by (`points`)."""
        found = hosts_in(scopes_of(request, who, (Function.TAKE_DUTY, Function.MANAGE_DEVICES)))
        return await compressed(request, await marks.told(found, desk_scopes_for(request, who, WATCHED_BY), known))

    @routes.get("/alarms", operation_id="listAlarms")
    async def list_alarms(
        request: Request,
        who: Looker,
        area: Annotated[AreaCode, Query()] = "",
        account: Annotated[Reporter | None, Query()] = None,
        device: Annotated[str, Query(pattern=CODE)] = "",
        camera: Annotated[str, Query(pattern=CODE)] = "",
        since: Annotated[datetime | None, Query(alias="from")] = None,
        until: Annotated[datetime | None, Query(alias="to")] = None,
        change: Change | None = None,
        priority: Annotated[int | None, Query(ge=1, le=4)] = None,
        queue: Literal["open", "mine", "late"] | None = None,
        shelf: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
        id: Annotated[list[OneOfMany] | None, Query(max_length=AT_ONCE)] = None,
        limit: Limit = 100,
        cursor: QueueCursor = "",
    ) -> AlarmPage:
        """What alarm hosts and devices of one's own areas reported, the newest first. `camera`: of one that one's lists show, or
        showed while it was there, and then to whoever that is; `from`, `to`: when it came. `queue`: what waits for somebody or is
        seen to, or what one sees to oneself, or what waits too long and no supervisor has taken note of: the most urgent first, and
        of these whichever waits longest. `shelf`: on it.
        `id`: these alone.
        """
        begin, end = _seconds(since), _seconds(until)
        if camera:
            there, gone = await shapes.period_of(request, who, camera)
            begin = there if begin is None else max(begin, there or begin)
            end = gone if end is None else min(end, gone or end)
        asked = Asked(
            area=area,
            account=account or "",
            change=change or "",
            priority=priority,
            before=int(cursor) if cursor.isdigit() and queue is None else None,
            device=device,
            camera=camera,
            since=begin,
            until=end,
            queue=queue is not None,
            late=queue == "late",
            shelf=shelf,
            owner=who.user_id if queue == "mine" else None,
            ids=tuple(id or ()),
            behind=_behind(cursor) if queue is not None else None,
        )
        functions = (*WATCHED_BY, Function.LOOK_AROUND) if camera and queue is None else WATCHED_BY
        found, following, total = await alarms.listed(desk_scopes_for(request, who, functions), asked, limit)
        named = await shapes.named_to(request, who, found)
        silent = await shapes.silences_of(found)
        desks = desk_scopes_for(request, who, WATCHED_BY)

        def works(one: Alarm) -> bool:
            of = CameraClass(one.camera_class) if one.camera_class else None
            passed = [to.centre for to in shapes.passed(one.id)]
            return any(scope.holds(one.area, of) or scope.holds_passed(passed, of) for scope in desks)

        return AlarmPage(
            items=[shapes.shape(one, named, silent.get(one.id), work=works(one)) for one in found], next=following, total=total
        )

    @routes.get("/alarms/{alarm_id}", operation_id="getAlarm")
    async def get_alarm(request: Request, who: Watcher, alarm_id: AlarmId) -> AlarmShape:
        """One alarm."""
        found = await alarms.get(desk_scopes_for(request, who, WATCHED_BY), alarm_id)
        return await shapes.of(request, who, found)

    return routes
