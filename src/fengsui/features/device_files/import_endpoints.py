"""Tables of device files over HTTP: template, import, what was wrong, export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Annotated, Any, Final

from fastapi import Depends, Path, Query, Request
from fastapi.responses import StreamingResponse

from fengsui.features.access import Function, Principal, out_of_scope, recorded, require, scope_for
from fengsui.features.audit import Act
from fengsui.features.device_files import queries
from fengsui.features.device_files.actions import Files
from fengsui.features.device_files.endpoints import OCTETS
from fengsui.features.device_files.exports import KINDS, Form, exported, marked, template
from fengsui.features.device_files.field_table import BY_KEY
from fengsui.features.device_files.imports import Import, Imports, JudgedRow, NotReady, Outcome, Phase
from fengsui.features.device_files.model import FileState
from fengsui.features.device_files.schemas import CommitOrder, ImportShape, ProblemShape, RowIssue, RowShape
from fengsui.features.device_files.shapes import issue_shape
from fengsui.late_routes import LateRoutes

Looker = Annotated[Principal, Depends(require(Function.LOOK_AROUND))]
Keeper = Annotated[Principal, Depends(require(Function.MANAGE_DEVICES))]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
CHUNK: Final = 1 << 16
TABLE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {kind.split(";")[0]: {} for kind in KINDS.values()}}}


def _sent(file: IO[bytes], name: str, form: str) -> StreamingResponse:
    def parts() -> Iterator[bytes]:
        with file:
            while part := file.read(CHUNK):
                yield part

    headers = {"content-disposition": f'attachment; filename="{name}.{form}"', "cache-control": "no-store"}
    return StreamingResponse(parts(), media_type=KINDS[form], headers=headers)


def _row(one: JudgedRow) -> RowShape:
    issues = [
        RowIssue(
            **issue_shape(issue).model_dump(),
            column_zh=BY_KEY[issue.field].zh,
            column_en=BY_KEY[issue.field].en,
            value=one.row.values.get(issue.field, "")[:200],
        )
        for issue in one.checked.issues
    ]
    return RowShape(number=one.row.number, code=one.row.code[:64], name=one.values.get("name", "")[:128], issues=issues)


def _shape(one: Import, offset: int, limit: int) -> ImportShape:
    error = one.error
    problem = None
    if error is not None:
        remedies = error.remedy_zh.format(**error.facts), error.remedy_en.format(**error.facts)
        problem = ProblemShape(code=error.code, zh=error.text_zh, en=error.text_en, remedy_zh=remedies[0], remedy_en=remedies[1])
    right = (row for row in one.rows if row.outcome in (Outcome.NEW, Outcome.CHANGED))
    return ImportShape(
        number=one.number,
        name=one.name,
        phase=one.phase,
        done=one.done,
        total=one.total,
        seconds_left=one.seconds_left(),
        took_s=round(one.took_s(), 2),
        counts=one.counts(),
        warnings=sum(bool(row.checked.issues) for row in right),
        written=one.written,
        problem=problem,
        faulty=[_row(row) for row in one.faulty()[offset : offset + limit]],
    )


def router(files: Files, imports: Imports) -> LateRoutes:
    """The routes of tables."""
    routes = LateRoutes(tags=["device files"])

    @routes.get("/device-file-template", operation_id="getFileTemplate", response_class=StreamingResponse, responses=TABLE)
    async def get_template(_: Keeper, form: Form = "xlsx") -> StreamingResponse:
        """An empty table with its headings; with xlsx the meaning of each column and the lists of codes."""
        return _sent(template(form), "device-files-template", form)

    @routes.post("/device-file-imports", status_code=202, operation_id="startFileImport", openapi_extra=OCTETS)
    async def start(request: Request, who: Keeper, name: Annotated[str, Query(max_length=128)] = "") -> ImportShape:
        """An xlsx or CSV (UTF-8, GB18030) is read and judged in the background; nothing is written before it is committed."""
        async with recorded(request, who, Act.FILE_IMPORT, name):
            return _shape(await imports.begin(who, name, await request.body()), 0, 0)

    @routes.get("/device-file-imports/{number}", operation_id="getFileImport")
    async def get(
        who: Keeper,
        number: Number,
        offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
        limit: Annotated[int, Query(ge=0, le=500)] = 100,
    ) -> ImportShape:
        """How far it is, and what is wrong in which row and column. Kept for an hour, for whoever began it."""
        return _shape(imports.get(who, number), offset, limit)

    @routes.post("/device-file-imports/{number}/commit", operation_id="commitFileImport")
    async def commit(request: Request, who: Keeper, number: Number, body: CommitOrder) -> ImportShape:
        """Writes all rows or none, or the right ones: in one transaction."""
        async with recorded(request, who, Act.FILE_IMPORT, str(number)):
            return _shape(await imports.commit(who, number, body.mode), 0, 100)

    @routes.get(
        "/device-file-imports/{number}/result",
        operation_id="getFileImportResult",
        response_class=StreamingResponse,
        responses=TABLE,
    )
    async def result(who: Keeper, number: Number) -> StreamingResponse:
        """The faulty rows with what is wrong in each, to be mended and sent again."""
        one = imports.get(who, number)
        if one.sheet is None or one.phase not in (Phase.READY, Phase.DONE):
            raise NotReady()
        return _sent(marked(one), f"device-files-faulty-{number}", one.sheet.form)

    @routes.get("/device-file-export", operation_id="exportFiles", response_class=StreamingResponse, responses=TABLE)
    async def export(
        request: Request,
        who: Looker,
        form: Form = "xlsx",
        area: Annotated[str, Query(max_length=6)] = "",
        state: FileState | None = None,
        failing: Annotated[str, Query(max_length=32)] = "",
        waiting: bool = False,
        q: Annotated[str, Query(max_length=128)] = "",
    ) -> StreamingResponse:
        """The files that one may see, with the fields that one may see, as a table that can be brought in again."""
        scope = scope_for(request, who, Function.LOOK_AROUND)
        if not scope.touches(area):
            raise out_of_scope(area, Function.LOOK_AROUND)
        wanted = queries.Wanted(scope, files.judging.cameras.class_of(None), area, state or "", failing, q.strip(), waiting)
        async with files.store.reading() as tx:
            total = (await queries.counts(tx, wanted))[0]
        said = {"area": area, "state": state, "failing": failing, "waiting": waiting or "", "q": q.strip()}
        filters = ", ".join(f"{key}={value}" for key, value in said.items() if value)
        await files.audit.record(who, Act.FILE_EXPORT, area, detail=f"{total} files as {form}; {filters or 'all'}")
        return _sent(await exported(files, who, wanted, form), "device-files", form)

    return routes
