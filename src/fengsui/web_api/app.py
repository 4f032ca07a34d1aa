"""The FastAPI application: routes, errors, console, health."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from mimetypes import add_type, guess_type
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, generate_latest
from starlette.exceptions import HTTPException

from fengsui import __version__
from fengsui.errors import FengsuiError, OperatorFault
from fengsui.features.access import (
    Access,
    Refusal,
    account_router,
    address_of,
    refused_person,
    refused_stranger,
    screen_router,
)
from fengsui.features.access import router as access_router
from fengsui.features.audit import Audit, Result
from fengsui.features.refusals import Refusals, viid_router
from fengsui.late_routes import BASE, LateRoutes
from fengsui.settings import HttpSection
from fengsui.transports.places import Octets
from fengsui.web_api.secure_headers import NONCE
from fengsui.web_api.take_back import PROBLEM_CODE, TakeBack

add_type("image/webp", ".webp")  # the guide's pictures; Python 3.11 has it among the unusual names
CONSOLE = Path(__file__).parent.parent / "web_console"
INDEX, PANIC, NONCE_PLACE = "index.html", "panic.html", "{{csp-nonce}}"
ASSETS = "assets/"
"""Their names change with what they hold."""
PROBLEM = "application/problem+json"
SMALL_BODY = 64 << 10
"""Bounded by the number of connections."""
BODIES = Gauge("fengsui_http_body_bytes", "Memory of large request bodies under way")
BODIES_REFUSED = Counter("fengsui_http_refused_bodies_total", "Requests whose body was not read", ["why"])
for _why in ("no length", "too large", "memory"):
    BODIES_REFUSED.labels(_why)


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What the shell needs to know of the node."""

    access: Access
    audit: Audit
    refusals: Refusals
    readiness: Callable[[], Awaitable[str]]
    """`ready`, `starting`, `database` (the last transaction could not be written), `loop` or `media` (one failed and pauses)."""
    started_at: datetime
    ca_pem: Callable[[], str]
    """The certificate of the node's own CA; empty where there is none."""
    zone: str
    """IANA time zone."""


class MetricsElsewhere(OperatorFault):
    """Figures of the node are for its monitoring alone (decision 25)."""

    code = "metrics.elsewhere"
    status = 403
    zh = "{address} 不在可读取运行指标的网段内"
    en = "{address} is in no network from which the metrics are read"
    remedy_zh = "请从本机读取,或在配置 [http] metrics_from 中列入监控服务器的地址"
    remedy_en = "Read them on the node itself, or put the monitoring's address into [http] metrics_from"


def problem(
    status: int, code: str, zh: str, en: str, remedy_zh: str = "", remedy_en: str = "", rule: str = "", contact: str = ""
) -> JSONResponse:
    """An RFC 9457 document in both languages, with what to do; of a refusal, the rule and whom to ask (rule A65)."""
    body = {
        "type": f"/docs/errors#{code}",
        "title": en,
        "status": status,
        "detail": f"{zh} / {en}",
        "code": code,
        "zh": zh,
        "en": en,
        "remedy_zh": remedy_zh,
        "remedy_en": remedy_en,
    }
    if rule:
        body |= {"rule": rule, "contact": contact}
    return JSONResponse(body, status_code=status, media_type=PROBLEM)


def answer_to(error: FengsuiError, audit_office: str) -> JSONResponse:
    """The document about an error; of a refusal it names rule and audit office."""
    remedies = (error.remedy_zh.format(**error.facts), error.remedy_en.format(**error.facts))
    contact = audit_office if error.rule else ""
    answer = problem(error.status, error.code, error.text_zh, error.text_en, *remedies, rule=error.rule, contact=contact)
    if error.retry_after_s:
        answer.headers["retry-after"] = str(error.retry_after_s)
    return answer


