"""What a node can be told: a TOML file with sensible defaults. A wrong file names the line and the remedy, and nothing starts."""

from __future__ import annotations

import ipaddress
import tomllib
import zoneinfo
from collections.abc import Iterator
from datetime import timedelta, timezone, tzinfo
from pathlib import Path
from typing import Annotated, Literal, Self, get_args
from urllib.parse import urlsplit

import structlog
from pydantic import AwareDatetime, Field, ValidationError, field_validator, model_validator

from fengsui.alarm_settings import AlarmHostsSection, AlarmIntakeSection, DispatchLinksSection, DispatchSection
from fengsui.audit_settings import AuditSection, BusSection
from fengsui.errors import WrongSettings
from fengsui.map_settings import MapSection
from fengsui.recording_settings import RecordingSection
from fengsui.secrets_folder import Secrets as Secrets
from fengsui.settings_lines import line_of
from fengsui.settings_ports import port_contradictions
from fengsui.settings_section import Domain, Line, ListenAddress, Seconds, Section
from fengsui.single_sign_on_settings import ClassName, ProviderName, ProviderSection
from fengsui.wire.gb_code import is_gb_code

log = structlog.get_logger(__name__)
Port = Annotated[int, Field(ge=1, le=65535)]
Prerequisite = Literal["vetting", "undertaking", "training"]
FIRST_ZONE = "Asia/Shanghai"


class NodeSection(Section):
    """Who this node is."""

    name: Line = "南明区共享平台"
    level: Literal["county", "city", "province"] = "county"
    code: str = "52010200002000000001"
    domain: Domain = ""
    """SIP domain; the first ten digits of the code when empty."""
    zone: str = FIRST_ZONE
    """IANA time zone in which the console shows and takes times."""
    clock_was_ahead_until: AwareDatetime | None = None
    """Records up to this time were written while the machine's clock was ahead: they hold no later start up."""

    @field_validator("zone")
    @classmethod
    def _a_zone(cls, value: str) -> str:
        if value != FIRST_ZONE:
            try:
                zoneinfo.ZoneInfo(value)
            except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
                raise ValueError(f"not the name of a time zone, such as {FIRST_ZONE}") from error
        return value

    @field_validator("code")
    @classmethod
    def _a_gb_code(cls, value: str) -> str:
        if not is_gb_code(value):
            raise ValueError("a node's code has exactly 20 digits (GB/T 28181-2022 E.1)")
        return value

    @property
    def time_zone(self) -> tzinfo:
        """Of `zone`; China's has no summer time and needs no time zone database."""
        return timezone(timedelta(hours=8)) if self.zone == FIRST_ZONE else zoneinfo.ZoneInfo(self.zone)

    @property
    def sip_domain(self) -> str:
        """The realm and domain that devices use."""
        return self.domain or self.code[:10]


