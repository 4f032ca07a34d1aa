"""What a still says of itself wherever it goes: an XMP packet (ISO 16684-1) within the JPEG file. Pure. Rule A6."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from fengsui.features.audit import Ground

START: Final = b"\xff\xd8\xff"
"""Of a JPEG file: its beginning, and that of its first segment."""
APP0, APP1 = b"\xff\xe0", b"\xff\xe1"
XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
NAMESPACE: Final = "urn:fengsui:still:1"


@dataclass(frozen=True, slots=True)
class Tag:
    """Of what a still is, who kept it and under which ticket; times: seconds since 1970."""

    camera: str
    name: str
    stream: str
    at: float
    by: str
    unit: str
    ground: Ground
    ticket_until: float
    node: str

    @property
    def words(self) -> str:
        """For whoever opens the file in any program."""
        who = f"{self.by} ({self.unit})" if self.unit else self.by
        ground = self.ground
        return (
            f"{self.name} {self.camera} {_moment(self.at)} · 截图 kept by {who} · 使用单 ticket {ground.ticket} · "
            f"用途 purpose {ground.purpose} · 使用单有效至 ticket until {_moment(self.ticket_until)} · 不得外传 not to be passed on"
        )

    def segment(self) -> bytes:
        """APP1, to stand where `place_in` says."""
        ground = self.ground
        facts = {
            "camera": self.camera,
            "stream": self.stream,
            "at": _moment(self.at),
            "ticket": ground.ticket,
            "case": ground.case,
            "purpose": ground.purpose,
            "legalBasis": ground.legal_basis,
            "ticketUntil": _moment(self.ticket_until),
            "by": self.by,
            "unit": self.unit,
            "node": self.node,
        }
        told = " ".join(f"fengsui:{name}={quoteattr(_written(value))}" for name, value in facts.items())
        packet = (
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:fengsui="{NAMESPACE}" {told}><dc:description><rdf:Alt>'
            f'<rdf:li xml:lang="x-default">{escape(_written(self.words))}</rdf:li></rdf:Alt></dc:description>'
            '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
        )
        body = XMP + packet.encode()
        return APP1 + (len(body) + 2).to_bytes(2, "big") + body


def place_in(file: bytes) -> int | None:
    """Where in a JPEG file the segment goes: behind the head that JFIF wants first. None: it is no JPEG file."""
    if not file.startswith(START):
        return None
    if file[2:4] != APP0:
        return 2
    at = 4 + int.from_bytes(file[4:6], "big")
    return at if at < len(file) and file[at] == START[0] else None


def _written(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(one for one in text if one.isprintable())


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
