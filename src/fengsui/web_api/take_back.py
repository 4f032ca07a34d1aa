"""An act is recorded before it takes effect. One that came to nothing, for its own check or the device said no, stands in the log
as allowed: then another record says that it was not done. What was committed has happened, whatever failed after it.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fengsui.features.audit import Audit, begin_acts

PROBLEM_CODE = "problem-code"
"""Where the state of a request holds the code of the problem that it is answered with."""
UNANSWERED = "ended without an answer"


class TakeBack:
    """Around the application."""

    def __init__(self, app: ASGIApp, audit: Audit) -> None:
        self._app = app
        self._audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        acts, state, came_to = begin_acts(), scope.setdefault("state", {}), UNANSWERED

        async def sent(message: Message) -> None:
            nonlocal came_to
            if message["type"] == "http.response.start":
                status = message["status"]
                came_to = state.get(PROBLEM_CODE) or f"http.{status}" if status >= 400 else ""
                acts.open = False
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            acts.open = False
            if came_to:
                self._audit.not_done(acts, came_to)
