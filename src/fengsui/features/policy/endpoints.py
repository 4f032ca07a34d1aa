"""Policy packs over HTTP: what is in force is open to everybody who is signed in, a change takes two security administrators."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request, Response

from fengsui.features.access import Function, Principal, address_of, require, signed_in
from fengsui.features.approvals import Approvals, DifferenceShape, Document, RequestShape, request_shape
from fengsui.features.audit import Act, Audit
from fengsui.features.policy.actions import Policy, closed
from fengsui.features.policy.changes import HOUR_S, Entry, entries
from fengsui.features.policy.model import TEXTS, Gated
from fengsui.features.policy.owner_notices import Told
from fengsui.features.policy.pack import Pack
from fengsui.features.policy.pack_change import NAME, WHOLE_NODE, PackChange
from fengsui.features.policy.queries import Row
from fengsui.features.policy.schemas import (
    Acknowledgement,
    EntryShape,
    OwnerNotice,
    OwnerNoticeList,
    PackPreview,
    PackShape,
    PackText,
    PastPack,
    PolicyShape,
    ProposedPack,
    PublisherShape,
    PurposeShape,
    TicketLimits,
)
from fengsui.features.policy.signing import SUFFIX, SignedPack
from fengsui.late_routes import LateRoutes

Person = Annotated[Principal, Depends(signed_in)]
Keeper = Annotated[Principal, Depends(require(Function.MANAGE_POLICY))]
Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _entry(one: Entry) -> EntryShape:
    return EntryShape(field=one.path, zh=one.name[0], en=one.name[1], value_zh=one.value[0], value_en=one.value[1])


def _pack(signed: SignedPack, from_at: float, request: str) -> PackShape:
    pack = signed.pack
    return PackShape(
        name=pack.name,
        version=pack.version,
        publisher=pack.publisher,
        key=signed.key,
        issued_on=pack.issued_on,
        title_zh=pack.title.zh,
        title_en=pack.title.en,
        digest=signed.digest,
        from_at=_time(from_at),
        request=request,
        entries=[_entry(one) for one in entries(pack)],
    )


def _past(row: Row) -> PastPack:
    return PastPack(
        name=row.name,
        version=row.version,
        digest=row.digest,
        state=row.state,
        asked_by=row.asked_by,
        approved_by=row.approved_by,
        request=row.request,
        from_at=_time(row.from_at),
        until_at=_time(row.until_at) if row.until_at else None,
    )


def _tightened(whole: Pack | None, effective: Pack | None) -> list[EntryShape]:
    if whole is None or effective is None:
        return []
    before = {one.path: one for one in entries(whole)}
    return [_entry(one) for one in entries(effective) if before.get(one.path) != one]


def _purposes(pack: Pack | None) -> list[PurposeShape]:
    found = []
    for code, rule in pack.purposes.items() if pack is not None else ():
        zh, en = TEXTS[f"purpose.{code}"]
        functions = [one for one in Gated if one in rule.functions]
        found.append(
            PurposeShape(code=code, zh=zh, en=en, functions=functions, case_number=rule.case_number, basis=list(rule.basis))
        )
    return found


def router(policy: Policy, approvals: Approvals) -> LateRoutes:
    """The routes of the policy."""
    routes = LateRoutes(prefix="/policy", tags=["policy"])
    change = PackChange(policy)

    @routes.get("", operation_id="getPolicy")
    async def get(who: Person) -> PolicyShape:
        """What is in force, since when, and what comes."""
        history = await policy.history()
        current = next((row for row in history if row.state == "in-force"), None)
        coming = policy.coming
        return PolicyShape(
            in_force=_pack(policy.in_force, policy.since, current.request) if policy.in_force and current else None,
            coming=_pack(coming.signed, coming.from_at, coming.request) if coming is not None else None,
            tightened=_tightened(policy.in_force.pack if policy.in_force else None, policy.effective),
            purposes=_purposes(policy.effective),
            tickets=None if policy.effective is None else TicketLimits(**policy.effective.tickets.model_dump()),
            fault_zh=policy.fault.text_zh if policy.fault is not None else "",
            fault_en=policy.fault.text_en if policy.fault is not None else "",
            publishers=[PublisherShape(key=key) for key in policy.publishers()],
            history=[_past(row) for row in history],
            may_change=approvals.may(who, Function.MANAGE_POLICY, WHOLE_NODE),
        )

    @routes.get("/owner-notices", operation_id="listOwnerNotices")
    async def owner_notices(who: Looker) -> OwnerNoticeList:
        """What a partner owner is told of: rules that loosen, and changes of their cameras' class and masks (rule A37)."""
        rows, last = await policy.owners.of(who.person)
        return OwnerNoticeList(
            items=[
                OwnerNotice(
                    id=row.id,
                    at=_time(row.at),
                    about=Told(row.told),
                    camera=row.camera,
                    area=row.area,
                    zh=row.zh,
                    en=row.en,
                    due_at=_time(row.due_at) if row.due_at else None,
                    unread=row.id > last,
                )
                for row in rows
            ]
        )

    @routes.post("/owner-notices/read", status_code=204, operation_id="readOwnerNotices")
    async def read_notices(request: Request, who: Looker, body: Acknowledgement) -> None:
        """An owner has read them, on record."""
        audit: Audit = request.app.state.audit
        await audit.record(who, Act.OWNER_NOTICE_READ, who.name, detail=f"until {body.until}")
        await policy.owners.acknowledge(who.person, body.until)

    @routes.get("/pack", operation_id="getPolicyPack", response_class=Response)
    async def file(who: Person) -> Response:
        """The signed file in force, to be proved anywhere by `fengsui policy verify`."""
        if policy.in_force is None:
            raise closed(Gated.VIEW_RECORDED)
        pack = policy.in_force.pack
        headers = {"content-disposition": f'attachment; filename="{pack.name}-{pack.version}{SUFFIX}"'}
        return Response(policy.in_force.octets, media_type="application/octet-stream", headers=headers)

    @routes.post("/preview", operation_id="previewPolicy")
    async def preview(who: Keeper, body: PackText) -> PackPreview:
        """What the pack would change, old and new; nothing is asked for yet."""
        content = {"pack": body.pack}
        signed = policy.verified(body.pack.encode("utf-8", "replace"))
        description, wait_s = await approvals.look_at(NAME, content)
        return PackPreview(
            name=signed.pack.name,
            version=signed.pack.version,
            publisher=signed.pack.publisher,
            key=signed.key,
            title_zh=signed.pack.title.zh,
            title_en=signed.pack.title.en,
            differences=[DifferenceShape(**asdict(one)) for one in description.differences],
            wait_hours=wait_s / HOUR_S,
            needs_document=change.document,
        )

    @routes.post("", status_code=202, operation_id="proposePolicy")
    async def propose(request: Request, who: Keeper, body: ProposedPack) -> RequestShape:
        """Ask for a pack to be in force; another security administrator approves."""
        document = None
        if body.document is not None:
            facts = body.document.model_dump(mode="json")
            document = Document(**facts)
        asker = replace(who, address=address_of(request))
        row = await approvals.ask(asker, NAME, {"pack": body.pack}, body.reason, document)
        return request_shape(approvals, who, row)

    return routes
