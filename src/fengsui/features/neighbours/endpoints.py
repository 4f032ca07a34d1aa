"""What is kept of other nodes' logs, over HTTP: for the audit office."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import Depends, Response

from fengsui.features.access import Function, Principal, require
from fengsui.features.audit import Act, Audit, fingerprint
from fengsui.features.neighbours.actions import Neighbour, Neighbours
from fengsui.features.neighbours.findings import TEXTS, Finding, Found
from fengsui.features.neighbours.schemas import NeighbourFinding, NeighbourLog, NeighbourLogs, Review
from fengsui.late_routes import LateRoutes
from fengsui.node_bus import NodeBus

Auditor = Annotated[Principal, Depends(require(Function.READ_AUDIT))]


def _finding(one: Found) -> NeighbourFinding:
    zh, en = TEXTS[one.kind]
    return NeighbourFinding.model_validate(
        {
            "kind": one.kind,
            "zh": zh,
            "en": en,
            "first_at": one.first_at,
            "last_at": one.last_at,
            "times": one.times,
            "record": one.record,
            "detail": one.detail,
            "ended_at": one.ended_at or None,
            "ended_by": one.ended_by,
            "note": one.note,
        }
    )


def _log(one: Neighbour) -> NeighbourLog:
    return NeighbourLog(
        code=one.code,
        fingerprint=fingerprint(one.key),
        last=one.chain.last,
        claimed=one.claimed,
        signed_at=one.chain.at,
        heard_at=one.heard_at,
        silent=one.findings.open_one(Finding.SILENT) is not None,
        findings=[_finding(found) for found in reversed(one.findings.all)],
    )


def router(audit: Audit, neighbours: Neighbours, bus: NodeBus) -> LateRoutes:
    """The routes of what is kept for others."""
    routes = LateRoutes(prefix="/audit/neighbours", tags=["audit"])

    @routes.get("", operation_id="listNeighbourLogs")
    async def logs(who: Auditor) -> NeighbourLogs:
        """Each node whose checkpoints are kept here, with what was found, the newest first."""
        state = bus.state
        kind: Literal["none", "connected", "away"] = "connected" if state.connected else "away" if state.what else "none"
        return NeighbourLogs(items=[_log(one) for one in neighbours.known.values()], bus=kind, what=state.what)

    @routes.get("/{node}/checkpoints", operation_id="takeNeighbourCheckpoints", response_class=Response)
    async def checkpoints(who: Auditor, node: str) -> Response:
        """All that is kept of a node; `fengsui audit verify LOG --key KEY --copy FILE` proves its log with it, anywhere."""
        await audit.record(who, Act.NEIGHBOUR_COPY, node)
        one = neighbours.get(node)
        octets = await asyncio.to_thread(one.chain.octets)
        headers = {"content-disposition": f'attachment; filename="{node}.checkpoints"', "cache-control": "no-store"}
        return Response(octets, media_type="application/octet-stream", headers=headers)

    @routes.post("/{node}/review", operation_id="reviewNeighbour", status_code=204)
    async def review(who: Auditor, node: str, order: Review) -> None:
        """Says what came of looking at a node's open findings, and ends them."""
        await neighbours.review(who, node, order.note)

    return routes
