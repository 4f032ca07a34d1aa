"""Session descriptions with the `y=` and `f=` lines of GB/T 28181. Sources: RFC 4566, GB/T 28181-2022 annex G, §9.2, 9.8, 9.9."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fengsui.wire.errors import MalformedSdp

MAX_SDP_BYTES: Final = 64 * 1024
LIVE_PAYLOADS: Final = ((96, "PS/90000"), (98, "H264/90000"), (99, "H265/90000"), (100, "H265/90000"))


@dataclass(frozen=True, slots=True)
class MediaLine:
    """One `m=` line with its attributes. `port` 0 refuses the stream."""

    kind: str
    port: int
    protocol: str
    payloads: tuple[int, ...]
    rtpmaps: tuple[tuple[int, str], ...] = ()
    direction: str = ""
    setup: str = ""
    """`active`, `passive` or empty: the TCP role of the sender of this description (annex D)."""
    address: str = ""
    attributes: tuple[str, ...] = ()
    """The other `a=` lines in order, such as `streamnumber:1` or a maker's own."""

    @property
    def over_tcp(self) -> bool:
        """Whether the media runs over TCP (RFC 4571)."""
        return self.protocol.upper().startswith("TCP")

    def attribute(self, name: str) -> str:
        """The value of `a=name:value`, empty when absent."""
        for line in self.attributes:
            found, _, value = line.partition(":")
            if found.strip().lower() == name:
                return value.strip()
        return ""


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """An offer or answer. `ssrc` is the text of `y=` (10 decimal digits, zeros kept), `media_format` that of `f=`."""

    owner: str
    address: str
    name: str
    media: tuple[MediaLine, ...]
    uri: str = ""
    start_unix: int = 0
    stop_unix: int = 0
    ssrc: str = ""
    media_format: str = ""

    @property
    def video(self) -> MediaLine | None:
        """The first video line, else the first line, None when there is none."""
        for line in self.media:
            if line.kind == "video":
                return line
        return self.media[0] if self.media else None

    @property
    def media_address(self) -> str:
        """Where the first video line's media is received or sent from."""
        video = self.video
        return video.address if video is not None and video.address else self.address

    @property
    def ssrc_value(self) -> int | None:
        """`y=` as the RTP field, None when it is absent or no 32-bit number."""
        text = self.ssrc.strip()
        if not (text.isascii() and text.isdigit()) or int(text[:12]) > 0xFFFFFFFF:
            return None
        return int(text)

    @classmethod
    def parse(cls, octets: bytes) -> SessionDescription:
        """Unknown lines are skipped, order does not matter. Raises MalformedSdp."""
        if len(octets) > MAX_SDP_BYTES:
            raise MalformedSdp(f"{len(octets)} bytes; at most {MAX_SDP_BYTES} are read")
        fields: dict[str, str] = {}
        media: list[_OpenMedia] = []
        for line in octets.decode("latin-1").replace("\r", "\n").split("\n"):
            kind, equals, value = line.partition("=")
            if not equals or len(kind) != 1:
                continue
            value = value.strip()
            if kind == "m":
                media.append(_OpenMedia(value))
            elif kind == "a" and media:
                media[-1].take_attribute(value)
            elif kind == "c":
                if media:
                    media[-1].address = _address(value)
                else:
                    fields[kind] = value
            else:
                fields.setdefault(kind, value)
        if fields.get("v") is None and not media:
            raise MalformedSdp("neither v= nor m= line")
        owner = fields.get("o", "").split(" ")
        start, _, stop = fields.get("t", "0 0").partition(" ")
        return cls(
            owner=owner[0],
            address=_address(fields.get("c", "")) or (owner[5] if len(owner) > 5 else ""),
            name=fields.get("s", ""),
            media=tuple(opened.closed() for opened in media),
            uri=fields.get("u", ""),
            start_unix=_number(start),
            stop_unix=_number(stop),
            ssrc=fields.get("y", ""),
            media_format=fields.get("f", ""),
        )

    def to_bytes(self) -> bytes:
        """In the order that strict devices want: v o s u c t m a… y f (annex G)."""
        lines = ["v=0", f"o={self.owner} 0 0 IN IP4 {self.address}", f"s={self.name}"]
        if self.uri:
            lines.append(f"u={self.uri}")
        lines += [f"c=IN IP4 {self.address}", f"t={self.start_unix} {self.stop_unix}"]
        for line in self.media:
            lines.append(f"m={line.kind} {line.port} {line.protocol} {' '.join(map(str, line.payloads))}")
            if line.address and line.address != self.address:
                lines.append(f"c=IN IP4 {line.address}")
            if line.direction:
                lines.append(f"a={line.direction}")
            lines += [f"a=rtpmap:{payload} {name}" for payload, name in line.rtpmaps]
            if line.setup:
                lines.append(f"a=setup:{line.setup}")
                lines.append("a=connection:new")
            lines += [f"a={attribute}" for attribute in line.attributes]
        if self.ssrc:
            lines.append(f"y={self.ssrc}")
        if self.media_format:
            lines.append(f"f={self.media_format}")
        return ("\r\n".join(lines) + "\r\n").encode("latin-1", "replace")


