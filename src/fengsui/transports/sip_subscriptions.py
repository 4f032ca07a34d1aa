"""Our subscriptions at devices: a dialog each, found again by what comes in it. Source: GB/T 28181-2022 §9.11; RFC 6665."""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.wire.sip.dialogs import Dialog
from fengsui.wire.sip.message import SipRequest


@dataclass(slots=True)
class Subscription:
    """`event`: the header, the same in the whole dialog. `dialog`: None before the 200 to the first SUBSCRIBE."""

    code: str
    package: str
    event: str
    call_id: str
    dialog: Dialog | None = None
    ended: bool = False


class SipSubscriptions:
    """At most one of each package at each device."""

    def __init__(self) -> None:
        self._by_device: dict[str, dict[str, Subscription]] = {}
        self._by_call: dict[str, Subscription] = {}

    def of(self, code: str, package: str) -> Subscription | None:
        """The one that runs."""
        return self._by_device.get(code, {}).get(package)

    def await_answer(self, begun: Subscription) -> None:
        """From now on its notifications are known: one may overtake the 200."""
        self._by_call[begun.call_id] = begun

    def keep(self, accepted: Subscription) -> None:
        """It runs, in place of an older one."""
        before = self.of(accepted.code, accepted.package)
        if before is not None and before is not accepted:
            self.end(before)
        self._by_device.setdefault(accepted.code, {})[accepted.package] = accepted

    def end(self, ended: Subscription) -> None:
        """Idempotent."""
        ended.ended = True
        self._by_call.pop(ended.call_id, None)
        of_device = self._by_device.get(ended.code, {})
        if of_device.get(ended.package) is ended:
            del of_device[ended.package]
            if not of_device:
                del self._by_device[ended.code]

    def forget(self, code: str, package: str) -> None:
        """The device went away, or began anew: what it granted is void."""
        if (running := self.of(code, package)) is not None:
            self.end(running)

    def notified(self, request: SipRequest, code: str) -> Subscription | None:
        """The subscription at this device that a NOTIFY belongs to. By Call-ID: devices make up tags."""
        found = self._by_call.get(request.headers.get("call-id"))
        return found if found is not None and found.code == code else None