class Shell(FastAPI):
    """The rooms, whose routes are made when they are asked for: all of them for the API document."""

    def __init__(self, rooms: Sequence[LateRoutes]) -> None:
        super().__init__(title="Fengsui 烽燧", version=__version__, openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
        self._rooms = rooms
        for room in rooms:
            self.include_router(room, prefix=BASE)

    def open(self) -> None:
        """Makes every route."""
        for room in self._rooms:
            room.open()

    def openapi(self) -> dict[str, Any]:
        """The document of every operation."""
        self.open()
        return super().openapi()


def make_app(facts: NodeFacts | None, rooms: Sequence[LateRoutes], http: HttpSection | None = None) -> Shell:
    """`facts` None makes an application only for its OpenAPI document. `http`: the limits of requests; None: the defaults."""
    app = Shell([access_router, screen_router, account_router, *rooms])
    if facts is not None:
        app.state.access, app.state.audit, app.state.zone = facts.access, facts.audit, facts.zone
    if facts is not None:
        app.include_router(viid_router(facts.refusals))
    _map_errors(app, "" if facts is None else facts.access.rules.audit_office)
    if facts is not None:
        app.add_middleware(TakeBack, audit=facts.audit)
    _guard(app, http or HttpSection())
    _serve_health(app, facts, [ip_network(one) for one in (http or HttpSection()).metrics_from])
    _serve_authority(app, facts)
    _serve_console(app)
    return app


def _map_errors(app: FastAPI, audit_office: str) -> None:
    @app.exception_handler(FengsuiError)
    async def known(request: Request, error: FengsuiError) -> JSONResponse:
        request.scope["state"][PROBLEM_CODE] = error.code
        if isinstance(error, Refusal) and hasattr(request.state, "principal"):
            try:
                await refused_person(request, request.state.principal, error)
            except FengsuiError as unrecorded:
                error = unrecorded
        return answer_to(error, audit_office)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        what = "; ".join(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()[:5])
        return problem(422, "request.invalid", f"请求内容有误:{what}", f"The request is not valid: {what}")

    @app.exception_handler(HTTPException)
    async def plain(_: Request, error: HTTPException) -> JSONResponse:
        zh = {404: "没有这个地址", 405: "不支持该方法"}.get(error.status_code, "请求被拒绝")
        return problem(error.status_code, f"http.{error.status_code}", zh, str(error.detail))


def _guard(app: FastAPI, settings: HttpSection) -> None:
    """A body is bounded before anything reads it: its length is told beforehand, and large ones share what memory there is."""
    largest, memory = settings.max_body_mb << 20, Octets(settings.max_bodies_mb << 20)

    @app.middleware("http")
    async def guard(request: Request, following: Callable[[Request], Awaitable[Response]]) -> Response:
        if "transfer-encoding" in request.headers:
            BODIES_REFUSED.labels("no length").inc()
            return problem(411, "request.no_length", "请求须给出长度(Content-Length)", "Say the request's length (Content-Length)")
        said = request.headers.get("content-length", "0")
        length = int(said) if said.isascii() and said.isdigit() and len(said) < 12 else largest + 1
        if length > largest:
            BODIES_REFUSED.labels("too large").inc()
            return problem(413, "request.too_large", "请求过大", "The request is too large")
        if length <= SMALL_BODY:
            return await following(request)
        host = request.client.host if request.client is not None else ""
        if not memory.take(host, length):
            BODIES_REFUSED.labels("memory").inc()
            return problem(
                503, "request.no_memory", "正在接收的大请求过多", "Too many large requests at once", "稍后再试", "Try again later"
            )
        BODIES.set(memory.taken)
        try:
            return await following(request)
        finally:
            memory.take(host, -length)
            BODIES.set(memory.taken)


def _serve_health(app: FastAPI, facts: NodeFacts | None, watchers: Sequence[IPv4Network | IPv6Network]) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> JSONResponse:
        status = "starting" if facts is None else await facts.readiness()
        return JSONResponse({"status": status}, status_code=200 if status == "ready" else 503)

    @app.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        address = address_of(request)
        if not address or not any(ip_address(address) in network for network in watchers):
            error = MetricsElsewhere(address=address)
            if facts is not None:
                await refused_stranger(request, "", error, Result.REFUSED)
            raise error
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _serve_authority(app: FastAPI, facts: NodeFacts | None) -> None:
    @app.get("/ca.pem", include_in_schema=False)
    async def authority() -> Response:
        """For workstations that are to trust this node; its fingerprint is printed at the start and by `fengsui check`."""
        pem = facts.ca_pem() if facts is not None else ""
        if not pem:
            raise HTTPException(404)
        named = {"content-disposition": 'attachment; filename="fengsui-ca.pem"', "cache-control": "no-store"}
        return Response(pem, media_type="application/x-pem-file", headers=named)


def _file(request: Request, wanted: Path, *, lasting: bool) -> FileResponse:
    """As it is, or as it was compressed when the console was built."""
    headers = {"cache-control": "public, max-age=31536000, immutable" if lasting else "no-cache", "vary": "accept-encoding"}
    small = wanted.with_name(f"{wanted.name}.gz")
    takes = [one.strip() for one in request.headers.get("accept-encoding", "").split(",")]
    if "gzip" not in takes or not small.is_file():
        return FileResponse(wanted, headers=headers)
    kind = guess_type(wanted.name)[0] or "application/octet-stream"
    return FileResponse(small, headers=headers | {"content-encoding": "gzip"}, media_type=kind)


def _serve_console(app: FastAPI) -> None:
    @app.get("/{path:path}", include_in_schema=False)
    async def console(request: Request, path: str) -> Response:
        if path.startswith("api/"):
            raise HTTPException(404)
        wanted = (CONSOLE / path).resolve()
        if path and wanted.is_relative_to(CONSOLE.resolve()) and wanted.is_file() and wanted.name not in (INDEX, PANIC):
            return _file(request, wanted, lasting=path.startswith(ASSETS))
        if path.startswith(ASSETS):  # of another build: a page left open must not take the index for a script
            raise HTTPException(404)
        index = CONSOLE / (PANIC if path == "panic" else INDEX)
        if not index.is_file():
            return problem(404, "console.not_built", "控制台尚未构建", "The console is not built", "运行 make run", "Run make run")
        # Each answer has a nonce of its own: components may add style elements, nobody else may.
        page = (await asyncio.to_thread(index.read_text, encoding="utf-8")).replace(NONCE_PLACE, request.scope["state"][NONCE])
        return HTMLResponse(page, headers={"cache-control": "no-store"})
