"""What a request shows of itself: a bearer token, or the console's cookie, which opens nothing to the pages of another site.

The cookie is no token but derived from one: so a stolen cookie cannot be shown as a token, which the browser's checks do not
concern. Sources: RFC 6265 (cookies; prefix `__Host-` of its successor), Fetch Metadata, RFC 6750 (bearer).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from fengsui.errors import OperatorFault
from fengsui.features.access.api_tokens import PREFIX
from fengsui.features.access.model import NotSignedIn

COOKIE = "session"
CONSOLE_HEADER = "x-fengsui-console"
"""A page of another site cannot send it without asking first (a preflight), which nobody here answers."""
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


class ForeignSite(OperatorFault):
    """A page that is not ours wants to use the cookie of whoever looks at it."""

    code = "access.foreign_site"
    status = 403
    zh = "请求不是由本节点的控制台发出,已拒绝"
    en = "The request did not come from this node's console"
    remedy_zh = "请在控制台页面中操作;程序请使用 Authorization: Bearer 令牌"
    remedy_en = "Work in the console's own pages; programs use a token (Authorization: Bearer)"


@dataclass(frozen=True, slots=True)
class Credential:
    """`secret` is what sessions are found by. `browser`: how it names itself, where the cookie was shown; None for a token."""

    secret: str
    browser: str | None


def is_secure(connection: HTTPConnection) -> bool:
    """Under TLS."""
    return connection.url.scheme in ("https", "wss")


def cookie_name(connection: HTTPConnection, what: str = COOKIE) -> str:
    """Browsers keep `__Host-` to this very host, under TLS, for every path; on plain loopback there is no such promise."""
    return f"__Host-fengsui-{what}" if is_secure(connection) else f"fengsui_{what}"


def cookie_of(token: str) -> str:
    """The cookie of a session's token."""
    return hashlib.sha256(b"fengsui cookie of " + token.encode()).hexdigest()


def own_origin(connection: HTTPConnection) -> str:
    """As browsers write it."""
    return f"{'https' if is_secure(connection) else 'http'}://{connection.headers.get('host', '')}".lower()


def refuse_foreign(connection: HTTPConnection) -> None:
    """Raises ForeignSite when the browser says that a page of another site sent this."""
    site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    if site not in (None, "same-origin", "none") or (origin is not None and origin.lower() != own_origin(connection)):
        raise ForeignSite()


def credential_of(connection: HTTPConnection) -> Credential:
    """Raises NotSignedIn, ForeignSite."""
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credential_of_token(value.strip())
    cookie = connection.cookies.get(cookie_name(connection), "")
    if not cookie:
        raise NotSignedIn()
    refuse_foreign(connection)
    if connection.scope["type"] == "websocket":
        proved = "origin" in connection.headers  # each browser sends it, and it is ours
    else:
        proved = connection.scope["method"] in SAFE or CONSOLE_HEADER in connection.headers
    if not proved:
        raise ForeignSite()
    return Credential(cookie, connection.headers.get("user-agent", "")[:256])


def credential_of_token(token: str) -> Credential:
    """Of a person's session or a program. Raises NotSignedIn."""
    if not token:
        raise NotSignedIn()
    return Credential(token if token.startswith(PREFIX) else cookie_of(token), None)