class SignallingSection(Section):
    """SIP. Times in seconds."""

    host: ListenAddress = "0.0.0.0"
    port: Port = 5060
    tls_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """SIP over TLS, usually 5061, with the certificate of `[http]`; 0: none."""
    tls_client_ca: str = ""
    """CAs in PEM: who comes by TLS must show a certificate of theirs. A device's code in its name binds it to that device."""
    admission: Literal["waiting-list", "password"] = "waiting-list"
    challenge: bool = True
    password: str = ""
    """Registration password of the node; made and kept in the data folder when empty."""
    keepalive_interval_s: Seconds = 60
    keepalive_missed_limit: Annotated[int, Field(ge=1, le=100)] = 3
    default_expires_s: Annotated[int, Field(ge=60, le=604800)] = 3600
    ringing_s: Seconds = 30
    """How long an INVITE is waited for that was answered with 100 or 180: a lower platform asks its own lower ones first."""
    max_requests_per_address_per_s: Annotated[int, Field(ge=1)] = 200
    """Requests of one address that are not from a registered device; the rest is dropped."""
    max_requests_per_device_per_s: Annotated[int, Field(ge=10)] = 2_000
    """Requests of a registered device beside heartbeats, on the average of twenty seconds; an address has as many for each device
    registered there. The rest is dropped, and over TCP and TLS not read before. Of heartbeats no more in any second."""
    max_waiting_devices: Annotated[int, Field(ge=1)] = 10_000
    """The waiting list. A full one loses the oldest undecided entry of the address that has most."""
    max_waiting_per_address: Annotated[int, Field(ge=1)] = 1_000
    """Undecided entries of one address; its oldest makes room for its newest."""
    waiting_days: Annotated[float, Field(gt=0, le=3650)] = 30
    """Undecided entries that nobody has knocked for since are forgotten."""
    trace_devices: Annotated[int, Field(ge=1, le=200_000)] = 2_000
    """Devices whose last messages are kept; those of strangers have a tenth of it beside."""
    trace_mb: Annotated[int, Field(ge=1, le=4_096)] = 64
    """Memory of those messages; strangers have a tenth of it beside."""
    max_connections: Annotated[int, Field(ge=1)] = 20_000
    max_connections_per_address: Annotated[int, Field(ge=1)] = 256
    max_handshakes: Annotated[int, Field(ge=1)] = 1_024
    max_handshakes_per_address: Annotated[int, Field(ge=1)] = 64
    """TLS handshakes that are not finished."""
    max_message_mb: Annotated[int, Field(ge=1, le=8)] = 8
    """One message by TCP or TLS of a connection over which a device has registered."""
    max_stranger_message_kb: Annotated[int, Field(ge=8, le=8_192)] = 64
    """One message of any other connection."""
    max_unfinished_mb: Annotated[int, Field(ge=1, le=4_096)] = 64
    """Messages by TCP and TLS that are not whole, together; one address has a quarter. Strangers have their own, as much."""
    message_s: Seconds = 30
    """A message by TCP or TLS is whole after so long, or the connection ends."""
    idle_s: Seconds = 600
    """A connection over which nothing comes for so long ends."""
    max_remembered_addresses: Annotated[int, Field(ge=1_000, le=10_000_000)] = 20_000
    """Strangers whose requests and wrong passwords are counted."""
    max_pending_registrations: Annotated[int, Field(ge=1)] = 20_000
    """Registrations that are not on disk yet."""
    max_queue_mb: Annotated[int, Field(ge=1, le=4_096)] = 64
    max_queue_datagrams: Annotated[int, Field(ge=100, le=10_000_000)] = 20_000
    """Datagrams that wait until the node has time for them. Each address has its turn; a full queue drops of whoever has most."""
    max_answer_mb: Annotated[int, Field(ge=1, le=1_024)] = 16
    """What a device may send in answer to one query before the node has taken it."""
    max_replays_mb: Annotated[int, Field(ge=1, le=4_096)] = 64
    """Requests of the last half minute with our answers, for those that are sent again."""
    max_catalogue_items: Annotated[int, Field(ge=1)] = 500_000
    """Items of one device's catalogue."""
    catalogue_limit_s: Seconds = 10_800
    """One reading of a catalogue ends after so long, however slowly its device goes on: what came is kept, nothing is forgotten."""
    wrong_passwords_limit: Annotated[int, Field(ge=1)] = 8
    lockout_s: Seconds = 60


class AddressesSection(Section):
    """Addresses that devices are told; the kernel's route decides where nothing is said."""

    public: str = ""
    networks: dict[str, str] = Field(default_factory=dict)
    """`"10.1.0.0/16" = "10.1.0.5"`: devices of that network are told that address."""

    @field_validator("public")
    @classmethod
    def _public(cls, value: str) -> str:
        if value:
            try:
                unspecified = ipaddress.ip_address(value).is_unspecified
            except ValueError:
                unspecified = True
            if unspecified:
                raise ValueError(
                    "the IP address in figures by which devices outside reach this node (SDP takes no names); or empty"
                )
        return value

    @field_validator("networks")
    @classmethod
    def _networks(cls, value: dict[str, str]) -> dict[str, str]:
        for network, address in value.items():
            ipaddress.ip_network(network)
            ipaddress.ip_address(address)
        return value


