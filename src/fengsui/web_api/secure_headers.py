"""What every answer says to a browser: where scripts and media may come from, and that nobody may frame, guess or refer."""

from __future__ import annotations

import secrets
from collections.abc import Collection, MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NONCE = "csp_nonce"
"""Under this name in a request's state: what a page's own style elements must carry."""
FIXED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(self), payment=(), usb=(), publickey-credentials-get=(self), microphone=(self)",
}


class SecureHeaders:
    """Around the whole application, so that no answer is without: refusals and crashes of the inner one too.

    `media_port`: where pictures come from beside our own origin; `hsts_days`: how long browsers keep to HTTPS, 0 for not at all;
    `maps`: origins of the operator's own map, as the settings check them.
    """

    def __init__(self, app: ASGIApp, *, media_port: int, hsts_days: int, maps: Collection[str] = ()) -> None:
        self._app = app
        self._media_port = media_port
        self._maps = "".join(f" {one}" for one in maps)
        self._hsts = f"max-age={hsts_days * 86_400}" if hsts_days else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})[NONCE] = nonce
        secure = scope.get("scheme") == "https"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in FIXED.items():
                    headers.setdefault(name, value)
                headers.setdefault("content-security-policy", self._policy(scope, nonce, secure=secure))
                if secure and self._hsts:
                    headers.setdefault("strict-transport-security", self._hsts)
                if str(scope.get("path", "")).startswith("/api/"):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)

    def _policy(self, scope: Scope, nonce: str, *, secure: bool) -> str:
        """No script but our files, no style but our files and the elements that carry the nonce (the console's components)."""
        host = _host_of(scope)
        letter = "s" if secure else ""
        media = f"http{letter}://{host}:{self._media_port} ws{letter}://{host}:{self._media_port}"
        return (
            f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; style-src-attr 'none'; font-src 'self'; "
            f"connect-src 'self' {media}{self._maps}; media-src 'self' blob: {media}; img-src 'self' data: blob:{self._maps}; "
            "worker-src 'self' blob:; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        )


def _host_of(scope: MutableMapping[str, Any]) -> str:
    """The name by which the browser reached us, without the port; loopback where it is no name."""
    found = next((value for name, value in scope.get("headers", ()) if name == b"host"), b"").decode("latin-1")
    host = found.rsplit(":", 1)[0] if not found.endswith("]") else found
    allowed = host and all(letter.isalnum() or letter in ".-_:[]" for letter in host) and host.isascii()
    return host if allowed else "127.0.0.1"
