"""Links to other systems over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request

from fengsui.features.access import Function, Place, Principal, recorded, refuse_unless, require, scope_for
from fengsui.features.alarm_intake import AlarmIntake, whole_schema
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.features.dispatch_links.jobs import JobIntake
from fengsui.features.dispatch_links.links import DispatchLinks, KnownLink, LinkWanted
from fengsui.features.dispatch_links.model import UnusableLink
from fengsui.features.dispatch_links.schemas import (
    DispatchLinkMade,
    DispatchLinkOrder,
    DispatchLinkPage,
    DispatchLinkSettle,
    DispatchLinkShape,
    DispatchLinkSwitch,
    JobReport,
    JobTaken,
)
from fengsui.features.dispatch_links.sending import LinkSender
from fengsui.late_routes import LateRoutes

Keeper = Annotated[Principal, Depends(require(Function.MANAGE_DEVICES))]
SourceInPath = Annotated[str, Path(max_length=64)]
Timestamp = Annotated[str, Header(alias="X-Fengsui-Timestamp", max_length=64)]
Signature = Annotated[str, Header(alias="X-Fengsui-Signature", max_length=256)]
Key = Annotated[
    str,
    Header(
        alias="idempotency-key",
        pattern=r"^[\x21-\x7e]{0,256}$",
        description="The same message under the same key is taken once; without one its body is its key",
    ),
]
JOB_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": whole_schema(JobReport)}}}}
LinkId = Annotated[int, Path(ge=1, le=2**31 - 1)]


def _moment(at: float) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


def router(
    links: DispatchLinks, sender: LinkSender, intake: AlarmIntake, jobs: JobIntake, divisions: Divisions, own_area: str
) -> LateRoutes:
    """The routes of links and jobs. `own_area`: the node's own."""
    routes = LateRoutes(tags=["dispatch links"])

    def shape(one: KnownLink, waiting: int) -> DispatchLinkShape:
        link, figures = one.link, one.figures
        return DispatchLinkShape(
            id=link.id,
            name=link.name,
            title=link.title,
            url=link.url,
            area=link.area,
            area_name=divisions.name_of(link.area),
            news=list(link.news),
            least_urgent=link.least_urgent,
            on=link.is_on,
            made_at=datetime.fromtimestamp(link.made_at, UTC),
            sent=figures.sent,
            sent_at=_moment(figures.sent_at),
            waiting=waiting,
            failures=figures.failures,
            failed_since=_moment(figures.failed_since),
            fault=figures.fault,
            set_aside=one.aside.count,
            set_aside_since=_moment(one.aside.since),
            set_aside_why=one.aside.why,
            distrusted=one.secret is None,
        )

    def place_of(one: KnownLink) -> Place:
        """Of one that is distrusted, its area may not be its own: whoever keeps the node's own decides."""
        return Place(one.link.name, own_area if one.secret is None else one.link.area)

    @routes.get("/dispatch-links", operation_id="listDispatchLinks")
    async def list_links(request: Request, who: Keeper) -> DispatchLinkPage:
        """Systems that are told, in one's own areas, by name; never a secret."""
        scope = scope_for(request, who, Function.MANAGE_DEVICES)
        waiting = await links.waiting()
        found = [one for one in links.all() if scope.holds(place_of(one).area)]
        return DispatchLinkPage(items=[shape(one, waiting.get(one.link.id, 0)) for one in found])

    @routes.post("/dispatch-links", status_code=201, operation_id="addDispatchLink")
    async def add_link(request: Request, who: Keeper, body: DispatchLinkOrder) -> DispatchLinkMade:
        """Tell another system of what comes from now on: with the secret by which it is signed, told this once."""
        area = divisions.current(body.area or own_area)
        async with recorded(request, who, Act.DISPATCH_LINK_ADD, body.name):
            if body.area and divisions.name_of(area) == area:
                raise UnusableLink(why_zh=f"没有行政区划 {area}", why_en=f"there is no area {area}")
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, Place(body.name, area))
            news, secret = sorted(set(body.news)), body.secret
            wanted = LinkWanted(body.name, body.title, body.url, area, news, body.least_urgent, secret)
            made, secret = await links.add(who, wanted)
        return DispatchLinkMade(link=shape(made, 0), secret=secret)

    @routes.put("/dispatch-links/{link_id}/state", operation_id="switchDispatchLink")
    async def switch_link(request: Request, who: Keeper, link_id: LinkId, body: DispatchLinkSwitch) -> DispatchLinkShape:
        """Off: what comes is not sent, and what waits goes on waiting."""
        async with recorded(request, who, Act.DISPATCH_LINK_SWITCH, str(link_id)):
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, place_of(links.get(link_id)))
            found = await links.switch(who, link_id, body.on)
        return shape(found, (await links.waiting()).get(link_id, 0))

    @routes.post("/dispatch-links/{link_id}/attempts", status_code=204, operation_id="tryDispatchLink")
    async def try_link(request: Request, who: Keeper, link_id: LinkId) -> None:
        """Send a signed word about nothing, now: 204, it was taken over. What waits is sent with it."""
        async with recorded(request, who, Act.DISPATCH_LINK_TRY, str(link_id)):
            found = links.get(link_id)
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, place_of(found))
        await sender.attempt(who, found)  # it is on record then, and taken back when it comes to nothing

    @routes.post("/dispatch-links/{link_id}/set-aside", operation_id="settleDispatchLink")
    async def settle_link(request: Request, who: Keeper, link_id: LinkId, body: DispatchLinkSettle) -> DispatchLinkShape:
        """Send again what the other system refused, under the same keys, or leave it out."""
        async with recorded(request, who, Act.DISPATCH_LINK_SETTLE, str(link_id)):
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, place_of(links.get(link_id)))
            found = await links.settle(who, link_id, body.do == "send")
        return shape(found, (await links.waiting()).get(link_id, 0))

    @routes.delete("/dispatch-links/{link_id}", status_code=204, operation_id="removeDispatchLink")
    async def remove_link(request: Request, who: Keeper, link_id: LinkId) -> None:
        """Tell a system nothing any more; what waits for it is forgotten."""
        async with recorded(request, who, Act.DISPATCH_LINK_REMOVE, str(link_id)):
            who = await refuse_unless(request, who, Function.MANAGE_DEVICES, place_of(links.get(link_id)))
            await links.remove(who, link_id)

    @routes.post("/job-intake/{source}", status_code=202, operation_id="takeJob", openapi_extra=JOB_BODY)
    async def take_job(
        request: Request, source: SourceInPath, timestamp: Timestamp = "", signature: Signature = "", idempotency_key: Key = ""
    ) -> JobTaken:
        """Send a job, or where one stands, as a registered source of jobs: signed by its secret and not by a session. 202: it is on
        disk. 503 and 429: send it again under the same key, as with no answer at all. `{"ping":true}` is a try, and no job (0).
        """
        said = request.headers.get("content-length", "0")
        intake.bound(int(said) if said.isascii() and said.isdigit() else 0)  # the server lets nobody send more than that
        found = await jobs.take(source, timestamp, signature, await request.body(), idempotency_key)
        return JobTaken(number=found.number, incident=found.incident, received_at=found.at)

    return routes
