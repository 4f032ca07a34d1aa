"""Protected places over HTTP: kept by whoever keeps the devices there, shown beside their alarms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Path, Query, Request, Response

from fengsui.features.access import Function, Place, Principal, desk_scopes_for, recorded, refuse_unless, require, scope_for
from fengsui.features.alarm_sites.model import (
    MOST_OCTETS,
    Facts,
    FloorPlan,
    Mark,
    PlanTooLarge,
    Said,
    Site,
    SiteKind,
    UnknownPlan,
    UnknownSite,
    UnusableSite,
)
from fengsui.features.alarm_sites.schemas import (
    AlarmSiteAt,
    AlarmSiteChange,
    AlarmSiteDetails,
    AlarmSiteEntry,
    AlarmSiteOrder,
    AlarmSitePage,
    Line,
    Number,
    SiteCard,
    SiteContact,
    SiteMarkShown,
    SitePlan,
    SitePlanChange,
    SitePoint,
)
from fengsui.features.alarm_sites.sites import AlarmSites, Held
from fengsui.features.alarms import WATCHED_BY, Alarm, AlarmHosts, Alarms
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.late_routes import LateRoutes

Keeper = Annotated[Principal, Depends(require(Function.MANAGE_DEVICES))]
Watcher = Annotated[Principal, Depends(require(*WATCHED_BY))]
SiteId = Annotated[int, Path(ge=1, le=2**31 - 1)]
AlarmId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Picture = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
OCTETS: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
PICTURE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"image/jpeg": {}}}}


def router(sites: AlarmSites, alarms: Alarms, hosts: AlarmHosts, divisions: Divisions, own_area: str) -> LateRoutes:
    """The routes of protected places. `own_area`: the node's own."""
    routes = LateRoutes(tags=["protected places"])

    def area_of(site: Site) -> str:
        """Of one that is distrusted, its area may not be its own: whoever keeps the node's own decides."""
        return site.facts.area if site.is_whole else own_area

    def entry(site: Site) -> dict[str, Any]:
        return {
            **site.facts._asdict(),
            **{"id": site.id, "area_name": divisions.name_of(site.facts.area), "version": site.version},
            "hosts": [one.account for one in site.hosts if sites.where(one.account) is site],
            **{"changed_at": datetime.fromtimestamp(site.changed_at, UTC), "changed_by": site.changed_by},
            "distrusted": not site.is_whole,
        }

    def said(held: Held) -> dict[str, Any]:
        contacts = [SiteContact(role=one.role, name=one.name, phone=one.phone, has_key=one.has_key) for one in held.said.contacts]
        return {"contacts": contacts, "note": held.said.note, "plan": held.said.plan}

    def plans(held: Held, alarm: Alarm | None = None) -> list[SitePlan]:
        """With the points that are still there; `alarm`: the one of which they ring."""
        site = sites.get(held.site.id)
        return [
            SitePlan(
                picture=one.picture,
                name=one.name,
                marks=[
                    SiteMarkShown(
                        account=mark.account,
                        zone=mark.zone,
                        x=mark.x,
                        y=mark.y,
                        name=point.name,
                        rings=alarm is not None and sites.rings(alarm, mark),
                    )
                    for mark in one.marks
                    if (point := sites.point_of(site, mark)) is not None
                ],
            )
            for one in held.said.plans
        ]

    def details(held: Held) -> AlarmSiteDetails:
        site = sites.get(held.site.id)
        points = [SitePoint(account=account, zone=one.zone, name=one.name, kind=one.kind) for account, one in sites.points(site)]
        id = site.procedure
        named = "" if id is None else sites.procedure_named(id, site.facts.area) or ""
        more = {**entry(site), **said(held), "procedure": id, "procedure_name": named}
        return AlarmSiteDetails(**more, plans=plans(held), points=points)

    def kept(request: Request, who: Principal, id: int) -> Site:
        """One of the caller's. Raises UnknownSite."""
        site = sites.get(id)
        if not scope_for(request, who, Function.MANAGE_DEVICES).holds(area_of(site)):
            raise UnknownSite()
        return site

    async def drafted(request: Request, who: Principal, body: AlarmSiteOrder, own: int = 0) -> tuple[Principal, Facts, Said]:
        """`own`: the place that is changed, which keeps the hosts that stand in it. Raises UnusableSite, Refusal."""
        area = divisions.current(body.area or own_area)
        if body.area and divisions.name_of(area) == area:
            raise UnusableSite(why_zh=f"没有行政区划 {area}", why_en=f"there is no area {area}")
        who = await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(body.name, area))
        for account in body.hosts:
            stands = sites.where(account)
            if (known := hosts.known(account)) is not None and (stands is None or stands.id != own):
                who = await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(account, known.host.area))
        facts = Facts(body.name, body.kind, area, body.address, body.longitude, body.latitude)
        return who, facts, Said(tuple(one.kept for one in body.contacts), body.note, body.plan, procedure=body.procedure)

    @routes.get("/alarm-sites", operation_id="listAlarmSites")
    async def list_sites(
        request: Request,
        who: Keeper,
        kind: SiteKind | None = None,
        words: Annotated[str, Query(max_length=100)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        cursor: Annotated[str, Query(pattern=r"^[0-9]{0,6}$")] = "",
    ) -> AlarmSitePage:
        """Protected places of one's own areas, kindergartens and schools first. `words`: each is in its name, its address or the
        account of a host. Never a telephone number."""
        scope = scope_for(request, who, Function.MANAGE_DEVICES)
        some = words.split()
        found = [one for one in sites.all() if scope.holds(area_of(one)) and one.meets(kind, some)]
        begin = int(cursor or 0)
        end = begin + limit
        items = [AlarmSiteEntry(**entry(one)) for one in found[begin:end]]
        return AlarmSitePage(items=items, next=str(end) if len(found) > end else None, total=len(found))

    @routes.post("/alarm-sites", status_code=201, operation_id="addAlarmSite")
    async def add_site(request: Request, who: Keeper, body: AlarmSiteOrder) -> AlarmSiteDetails:
        """Enter a protected place: alarms of its hosts show it from now on."""
        async with recorded(request, who, Act.ALARM_SITE_ADD, body.name):
            who, facts, words = await drafted(request, who, body)
            return details(await sites.add(who, facts, words, body.hosts))

    @routes.get("/alarm-sites/{site_id}", operation_id="getAlarmSite")
    async def get_site(request: Request, who: Keeper, site_id: SiteId) -> AlarmSiteDetails:
        """A protected place, with whom one calls there."""
        return details(await sites.read(kept(request, who, site_id)))

    @routes.put("/alarm-sites/{site_id}", operation_id="changeAlarmSite")
    async def change_site(request: Request, who: Keeper, site_id: SiteId, body: AlarmSiteChange) -> AlarmSiteDetails:
        """Write it anew; what it said before is not kept."""
        async with recorded(request, who, Act.ALARM_SITE_CHANGE, str(site_id)):
            site = kept(request, who, site_id)
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(site.facts.name, area_of(site)))
            who, facts, words = await drafted(request, who, body, site_id)
            return details(await sites.change(who, site_id, body.version, facts, words, body.hosts))

    @routes.delete("/alarm-sites/{site_id}", status_code=204, operation_id="removeAlarmSite")
    async def remove_site(request: Request, who: Keeper, site_id: SiteId) -> None:
        """Forget a protected place, and whom one called there; its hosts and their alarms stay."""
        async with recorded(request, who, Act.ALARM_SITE_REMOVE, str(site_id)):
            site = kept(request, who, site_id)
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(site.facts.name, area_of(site)))
            await sites.remove(who, site_id)

    async def changed(request: Request, who: Principal, id: int) -> Principal:
        """Whoever may change that place. Raises UnknownSite, Refusal."""
        site = kept(request, who, id)
        return await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(site.facts.name, area_of(site)))

    @routes.post("/alarm-sites/{site_id}/plans", status_code=201, operation_id="addSitePlan", openapi_extra=OCTETS)
    async def add_plan(
        request: Request, who: Keeper, site_id: SiteId, version: Annotated[Number, Query()], name: Annotated[Line, Query()] = ""
    ) -> AlarmSiteDetails:
        """A floor plan, as JPEG, PNG or WebP: kept as a JPEG of nothing but its pixels. `version`: of the place, as one saw it."""
        async with recorded(request, who, Act.ALARM_SITE_CHANGE, str(site_id)):
            who = await changed(request, who, site_id)
            octets = await request.body()
            if len(octets) > MOST_OCTETS:
                raise PlanTooLarge(most=MOST_OCTETS >> 20)
            return details(await sites.add_plan(who, site_id, version, name, octets))

    @routes.get("/alarm-sites/{site_id}/plans/{photo}", operation_id="getSitePlan", response_class=Response, responses=PICTURE)
    async def get_plan(request: Request, who: Keeper, site_id: SiteId, photo: Picture) -> Response:
        """The picture of a floor plan; looking at it is on record."""
        async with recorded(request, who, Act.ALARM_SITE_PLAN, str(site_id)):
            return _pictured(await sites.picture(who, kept(request, who, site_id), photo))

    @routes.put("/alarm-sites/{site_id}/plans/{photo}", operation_id="changeSitePlan")
    async def change_plan(request: Request, who: Keeper, site_id: SiteId, photo: Picture, body: SitePlanChange) -> AlarmSiteDetails:
        """Name a floor plan, and mark where points stand on it."""
        async with recorded(request, who, Act.ALARM_SITE_CHANGE, str(site_id)):
            who = await changed(request, who, site_id)
            marks = tuple(Mark(one.account, one.zone, one.x, one.y) for one in body.marks)
            return details(await sites.change_plan(who, site_id, body.version, FloorPlan(photo, body.name, marks)))

    @routes.delete("/alarm-sites/{site_id}/plans/{photo}", operation_id="removeSitePlan")
    async def remove_plan(
        request: Request, who: Keeper, site_id: SiteId, photo: Picture, version: Annotated[Number, Query()]
    ) -> AlarmSiteDetails:
        """Forget a floor plan and its marks; its picture goes from the disk."""
        async with recorded(request, who, Act.ALARM_SITE_CHANGE, str(site_id)):
            who = await changed(request, who, site_id)
            return details(await sites.remove_plan(who, site_id, version, photo))

    async def own(request: Request, who: Principal, id: int) -> Alarm:
        """Of one's own area, or passed on to one's shift and taken by oneself. Raises UnknownAlarm."""
        alarm = await alarms.get(desk_scopes_for(request, who, WATCHED_BY), id)
        theirs = alarm.owner_id == who.user_id
        return alarm if theirs else await alarms.get([scope_for(request, who, one) for one in WATCHED_BY], id)

    @routes.get("/alarms/{alarm_id}/site", operation_id="getAlarmsSite")
    async def of_alarm(request: Request, who: Watcher, alarm_id: AlarmId) -> AlarmSiteAt:
        """The protected place that an alarm comes from: whom to call, and what to do."""
        alarm = await own(request, who, alarm_id)
        site = sites.of(alarm)
        if site is None:
            return AlarmSiteAt(site=None)
        held = await sites.read(site)
        facts = {name: getattr(held.site.facts, name) for name in ("name", "kind", "address", "longitude", "latitude")}
        return AlarmSiteAt(
            site=SiteCard(id=site.id, **facts, **said(held), plans=plans(held, alarm)) if held.site.is_whole else None
        )

    @routes.get(
        "/alarms/{alarm_id}/site/plans/{photo}", operation_id="getAlarmsSitePlan", response_class=Response, responses=PICTURE
    )
    async def plan_of_alarm(request: Request, who: Watcher, alarm_id: AlarmId, photo: Picture) -> Response:
        """The picture of a floor plan of the place that an alarm comes from; looking at it is on record."""
        async with recorded(request, who, Act.ALARM_SITE_PLAN, f"alarm {alarm_id}"):
            alarm = await own(request, who, alarm_id)
            site = sites.of(alarm)
            if site is None:
                raise UnknownPlan()
            return _pictured(await sites.picture(who, site, photo, alarm))

    return routes


def _pictured(octets: bytes) -> Response:
    return Response(octets, media_type="image/jpeg", headers={"cache-control": "no-store"})