class MediaSection(Section):
    """The media engine. Times in seconds."""

    rtp_host: ListenAddress = "0.0.0.0"
    rtp_port: Port = 10000
    rtp_port_first: Annotated[int, Field(ge=0, le=65535)] = 0
    rtp_port_last: Annotated[int, Field(ge=0, le=65535)] = 0
    """A port for each stream is taken from this range; 0: there is none."""
    ports: Literal["shared", "own"] = "shared"
    """Where streams are asked for: all on `rtp_port`, or each on a port of its own. A device's profile may say otherwise."""
    http_host: ListenAddress = "0.0.0.0"
    http_port: Port = 8081
    webrtc_port: Port = 8082
    grace_s: Seconds = 15
    silence_s: Seconds = 15
    first_packet_s: Seconds = 10
    transcode_limit: Annotated[int, Field(ge=0, le=64)] = 2
    """H.265 to H.264 and masked pictures together."""
    mask_settle_s: Annotated[float, Field(ge=0, le=60)] = 4
    """After an order to go to a preset a masked camera stays black until it has certainly arrived."""
    max_sources: Annotated[int, Field(ge=1, le=100_000)] = 20_000
    max_readers: Annotated[int, Field(ge=1, le=100_000)] = 20_000
    max_readers_per_address: Annotated[int, Field(ge=1, le=100_000)] = 15_000
    """Viewers of one address. Behind a reverse proxy all have one."""
    max_readers_per_session: Annotated[int, Field(ge=1, le=1_000)] = 8
    """Connections by the tickets of one live session, which is one picture on a screen."""
    max_sessions: Annotated[int, Field(ge=1, le=100_000)] = 20_000
    max_sessions_per_person: Annotated[int, Field(ge=1, le=100_000)] = 256
    """Live sessions, of all and of one person: each is one picture on a screen."""
    max_frame_mb: Annotated[int, Field(ge=1, le=64)] = 8
    """A picture that grows beyond this is dropped."""
    max_waiting_connections: Annotated[int, Field(ge=1, le=100_000)] = 1_024
    max_waiting_connections_per_address: Annotated[int, Field(ge=1, le=100_000)] = 32
    """Connections to the media port that have not yet sent a packet."""
    max_connections: Annotated[int, Field(ge=1, le=1_000_000)] = 4_096
    max_connections_per_address: Annotated[int, Field(ge=1, le=1_000_000)] = 512
    """Connections of players beside those that are sent pictures: requests under way, playlists, WHEP."""
    max_handshakes: Annotated[int, Field(ge=1, le=1_000_000)] = 2_048
    max_handshakes_per_address: Annotated[int, Field(ge=1, le=1_000_000)] = 256
    """TLS handshakes of players that are not finished; a wall of pictures makes one for each at once."""
    ticket_s: Annotated[int, Field(ge=30, le=3600)] = 300


class HttpSection(Section):
    """Console and API, and the certificate that the media port and SIP over TLS have as well."""

    host: ListenAddress = "0.0.0.0"
    port: Port = 8080
    tls: bool = True
    """False: plain HTTP, for this machine alone or behind a proxy that ends TLS."""
    certificate: str = ""
    """A chain in PEM, the server's first; empty: the node's own CA makes one. Read again when it changes."""
    key: str = ""
    """The key of `certificate` in PEM, without passphrase."""
    names: list[str] = Field(default_factory=list)
    """More names and addresses by which the node is reached, for the certificate that it makes itself."""
    hsts_days: Annotated[int, Field(ge=0, le=730)] = 365
    """Browsers that trusted us once use HTTPS alone for so long."""
    trusted_proxies: list[str] = Field(default_factory=list)
    """Addresses of proxies that tell the true address of the workstation (X-Forwarded-For). Nobody else is believed."""
    metrics_from: list[str] = Field(default_factory=lambda: ["127.0.0.0/8", "::1/128"])
    """Networks from which `/metrics` is read, without a session: this machine alone, unless the monitoring stands elsewhere."""
    max_connections: Annotated[int, Field(ge=1)] = 4_096
    max_connections_per_address: Annotated[int, Field(ge=1)] = 512
    """A trusted proxy is bounded by the total alone."""
    max_handshakes: Annotated[int, Field(ge=1)] = 1_024
    max_handshakes_per_address: Annotated[int, Field(ge=1)] = 64
    """TLS handshakes that are not finished."""
    head_s: Seconds = 10
    """The head of a request is whole after so long, or the connection ends."""
    body_s: Seconds = 60
    """So long for the body, and for a reader that takes nothing of its answer."""
    max_body_mb: Annotated[int, Field(ge=1, le=64)] = 4
    """One request."""
    max_bodies_mb: Annotated[int, Field(ge=4, le=4_096)] = 64
    """Bodies under way above 64 kB each, together; one address has a quarter."""

    @field_validator("metrics_from")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for one in value:
            ipaddress.ip_network(one)
        return value

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.certificate) != bool(self.key):
            raise ValueError("certificate and key belong together: give both or none")
        return self


