"""Keeps device files: writes them with their checks, leads them through their life, and tells what is known of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Access, Function, Place, Principal
from fengsui.features.audit import Act, Audit, told_changes
from fengsui.features.device_files import queries
from fengsui.features.device_files.check_texts import is_error, said
from fengsui.features.device_files.field_table import BY_KEY, FOR_KEEPERS, REVIEWED
from fengsui.features.device_files.judging import Checked, Judging, refuse_unknown
from fengsui.features.device_files.known_states import FileStates
from fengsui.features.device_files.model import (
    ACT_TEXTS,
    IN_FORCE,
    NEEDS_REASON,
    REVIEWERS,
    STATE_TEXTS,
    STATUS_OF,
    WAYS,
    WRITTEN_FREELY,
    ActNotOpen,
    ChangeWaits,
    FileAct,
    FileChanged,
    FileExists,
    FileFaulty,
    FileLocked,
    FileNotWhole,
    FileState,
    Issue,
    NoPhoto,
    NotAFileCode,
    OwnFile,
    ReasonNeeded,
    StatusByAct,
    UnknownFile,
    Values,
    acts_in,
)
from fengsui.features.device_files.photos import Photos
from fengsui.wire.gb_code import is_gb_code

LIMIT_VERSIONS: Final = 500


@dataclass(frozen=True, slots=True)
class DeviceFile:
    """A file as it is stored, with what the checks say of it now."""

    code: str
    state: FileState
    version: int
    values: Values
    change: Values
    """What a change after approval would set; empty values take away."""
    change_by: int
    change_name: str
    writers: tuple[int, ...]
    photo: str
    whole: bool
    checked: Checked


class Files:
    """The room. `judging` for the door."""

    def __init__(self, judging: Judging, access: Access, audit: Audit, data: Path) -> None:
        self.judging = judging
        self.store = judging.store
        self.audit = audit
        self.access = access
        self.photos = Photos(data)
        self.states = FileStates(self.store)

    async def start(self) -> None:
        """Photos of which a process was killed in the middle go."""
        await asyncio.to_thread(self.photos.tidy)

    async def get(self, code: str) -> DeviceFile:
        """Raises UnknownFile."""
        async with self.store.reading() as tx:
            row = await queries.one(tx, code)
            if row is None:
                raise UnknownFile(file=code)
            return await self._file(tx, row)

    async def _file(self, tx: AsyncConnection, row: Any) -> DeviceFile:
        values = queries.fields_of(row)
        keys = queries.keys_of(values)
        checked = self.judging.checked(values, queries.others_of(row.code, keys, await queries.alike(tx, [keys])))
        return DeviceFile(
            row.code,
            FileState(row.state),
            row.version,
            values,
            json.loads(row.change),
            row.change_by,
            row.change_name,
            tuple(json.loads(row.writers)),
            row.photo,
            queries.is_whole(tx, row),
            checked,
        )

    async def add(self, who: Principal, code: str, values: Values, note: str = "") -> DeviceFile:
        """A draft. Raises FileExists, NotAFileCode, UnknownField."""
        if not is_gb_code(code):
            raise NotAFileCode(code=code)
        refuse_unknown(values)
        values = {**values, "device_code": code}
        await self.audit.record(who, Act.FILE_WRITE, code, detail=told_changes({}, values, FOR_KEEPERS))
        async with self.store.transaction() as tx:
            if await queries.one(tx, code, to_write=True) is not None:
                raise FileExists(file=code)
            await queries.add(tx, [self.new_row(who, code, values)])
            await queries.add_versions(tx, [self.version_row(who, code, 1, "write", FileState.DRAFT, values, note, "")])
            await self.judging.judge_anew(tx, [code], [queries.keys_of(values)])
        return await self.get(code)

    def new_row(self, who: Principal, code: str, values: Values) -> dict[str, Any]:
        """Of a file that is not there yet."""
        return {
            "code": code,
            "state": FileState.DRAFT.value,
            "version": 1,
            "change": "{}",
            "change_by": 0,
            "change_name": "",
            "writers": json.dumps([who.user_id]),
            "photo": "",
            **{name: 0 for name in ("completeness", "correctness", "errors", "warnings")},
            **self.row_of(who, code, values),
        }

    def row_of(self, who: Principal, code: str, values: Values) -> dict[str, Any]:
        """What follows from the values, and who wrote them."""
        return {
            "fields": queries.stored(values),
            "area": self.judging.area_of(code, values),
            **queries.keys_of(values),
            "changed_by": who.name,
            "changed_at": self.judging.now(),
        }

    def version_row(
        self, who: Principal, code: str, version: int, act: str, state: FileState, values: Values, note: str, photo: str
    ) -> dict[str, Any]:
        """One entry of the history."""
        by = {"by_id": who.user_id, "by_name": who.name, "at": self.judging.now(), "note": note}
        return {
            "code": code,
            "version": version,
            "act": act,
            "state": state.value,
            **by,
            "fields": queries.stored(values),
            "photo": photo,
        }

    async def write(self, who: Principal, code: str, values: Values, *, seen: int, note: str = "") -> DeviceFile:
        """Every field anew. After approval, what needs a reviewer waits for one, and the rest is written at once.

        Raises UnknownFile, FileChanged, FileLocked, ChangeWaits, FileFaulty, StatusByAct, FileNotWhole, UnknownField.
        """
        refuse_unknown(values)
        values = {key: value for key, value in {**values, "device_code": code}.items() if value}
        before = (await self.get(code)).values
        changed = {key: values.get(key, "") for key in BY_KEY if values.get(key, "") != before.get(key, "")}
        await self.audit.record(who, Act.FILE_WRITE, code, detail=told_changes(before, changed, FOR_KEEPERS))
        async with self.store.transaction() as tx:
            await self.write_in(tx, who, code, values, seen=seen, note=note)
        return await self.get(code)

    async def write_in(self, tx: AsyncConnection, who: Principal, code: str, values: Values, *, seen: int, note: str) -> None:
        """As `write`, in the caller's transaction and without a record."""
        row = await self._to_write(tx, code, seen)
        checked = await self._checked_in(tx, code, values) if FileState(row.state) in IN_FORCE else None
        now, act, more = self.becomes(who, row, values, checked)
        await self._next(tx, who, row, now, act=act, note=note, more=more)

    def becomes(
        self, who: Principal, row: Any, values: Values, checked: Checked | None
    ) -> tuple[dict[str, str], str, dict[str, Any]]:
        """What a file's values are at once when these are written, by which act, and what else of it changes.

        `checked`: of `values`, where the file is in force. Raises FileLocked, ChangeWaits, FileFaulty, StatusByAct.
        """
        state, before = FileState(row.state), queries.fields_of(row)
        waits: dict[str, str] = {}
        if state in IN_FORCE:
            if row.change != "{}":
                raise ChangeWaits(by=row.change_name)
            if values.get("status") != before.get("status"):
                raise StatusByAct()
            if checked is not None:
                refuse_errors(checked.issues)
            waits = {key: values.get(key, "") for key in sorted(REVIEWED) if values.get(key, "") != before.get(key, "")}
        elif state not in WRITTEN_FREELY:
            zh, en = STATE_TEXTS[state]
            raise FileLocked(state_zh=zh, state_en=en)
        now = {**values, **{key: before.get(key, "") for key in waits}}
        more: dict[str, Any] = {"change": json.dumps(waits, ensure_ascii=False), "change_by": who.user_id, "change_name": who.name}
        if state in WRITTEN_FREELY:
            more = {"writers": json.dumps(sorted({*json.loads(row.writers), who.user_id}))}
        return {key: value for key, value in now.items() if value}, "change" if waits else "write", more

    async def _to_write(self, tx: AsyncConnection, code: str, seen: int) -> Any:
        row = await queries.one(tx, code, to_write=True)
        if row is None:
            raise UnknownFile(file=code)
        if not queries.is_whole(tx, row):
            raise FileNotWhole(file=code)
        if row.version != seen:
            raise FileChanged(by=row.changed_by, version=row.version, seen=seen)
        return row

    async def _checked_in(self, tx: AsyncConnection, code: str, values: Values) -> Checked:
        keys = queries.keys_of(values)
        return self.judging.checked(values, queries.others_of(code, keys, await queries.alike(tx, [keys])))

    async def _next(
        self,
        tx: AsyncConnection,
        who: Principal,
        row: Any,
        values: Values,
        *,
        act: str,
        state: FileState | None = None,
        note: str = "",
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """The next version of a file."""
        becomes = state or FileState(row.state)
        written = {**self.row_of(who, row.code, values), "state": becomes.value, "version": row.version + 1, **(more or {})}
        await queries.write(tx, row.code, written)
        photo = written.get("photo", row.photo)
        await queries.add_versions(tx, [self.version_row(who, row.code, row.version + 1, act, becomes, values, note, photo)])
        await self.judging.judge_anew(tx, [row.code], [queries.keys_of(queries.fields_of(row)), queries.keys_of(values)])

    async def act(self, who: Principal, code: str, act: FileAct, *, seen: int, reason: str = "") -> DeviceFile:
        """Moves a file on, or decides about the change that waits.

        Raises UnknownFile, FileChanged, ActNotOpen, FileFaulty, OwnFile, ReasonNeeded, FileNotWhole.
        """
        zh, en = ACT_TEXTS[act]
        if act in NEEDS_REASON and len(reason.strip()) < 2:
            raise ReasonNeeded(act_zh=zh, act_en=en)
        file = await self.get(code)
        waits = bool(file.change)
        if act not in acts_in(file.state, change_waits=waits):
            state_zh, state_en = STATE_TEXTS[file.state]
            raise ActNotOpen(state_zh=state_zh, state_en=state_en, act_zh=zh, act_en=en)
        if act in REVIEWERS:
            await self._refuse_writer(who, code, [file.change_by] if waits else file.writers)
        async with self.store.reading() as tx:  # what cannot be done is not recorded as done
            await self._to_write(tx, code, seen)
            if act in (FileAct.SUBMIT, FileAct.APPROVE):
                becomes = {**file.values, **(file.change if waits else {})}
                checked = await self._checked_in(tx, code, {key: value for key, value in becomes.items() if value})
                refuse_errors(checked.issues)
        detail = f"{file.state} {act}" + (f": {reason}" if reason else "")
        if waits:
            detail = f"{act} of {told_changes(file.values, file.change, FOR_KEEPERS)}; asked by {file.change_name}"
        await self.audit.record(who, Act.FILE_STATE, code, detail=detail)
        async with self.store.transaction() as tx:
            row = await self._to_write(tx, code, seen)
            await (self._decide(tx, who, row, act, reason) if waits else self._move(tx, who, row, act, reason))
        return await self.get(code)

    async def _refuse_writer(self, who: Principal, code: str, writers: Sequence[int]) -> None:
        place = await self.judging.place_of(code)
        where = Place(code, place.area)
        if await self.access.human_beings.one_of(who.user_id, writers, Function.APPROVE, where):
            raise OwnFile()

    async def _decide(self, tx: AsyncConnection, who: Principal, row: Any, act: FileAct, reason: str) -> None:
        """About a change after approval."""
        values = queries.fields_of(row)
        if act is FileAct.APPROVE:
            values = {key: value for key, value in {**values, **json.loads(row.change)}.items() if value}
            refuse_errors((await self._checked_in(tx, row.code, values)).issues)
        nothing = {"change": "{}", "change_by": 0, "change_name": ""}
        await self._next(tx, who, row, values, act=f"{act}-change", note=reason, more=nothing)

    async def _move(self, tx: AsyncConnection, who: Principal, row: Any, act: FileAct, reason: str) -> None:
        values, (sources, becomes) = queries.fields_of(row), WAYS[act]
        if FileState(row.state) not in sources:
            raise FileChanged(by=row.changed_by, version=row.version, seen=row.version)
        if act in (FileAct.SUBMIT, FileAct.APPROVE):
            refuse_errors((await self._checked_in(tx, row.code, values)).issues)
        writers = set(json.loads(row.writers))
        writers = {*writers, who.user_id} if act is FileAct.SUBMIT else set() if act is FileAct.APPROVE else writers
        if (status := STATUS_OF.get(becomes)) is not None:
            values["status"] = status
        more = {"writers": json.dumps(sorted(writers))}
        await self._next(tx, who, row, values, act=act.value, state=becomes, note=reason, more=more)

    async def set_photo(self, who: Principal, code: str, octets: bytes) -> DeviceFile:
        """Raises UnknownFile, UnusablePhoto, PhotoNotKept, FileLocked, FileNotWhole."""
        name = await asyncio.to_thread(self.photos.keep, octets) if octets else ""
        seen = (await self.get(code)).version
        await self.audit.record(who, Act.FILE_PHOTO, code, detail=name or "taken away")
        async with self.store.transaction() as tx:
            row = await self._to_write(tx, code, seen)
            state = FileState(row.state)
            if state not in WRITTEN_FREELY | IN_FORCE:
                zh, en = STATE_TEXTS[state]
                raise FileLocked(state_zh=zh, state_en=en)
            writers = sorted({*json.loads(row.writers), who.user_id}) if state in WRITTEN_FREELY else json.loads(row.writers)
            more = {"photo": name, "writers": json.dumps(writers)}
            await self._next(tx, who, row, queries.fields_of(row), act="photo", more=more)
        return await self.get(code)

    async def photo(self, code: str) -> bytes:
        """JPEG. Raises UnknownFile, NoPhoto."""
        file = await self.get(code)
        octets = await asyncio.to_thread(self.photos.read, file.photo) if file.photo and file.whole else None
        if octets is None:
            raise NoPhoto(file=code)
        return octets

    async def history(self, code: str) -> list[tuple[Any, bool]]:
        """Versions, the newest first, each with whether the node wrote it so. Raises UnknownFile."""
        async with self.store.reading() as tx:
            if await queries.one(tx, code) is None:
                raise UnknownFile(file=code)
            return await queries.versions_of(tx, code, LIMIT_VERSIONS)


def refuse_errors(issues: Sequence[Issue]) -> None:
    """Raises FileFaulty, which names the first error."""
    errors = [one for one in issues if is_error(one)]
    if errors:
        zh, en, _, _ = said(errors[0])
        field = BY_KEY[errors[0].field]
        raise FileFaulty(count=len(errors), first_zh=f"{field.zh}:{zh}", first_en=f"{field.en}: {en}")
