"""The Rust media engine as Python sees it. Ids, commands, counters and events; frames never cross (docs/design/seams.md)."""

from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import ClassVar, final

_StrPath = str | PathLike[str]
_Bytes = bytes

__all__ = [
    "AfterLoss", "AlarmDatagrams", "AlarmPeer", "CannotListen", "ClipFootage",
    "Engine", "EngineConfig", "EngineCounters", "EngineError", "Event", "EventKind", "FetchStatus",
    "FootageCounters", "H264Encoder", "KeyFrame", "KeyFrames", "LogLine", "Marker",
    "NameInUse", "NoPortLeft", "OldFootage", "OpenedSource", "ParameterSets", "Payload", "PortInUse",
    "RebuiltIndex", "RecordingStatus", "Reorder",
    "SipAnswer", "SipBatch", "SipDatagram", "SipFront",
    "SipFrontCounters", "SipRegistration", "SourceCounters", "SourceSpec", "SsrcChange",
    "SsrcPolicy",
    "TooManySources", "Transport", "UnmappedSound", "dropped_log_lines", "media_paths", "read_alarm_frame",
    "rebuild_footage_index", "take_log_lines",
]  # fmt: skip

_AlarmFrame = tuple[str, str, str, str, float | None, str, bytes]
"""Of a usual frame in clear: token, sequence, account in upper case, data, the host's time (seconds since 1970, None: not told),
the key by which it is known when it comes again, and its ACK as a whole frame."""

class EngineError(Exception):
    """The engine refused; the text says why and what to do."""

class PortInUse(EngineError):
    """Another program has the port. `args`: text, kind, port."""

class CannotListen(EngineError):
    """The port cannot be opened. `args`: text, kind, port, what the system said."""

class NameInUse(EngineError):
    """A source of that name or SSRC is open."""

class NoPortLeft(EngineError):
    """The port range is used up."""

class TooManySources(EngineError):
    """The limit of sources is reached."""

def media_paths() -> list[str]:
    """Everything that the media port answers, as `METHOD /path`."""

def read_alarm_frame(frame: bytes) -> _AlarmFrame | None:
    """Of what stands between LF and CR (ANSI/SIA DC-09). None: it is not as nearly all are, or not right (see `wire.dc09`)."""

@final
class AlarmPeer:
    """Where a datagram came from, and its answer goes."""

@final
class AlarmDatagrams:
    """Datagrams of alarm hosts, `at_once` by one call of the system. `fd`: of a bound socket, which stays its owner's."""

    def __new__(cls, fd: int, at_once: int) -> AlarmDatagrams: ...
    def take(self) -> list[tuple[AlarmPeer, str, _AlarmFrame | None, bytes]]:
        """What waits, at most `at_once`: peer, its host, frame where it is read, and the datagram itself. Raises OSError."""
    def send(self, answers: Sequence[tuple[AlarmPeer, bytes]]) -> int:
        """How many were dealt with, in their order: fewer where the system's buffer is full."""

def take_log_lines() -> list[LogLine]:
    """What the core's own crates had to say since the last call, bounded; panics of its threads too."""

def dropped_log_lines() -> int:
    """Lines that were too many since the start."""