class StoreSection(Section):
    """`url` empty: SQLite in the data folder; else `postgresql://user:password@host:5432/database`."""

    url: str = ""

    @field_validator("url")
    @classmethod
    def _of_a_known_shape(cls, value: str) -> str:
        """The value itself is not repeated: it may hold a password."""
        if value and not value.startswith("sqlite:///"):
            try:
                parts = urlsplit(value)
                known = (
                    parts.scheme in ("postgresql", "postgres") and parts.hostname and parts.path.strip("/") and (parts.port or True)
                )
            except ValueError:
                known = False
            if not known or " " in value:
                raise ValueError(
                    "empty (SQLite in the data folder) or postgresql://user:password@host:5432/database; "
                    "special characters of the password as %XX"
                )
        return value


class SignInSection(Section):
    """Sessions. Times in seconds."""

    second_factor: Literal["off", "optional", "required"] = "optional"
    """`required`: whoever has none yet can do nothing but set one up. `off` is for demonstrations."""
    one_workstation: bool = False
    """A new sign-in ends the user's other sessions."""
    workstation: Literal["address", "network", "browser", "off"] = "address"
    """What must stay as it was when a session began: address and browser; network (IPv4 /24, IPv6 /56) and browser, where a gateway
    changes addresses; the browser alone, for telephones; nothing. Media tickets are bound to the address in the first two."""
    moved_session: Literal["end", "refuse"] = "end"
    """A session that is used from elsewhere ends, or only that use is refused. Both are recorded."""

    lock_after_s: Seconds = 15 * 60
    """So long without pointer or keyboard, and the console is locked until the person proves to be there again. What it asks for by
    itself does not count."""
    idle_s: Seconds = 8 * 3600
    """So long without work, and the session ends, locked or not."""
    longest_s: Seconds = 24 * 3600
    wrong_passwords_limit: Annotated[int, Field(ge=1)] = 5
    lockout_s: Seconds = 60


class AccessSection(Section):
    """Who may do what."""

    prerequisites: list[Prerequisite] = Field(default_factory=lambda: list(get_args(Prerequisite)))
    """What an account needs before it opens, and what closes it on the day it lapses (Order 799 article 16). Without one of the
    three the console and `fengsui check` say so."""
    camera_class: ClassName = "government"
    """Of cameras of which nobody has said it."""
    set_up_on: str = ""
    """A day (`2026-11-27`, in China) on which one person does alone what takes two: the only security administrator of the whole
    node appoints a second one, as at the first set-up; an administrator resets a password or a second factor, or enables an
    account with its posts. For when the other one has gone, or has lost them, and nobody else approves. It is on record."""
    audit_office: str = "本单位审计部门 the audit office of your unit"
    """Whom a refusal names, for questions and complaints: name, telephone."""


class ApprovalsSection(Section):
    """Acts of two persons."""

    same_workstation: Literal["address", "browser", "session"] = "address"
    """What the two must not share: the network address; address and browser together, for units behind one address;
    only the session, for demonstrations."""


class PolicySection(Section):
    """What the jurisdiction prescribes."""

    first_pack: str = ""
    """A signed pack that comes into force when there never was one here; every later one takes two security administrators."""


