"""Rules over HTTP: written by whoever manages duty where they hold, read by whoever reads what is done there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Path, Query, Request

from fengsui.features.access import Function, Place, Principal, Scope, desk_scopes_for, recorded, refuse_unless, require, scope_for
from fengsui.features.alarm_rules.actions import AlarmRules
from fengsui.features.alarm_rules.dry_run import DryRun
from fengsui.features.alarm_rules.model import Definition, Rule, UnusableRule
from fengsui.features.alarm_rules.ports import Forwarding, Switching
from fengsui.features.alarm_rules.queries import LinkedCamera
from fengsui.features.alarm_rules.schemas import (
    AlarmCamera,
    AlarmCameraList,
    AlarmRuleChange,
    AlarmRuleLink,
    AlarmRuleLinkList,
    AlarmRuleList,
    AlarmRuleOrder,
    AlarmRuleShape,
    AlarmRuleTrial,
    AlarmRuleTried,
    AlarmRuleVersion,
    AlarmRuleVersionList,
    RuleSaid,
    TriedAlarm,
)
from fengsui.features.alarms import WATCHED_BY, AlarmHosts, Alarms, AlarmShapes
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.features.cameras import Cameras, UnknownCamera
from fengsui.features.procedures import Procedures
from fengsui.late_routes import LateRoutes

READ_BY = (Function.MANAGE_DUTY, Function.READ_DUTY_LOG)
Ruler = Annotated[Principal, Depends(require(Function.MANAGE_DUTY))]
Watcher = Annotated[Principal, Depends(require(*WATCHED_BY))]
AlarmId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Reader = Annotated[Principal, Depends(require(*READ_BY))]
RuleId = Annotated[int, Path(ge=1, le=2**31 - 1)]
SeenVersion = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


def _seen_alone(then: list[Any], seen: Collection[str]) -> list[Any]:
    """Actions without the cameras that somebody does not see; one that shows none of them is left out."""
    found = []
    for one in then:
        if one["do"] == "protect":
            found.append({**one, "cameras": [code for code in one["cameras"] if code in seen]})
        elif one["do"] == "show":
            shown = [camera for camera in one["cameras"] if camera["camera"] in seen]
            found += [{**one, "cameras": shown}] if shown else []
        else:
            found.append(one)
    return found


def router(
    rules: AlarmRules,
    trials: DryRun,
    alarms: Alarms,
    shapes: AlarmShapes,
    hosts: AlarmHosts,
    cameras: Cameras,
    procedures: Procedures,
    forwarding: Forwarding,
    switching: Switching,
    divisions: Divisions,
    own_area: str,
) -> LateRoutes:
    """The routes of rules. `own_area`: the node's own."""
    routes = LateRoutes(tags=["alarms"])

    def read(request: Request, who: Principal) -> list[Scope]:
        return [scope_for(request, who, one) for one in READ_BY]

    def ruled(request: Request, who: Principal) -> list[Scope]:
        return [scope_for(request, who, Function.MANAGE_DUTY)]

    def shape(one: Rule, seen: Collection[str], *, failures: bool = True) -> AlarmRuleShape:
        said = msgspec.to_builtins(one.definition)
        facts = {name: getattr(one, name) for name in ("id", "name", "area", "position", "version", "changed_by")}
        facts |= {"area_name": divisions.name_of(one.area), "on": one.is_on}
        facts |= {"changed_at": datetime.fromtimestamp(one.changed_at, UTC), "when": said["when"]}
        facts["hidden_cameras"] = sum(code not in seen for code in one.definition.cameras)
        if failures and (failed := rules.failures.get(one.id)) is not None:
            at = datetime.fromtimestamp(failed.at, UTC)
            facts |= {"failures": failed.times, "last_error": failed.last_error, "failed_at": at}
        return AlarmRuleShape.model_validate({**facts, "then": _seen_alone(said["then"], seen)})

    async def seen_in(request: Request, who: Principal, found: Collection[Definition]) -> Collection[str]:
        return await shapes.seen_by(request, who, {code for one in found for code in one.cameras})

    async def check(request: Request, who: Principal, area: str, definition: Definition) -> None:
        """Raises UnknownCamera, UnusableRule, Refusal."""
        if any(not one.startswith(area) for one in definition.when.areas):
            raise UnusableRule(why_zh=f"行政区划须在 {area} 之内", why_en=f"its areas are to lie within {area}")
        facts = await cameras.facts(definition.cameras)
        for code in definition.cameras:
            if code not in facts:
                raise UnknownCamera(camera=code)
            await refuse_unless(request, who, Function.LOOK_AROUND, facts[code])

    async def drafted(request: Request, who: Principal, body: AlarmRuleOrder) -> tuple[Principal, Rule]:
        """Raises UnusableRule, UnknownCamera, UnknownProcedure, Refusal, and what is against a link or an output."""
        area = divisions.current(body.area or own_area)
        if body.area and divisions.name_of(area) == area:
            raise UnusableRule(why_zh=f"没有行政区划 {area}", why_en=f"there is no area {area}")
        who = await refuse_unless(request, who, Function.MANAGE_DUTY, Place(body.name, area))
        definition = body.definition
        if body.on and definition.procedure is not None:  # one that is gone is no reason that its rule cannot be turned off
            procedures.held(definition.procedure, area)
        if body.on and definition.link is not None:
            forwarding.title_of(definition.link, area)
        if body.on and definition.output is not None:
            switching.name_of(definition.output, area)
        await check(request, who, area, definition)
        return who, Rule(0, body.name, area, body.on, body.position, definition)

    @routes.get("/alarm-rules", operation_id="listAlarmRules")
    async def list_rules(request: Request, who: Reader) -> AlarmRuleList:
        """What is done by itself about alarms of one's own areas, in the order in which rules have their turn."""
        found = rules.within(read(request, who))
        seen = await seen_in(request, who, [one.definition for one in found])
        return AlarmRuleList(items=[shape(one, seen) for one in found])

    @routes.post("/alarm-rules", status_code=201, operation_id="addAlarmRule")
    async def add_rule(request: Request, who: Ruler, body: AlarmRuleOrder) -> AlarmRuleShape:
        """Write a rule: it meets alarms that come from now on."""
        async with recorded(request, who, Act.ALARM_RULE_ADD, body.name):
            who, draft = await drafted(request, who, body)
            made = await rules.add(who, draft)
        return shape(made, made.definition.cameras)

    @routes.post("/alarm-rules/dry-run", operation_id="tryAlarmRule")
    async def try_rule(request: Request, who: Ruler, body: AlarmRuleTrial) -> AlarmRuleTried:
        """Which alarms of the last days a rule would have met, and what it would have done about them; nothing is done."""
        who, draft = await drafted(request, who, body.rule)
        until = None if body.until is None else body.until.timestamp()
        found = await trials.tried(ruled(request, who), draft, body.since.timestamp(), until)
        named = await shapes.named_to(request, who, [one for one, _ in found.shown])
        items = []
        for one, what in found.shown:
            said = [RuleSaid(zh=word.zh, en=word.en) for word in what]
            items.append(TriedAlarm(alarm=shapes.shape(one, named, work=False), would=said))
        upto = None if found.upto is None else datetime.fromtimestamp(found.upto, UTC)
        return AlarmRuleTried(looked=found.looked, met=found.met, items=items, upto=upto)

    @routes.get("/alarm-rules/links", operation_id="listAlarmRuleLinks")
    async def list_links(request: Request, who: Ruler) -> AlarmRuleLinkList:
        """Over which links a rule of one's own areas may forward alarms: those that are on and carry alarms."""
        found = forwarding.near(ruled(request, who))
        return AlarmRuleLinkList(items=[AlarmRuleLink(**one._asdict(), area_name=divisions.name_of(one.area)) for one in found])

    @routes.put("/alarm-rules/{rule_id}", operation_id="changeAlarmRule")
    async def change_rule(request: Request, who: Ruler, rule_id: RuleId, body: AlarmRuleChange) -> AlarmRuleShape:
        """Write a rule anew, or turn it on or off; what it said before stays among its versions."""
        async with recorded(request, who, Act.ALARM_RULE_CHANGE, str(rule_id)):
            before = rules.get(ruled(request, who), rule_id)
            for facts in (await cameras.facts(before.definition.cameras)).values():  # nobody takes out what they do not see
                await refuse_unless(request, who, Function.LOOK_AROUND, facts)
            who, draft = await drafted(request, who, body)
            made = await rules.change(who, ruled(request, who), rule_id, body.version, draft)
        return shape(made, made.definition.cameras)

    @routes.delete("/alarm-rules/{rule_id}", status_code=204, operation_id="removeAlarmRule")
    async def remove_rule(request: Request, who: Ruler, rule_id: RuleId, version: SeenVersion = None) -> None:
        """Take a rule away; its versions and what it did stay."""
        async with recorded(request, who, Act.ALARM_RULE_REMOVE, str(rule_id)):
            await rules.remove(who, ruled(request, who), rule_id, version)

    @routes.get("/alarm-rules/{rule_id}/versions", operation_id="listAlarmRuleVersions")
    async def list_versions(request: Request, who: Reader, rule_id: RuleId) -> AlarmRuleVersionList:
        """What a rule said, version by version."""
        found = await rules.versions(read(request, who), rule_id)
        seen = await seen_in(request, who, [one.rule.definition for one in found])
        items = [AlarmRuleVersion(rule=shape(one.rule, seen, failures=False), removed=one.is_removed) for one in found]
        return AlarmRuleVersionList(items=items)

    @routes.get("/alarms/{alarm_id}/cameras", operation_id="listAlarmCameras")
    async def list_cameras(request: Request, who: Watcher, alarm_id: AlarmId) -> AlarmCameraList:
        """Cameras that look at an alarm's point, and those that rules show with it, each with the preset that it is to stand at."""
        alarm = await alarms.get(desk_scopes_for(request, who, WATCHED_BY), alarm_id)
        point = hosts.point(alarm.point_id)
        looking = [] if point is None else [LinkedCamera(*one, rule=point.name, version=0) for one in point.cameras]
        if looking and looking[0].preset is None:
            del looking[0]  # it is the alarm's own, and stands as it stands
        found = [*looking, *await rules.cameras_of(alarm_id)]
        seen = await shapes.seen_with(request, who, alarm, {one.camera for one in found})
        return AlarmCameraList(items=[AlarmCamera(**one._asdict()) for one in found if one.camera in seen])

    return routes
