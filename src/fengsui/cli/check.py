"""`fengsui check`: what would keep a node from working, each with its remedy."""

from __future__ import annotations

import asyncio
import http.client
import os
import resource
import socket
import ssl
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from fengsui.app import DOUBTS, SOURCES, ToldDevice, reached_by, told_devices
from fengsui.cli.buckets import buckets
from fengsui.cli.certificate import certificate
from fengsui.cli.changed import changed, keys, set_back
from fengsui.cli.duty import duty, rows_missing, tickets
from fengsui.cli.findings import Finding, fault, good, told, warning
from fengsui.cli.people import administrators, prerequisites
from fengsui.cli.removals import removals
from fengsui.cli.single_sign_on import providers
from fengsui.clock import SystemClock, kernel_clock_error
from fengsui.data_folder import holder_of, prepare_data_folder
from fengsui.errors import FengsuiError, PortTaken
from fengsui.features.access import ADMINISTRATORS
from fengsui.features.cameras import CAMERA_AREAS, REFUSED_CHANNELS
from fengsui.features.devices import DEVICE_ADDRESSES
from fengsui.features.duty import CENTRE_AREAS, EMERGENCY_ROWS, LOG_ROWS, SHIFT_ROWS
from fengsui.features.policy import PACK_IN_FORCE
from fengsui.features.tickets import OPEN_TICKETS, TICKET_ROWS
from fengsui.settings import NodeSettings, Secrets
from fengsui.store import DatabaseState, examine
from fengsui.transports.addresses import LocalAddresses

OWN_FILES = 1_000
"""Files of the node besides connections of devices and streams: database, log, browsers."""
LARGEST_CLOCK_ERROR_US = 1_000_000
"""GB/T 28181-2022 §9.10 asks for seconds; recordings and evidence need better."""


def data_folder(folder: Path) -> Finding:
    """Whether it can be written."""
    try:
        prepare_data_folder(folder)
    except FengsuiError as error:
        return told(error)
    holder = holder_of(folder)
    if holder is not None:
        return good(f"数据目录 {folder},进程 {holder} 正在使用", f"data folder {folder}, process {holder} uses it")
    return good(f"数据目录 {folder}", f"data folder {folder}")


def database(settings: NodeSettings, folder: Path) -> tuple[list[Finding], list[tuple[str, str]]]:
    """Integrity and revision, what is to be said of the administrators, and each registered device with its address."""
    url = settings.store.url or f"sqlite:///{folder / 'node.db'}"
    try:
        asks = (
            *(DEVICE_ADDRESSES, ADMINISTRATORS, CENTRE_AREAS, OPEN_TICKETS, REFUSED_CHANNELS),
            *(CAMERA_AREAS, PACK_IN_FORCE, TICKET_ROWS, SHIFT_ROWS, EMERGENCY_ROWS, LOG_ROWS),
        )
        state = asyncio.run(examine(url, *asks))
    except FengsuiError as error:
        return [told(error)], []
    nothing: Sequence[Sequence[Any]] = [[]] * len(asks)
    known, keepers, centres, sealed, clashes, areas, packs, *written = state.rows or nothing
    now, log_folder = SystemClock().now(), settings.audit.folder_in(folder)
    found = [*_database(state), *administrators(keepers, settings.access, now.timestamp()), *changed(log_folder, now)]
    found += [*keys(now, settings, folder), *set_back(settings, folder, now), *refused_channels(clashes)]
    found += tickets(sealed, Secrets(folder))
    if state.rows:
        found += duty(centres, areas, packs)
        found += rows_missing(log_folder, *written)
        found += removals(url, log_folder, now)
    return found, [(row.code, row.host) for row in known]


def refused_channels(clashes: Sequence[Any]) -> Iterator[Finding]:
    """Channels of one code on several devices, as (device, code, holder): each device with one of them."""
    first: dict[str, Any] = {}
    for row in clashes:
        first.setdefault(row.device, row)
    for device, row in first.items():
        count = sum(one.device == device for one in clashes)
        yield warning(
            f"设备 {device} 有 {count} 个通道未接入:编码已被其他设备使用,如 {row.code}(设备 {row.holder})",
            f"{count} channels of device {device} are refused: other devices have their codes, as {row.code} ({row.holder})",
            "在该设备上改成不重复的通道编码,再重新获取目录",
            "Give them codes of their own on that device, then read its catalogue again",
        )


