"""Session descriptions with the `y=` and `f=` lines of GB/T 28181. Sources: RFC 4566, GB/T 28181-2022 annex G, §9.2, 9.8, 9.9."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from fengsui.wire.errors import MalformedSdp
from fengsui.wire.media_format import MediaFormat

MAX_SDP_BYTES: Final = 64 * 1024
MAX_MEDIA_LINES: Final = 16
PLAY, PLAYBACK, DOWNLOAD, TALK = "Play", "Playback", "Download", "Talk"
"""What `s=` asks for (§9.2, 9.8, 9.9; Talk up to 2016)."""
LIVE_PAYLOADS: Final = ((96, "PS/90000"), (98, "H264/90000"), (99, "H265/90000"), (100, "H265/90000"))


_STREAM_NAMES: Final[Mapping[str, Mapping[str, int]]] = {
    "streamnumber": {},  # 2022
    "streamprofile": {},  # Dahua
    "streammode": {"main": 0, "sub": 1},  # TP-LINK, Mercury
    "stream": {},
}


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

    @property
    def download_speed(self) -> float | None:
        """`a=downloadspeed`: the factor asked for; None: as recorded."""
        text = self.attribute("downloadspeed")
        whole, _, part = text.partition(".")
        fits = text.isascii() and whole.isdigit() and len(text) <= 8 and (not part or part.isdigit())
        return (float(text) or None) if fits else None

    @property
    def file_bytes(self) -> int | None:
        """`a=filesize` (also misspelt `fileszie`) of an answer to a download; None when unknown or -1."""
        text = self.attribute("filesize") or self.attribute("fileszie")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None

    @property
    def stream_number(self) -> int | None:
        """Which stream is asked for, 0 the main one: by the standard's name or a maker's; None: not said."""
        for name, words in _STREAM_NAMES.items():
            text = self.attribute(name).lower()
            if text in words:
                return words[text]
            if text.isascii() and text.isdigit() and len(text) <= 2:
                return int(text)
        return None

    @property
    def private_payload(self) -> bool:
        """Whether a maker's name stands where the container should: a stream that follows no standard."""
        return any(name.partition("/")[0].upper() in ("HIKVISION", "DAHUA") for _, name in self.rtpmaps)


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
    def audio(self) -> MediaLine | None:
        """The first audio line: of a broadcast or talk."""
        return next((line for line in self.media if line.kind == "audio"), None)

    @property
    def format(self) -> MediaFormat:
        """The `f=` line read."""
        return MediaFormat.parse(self.media_format)

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
        for_all: list[str] = []
        for line in octets.decode("latin-1").replace("\r", "\n").split("\n"):
            kind, equals, value = line.partition("=")
            if not equals or len(kind) != 1:
                continue
            value = value.strip()
            if kind == "m":
                if len(media) == MAX_MEDIA_LINES:
                    raise MalformedSdp(f"more than {MAX_MEDIA_LINES} media lines")
                media.append(_OpenMedia(value))
            elif kind == "a" and media:
                media[-1].take_attribute(value)
            elif kind == "a":
                for_all.append(value)
            elif kind == "c":
                if media:
                    media[-1].address = _address(value)
                else:
                    fields[kind] = value
            else:
                fields.setdefault(kind, value)
        if fields.get("v") is None and not media:
            raise MalformedSdp("neither v= nor m= line")
        for opened in media:
            opened.take_defaults(for_all)
        owner = fields.get("o", "").split()
        start, stop, *_ = [*fields.get("t", "").split(), "0", "0"]
        return cls(
            owner=owner[0] if owner else "",
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
        lines = ["v=0", f"o={self.owner} 0 0 {_network(self.address)}", f"s={self.name}"]
        if self.uri:
            lines.append(f"u={self.uri}")
        lines += [f"c={_network(self.address)}", f"t={self.start_unix} {self.stop_unix}"]
        for line in self.media:
            lines.append(f"m={line.kind} {line.port} {line.protocol} {' '.join(map(str, line.payloads))}")
            if line.address and line.address != self.address:
                lines.append(f"c={_network(line.address)}")
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

    def take_defaults(self, attributes: list[str]) -> None:
        """What stands before the first `m=` holds for every line that does not say otherwise (RFC 4566 §5.13)."""
        direction, setup = self.direction, self.setup
        for value in attributes:
            if value.partition(":")[0].strip().lower() in ("sendonly", "recvonly", "sendrecv", "inactive", "setup"):
                self.take_attribute(value)
        self.direction, self.setup = direction or self.direction, setup or self.setup

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


def _network(address: str) -> str:
    return f"IN {'IP6' if ':' in address else 'IP4'} {address}"


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


def history_offer(
    *,
    owner: str,
    channel: str,
    address: str,
    port: int,
    ssrc: int,
    start_unix: int,
    stop_unix: int,
    setup: str = "",
    download_speed: int | None = None,
    record_type: int = 0,
    attributes: tuple[str, ...] = (),
) -> SessionDescription:
    """`s=Playback` (§9.8), or `s=Download` (§9.9) with a speed that the camera announced. Unix seconds.

    `record_type`: 0 all, 1 manual, 2 alarm, 3 time.
    """
    downloaded = () if download_speed is None else (f"downloadspeed:{download_speed}",)
    live = live_offer(owner=owner, address=address, port=port, ssrc=ssrc, setup=setup, attributes=(*downloaded, *attributes))
    return replace(
        live,
        name=PLAYBACK if download_speed is None else DOWNLOAD,
        uri=f"{channel}:{record_type}",
        start_unix=start_unix,
        stop_unix=stop_unix,
    )


def audio_description(
    *, owner: str, address: str, port: int, ssrc: int, direction: str = "sendonly", setup: str = "", over_tcp: bool = False
) -> SessionDescription:
    """G.711A: the answer to a broadcast's INVITE (`sendonly`, §9.12), or an offer to talk (`sendrecv`, up to 2016)."""
    protocol = "TCP/RTP/AVP" if over_tcp or setup else "RTP/AVP"
    line = MediaLine("audio", port, protocol, (8,), ((8, "PCMA/8000"),), direction, setup)
    name = TALK if direction == "sendrecv" else PLAY
    return SessionDescription(owner, address, name, (line,), ssrc=f"{ssrc:010d}", media_format="v/////a/1/8/1")


def live_answer(
    offer: SessionDescription,
    *,
    owner: str,
    address: str,
    port: int,
    ssrc: str | None = None,
    attributes: tuple[str, ...] = (),
) -> SessionDescription:
    """The sender's answer to a live or history offer; the TCP role complements the offer's (annex D). `attributes`: such as
    `filesize:<bytes>` of a download. Raises MalformedSdp.
    """
    asked = offer.video
    if asked is None:
        raise MalformedSdp("the offer has no media line")
    setup = {"passive": "active", "active": "passive"}.get(asked.setup, "active") if asked.over_tcp else ""
    line = MediaLine("video", port, asked.protocol, (96,), ((96, "PS/90000"),), "sendonly", setup, attributes=attributes)
    return SessionDescription(
        owner,
        address,
        offer.name,
        (line,),
        start_unix=offer.start_unix,
        stop_unix=offer.stop_unix,
        ssrc=offer.ssrc if ssrc is None else ssrc,
    )
