"""The alarms of a simulated device: its subscription, and what it reports by it. Source: GB/T 28181-2022 §9.11, A.2.5.3."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from fengsui.wire.gb28181.alarm import AlarmDetail, AlarmMethod, AlarmNotification, AlarmTypeParam
from fengsui.wire.gb28181.manscdp import CONTENT_TYPE
from fengsui.wire.sip.dialogs import Dialog
from fengsui.wire.sip.headers import BEIJING
from fengsui.wire.sip.message import SipRequest, SipResponse

WANTED: Final = b"<CmdType>Alarm</CmdType>"
PRESENCE: Final = re.compile(r"presence(;id=\d{1,10})?", re.IGNORECASE)
Reply = Callable[[SipRequest, int, tuple[tuple[str, str], ...]], SipResponse]


def intrusion(sn: int, code: str) -> AlarmNotification:
    """Somebody enters the area of this camera now."""
    now = datetime.now(BEIJING).strftime("%Y-%m-%dT%H:%M:%S")
    detail = AlarmDetail("6", AlarmTypeParam("1"))
    return AlarmNotification(sn, code, 2, int(AlarmMethod.VIDEO), now, "模拟报警", detail=detail)


class AlarmLine:
    """One subscription at a time."""

    def __init__(self) -> None:
        self.dialog: Dialog | None = None
        self._event = ""
        self.subscribed = 0
        """SUBSCRIBE requests accepted."""
        self.grants_s = -1
        """Seconds granted, whatever is asked for; -1: as asked."""

    def serve(self, request: SipRequest, reply: Reply, contact: str) -> None:
        """A renewal must be of the dialog that we know; one of 0 s ends it."""
        known = self.dialog is not None and self.dialog.takes(request)
        if ";tag=" in request.headers.get("to") and not known:
            reply(request, 481, ())
            return
        event, asked = request.headers.get("event"), request.headers.get("expires")
        if event != self._event if known else PRESENCE.fullmatch(event) is None:
            reply(request, 489, ())
            return
        granted = asked if self.grants_s < 0 or asked == "0" else str(self.grants_s)
        answer = reply(request, 200, (("expires", granted), ("contact", f"<sip:{contact}>")))
        self._event = event
        if asked == "0":
            self.dialog = None
            return
        if not known:
            self.dialog = Dialog.as_callee(request, answer)
        self.subscribed += 1

    def notification(self, via: str, body: bytes) -> SipRequest:
        """By the subscription. Raises OSError without one."""
        if self.dialog is None:
            raise OSError("nobody subscribed")
        extra = (("event", self._event), ("subscription-state", "active"), ("content-type", CONTENT_TYPE))
        return self.dialog.request("NOTIFY", via, extra, body)