def _database(state: DatabaseState) -> Iterator[Finding]:
    if state.damage:
        what = "; ".join(state.damage)
        yield fault(f"数据库已损坏:{what}", f"The database is damaged: {what}", "请从备份恢复", "Restore it from a backup")
    if not state.known:
        yield fault(
            f"数据库版本 {state.revision} 比本程序 ({state.newest}) 新",
            f"The database's revision {state.revision} is newer than this program's ({state.newest})",
            "请运行建立它的版本或更新的版本",
            "Run the version that made it, or a later one",
        )
    elif state.current:
        yield good(f"数据库,版本 {state.revision}", f"database, revision {state.revision}")
    elif state.revision:
        yield good(
            f"数据库,版本 {state.revision},下次启动时升级到 {state.newest}",
            f"database, revision {state.revision}, becomes {state.newest} at the next start",
        )
    else:
        yield good("数据库将在首次启动时建立", "database: will be made at the first start")


def ports(settings: NodeSettings) -> Iterator[Finding]:
    """Every port that the node opens. Those of a node that runs here already are no fault."""
    media, signalling, alarms = settings.media, settings.signalling, settings.alarm_hosts
    stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
    wanted = (
        ("SIP", signalling.host, signalling.port, (datagram, stream)),
        *((("SIP TLS", signalling.host, signalling.tls_port, (stream,)),) if signalling.tls_port else ()),
        ("RTP", media.rtp_host, media.rtp_port, (datagram, stream)),
        ("HTTP", settings.http.host, settings.http.port, (stream,)),
        ("media HTTP", media.http_host, media.http_port, (stream,)),
        ("WebRTC", media.http_host, media.webrtc_port, (datagram,)),
        *((("DC-09", alarms.host, alarms.port, (datagram, stream)),) if alarms.port else ()),
    )
    runs = _answers(settings)
    if runs:
        yield good("本机已有节点在运行,其端口不再检查", "a node runs here already; its ports are not tried")
        return
    for kind, host, port, kinds in wanted:
        if all(_is_free(host, port, one) for one in kinds):
            yield good(f"端口 {port} ({kind})", f"port {port} ({kind})")
        else:
            yield told(PortTaken(port=port, kind=kind))
    if media.rtp_port_first:
        first, last = media.rtp_port_first, media.rtp_port_last
        taken = [
            port for port in range(first, last + 1) if not all(_is_free(media.rtp_host, port, one) for one in (datagram, stream))
        ]
        if taken:
            some = ", ".join(map(str, taken[:5])) + ("…" if len(taken) > 5 else "")
            yield warning(
                f"RTP 端口范围 {first}-{last} 中有 {len(taken)} 个被占用:{some}",
                f"{len(taken)} ports of the RTP range {first}-{last} are in use: {some}",
                "停止占用的程序,或改用其他范围(rtp_port_first、rtp_port_last)",
                "Stop what holds them or set another range (rtp_port_first, rtp_port_last)",
            )
        else:
            yield good(f"RTP 端口范围 {first}-{last}", f"RTP range {first}-{last}")


def _answers(settings: NodeSettings) -> bool:
    host = "127.0.0.1" if settings.http.host in ("0.0.0.0", "") else settings.http.host
    # Only whether a node answers is asked, not which one: its certificate is not looked at.
    asked: http.client.HTTPConnection = (
        http.client.HTTPSConnection(host, settings.http.port, timeout=2, context=_anybody())
        if settings.http.tls
        else http.client.HTTPConnection(host, settings.http.port, timeout=2)
    )
    try:
        asked.request("GET", "/healthz")
        answer = asked.getresponse()
        return answer.status == 200 and answer.read(64) == b'{"status":"ok"}'
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def _anybody() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _is_free(host: str, port: int, kind: socket.SocketKind) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def clock(error: str) -> Finding:
    """`error`: as `kernel_clock_error` tells it."""
    if error == "unknown":
        return warning("无法得知时钟是否同步", "Nobody knows if the clock is synchronised", "请核对时间", "Compare the time")
    if error == "unsynchronised":
        return warning(
            "时钟未与时间服务器同步;设备向本节点校时",
            "The clock is not synchronised; devices take their time from this node",
            "启用 chrony 或 systemd-timesyncd",
            "Start chrony or systemd-timesyncd",
        )
    if int(error) > LARGEST_CLOCK_ERROR_US:
        return warning(
            f"时钟误差可达 {int(error) / 1e6:.1f} 秒",
            f"The clock may be wrong by {int(error) / 1e6:.1f} s",
            "检查时间服务器是否可达",
            "See whether its time server can be reached",
        )
    return good(f"时钟,误差 ≤ {int(error) / 1000:.0f} 毫秒", f"clock, error ≤ {int(error) / 1000:.0f} ms")


