"""Serves the console and the API: HTTPS with the node's certificate, or plain HTTP where the settings say so."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from fengsui.app.http_connections import bounded_protocols
from fengsui.certificates import Certificates
from fengsui.errors import port_fault
from fengsui.loops import keep
from fengsui.settings import HttpSection
from fengsui.transports.accepting import PlainDoor, listening_socket
from fengsui.transports.places import Places
from fengsui.transports.tls_door import TlsDoor

STARTED_LIMIT_S = 10.0
_REQUEST = re.compile(rb"(?:GET|HEAD) (/[\x21-\x7e]*) HTTP/1\.[01]\r\n")
_HOST = re.compile(rb"\r\nhost:[ \t]*([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?[ \t]*\r\n", re.IGNORECASE)


class _Server(uvicorn.Server):
    """Says when it has begun."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.began = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.began.set()


class Web:
    """One HTTP server. Binds at once, so that a taken port is told before anything else happens. Raises PortTaken,
    PortUnusable.
    """

    def __init__(self, settings: HttpSection, certificates: Certificates | None) -> None:
        self._settings = settings
        self._certificates = certificates
        try:
            self._listener = listening_socket(settings.host, settings.port)
        except OSError as error:
            raise port_fault(error, settings.port, "HTTP") from error
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self._door: TlsDoor | PlainDoor | None = None

    async def start(self, app: ASGIApp) -> None:
        """Serves `app` until `stop`."""
        trusted = self._settings.trusted_proxies
        http, websocket = bounded_protocols(self._settings)
        config = uvicorn.Config(
            app,
            log_config=None,
            lifespan="off",
            http=http,
            ws=websocket,
            timeout_graceful_shutdown=2,
            server_header=False,
            proxy_headers=bool(trusted),
            forwarded_allow_ips=trusted,
        )
        server = self._server = _Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        none: list[socket.socket] = []  # we take the connections: out of descriptors, the loop would close the listener for good
        self._serving = keep("http", lambda: server.serve(sockets=none))
        async with asyncio.timeout(STARTED_LIMIT_S):
            await server.began.wait()
        certificates = self._certificates
        if certificates is None:
            self._door = PlainDoor(self._listener, name="http", protocol=_protocols(server))
        else:
            self._door = TlsDoor(
                self._listener,
                name="https",
                context=certificates.context,
                protocol=_protocols(server),
                places=Places(self._settings.max_handshakes, self._settings.max_handshakes_per_address),
                plain=lambda request: plain_answer(request, self._settings.port),
            )
        self._door.start()

    async def stop(self) -> None:
        """Ends open requests within their limit."""
        if self._door is not None:
            await self._door.stop()
        self._listener.close()
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await asyncio.gather(self._serving, return_exceptions=True)


def _protocols(server: uvicorn.Server) -> Callable[[], asyncio.Protocol]:
    """What uvicorn makes for each connection of its own sockets."""
    config = server.config

    def make() -> asyncio.Protocol:
        return config.http_protocol_class(  # type: ignore[call-arg]
            config=config, server_state=server.server_state, app_state=server.lifespan.state
        )

    return make


def plain_answer(request: bytes, port: int) -> bytes:
    """To plain HTTP on the HTTPS port: a page is sent on, anything else is told; `request`: its first octets."""
    page, host = _REQUEST.match(request), _HOST.search(request)
    text = f"此端口只接受 HTTPS / This port speaks HTTPS: https://<address>:{port}/\n"
    head = "HTTP/1.1 400 Bad Request"
    if page is not None and host is not None:
        place = f"https://{host[1].decode()}:{port}{page[1].decode()}"
        text = f"此端口只接受 HTTPS / This port speaks HTTPS: {place}\n"
        head = f"HTTP/1.1 308 Permanent Redirect\r\nlocation: {place}"
    body = text.encode()
    return (
        f"{head}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {len(body)}\r\nconnection: close\r\n"
        "cache-control: no-store\r\nx-content-type-options: nosniff\r\n\r\n"
    ).encode() + body
