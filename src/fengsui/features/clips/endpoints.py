"""Clips over HTTP: the request, and the right to take the file. The file itself comes from the media port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import AwareDatetime

from fengsui.features.access import Function, Principal, address_of, recorded, require
from fengsui.features.approvals import Document
from fengsui.features.audit import Act
from fengsui.features.clips.actions import Clips
from fengsui.features.clips.model import Clip, Taken
from fengsui.features.clips.schemas import (
    ClipAddress,
    ClipFileList,
    ClipLinking,
    ClipList,
    ClipManifest,
    ClipOrder,
    ClipShape,
    ClipTaking,
    TakenShape,
)
from fengsui.late_routes import LateRoutes

Asker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]
"""Of what one has asked for: also when the ticket is over."""
Exporter = Annotated[Principal, Depends(require(Function.EXPORT))]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[int, Query(ge=0, le=2**31 - 1)]
ClipId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]


def _micros(at: datetime) -> int:
    """Exact: a float of seconds is not."""
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000 + at.microsecond


def _at(us: int) -> datetime:
    return datetime.fromtimestamp(us // 1_000_000, UTC).replace(microsecond=us % 1_000_000)


def router(clips: Clips, media_port: int) -> LateRoutes:
    """The routes of clips."""
    routes = LateRoutes(tags=["clips"])

    def taken(one: Taken) -> TakenShape:
        return TakenShape(
            since=_at(one.from_us),
            until=_at(one.to_us),
            file=one.file,
            bytes=one.bytes,
            pictures=one.pictures,
            damaged=one.damaged,
            missing_s=one.footage.missing_us / 1e6,
            sha256=one.sha256,
            ended=one.ended,
            at=one.at,
        )

    def shape(clip: Clip, parts: Sequence[Taken] = (), files: int = 0) -> ClipShape:
        wanted = clip.wanted
        return ClipShape.model_validate(
            {
                "id": clip.id,
                "camera": wanted.camera,
                "name": wanted.name,
                "stream": wanted.stream,
                "recording": wanted.recording,
                "since": _at(wanted.from_us),
                "until": _at(wanted.to_us),
                "use_ticket": wanted.ticket,
                "reason": clip.reason,
                "state": clip.state,
                "ended_reason": None if clip.ended is None else asdict(clip.ended),
                "linked_from": None if wanted.origin is None else asdict(wanted.origin),
                "approved_by": clip.approved_by,
                "asked_at": datetime.fromtimestamp(clip.asked_at, UTC),
                "usable_until": datetime.fromtimestamp(clip.until, UTC),
                "taken": [taken(one) for one in parts],
                "taken_total": files,
            }
        )

    @routes.post("/cameras/{code}/clips", status_code=202, operation_id="proposeClip")
    async def propose(request: Request, who: Exporter, code: str, body: ClipOrder) -> ClipShape:
        """Ask for footage as an MP4 file, under a use ticket that covers it; another person approves (rule A14)."""
        document = None if body.document is None else Document(**body.document.model_dump(mode="json"))
        async with recorded(request, who, Act.APPROVAL_ASK, code):
            micros = (_micros(body.since), _micros(body.until))
            asker, wanted = await clips.checked(
                replace(who, address=address_of(request)), code, body.stream, micros, body.recording
            )
        return shape(await clips.ask(asker, wanted, body.reason, document))

    @routes.post("/clips/{clip}/links", status_code=202, operation_id="proposeClipLink")
    async def propose_link(request: Request, who: Exporter, clip: ClipId, body: ClipLinking) -> ClipShape:
        """Ask to use one's own clip for another case, under a use ticket of that case that covers it; another person approves (rule
        A6). Its files name that case, and the one for which the clip was made.
        """
        document = None if body.document is None else Document(**body.document.model_dump(mode="json"))
        async with recorded(request, who, Act.APPROVAL_ASK, clip):
            asker, wanted = await clips.linked(replace(who, address=address_of(request)), clip, body.use_ticket)
        return shape(await clips.ask(asker, wanted, body.reason, document))

    @routes.get("/clips", operation_id="listClips")
    async def list_mine(who: Asker, limit: Limit = 50, cursor: Cursor = 0) -> ClipList:
        """One's own clips of the last two days: what waits, what may be taken, what was taken."""
        mine, following, total = await clips.mine(who, cursor, limit)
        parts = await clips.taken([one.id for one in mine])
        items = [shape(one, *parts.get(one.id, ((), 0))) for one in mine]
        return ClipList(items=items, next=following, total=total, needs_document=clips.needs_document)

    @routes.get("/clips/{clip}/files", operation_id="listClipFiles")
    async def list_files(who: Asker, clip: ClipId, limit: Limit = 50, cursor: Cursor = 0) -> ClipFileList:
        """Every file of one's own clip that was handed over, and every try, the last first."""
        found, following, total = await clips.files(who, clip, cursor, limit)
        return ClipFileList(items=[taken(one) for one in found], next=following, total=total)

    @routes.post("/clips/{clip}/download", status_code=201, operation_id="takeClip")
    async def take(request: Request, who: Exporter, clip: ClipId, body: ClipTaking) -> ClipAddress:
        """The address of the file, for once; that it was taken, and its SHA-256, are on record."""
        async with recorded(request, who, Act.CLIP_TAKE, clip):
            name, ticket, file = await clips.take(who, clip, None if body.since is None else _micros(body.since))
        host = request.url.hostname or "127.0.0.1"
        base = f"{request.url.scheme}://{f'[{host}]' if ':' in host else host}:{media_port}"
        return ClipAddress(url=f"{base}/{name}?ticket={ticket}", file=file)

    @routes.get("/clips/{clip}/manifest", operation_id="getClipManifest")
    async def manifest(
        who: Asker,
        clip: ClipId,
        since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        sha256: Annotated[str, Query(pattern=r"^([0-9a-f]{64})?$")] = "",
    ) -> ClipManifest:
        """What the file is, to be kept beside it. Of a clip that was taken several times that of the last file; by `sha256`: of
        the file that has this hash."""
        from_us = None if since is None else _micros(since)
        return ClipManifest.model_validate(await clips.manifest(who, clip, from_us, sha256))

    return routes