class _OpenMedia:
    """An `m=` line whose attributes are still coming."""

    def __init__(self, value: str) -> None:
        parts = value.split()
        if len(parts) < 3:
            raise MalformedSdp(f"m={value[:60]!r} has no kind, port and protocol")
        self.kind, self.protocol = parts[0].lower(), parts[2]
        self.port = _number(parts[1].partition("/")[0])
        if self.port > 65535:
            raise MalformedSdp(f"port {self.port} is above 65535")
        self.payloads = tuple(int(part) for part in parts[3:] if part.isascii() and part.isdigit() and len(part) <= 3)
        self.rtpmaps: list[tuple[int, str]] = []
        self.direction = self.setup = self.address = ""
        self.attributes: list[str] = []

    def take_attribute(self, value: str) -> None:
        name, _, rest = value.partition(":")
        lowered = name.strip().lower()
        if lowered in ("sendonly", "recvonly", "sendrecv", "inactive"):
            self.direction = lowered
        elif lowered == "rtpmap":
            payload, _, mapping = rest.strip().partition(" ")
            if payload.isascii() and payload.isdigit() and len(payload) <= 3:
                self.rtpmaps.append((int(payload), mapping.strip()))
        elif lowered == "setup":
            self.setup = rest.strip().lower()
        elif lowered != "connection":
            self.attributes.append(value)

    def closed(self) -> MediaLine:
        return MediaLine(
            self.kind,
            self.port,
            self.protocol,
            self.payloads,
            tuple(self.rtpmaps),
            self.direction,
            self.setup,
            self.address,
            tuple(self.attributes),
        )


def _address(value: str) -> str:
    parts = value.split()
    return parts[2].partition("/")[0] if len(parts) >= 3 else ""


def _number(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 19:
        raise MalformedSdp(f"{text[:20]!r} is not a number")
    return int(text)


def live_offer(
    *, owner: str, address: str, port: int, ssrc: int, setup: str = "", attributes: tuple[str, ...] = ()
) -> SessionDescription:
    """`s=Play` (§9.2). `setup` empty: UDP; `passive`: we listen for TCP; `active`: we connect. `attributes`: sub-stream choice.

    The PS mapping stands first after `recvonly`: a Dahua model refuses any other order.
    """
    line = MediaLine(
        "video",
        port,
        "TCP/RTP/AVP" if setup else "RTP/AVP",
        tuple(payload for payload, _ in LIVE_PAYLOADS),
        LIVE_PAYLOADS,
        "recvonly",
        setup,
        attributes=attributes,
    )
    return SessionDescription(owner, address, "Play", (line,), ssrc=f"{ssrc:010d}")


def live_answer(offer: SessionDescription, *, owner: str, address: str, port: int, ssrc: str | None = None) -> SessionDescription:
    """The sender's answer to a live or history offer; the TCP role complements the offer's (annex D). Raises MalformedSdp."""
    asked = offer.video
    if asked is None:
        raise MalformedSdp("the offer has no media line")
    setup = {"passive": "active", "active": "passive"}.get(asked.setup, "active") if asked.over_tcp else ""
    line = MediaLine("video", port, asked.protocol, (96,), ((96, "PS/90000"),), "sendonly", setup)
    return SessionDescription(
        owner,
        address,
        offer.name,
        (line,),
        start_unix=offer.start_unix,
        stop_unix=offer.stop_unix,
        ssrc=offer.ssrc if ssrc is None else ssrc,
    )
