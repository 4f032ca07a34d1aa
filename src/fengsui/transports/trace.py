"""The last messages of each device, for the eyes of maintenance. Secrets are hidden; what is kept is cut to size as it comes."""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import Counter, Gauge

from fengsui.clock import Clock
from fengsui.settings import SignallingSection
from fengsui.wire.gb28181.xml_text import decode

KEPT_PER_DEVICE, MAX_OCTETS = 40, 4_000
MESSAGE_COST = 400
"""What a kept message takes beside its octets, roughly."""
STRANGERS_SHARE = 10
_SECRET = re.compile(r'\b(response|cnonce|nonce)\s*=\s*("[^"]*"?|[^\s,"]+)', re.IGNORECASE)
_PASSWORD = re.compile(r"(<Password>)[^<]*", re.IGNORECASE)

BYTES = Gauge("fengsui_trace_bytes", "Memory of kept signalling messages", ["of"])
DROPPED = Counter("fengsui_trace_dropped_total", "Devices whose kept messages made room for those of others", ["of"])


@dataclass(frozen=True, slots=True)
class TracedMessage:
    """One message; `direction` is `in` or `out`. `octets`: its beginning; `cut`: how many more there were."""

    at: datetime
    direction: str
    transport: str
    peer: str
    octets: bytes
    cut: int = 0

    @property
    def summary(self) -> str:
        """The start line."""
        return self.octets.split(b"\r\n", 1)[0].decode("latin-1")[:160]

    @property
    def text(self) -> str:
        """What is kept of the message with secrets hidden."""
        head, _, body = self.octets.partition(b"\r\n\r\n")
        shown = _SECRET.sub(r'\1="…"', head.decode("latin-1")).replace("\r\n", "\n")
        text = shown + "\n\n" + _PASSWORD.sub(r"\1…", decode(body)).replace("\r\n", "\n")
        return f"{text}\n… (+{self.cut} B)" if self.cut else text


def beginning(octets: bytes) -> bytes:
    """At most MAX_OCTETS, up to the end of a tag or a line where there is one: half a character would spoil the rest."""
    if len(octets) <= MAX_OCTETS:
        return octets
    kept = octets[:MAX_OCTETS]
    # Neither octet is part of a character of two or more, in GB18030 as in UTF-8.
    end = max(kept.rfind(b">"), kept.rfind(b"\n")) + 1
    return kept[:end] if end > MAX_OCTETS // 2 else kept


class _Shelf:
    """Rings of messages; those of the device that was silent for longest go first."""

    def __init__(self, name: str, devices: int, octets: int) -> None:
        self._devices, self._octets = max(1, devices), octets
        self._rings: OrderedDict[str, deque[TracedMessage]] = OrderedDict()
        self._bytes, self._dropped = BYTES.labels(name), DROPPED.labels(name)
        self.kept = 0
        """Memory taken, in octets."""

    def put(self, code: str, ring: deque[TracedMessage]) -> None:
        self._rings[code] = ring
        self.kept += sum(map(_cost, ring))

    def add(self, code: str, message: TracedMessage) -> None:
        ring = self._rings.get(code)
        if ring is None:
            ring = self._rings[code] = deque(maxlen=KEPT_PER_DEVICE)
        elif len(ring) == KEPT_PER_DEVICE:
            self.kept -= _cost(ring[0])
        ring.append(message)
        self.kept += _cost(message)
        self._rings.move_to_end(code)
        while len(self._rings) > self._devices or (self.kept > self._octets and len(self._rings) > 1):
            self.take(next(iter(self._rings)))
            self._dropped.inc()
        self._bytes.set(self.kept)

    def take(self, code: str) -> deque[TracedMessage] | None:
        ring = self._rings.pop(code, None)
        if ring is not None:
            self.kept -= sum(map(_cost, ring))
        return ring

    def of(self, code: str) -> list[TracedMessage]:
        return list(self._rings.get(code, ()))


def _cost(message: TracedMessage) -> int:
    return len(message.octets) + MESSAGE_COST


class Trace:
    """Keep-alives are left out, they would push the rest away. Strangers have a shelf of their own: no flood pushes devices out."""

    def __init__(self, clock: Clock, settings: SignallingSection, is_known: Callable[[str], bool]) -> None:
        self._clock = clock
        self._is_known = is_known
        devices, octets = settings.trace_devices, settings.trace_mb << 20
        self._known = _Shelf("devices", devices, octets)
        self._strangers = _Shelf("strangers", devices // STRANGERS_SHARE, octets // STRANGERS_SHARE)

    @property
    def kept(self) -> int:
        """Memory taken, in octets."""
        return self._known.kept + self._strangers.kept

    def add(self, code: str, direction: str, transport: str, peer: str, octets: bytes) -> None:
        """Keeps the beginning of one message of device `code`."""
        kept = beginning(octets)
        message = TracedMessage(self._clock.now(), direction, transport, peer, kept, len(octets) - len(kept))
        if not self._is_known(code):
            self._strangers.add(code[:32], message)
            return
        before = self._strangers.take(code)  # it has been let in
        if before is not None:
            self._known.put(code, before)
        self._known.add(code, message)

    def of(self, code: str) -> list[TracedMessage]:
        """Newest last."""
        return self._known.of(code) or self._strangers.of(code)