class LogSection(Section):
    """What the node writes about itself."""

    lines_per_event: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Lines of one event within 10 s at most: nobody can fill the disk by sending nonsense."""


class TicketsSection(Section):
    """Use tickets."""

    case_register: Annotated[str, Field(pattern=r"^(file:.+|https?://.+)?$")] = ""
    """Where case numbers are looked up: `file:/path` with a number a line, or an address that answers 200 or 404 to `?number=`."""
    case_number: str = r"[A-Z0-9][A-Z0-9-]{5,31}"
    """What a case or incident number looks like here: a regular expression."""
    most_open: Annotated[int, Field(ge=1, le=200)] = 30
    """Tickets that one person may have open at a time, emergencies aside."""


class DutySection(Section):
    """Shifts."""

    sign_on: Literal["by-hand", "at-sign-in"] = "by-hand"
    """How a seat is taken. `at-sign-in`: whoever signs in takes the first free seat that the roster lets them have; for
    demonstrations, and for rooms where one account sits at one place. It is on record as any other signing on."""


class SteeringSection(Section):
    """Who steers a camera. Times in seconds."""

    hold_s: Annotated[float, Field(ge=5, le=3600)] = 60
    """A camera to which its holder sent nothing for so long is free again."""
    dead_man_s: Annotated[float, Field(ge=0.5, le=30)] = 2
    """A movement that is not repeated for so long is stopped by the node: the hand, the browser or the network is gone."""
    arrive_s: Annotated[float, Field(ge=0, le=60)] = 4
    """After an order to go to a preset its picture is taken so much later."""


class VideoPatrolsSection(Section):
    """Pictures kept with findings of video patrols."""

    snapshot_days: Annotated[int, Field(ge=1, le=365)] = 90
    """So long a snapshot is kept; then its file goes, on record."""
    snapshots_mb: Annotated[int, Field(ge=16, le=1 << 20)] = 2048
    """Room for all of them; when it is used up, findings are written without one."""


class NodeSettings(Section):
    """The whole file."""

    node: NodeSection = NodeSection()
    signalling: SignallingSection = SignallingSection()
    addresses: AddressesSection = AddressesSection()
    media: MediaSection = MediaSection()
    http: HttpSection = HttpSection()
    store: StoreSection = StoreSection()
    sign_in: SignInSection = SignInSection()
    single_sign_on: dict[ProviderName, ProviderSection] = Field(default_factory=dict)
    access: AccessSection = AccessSection()
    bus: BusSection = BusSection()
    audit: AuditSection = AuditSection()
    approvals: ApprovalsSection = ApprovalsSection()
    policy: PolicySection = PolicySection()
    log: LogSection = LogSection()
    tickets: TicketsSection = TicketsSection()
    duty: DutySection = DutySection()
    steering: SteeringSection = SteeringSection()
    map: MapSection = MapSection()
    video_patrols: VideoPatrolsSection = VideoPatrolsSection()
    recording: RecordingSection = RecordingSection()
    alarm_hosts: AlarmHostsSection = AlarmHostsSection()
    alarm_intake: AlarmIntakeSection = AlarmIntakeSection()
    dispatch: DispatchSection = DispatchSection()
    dispatch_links: DispatchLinksSection = DispatchLinksSection()

    @field_validator("single_sign_on")
    @classmethod
    def _issuers_apart(cls, value: dict[str, ProviderSection]) -> dict[str, ProviderSection]:
        if len({one.issuer for one in value.values()}) < len(value):
            raise ValueError("two providers have one issuer: a person would be two accounts")
        return value

    @classmethod
    def load(cls, path: Path | None) -> NodeSettings:
        """Raises WrongSettings, which names line, field and remedy."""
        if path is None:
            return cls()
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise WrongSettings(
                what=f"{path}: {error}",
                do_zh="请给出可读的、UTF-8 编码的 TOML 文件(--config 文件)",
                do_en="Give a readable TOML file in UTF-8 (--config FILE)",
            ) from error
        try:
            found = cls.model_validate(tomllib.loads(text))
            for names, what, (do_zh, do_en) in found.contradictions():
                where = f"{path}, line {line_of(text, names)}: {'.'.join(names)}"
                raise WrongSettings(what=f"{where}: {what}", do_zh=do_zh, do_en=do_en)
            return found
        except tomllib.TOMLDecodeError as error:
            raise WrongSettings(
                what=f"{path}: {error}", do_zh="请改正该处的 TOML 语法", do_en="Mend the TOML at that place"
            ) from error
        except ValidationError as error:
            raise WrongSettings(
                what=_located(path, text, error), do_zh="请改正或删除该项", do_en="Mend or remove that entry"
            ) from error

    def contradictions(self) -> Iterator[tuple[list[str], str, tuple[str, str]]]:
        """What two sections say against each other: the entry to look at, what is wrong with it, and the remedy."""
        yield from port_contradictions(self.signalling, self.media, self.http, self.alarm_hosts)
        needs = {"copies": self.audit.over_bus, "neighbours": list(self.audit.neighbours)}
        for name, codes in needs.items():
            if codes and not self.bus.servers:
                bus = '[bus] servers = ["tls://host:4222"]'
                what = f"{codes[0]} is reached by the bus between nodes, and there is none"
                yield ["audit", name], what, (f"请配置节点总线:{bus}", f"Say where the bus is: {bus}")
            if self.node.code in codes:
                do = "请填写另一个节点:自己保存的副本不能证明什么", "Name another node: a copy at home proves nothing"
                yield ["audit", name], f"{self.node.code} is this node itself", do
        if self.bus.servers and not self.bus.key_file:
            do = (
                "请给出两行的文件:本节点在总线上的账号、口令",
                "Give a file with two lines: this node's name and password at the bus",
            )
            yield ["bus", "servers"], "bus.key_file is missing", do


def _located(path: Path, text: str, error: ValidationError) -> str:
    found = []
    for fault in error.errors():
        names = [str(part) for part in fault["loc"]]
        line = line_of(text, names)
        found.append(f"{path}, line {line}: {'.'.join(names)}: {fault['msg']}")
    return "; ".join(found)
