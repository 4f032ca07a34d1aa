"""The last messages of each device, for the eyes of maintenance. Secrets are hidden."""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime

from fengsui.clock import Clock
from fengsui.wire.gb28181.xml_text import decode

KEPT_PER_DEVICE, KEPT_DEVICES, MAX_TEXT = 40, 2_000, 4_000
_SECRET = re.compile(r'\b(response|cnonce|nonce)\s*=\s*("[^"]*"|[^\s,"]+)', re.IGNORECASE)
_PASSWORD = re.compile(r"(<Password>)[^<]*(</Password>)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TracedMessage:
    """One message; `direction` is `in` or `out`."""

    at: datetime
    direction: str
    transport: str
    peer: str
    octets: bytes

    @property
    def summary(self) -> str:
        """The start line."""
        return self.octets.split(b"\r\n", 1)[0].decode("latin-1")[:160]

    @property
    def text(self) -> str:
        """The whole message with secrets hidden."""
        head, _, body = self.octets.partition(b"\r\n\r\n")
        shown = _SECRET.sub(r'\1="…"', head.decode("latin-1")).replace("\r\n", "\n")
        return (shown + "\n\n" + _PASSWORD.sub(r"\1…\2", decode(body)).replace("\r\n", "\n"))[:MAX_TEXT]


class Trace:
    """Bounded rings; keep-alives are left out, they would push the rest away."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rings: OrderedDict[str, deque[TracedMessage]] = OrderedDict()

    def add(self, code: str, direction: str, transport: str, peer: str, octets: bytes) -> None:
        """Keeps one message of device `code`."""
        ring = self._rings.get(code)
        if ring is None:
            if len(self._rings) >= KEPT_DEVICES:
                self._rings.popitem(last=False)
            ring = self._rings[code] = deque(maxlen=KEPT_PER_DEVICE)
        ring.append(TracedMessage(self._clock.now(), direction, transport, peer, octets))

    def of(self, code: str) -> list[TracedMessage]:
        """Newest last."""
        return list(self._rings.get(code, ()))
