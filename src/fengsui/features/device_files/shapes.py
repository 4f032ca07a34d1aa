"""Device files as they are shown to somebody: what is not theirs to see is left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fengsui.features.access import Access, CameraFacts, Function, Place, Principal
from fengsui.features.device_files.check_texts import CHECKS, said
from fengsui.features.device_files.field_table import BY_KEY, FIELDS, FOR_KEEPERS, FOR_MANY, GROUP_TEXTS
from fengsui.features.device_files.model import (
    ACT_TEXTS,
    IN_FORCE,
    REVIEWERS,
    STATE_TEXTS,
    WRITTEN_FREELY,
    FileAct,
    Issue,
    Values,
    acts_in,
)
from fengsui.features.device_files.offers import differing
from fengsui.features.device_files.queries import fields_of
from fengsui.features.device_files.schemas import (
    CheckShape,
    FieldList,
    FieldShape,
    FileRow,
    FileShape,
    IssueShape,
    OptionShape,
    VersionChange,
    VersionShape,
    WordShape,
)

REVIEWING = (Function.MANAGE_DEVICES, Function.APPROVE)


def field_list() -> FieldList:
    """The tables, as the console needs them."""
    return FieldList(
        fields=[
            FieldShape(
                key=one.key,
                code=one.code,
                group=one.group,
                kind=one.kind,
                zh=one.zh,
                en=one.en,
                mandatory=one.mandatory,
                options=[OptionShape(code=code, zh=words[0], en=words[1]) for code, words in (one.options or {}).items()],
                keepers=one.keepers,
                reviewed=one.reviewed,
                many=one.key in FOR_MANY,
                longest=one.longest,
            )
            for one in FIELDS
        ],
        groups=[WordShape(code=code, zh=zh, en=en) for code, (zh, en) in GROUP_TEXTS.items()],
        checks=[CheckShape(code=one.code, zh=one.zh, en=one.en, severity=one.severity) for one in CHECKS.values()],
        states=[WordShape(code=code, zh=zh, en=en) for code, (zh, en) in STATE_TEXTS.items()],
        acts=[WordShape(code=code, zh=zh, en=en) for code, (zh, en) in ACT_TEXTS.items()],
    )


def issue_shape(issue: Issue) -> IssueShape:
    """With its sentences filled in."""
    zh, en, do_zh, do_en = said(issue)
    severity = CHECKS[issue.check].severity
    return IssueShape(check=issue.check, severity=severity, field=issue.field, zh=zh, en=en, do_zh=do_zh, do_en=do_en)


def row_shape(row: Any, area_name: str) -> FileRow:
    """One line of the list."""
    return FileRow(
        code=row.code,
        name=row.name,
        area=row.shown_area,
        area_name=area_name,
        state=row.state,
        version=row.version,
        completeness=row.completeness,
        correctness=row.correctness,
        errors=row.errors,
        warnings=row.warnings,
        has_photo=bool(row.photo),
        change_waits=row.change_waits,
        changed_by=row.changed_by,
        changed_at=datetime.fromtimestamp(row.changed_at, UTC),
    )


def visible(values: Values, *, keeper: bool) -> dict[str, str]:
    """Addresses and contacts serve keepers alone."""
    return {key: value for key, value in values.items() if keeper or key not in FOR_KEEPERS}


def may_act(access: Access, who: Principal, act: FileAct, place: CameraFacts | Place) -> bool:
    """Keepers lead a file; a review is also for who approves and sees it."""
    if act not in REVIEWERS:
        return access.may(who, Function.MANAGE_DEVICES, place)
    return access.may(who, Function.LOOK_AROUND, place) and any(access.may(who, one, place) for one in REVIEWING)


def file_shape(file: Any, access: Access, who: Principal, place: CameraFacts | Place, area_name: str, words: Values) -> FileShape:
    """As this person may see it. `file`: an `actions.DeviceFile`."""
    keeper = access.may(who, Function.MANAGE_DEVICES, place)
    own = who.user_id == file.change_by if file.change else who.user_id in file.writers
    acts = [act for act in acts_in(file.state, change_waits=bool(file.change)) if may_act(access, who, act, place)]
    acts = [act for act in acts if not (own and act in REVIEWERS)] if file.whole else []
    free = file.state in WRITTEN_FREELY or (file.state in IN_FORCE and not file.change)
    seen = [one for one in file.checked.issues if keeper or one.field not in FOR_KEEPERS]
    return FileShape(
        code=file.code,
        area=place.area,
        area_name=area_name,
        state=file.state,
        version=file.version,
        values=visible(file.values, keeper=keeper),
        withheld=[] if keeper else sorted(FOR_KEEPERS, key=list(BY_KEY).index),
        change=visible(file.change, keeper=keeper),
        change_name=file.change_name if file.change else "",
        photo=file.photo,
        whole=file.whole,
        issues=[issue_shape(one) for one in seen],
        completeness=file.checked.completeness,
        correctness=file.checked.correctness,
        acts=acts,
        may_write=keeper and free and file.whole,
        own=own,
        words=visible(words, keeper=keeper),
        differing=[key for key in differing(file.values, words) if keeper or key not in FOR_KEEPERS],
    )


def version_shapes(rows: Sequence[tuple[Any, bool]], *, keeper: bool) -> list[VersionShape]:
    """The newest first, each against the one before it."""
    found = []
    for at, (row, whole) in enumerate(rows):
        before = rows[at + 1][0] if at + 1 < len(rows) else None
        new = visible(fields_of(row), keeper=keeper)
        old = visible(fields_of(before), keeper=keeper) if before is not None else {}
        changes = [
            VersionChange(field=key, old=old.get(key, ""), new=new.get(key, ""))
            for key in BY_KEY
            if old.get(key, "") != new.get(key, "")
        ]
        found.append(
            VersionShape(
                version=row.version,
                act=row.act,
                state=row.state,
                by=row.by_name,
                at=datetime.fromtimestamp(row.at, UTC),
                note=row.note,
                changes=changes,
                photo_changed=row.photo != (before.photo if before is not None else ""),
                whole=whole,
            )
        )
    return found
