"""Procedures over HTTP: written by whoever manages duty where they hold, run by whoever works on an alarm or an incident."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import Depends, Path, Query, Request

from fengsui.features.access import Function, Place, Principal, Scope, desk_scopes_for, recorded, refuse_unless, require, scope_for
from fengsui.features.alarms import WATCHED_BY
from fengsui.features.areas import Divisions
from fengsui.features.audit import Act
from fengsui.features.procedures.actions import Procedures
from fengsui.features.procedures.errors import UnusableProcedure
from fengsui.features.procedures.model import Procedure
from fengsui.features.procedures.run_model import Deed, due_at, left_of
from fengsui.features.procedures.runs import ProcedureRuns, Whole
from fengsui.features.procedures.schemas import (
    OfferedProcedure,
    ProcedureChange,
    ProcedureEntry,
    ProcedureList,
    ProcedureOrder,
    ProcedureRunPage,
    ProcedureRunShape,
    ProcedureShape,
    ProcedureStart,
    ProcedureStep,
    ProcedureVersion,
    ProcedureVersionList,
    Shown,
    SkipReview,
    StepAnswer,
    StepSkip,
    SubjectProcedures,
)
from fengsui.late_routes import LateRoutes

READ_BY = (Function.TAKE_DUTY, Function.MANAGE_DUTY, Function.READ_DUTY_LOG)
CHOSEN_BY = (*READ_BY, Function.MANAGE_DEVICES)
"""Who keeps protected places chooses one for each."""
LISTED_BY = (Function.MANAGE_DUTY, Function.READ_DUTY_LOG)
Reader = Annotated[Principal, Depends(require(*READ_BY))]
Chooser = Annotated[Principal, Depends(require(*CHOSEN_BY))]
Supervisor = Annotated[Principal, Depends(require(*LISTED_BY))]
Author = Annotated[Principal, Depends(require(Function.MANAGE_DUTY))]
Worker = Annotated[Principal, Depends(require(Function.TAKE_DUTY))]
Watcher = Annotated[Principal, Depends(require(*WATCHED_BY))]
ProcedureId = Annotated[int, Path(ge=1, le=2**31 - 1)]
RunId = Annotated[int, Path(ge=1, le=2**31 - 1)]
AlarmId = Annotated[int, Path(ge=1, le=2**63 - 1)]
IncidentId = Annotated[int, Path(ge=1, le=2**31 - 1)]
SeenVersion = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _maybe(seconds: float | None) -> datetime | None:
    return None if seconds is None else _at(seconds)


def _offered(all_here: list[Procedure], proposed: set[int]) -> list[OfferedProcedure]:
    found = [
        OfferedProcedure(id=one.id, name=one.name, mandatory=one.is_mandatory, proposed=one.id in proposed) for one in all_here
    ]
    return sorted(found, key=lambda one: (not one.proposed, not one.mandatory, one.name))


def router(procedures: Procedures, runs: ProcedureRuns, divisions: Divisions, own_area: str) -> LateRoutes:
    """The routes of procedures. `own_area`: the node's own."""
    routes = LateRoutes(tags=["procedures"])

    def scopes(request: Request, who: Principal, functions: tuple[Function, ...]) -> list[Scope]:
        return [scope_for(request, who, one) for one in functions]

    def shape(request: Request, who: Principal, one: Procedure) -> ProcedureShape:
        said = msgspec.to_builtins(one.definition)
        return ProcedureShape(
            id=one.id,
            name=one.name,
            area=one.area,
            area_name=divisions.name_of(one.area),
            on=one.is_on,
            mandatory=one.is_mandatory,
            version=one.version,
            changed_at=_at(one.changed_at),
            changed_by=one.changed_by,
            offer=said["offer"],
            steps=said["steps"],
            editable=scope_for(request, who, Function.MANAGE_DUTY).holds(one.area),
        )

    def run_shape(found: Whole) -> ProcedureRunShape:
        run, step = found.run, found.definition.by_id.get(found.run.step)
        return ProcedureRunShape(
            id=run.id,
            procedure=run.procedure,
            version=run.version,
            name=run.name,
            mandatory=run.is_mandatory,
            alarm=run.alarm,
            incident=run.incident,
            area=run.area,
            area_name=divisions.name_of(run.area),
            started_at=_at(run.started_at),
            started_by=run.started_by,
            ended_at=_maybe(run.ended_at),
            step=run.step or None,
            step_at=_at(run.step_at),
            due_at=_maybe(due_at(run, found.definition)),
            left=[] if step is None else [way + 1 for way in left_of(step, found.entries)],
            steps=[ProcedureStep.model_validate(msgspec.to_builtins(one)) for one in found.definition.steps],
            entries=[
                ProcedureEntry(
                    ordinal=one.ordinal,
                    step=one.step,
                    outcome=one.outcome,
                    text=one.text,
                    answer=one.answer,
                    note=one.note,
                    at=_at(one.at),
                    took_s=one.took_s,
                    late=one.is_late,
                    by=one.name,
                )
                for one in found.entries
            ],
            skipped=run.skipped,
            reviewed_at=_maybe(run.reviewed_at),
            reviewed_by=run.reviewed_by,
        )

    async def drafted(request: Request, who: Principal, body: ProcedureOrder) -> tuple[Principal, Procedure]:
        """Raises UnusableProcedure, Refusal."""
        area = divisions.current(body.area or own_area)
        if body.area and divisions.name_of(area) == area:
            raise UnusableProcedure(why_zh=f"没有行政区划 {area}", why_en=f"there is no area {area}")
        who = await refuse_unless(request, who, Function.MANAGE_DUTY, Place(body.name, area))
        return who, Procedure(0, body.name, area, body.on, body.mandatory, body.definition)

    @routes.get("/procedures", operation_id="listProcedures")
    async def list_procedures(request: Request, who: Chooser) -> ProcedureList:
        """Procedures that hold where one works, by name."""
        found = procedures.near(scopes(request, who, CHOSEN_BY))
        return ProcedureList(items=[shape(request, who, one) for one in found])

    @routes.post("/procedures", status_code=201, operation_id="addProcedure")
    async def add_procedure(request: Request, who: Author, body: ProcedureOrder) -> ProcedureShape:
        """Write a procedure: every step is reached, every way ends, and an answer that leads back is bounded."""
        async with recorded(request, who, Act.PROCEDURE_ADD, body.name):
            who, draft = await drafted(request, who, body)
            made = await procedures.add(who, draft)
        return shape(request, who, made)

    @routes.put("/procedures/{procedure_id}", operation_id="changeProcedure")
    async def change_procedure(request: Request, who: Author, procedure_id: ProcedureId, body: ProcedureChange) -> ProcedureShape:
        """Write a procedure anew, or turn it on or off; runs that began go on with what they began with."""
        async with recorded(request, who, Act.PROCEDURE_CHANGE, str(procedure_id)):
            held = scopes(request, who, (Function.MANAGE_DUTY,))
            procedures.get(held, procedure_id)
            who, draft = await drafted(request, who, body)
            made = await procedures.change(who, held, procedure_id, body.version, draft)
        return shape(request, who, made)

    @routes.delete("/procedures/{procedure_id}", status_code=204, operation_id="removeProcedure")
    async def remove_procedure(request: Request, who: Author, procedure_id: ProcedureId, version: SeenVersion = None) -> None:
        """Take a procedure away; its versions and its runs stay."""
        async with recorded(request, who, Act.PROCEDURE_REMOVE, str(procedure_id)):
            await procedures.remove(who, scopes(request, who, (Function.MANAGE_DUTY,)), procedure_id, version)

    @routes.get("/procedures/{procedure_id}/versions", operation_id="listProcedureVersions")
    async def list_versions(request: Request, who: Reader, procedure_id: ProcedureId) -> ProcedureVersionList:
        """What a procedure said, version by version."""
        found = await procedures.versions(scopes(request, who, READ_BY), procedure_id)
        items = [ProcedureVersion(procedure=shape(request, who, one.procedure), removed=one.is_removed) for one in found]
        return ProcedureVersionList(items=items)

    @routes.get("/alarms/{alarm_id}/procedures", operation_id="getAlarmProcedures")
    async def of_alarm(request: Request, who: Watcher, alarm_id: AlarmId) -> SubjectProcedures:
        """Which procedures may be begun for an alarm, and those that were."""
        alarm, here, found = await runs.about_alarm(desk_scopes_for(request, who, WATCHED_BY), alarm_id)
        proposed = {one.id for one in runs.proposed(alarm, here)}
        return SubjectProcedures(offered=_offered(here, proposed), runs=[run_shape(one) for one in found])

    @routes.post("/alarms/{alarm_id}/procedures", status_code=201, operation_id="startAlarmProcedure")
    async def start_for_alarm(request: Request, who: Worker, alarm_id: AlarmId, body: ProcedureStart) -> ProcedureRunShape:
        """Begin a procedure for one's alarm."""
        async with recorded(request, who, Act.PROCEDURE_START, str(alarm_id)):
            made = await runs.start_for_alarm(who, desk_scopes_for(request, who, (Function.TAKE_DUTY,)), alarm_id, body.procedure)
        return run_shape(made)

    @routes.get("/incidents/{incident_id}/procedures", operation_id="getIncidentProcedures")
    async def of_incident(request: Request, who: Watcher, incident_id: IncidentId) -> SubjectProcedures:
        """Which procedures may be begun for an incident, and those that were: for it, what was merged into it, or their alarms."""
        whole, here, found = await runs.about_incident(scopes(request, who, WATCHED_BY), incident_id)
        proposed = {each.id for one in whole for each in here if each.definition.offer.meets_incident(one.kind, one.place)}
        return SubjectProcedures(offered=_offered(here, proposed), runs=[run_shape(one) for one in found])

    @routes.post("/incidents/{incident_id}/procedures", status_code=201, operation_id="startIncidentProcedure")
    async def start_for_incident(request: Request, who: Worker, incident_id: IncidentId, body: ProcedureStart) -> ProcedureRunShape:
        """Begin a procedure for an incident."""
        async with recorded(request, who, Act.PROCEDURE_START, str(incident_id)):
            made = await runs.start_for_incident(who, scopes(request, who, (Function.TAKE_DUTY,)), incident_id, body.procedure)
        return run_shape(made)

    @routes.post("/procedure-runs/{run_id}/answers", operation_id="answerProcedureStep")
    async def answer(request: Request, who: Worker, run_id: RunId, body: StepAnswer) -> ProcedureRunShape:
        """Say what was done about the step at which a run stands; the run goes on."""
        async with recorded(request, who, Act.PROCEDURE_ANSWER, str(run_id)):
            deed = Deed("answered", body.seen, None if body.answer is None else body.answer - 1, body.note)
            made = await runs.act(who, desk_scopes_for(request, who, (Function.TAKE_DUTY,)), run_id, deed)
        return run_shape(made)

    @routes.post("/procedure-runs/{run_id}/skips", operation_id="skipProcedureStep")
    async def skip(request: Request, who: Worker, run_id: RunId, body: StepSkip) -> ProcedureRunShape:
        """Leave a step out, with a reason; a supervisor is told."""
        async with recorded(request, who, Act.PROCEDURE_SKIP, str(run_id)):
            deed = Deed("skipped", body.seen, None if body.answer is None else body.answer - 1, body.reason, rest=body.rest)
            made = await runs.act(who, desk_scopes_for(request, who, (Function.TAKE_DUTY,)), run_id, deed)
        return run_shape(made)

    @routes.get("/procedure-runs", operation_id="listProcedureRuns")
    async def list_runs(
        request: Request,
        who: Supervisor,
        shown: Shown = "all",
        before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> ProcedureRunPage:
        """Runs of one's areas. `skipped`: those alone with steps that were skipped and that no supervisor has seen."""
        where = scopes(request, who, LISTED_BY)
        asked = {"skipped": shown == "skipped", "is_open": shown == "open"}
        found = await runs.listed(where, **asked, before=before, limit=limit + 1)
        more = found[limit - 1].run.id if len(found) > limit else None
        return ProcedureRunPage(items=[run_shape(one) for one in found[:limit]], next=more)

    @routes.post("/procedure-runs/{run_id}/review", operation_id="reviewProcedureSkips")
    async def review(request: Request, who: Author, run_id: RunId, body: SkipReview) -> ProcedureRunShape:
        """Say that one has seen what others skipped, and why."""
        async with recorded(request, who, Act.PROCEDURE_REVIEW, str(run_id)):
            made = await runs.review(who, scopes(request, who, (Function.MANAGE_DUTY,)), run_id, body.seen)
        return run_shape(made)

    return routes