@final
class LogLine:
    """One line. `names` and `values` go together."""

    @property
    def level(self) -> str:
        """error, warning or info."""
    @property
    def target(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def names(self) -> list[str]: ...
    @property
    def values(self) -> list[str]: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...

@final
class Transport:
    UDP: ClassVar[Transport]
    TCP_PASSIVE: ClassVar[Transport]
    TCP_ACTIVE: ClassVar[Transport]
    def __int__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Payload:
    DETECT: ClassVar[Payload]
    PS: ClassVar[Payload]
    H264: ClassVar[Payload]
    H265: ClassVar[Payload]
    def __int__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SsrcPolicy:
    STRICT: ClassVar[SsrcPolicy]
    FROM_PEER_ADDRESS: ClassVar[SsrcPolicy]
    ANY: ClassVar[SsrcPolicy]
    def __int__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Marker:
    """Whether a camera's RTP markers end its frames."""

    LEARN: ClassVar[Marker]
    TRUST: ClassVar[Marker]
    IGNORE: ClassVar[Marker]
    def __int__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class AfterLoss:
    """When pictures go on after a loss: soon and smeared, or late and whole."""

    NEXT_PICTURE: ClassVar[AfterLoss]
    NEXT_KEY_FRAME: ClassVar[AfterLoss]
    def __int__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class UnmappedSound:
    """What sound is that no stream map describes; AAC is known by itself."""

    DROP: ClassVar[UnmappedSound]
    G711A: ClassVar[UnmappedSound]
    G711U: ClassVar[UnmappedSound]
    def __int__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Reorder:
    """How long a missing packet is waited for."""

    STANDARD: ClassVar[Reorder]
    LONG: ClassVar[Reorder]
    NONE: ClassVar[Reorder]
    def __int__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SsrcChange:
    """What follows when a running stream changes its SSRC."""

    AUTO: ClassVar[SsrcChange]
    WHEN_SILENT: ClassVar[SsrcChange]
    REFUSE: ClassVar[SsrcChange]
    def __int__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class ParameterSets:
    """Whether key frames get the parameter sets that they lack."""

    INSERT: ClassVar[ParameterSets]
    LEAVE: ClassVar[ParameterSets]
    def __int__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class EventKind:
    FIRST_PACKET: ClassVar[EventKind]
    READY: ClassVar[EventKind]
    CODEC_CHANGED: ClassVar[EventKind]
    NO_PACKETS: ClassVar[EventKind]
    SILENT: ClassVar[EventKind]
    TCP_CONNECT_FAILED: ClassVar[EventKind]
    TCP_CLOSED: ClassVar[EventKind]
    SSRC_MISMATCH: ClassVar[EventKind]
    UNPLAYABLE: ClassVar[EventKind]
    KEY_FRAME_WANTED: ClassVar[EventKind]
    NO_READERS: ClassVar[EventKind]
    READER_JOINED: ClassVar[EventKind]
    READER_LEFT: ClassVar[EventKind]
    STILL_SENDING: ClassVar[EventKind]
    """Packets of a source that is closed come all the same; told every 5 s for two minutes at most."""
    ENGINE_FAILED: ClassVar[EventKind]
    """The engine met something unexpected in this source, or in the thread that served it: it takes no more packets."""
    TICKET_REFUSED: ClassVar[EventKind]
    """`reason`: missing, forged, expired, other_source, revoked, other_workstation or other_way; at most 100 a second are told."""
    FOLDER_FAILED: ClassVar[EventKind]
    """The footage folder `name` takes no more, for `reason`; its streams go on in others."""
    FOLDER_RECOVERED: ClassVar[EventKind]
    STREAM_MOVED: ClassVar[EventKind]
    """The recording of the stream `name` goes on in the folder `reason`."""
    FOOTAGE_LOST: ClassVar[EventKind]
    """Footage of the stream `name` is being lost; `reason`: no_folder, or too_slow (the disks)."""
    HELD_SHORT: ClassVar[EventKind]
    """The stream `name` is held for `reason` only: a bound is reached."""
    INDEX_FAILED: ClassVar[EventKind]
    INDEX_RECOVERED: ClassVar[EventKind]
    FOOTAGE_SHOWN: ClassVar[EventKind]
    PLAYER_JOINED: ClassVar[EventKind]
    PLAYER_LEFT: ClassVar[EventKind]
    FOOTAGE_TAKEN: ClassVar[EventKind]
    """A clip was handed over; `reason`: whole, changed, revoked, left or unread."""
    def __int__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class EngineConfig:
    """Addresses and limits. Times in milliseconds. `audit_office`: whom to ask, told to whoever is refused by a rule."""

    def __new__(
        cls,
        *,
        ticket_key: bytes | Sequence[int],
        audit_office: str = "",
        rtp_host: str = "0.0.0.0",
        rtp_port: int = 10000,
        rtcp_port: int = 0,
        rtp_port_first: int = 0,
        rtp_port_last: int = 0,
        http_host: str = "0.0.0.0",
        http_port: int = 8081,
        webrtc_port: int = 8082,
        webrtc_addresses: Sequence[str] = ...,
        grace_ms: int = 15000,
        silence_ms: int = 15000,
        first_packet_ms: int = 10000,
        max_sources: int = 20000,
        max_readers: int = 20000,
        max_readers_per_address: int = 15000,
        max_readers_per_session: int = 8,
        ticket_life_s: int = 3600,
        max_frame_bytes: int = 8388608,
        max_waiting_per_address: int = 32,
        max_waiting: int = 1024,
        max_connections_per_address: int = 512,
        max_connections: int = 4096,
        max_handshakes_per_address: int = 256,
        max_handshakes: int = 2048,
        workers: int = 0,
    ) -> EngineConfig: ...

@final
class SourceSpec:
    """A stream to be received.

    `audio`: its sound may be heard, since the camera's file has a legal basis; else no byte of it leaves the receiver.
    `marker` and what follows it: what a device profile may say; all other deviations are told by content
    (docs/design/media-deviations.md). `bytes_a_second`: so much of a connection is read, and the sender waits; 0: as it comes.
    """

    def __new__(
        cls,
        *,
        name: str,
        ssrc: int,
        transport: Transport,
        own_port: bool = False,
        remote_host: str | None = None,
        remote_port: int | None = None,
        payload: Payload = ...,
        audio: bool = False,
        ssrc_policy: SsrcPolicy = ...,
        marker: Marker = ...,
        after_loss: AfterLoss = ...,
        unmapped_sound: UnmappedSound = ...,
        reorder: Reorder = ...,
        ssrc_change: SsrcChange = ...,
        parameter_sets: ParameterSets = ...,
        bytes_a_second: int = 0,
    ) -> SourceSpec: ...

@final
class OpenedSource:
    """A source that was opened: its number and the RTP port to tell the device."""

    @property
    def id(self) -> int: ...
    @property
    def port(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class ClipFootage:
    """Of the part of a clip that was handed over (rules A34, A47). Wall clock: µs since 1970, UTC, of the node."""

    @property
    def clock_error_us(self) -> int | None:
        """The worst bound of its fragments; None: of one of them it is not known."""

    @property
    def camera_ahead_us(self) -> tuple[int, int] | None:
        """How far the camera's own clock was ahead of the node's, the least and the most; None: it told none."""

    @property
    def clock_set(self) -> bool:
        """The node's clock was set within."""

    @property
    def overlaps(self) -> bool:
        """The clock was set back within, and footage whose time had been already is not in the file."""

    @property
    def fetched(self) -> list[tuple[int, int]]:
        """What of it its device recorded and the node did not."""

    @property
    def missing(self) -> list[tuple[int, int]]:
        """Asked for and not in the file, the earliest first: the first hundred."""

    @property
    def missing_us(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class Event:
    """What happened to a source; fields that a kind does not use are empty or 0."""

    @property
    def kind(self) -> EventKind: ...
    @property
    def source(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def remote_host(self) -> str: ...
    @property
    def remote_port(self) -> int: ...
    @property
    def codec(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def ssrc(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def session(self) -> str: ...
    @property
    def protocol(self) -> str: ...
    @property
    def from_us(self) -> int: ...
    @property
    def to_us(self) -> int: ...
    @property
    def pictures(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def damaged(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    @property
    def clip(self) -> ClipFootage | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class EngineCounters:
    """Totals since the start, and what is open now."""

    @property
    def sources(self) -> int: ...
    @property
    def readers(self) -> int: ...
    @property
    def packets(self) -> int: ...
    @property
    def bytes_in(self) -> int: ...
    @property
    def lost(self) -> int: ...
    @property
    def oversized_frames(self) -> int: ...
    @property
    def bytes_out(self) -> int: ...
    @property
    def skipped_frames(self) -> int: ...
    @property
    def resent_packets(self) -> int: ...
    @property
    def refused_resends(self) -> int: ...
    @property
    def unknown_packets(self) -> int: ...
    @property
    def malformed_packets(self) -> int: ...
    @property
    def refused_connections(self) -> int: ...
    @property
    def refused_viewers(self) -> int: ...
    @property
    def connections(self) -> int: ...
    @property
    def handshakes(self) -> int: ...
    @property
    def refused_tickets(self) -> int: ...
    @property
    def revoked_sessions(self) -> int: ...
    @property
    def dropped_events(self) -> int: ...
    @property
    def failures(self) -> int: ...
    @property
    def pausing(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class SourceCounters:
    """One source's counters."""

    @property
    def packets(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def lost(self) -> int: ...
    @property
    def reordered(self) -> int: ...
    @property
    def frames(self) -> int: ...
    @property
    def key_frames(self) -> int: ...
    @property
    def discarded_frames(self) -> int: ...
    @property
    def jitter_us(self) -> int: ...
    @property
    def readers(self) -> int: ...
    @property
    def codec(self) -> str: ...
    @property
    def codec_string(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def sound(self) -> str:
        """`g711a`, `g711u`, `aac`; empty without sound that may be heard."""

    @property
    def sender(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class KeyFrame:
    """One still: the only picture that crosses, for the worker that makes a JPEG of it."""

    @property
    def codec(self) -> str: ...
    @property
    def annex_b(self) -> bytes: ...

@final
class RecordingStatus:
    """How far one stream is recorded. `safe_until_us`: everything kept up to then is on disk, µs since 1970."""

    @property
    def recording(self) -> bool: ...
    @property
    def armed(self) -> bool:
        """It is held in memory for an event."""
    @property
    def held_since_us(self) -> int | None:
        """From here on it is in memory; None: nothing is held."""
    @property
    def held_short(self) -> bool:
        """It is not held as long as it should be: a bound is reached."""
    @property
    def taken_until_us(self) -> int | None:
        """Up to here something came, held or kept; None where all is kept."""
    @property
    def safe_until_us(self) -> int | None: ...
    @property
    def fragments(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def lost_fragments(self) -> int: ...
    @property
    def folder(self) -> Path | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class FootageCounters:
    """Of the recorder: totals since the start, and what waits and works now."""

    @property
    def streams(self) -> int: ...
    @property
    def armed_streams(self) -> int: ...
    @property
    def held_bytes(self) -> int: ...
    @property
    def fragments(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def lost_fragments(self) -> int: ...
    @property
    def fetched_fragments(self) -> int:
        """Of what devices recorded."""
    @property
    def fetched_bytes(self) -> int: ...
    @property
    def waiting_bytes(self) -> int: ...
    @property
    def folders_working(self) -> int: ...
    @property
    def folders_failed(self) -> int: ...
    @property
    def looking(self) -> bool:
        """Footage that lies in the folders may be missing in the index still."""
    @property
    def looked_percent(self) -> int:
        """How much of the folders was looked through for that; 100 when it is over."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class FetchStatus:
    """How far a fetch is. `reached_us`: up to here pictures came, by the device, µs since 1970; `full`: up to the end of what was
    asked for; `trouble`: why no more is taken: `leap`, `overrun`, `disk`; empty while it is."""

    @property
    def reached_us(self) -> int | None: ...
    @property
    def pictures(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def full(self) -> bool: ...
    @property
    def trouble(self) -> str: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...

@final
class OldFootage:
    """A closed footage file that may be removed. Times: µs since 1970. `digest`: 32 bytes that stand for the file in the record of
    its removal: SHA-256 of its path below the folder, its size, and its table: place, times and sizes of each fragment, and the
    digest of all pictures; `has_pictures`: whether it has that, for files of before do not."""

    @property
    def stream(self) -> str: ...
    @property
    def path(self) -> Path: ...
    @property
    def start_us(self) -> int: ...
    @property
    def end_us(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def digest(self) -> _Bytes: ...
    @property
    def has_pictures(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class KeyFrames:
    """Key frames of one stream between two times (µs since 1970), from index and files, beside the node that keeps them.

    Raises EngineError, here and below: the index is not there, or does not answer.
    """

    def __new__(
        cls, index: _StrPath, stream: str, from_us: int, to_us: int, fetch: Callable[[str, int, int], None] | None = None
    ) -> KeyFrames:
        """`fetch`: as of `Engine.fetch_footage_by`; called in `at_or_after`."""
    @property
    def away(self) -> int:
        """Times that a second tier did not give one; it was passed over, with some seconds after it."""
    def at_or_after(self, at_us: int) -> tuple[int, int, bytes, bytes] | None:
        """The one that an instant hangs on, else the first after it: its time, the end of its group, the file's head (`ftyp`,
        `moov`) and the picture (NAL units, each after its length).
        """

@final
class RebuiltIndex:
    """What the footage held. `damaged_bytes`: torn off by a crash, or lost by a disk; `unreadable`: files and what is wrong."""

    @property
    def files(self) -> int: ...
    @property
    def fragments(self) -> int: ...
    @property
    def damaged_bytes(self) -> int: ...
    @property
    def unreadable(self) -> list[tuple[Path, str]]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

def rebuild_footage_index(index: _StrPath, folders: Sequence[_StrPath]) -> RebuiltIndex:
    """Makes the index of footage anew from the files alone. Raises EngineError while a node has it."""

@final
class Engine:
    """The media engine of one process. Raises EngineError and its kinds."""

    def __new__(cls, config: EngineConfig) -> Engine: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def open_source(self, spec: SourceSpec) -> OpenedSource: ...
    def set_ssrc(self, id: int, ssrc: int) -> None: ...
    def set_remote(self, id: int, host: str, port: int) -> None: ...
    def answered(self, id: int, host: str | None = None) -> None:
        """The call of a source was answered; `host`: the address where the answer says that the media come from."""
    def remember_ended(self, name: str, ssrc: int, host: str) -> int:
        """A stream of a former run may still come from `host`: `STILL_SENDING` with this number. Raises EngineError, ValueError."""
    def connect_source(self, id: int, host: str, port: int) -> None: ...
    def close_source(self, id: int) -> None: ...
    def keep_footage(
        self,
        folders: Sequence[tuple[_StrPath, int, int]],
        index: _StrPath,
        *,
        write_behind_bytes: int = 536_870_912,
        held_bytes: tuple[int, int] | None = None,
        sync_ms: int = 1_000,
    ) -> None:
        """Says where footage goes, once: path, weight and bytes left free of each folder; `held_bytes`: of one stream, of all.

        Raises EngineError.
        """
    def start_recording(self, id: int, stream: str, before_s: float | None = None) -> None:
        """Keeps the pictures of a source on disk until it is closed; nobody need watch. With `before_s` they are held in memory for
        so long, until `record_event`. Where they are kept or held already it goes on so, without a gap. Raises EngineError."""
    def record_event(self, id: int, lasting_s: float) -> bool:
        """Something happened: what is held of a source is kept, and what comes for so long. False: nothing is held of it."""
    def end_recording(self, id: int) -> None: ...
    def recording_status(self, stream: str) -> RecordingStatus | None:
        """None: nothing was taken of it since the start. Raises EngineError without folders."""
    def footage(self, stream: str, from_us: int, to_us: int) -> list[tuple[int, int]]:
        """Where there is footage, µs since 1970, ascending. Blocks for a moment. Raises EngineError."""
    def footage_twice(self, stream: str, from_us: int, to_us: int) -> list[tuple[int, int, int]]:
        """Where the node recorded a stream more than once, for its clock was set back, and how often at most. As `footage`."""
    def fetched_footage(self, stream: str, from_us: int, to_us: int) -> list[tuple[int, int]]:
        """As `footage`, of what was fetched from its device alone."""
    def footage_at(self, stream: str, at_us: int) -> tuple[str, bytes]:
        """What a player would be shown at an instant, µs since 1970: `shown`, with the first second of its group of pictures as
        MP4; `damaged`, `away` (the second tier does not give it), `removed` meanwhile, or `nothing`: the files have none there.

        Blocks. Raises EngineError.
        """
    def footage_codec(self, stream: str, from_us: int, to_us: int) -> str | None:
        """The codec of what is shown first between two times, by RFC 6381; None: nothing there can be read.

        Blocks. Raises EngineError.
        """
    def begin_fetch(self, id: int, stream: str, from_us: int, to_us: int) -> None:
        """What comes of a source that was just opened is what its device recorded of `stream` between two times, µs since 1970; its
        first key frame is of the first one. Nothing of it is footage before `end_fetch`. Raises EngineError."""
    def fetch_status(self, id: int) -> FetchStatus | None:
        """None: nothing is fetched by this source."""
    def end_fetch(self, id: int, *, keep: bool, whole: bool) -> tuple[int, int, int] | None:
        """Before the source is closed. `keep`: what came is footage when this returns; `whole`: also its last group of pictures.
        From when to when, and bytes; None: nothing is. Blocks. Raises EngineError."""
    def activity(self, stream: str, from_us: int, to_us: int, parts: int) -> tuple[bytes, list[tuple[int, int, int]]]:
        """How much moves, by the sizes of pictures alone: in so many parts of the time the highest level (0 to 100; 255: no
        footage), and when it was 25 or more (from, to, highest), µs since 1970. Blocks for a moment. Raises EngineError.
        """
    def promise_clip(self, session: str, file: str, title: str, comment: str) -> None:
        """The clip of the session's ticket is called `file` and says the words in its head. Raises EngineError: too many wait."""
    def steer_playback(
        self, session: str, *, speed: float | None = None, paused: bool | None = None, leap_us: int | None = None
    ) -> None:
        """What is to be done with footage that the session's players are sent at the node's pace, now or when one comes; what is
        None stays. It is forgotten with the session.
        """
    def paced_playback(self, session: str) -> tuple[int | None, float, bool] | None:
        """Where it is (µs since 1970, None: nothing was sent), how fast, and whether it is paused; None: nobody steered it."""
    def withdraw_clip(self, session: str) -> bool:
        """Takes the promise back. False: somebody came for it, and what they are given is told."""
    def footage_counters(self) -> FootageCounters: ...
    def footage_troubles(self) -> list[tuple[Path, str]]:
        """Folders that take nothing now, each with what is wrong."""
    def oldest_footage(self) -> list[tuple[str, int]]:
        """Each stream with footage, and when its oldest file begins, µs since 1970. Blocks. Raises EngineError."""
    def stored_footage(
        self, from_us: int, to_us: int, stream: str | None = None, tiers: bool = False
    ) -> list[tuple[str, int, int, int, int]]:
        """Of each stream, or of one: name, when its oldest file begins, bytes, bytes of files that begin between the times, and
        bytes in a second tier, which are looked for with `tiers`.

        Blocks, for seconds where there are millions of files. Raises EngineError.
        """
    def footage_room(self) -> list[tuple[Path, int, int]]:
        """Of each folder that is there, full or not: bytes free, and those below which it takes nothing. Blocks."""
    def old_footage(
        self,
        cuts: Sequence[tuple[str, int, int, Sequence[tuple[int, int]]]],
        limit: int,
        folder: _StrPath | None = None,
        here: bool = False,
    ) -> list[OldFootage]:
        """The oldest closed files that may go, in one folder or all: of each stream in `cuts` those that begin before the first
        time, end by the second, and touch no held span; with `here` none whose pictures are in a second tier.

        Blocks; reads the end of each file. Raises EngineError.
        """
    def fetch_footage_by(self, fetch: Callable[[str, int, int], None]) -> None:
        """What was moved to a second tier is brought back by it: path, start and end within the file.

        It is called from threads, may block, and raises OSError when it cannot. Only the first one that is given counts.
        """
    @staticmethod
    def hollow_footage(path: _StrPath) -> int:
        """Lets go of the pictures of a closed file beside which stands that they are in a second tier; head and table stay. Bytes
        that the disk has back. Blocks; raises OSError."""
    def remove_footage(self, files: Sequence[OldFootage]) -> tuple[int, int, list[tuple[Path, str]]]:
        """Removes them for good; one that is written stays. Files and bytes that are gone; what is left, with why. Blocks.

        Raises EngineError while the folders are looked through for footage.
        """
    def use_certificate(self, chain_pem: str, key_pem: str) -> None:
        """New connections to the media port speak TLS with it. Raises EngineError: the one before stays in force."""
    def loopback_port(self) -> int:
        """The plain media port for workers of this machine. Raises EngineError when the engine is not running."""
    def revoke_session(self, session: str) -> None: ...
    def event_fd(self) -> int: ...
    def take_events(self, limit: int = 1000) -> list[Event]: ...
    def counters(self) -> EngineCounters: ...
    def source_counters(self, id: int) -> SourceCounters | None: ...
    def latest_key_frame(self, id: int) -> KeyFrame | None: ...

@final
class H264Encoder:
    """OpenH264. Planes are tight YUV 4:2:0."""

    def __new__(cls, width: int, height: int, fps: float, kbit_s: int) -> H264Encoder: ...
    def encode(self, y: bytes, u: bytes, v: bytes, force_key: bool) -> bytes: ...

@final
class SipDatagram:
    """A datagram as it came or, when observed, as it was seen: `code` and `out` are for the trace."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def octets(self) -> bytes: ...
    @property
    def code(self) -> str: ...
    @property
    def out(self) -> bool: ...

@final
class SipRegistration:
    """A REGISTER whose sender knows the password."""

    @property
    def token(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def call_id(self) -> str: ...
    @property
    def contact(self) -> str: ...
    @property
    def expires_s(self) -> int | None: ...
    @property
    def version(self) -> str: ...
    @property
    def user_agent(self) -> str: ...
    @property
    def octets(self) -> bytes: ...

@final
class SipBatch:
    """What was taken in one go."""

    @property
    def datagrams(self) -> list[SipDatagram]: ...
    @property
    def registrations(self) -> list[SipRegistration]: ...
    @property
    def observed(self) -> list[SipDatagram]: ...

@final
class SipAnswer:
    """The node's word on a registration: status and header lines."""

    def __new__(cls, token: int, status: int, lines: Sequence[tuple[str, str]]) -> SipAnswer: ...
    @property
    def token(self) -> int: ...
    @property
    def status(self) -> int: ...
    @property
    def lines(self) -> list[tuple[str, str]]: ...

@final
class SipFrontCounters:
    """Totals since the start."""

    @property
    def received(self) -> int: ...
    @property
    def sent(self) -> int: ...
    @property
    def heartbeats(self) -> int: ...
    @property
    def challenged(self) -> int: ...
    @property
    def registrations(self) -> int: ...
    @property
    def replayed(self) -> int: ...
    @property
    def handed_on(self) -> int: ...
    @property
    def dropped(self) -> int: ...
    @property
    def overflows(self) -> int: ...
    @property
    def over_rate(self) -> int: ...
    @property
    def over_queue(self) -> int: ...
    @property
    def failures(self) -> int: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...

@final
class SipFront:
    """The SIP port's UDP door: answers heartbeats and challenges by the node's table, hands the rest on in batches."""

    def __new__(
        cls,
        *,
        host: str,
        port: int,
        realm: str,
        nonce_key: bytes | Sequence[int],
        challenge: bool,
        default_password: str,
        admit_unknown: bool,
        max_requests_per_address_per_s: int,
        max_requests_per_device_per_s: int,
        max_remembered_addresses: int,
        max_pending: int,
        max_waiting: int,
        max_waiting_octets: int,
    ) -> SipFront: ...
    def close(self) -> None: ...
    def event_fd(self) -> int: ...
    def take(self, limit: int) -> SipBatch: ...
    def take_heard(self) -> list[str]: ...
    def send(self, host: str, port: int, octets: bytes) -> None: ...
    def answer(self, answers: Sequence[SipAnswer]) -> list[SipDatagram]: ...
    def forget(self, tokens: Sequence[int]) -> None: ...
    def know(self, code: str, password: str) -> None: ...
    def defer(self, code: str, deferred: bool) -> None: ...
    def bind(self, code: str, host: str, port: int, expires_at: float) -> None: ...
    def unbind(self, code: str) -> None: ...
    def remove(self, code: str) -> None: ...
    def counters(self) -> SipFrontCounters: ...