def files(settings: NodeSettings, most: int) -> Finding:
    """Open files that the limits of the settings can need, against `most`, the most that the system lets this user open."""
    media = settings.media
    streams = 2 * (media.rtp_port_last - media.rtp_port_first + 1) if media.rtp_port_first else 0
    needed = (
        settings.signalling.max_connections
        + settings.signalling.max_handshakes
        + settings.alarm_hosts.max_connections
        + settings.http.max_connections
        + settings.http.max_handshakes
        + media.max_connections
        + media.max_readers
        + media.max_waiting_connections
        + 2 * media.max_sources  # each may be recorded, into a file of its own
        + streams
        + OWN_FILES
    )
    if most != resource.RLIM_INFINITY and most < needed:
        return warning(
            f"最多可打开 {most} 个文件,按配置可能需要 {needed} 个",
            f"At most {most} files can be open; the settings may need {needed}",
            f"提高上限(systemd:LimitNOFILE={needed};否则 ulimit -Hn {needed}),"
            "或调小 [signalling] max_connections、[media] max_readers、max_sources",
            f"Raise the limit (systemd: LimitNOFILE={needed}, else ulimit -Hn {needed}) or lower [signalling] max_connections, "
            "[media] max_readers, max_sources",
        )
    return good("打开文件数上限", "limit of open files")


def secrets_folder(folder: Path) -> Iterator[Finding]:
    """Keys and passwords belong to the owner alone; nothing is said where they do."""
    place = folder / "secrets"
    if not place.exists():
        yield good("密钥目录将在首次启动时建立", "secrets: will be made at the first start")
        return
    for path in (place, *sorted(place.iterdir())):
        facts = path.stat()
        if facts.st_mode & 0o077:
            yield fault(
                f"{path} 可被其他用户读写", f"{path} is open to other users", f"执行 chmod go= {path}", f"Run chmod go= {path}"
            )
        elif facts.st_uid != os.geteuid() and os.geteuid() != 0:
            yield fault(
                f"{path} 属于另一用户", f"{path} belongs to another user", f"执行 chown 交给运行用户 {path}", f"chown it: {path}"
            )


def told_addresses(addresses: LocalAddresses, known: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Each known device: what it is told and why."""
    for one in told_devices(known, addresses):
        yield _told(one)


def _told(one: ToldDevice) -> Finding:
    why_zh, why_en = SOURCES[one.source]
    zh = f"设备 {one.code}({one.peer})被告知 {one.address}:{why_zh}"
    en = f"device {one.code} ({one.peer}) is told {one.address}: {why_en}"
    return good(zh, en) if one.doubt is None else warning(zh, en, *DOUBTS[one.doubt])


def soft_limit_raised() -> int:
    """Lets this process open as many files as it may; how many that is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def report(settings: NodeSettings, folder: Path, addresses: LocalAddresses) -> tuple[list[Finding], list[str]]:
    """Everything that was found, in the order it is printed, and the codes of the known devices."""
    found = [data_folder(folder)]
    known: list[tuple[str, str]] = []
    if found[0].mark == "✓":
        stored, known = database(settings, folder)
        kept = list(secrets_folder(folder)) or [good("密钥目录的权限", "rights of the secrets")]
        found += [
            *stored,
            *kept,
            *certificate(settings, folder, reached_by(settings, addresses), SystemClock().now()),
            *buckets(settings),
        ]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    found += [
        prerequisites(settings.access),
        *providers(settings),
        *ports(settings),
        clock(kernel_clock_error()),
        files(settings, hard),
        *told_addresses(addresses, known),
    ]
    return found, [code for code, _ in known]
