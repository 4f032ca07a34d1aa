"""One viewer's live session, and what the viewer can decode."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fengsui.features.access import Principal
from fengsui.features.live.model import LiveState


@dataclass(frozen=True, slots=True)
class Decodes:
    """`codecs`: names of what the viewer decodes; `not_these`: codec strings (RFC 6381) that it found it does not."""

    codecs: frozenset[str]
    not_these: frozenset[str] = frozenset()

    @property
    def is_choosy(self) -> bool:
        """Whether the stream's codec must be known before it can be said what the viewer gets."""
        return "h265" not in self.codecs or bool(self.not_these)

    def takes(self, codec: str, codec_string: str) -> bool:
        """Whether the viewer can be given the stream as it comes. H.264 is decoded by all, but not of every profile."""
        return (codec != "h265" or codec in self.codecs) and codec_string not in self.not_these


ANYTHING = Decodes(frozenset({"h264", "h265"}))


@dataclass(frozen=True, slots=True)
class LiveSession:
    """One viewer's right to one stream. `source`: the engine's name, a transcode's where one is needed."""

    id: str
    camera: str
    device: str
    """Whose channel the camera was when the session began."""
    stream: str
    source: str
    principal: Principal
    expires_at: datetime
    ticket: str
    codec: str
    codec_string: str
    """RFC 6381, as the camera sends it; empty while that is not known."""
    transcoded: bool
    masked: bool
    state: LiveState
    alive_s: float
    """When it was opened or renewed, monotonic: a player needs a moment to come with its ticket."""
