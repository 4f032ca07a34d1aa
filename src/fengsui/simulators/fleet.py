"""Up to 100,000 signalling devices in one process: they register with digest and keep alive, nothing else. For benches and storms.

Messages are cut from templates, because here only the node under load is to be slow. Loopback addresses only; every run is
bounded in count and time. Source: GB/T 28181-2022 §9.1, §9.6; RFC 3261 §17.1.2 (retransmission), RFC 2617.
"""

from __future__ import annotations

import hashlib
import heapq
import ipaddress
import re
import select
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

T1_S, T2_S, GIVE_UP_S = 0.5, 4.0, 32.0
RECEIVE_BUFFER_BYTES = 4 << 20
DEVICES_PER_ADDRESS = 100
SOURCE_PORT = 15060  # a node of this machine may have 5060
NONCE = re.compile(rb'nonce="([^"]*)"')
REALM = re.compile(rb'realm="([^"]*)"')
CALL = re.compile(rb"(?i)\r\n(?:call-id|i): *f(\d+)-(\d+)@")


class NotLoopback(ValueError):
    """The fleet speaks to this machine only."""


@dataclass(frozen=True, slots=True)
class FleetTarget:
    """The node that the fleet registers at."""

    host: str
    port: int
    server_code: str
    domain: str
    password: str


@dataclass(slots=True)
class StormReport:
    """What came of a run. Times in seconds."""

    asked: int
    answered: int = 0
    refused: int = 0
    lost: int = 0
    retransmitted: int = 0
    took_s: float = 0.0
    answer_s: list[float] = field(default_factory=list)
    heard_at_s: dict[int, float] = field(default_factory=dict)
    """Device number → when its last 200 came, in seconds since 1970."""

    def percentile_s(self, share: float) -> float:
        """Answer time below which `share` (0 to 1) of the answers came."""
        if not self.answer_s:
            return float("nan")
        ordered = sorted(self.answer_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(slots=True)
class _Open:
    """One request that waits for its answer."""

    device: int
    datagram: bytes
    first_sent_s: float
    interval_s: float = T1_S
    retries: int = 0


class SignallingFleet:
    """`count` devices spread over loopback source addresses, DEVICES_PER_ADDRESS on each."""

    def __init__(self, target: FleetTarget, count: int, *, code_prefix: str = "5201020000132", first_network: str = "127.64.0.1"):
        """`code_prefix`: first 13 digits of the devices' codes; the rest is their number. Raises NotLoopback, OSError."""
        if not ipaddress.ip_address(target.host).is_loopback:
            raise NotLoopback(f"{target.host} is not a loopback address")
        self.target = target
        self.codes = [f"{code_prefix}{number:07d}" for number in range(count)]
        self._sockets: list[socket.socket] = []
        self._poll = select.epoll()
        self._by_fd: dict[int, socket.socket] = {}
        first = int(ipaddress.ip_address(first_network))
        for index in range(-(-count // DEVICES_PER_ADDRESS)):
            opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            opened.bind((str(ipaddress.ip_address(first + index)), SOURCE_PORT))
            opened.connect((target.host, target.port))
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            self._sockets.append(opened)
            self._by_fd[opened.fileno()] = opened
            self._poll.register(opened, select.EPOLLIN)
        self._cseq = 0
        self._run = 0

    def close(self) -> None:
        """Closes every socket."""
        self._poll.close()
        for opened in self._sockets:
            opened.close()

    def register_all(self, *, window: int = 2000, limit_s: float = 120.0, expires_s: int = 3600) -> StormReport:
        """Every device registers with digest (two requests), at most `window` unanswered at once."""
        return self._storm(self._registrations(expires_s), window=window, limit_s=limit_s, expires_s=expires_s, rate_s=None)

    def keep_alive(self, *, messages: int, rate_s: float | None, window: int = 2000, limit_s: float = 120.0) -> StormReport:
        """`messages` keep-alives, at `rate_s` a second (None: as fast as they are answered)."""
        return self._storm(self._keepalives(messages), window=window, limit_s=limit_s, expires_s=0, rate_s=rate_s)

    def _registrations(self, expires_s: int) -> Iterator[tuple[int, bytes]]:
        for device in range(len(self.codes)):
            yield device, self._register(device, expires_s, 1, b"")

    def _keepalives(self, messages: int) -> Iterator[tuple[int, bytes]]:
        for number in range(messages):
            device = number % len(self.codes)
            yield device, self._keepalive(device, number)

    def _register(self, device: int, expires_s: int, cseq: int, authorization: bytes) -> bytes:
        code, host = self.codes[device], self._host(device)
        return (
            (
                f"REGISTER sip:{self.target.server_code}@{self.target.domain} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {host}:{SOURCE_PORT};rport;branch=z9hG4bKf{self._run}r{device}c{cseq}\r\n"
                f"From: <sip:{code}@{self.target.domain}>;tag=f{device}\r\nTo: <sip:{code}@{self.target.domain}>\r\n"
                f"Call-ID: f{device}-{self._run}@{host}\r\nCSeq: {cseq} REGISTER\r\nContact: <sip:{code}@{host}:{SOURCE_PORT}>\r\n"
            ).encode()
            + authorization
            + f"Max-Forwards: 70\r\nExpires: {expires_s}\r\nUser-Agent: fleet\r\nContent-Length: 0\r\n\r\n".encode()
        )

    def _keepalive(self, device: int, number: int) -> bytes:
        code, host = self.codes[device], self._host(device)
        body = (
            '<?xml version="1.0" encoding="GB2312"?>\r\n<Notify>\r\n<CmdType>Keepalive</CmdType>\r\n'
            f"<SN>{number + 1}</SN>\r\n<DeviceID>{code}</DeviceID>\r\n<Status>OK</Status>\r\n</Notify>\r\n"
        )
        return (
            f"MESSAGE sip:{self.target.server_code}@{self.target.domain} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{SOURCE_PORT};rport;branch=z9hG4bKf{self._run}k{number}\r\n"
            f"From: <sip:{code}@{self.target.domain}>;tag=f{device}\r\nTo: <sip:{self.target.server_code}@{self.target.domain}>\r\n"
            f"Call-ID: f{device}-{self._run}@{host}\r\nCSeq: {number + 20} MESSAGE\r\nMax-Forwards: 70\r\n"
            f"Content-Type: Application/MANSCDP+xml\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def _host(self, device: int) -> str:
        name: tuple[str, int] = self._sockets[device // DEVICES_PER_ADDRESS].getsockname()
        return name[0]

    def _authorized(self, device: int, challenge: bytes, expires_s: int) -> bytes | None:
        nonce, realm = NONCE.search(challenge), REALM.search(challenge)
        if nonce is None or realm is None:
            return None
        code, uri = self.codes[device], f"sip:{self.target.server_code}@{self.target.domain}"
        realm_text, nonce_text = realm[1].decode(), nonce[1].decode()
        ha1 = hashlib.md5(f"{code}:{realm_text}:{self.target.password}".encode()).hexdigest()
        ha2 = hashlib.md5(f"REGISTER:{uri}".encode()).hexdigest()
        response = hashlib.md5(f"{ha1}:{nonce_text}:{ha2}".encode()).hexdigest()
        authorization = (
            f'Authorization: Digest username="{code}",realm="{realm_text}",nonce="{nonce_text}",'
            f'uri="{uri}",response="{response}",algorithm=MD5\r\n'
        ).encode()
        return self._register(device, expires_s, 2, authorization)

    def _storm(
        self, requests: Iterator[tuple[int, bytes]], *, window: int, limit_s: float, expires_s: int, rate_s: float | None
    ) -> StormReport:
        self._run += 1
        report = StormReport(asked=0)
        open_requests: dict[int, _Open] = {}
        due: list[tuple[float, int, int]] = []
        start_s = time.monotonic()
        following = next(requests, None)
        while time.monotonic() - start_s < limit_s and (following is not None or open_requests):
            now_s = time.monotonic()
            allowed = window if rate_s is None else min(window, int((now_s - start_s) * rate_s) - report.asked + len(open_requests))
            while following is not None and len(open_requests) < allowed and following[0] not in open_requests:
                device, datagram = following
                following = next(requests, None)
                report.asked += 1
                self._send(device, datagram)
                open_requests[device] = _Open(device, datagram, now_s)
                heapq.heappush(due, (now_s + T1_S, device, report.asked))
            for fd, _ in self._poll.poll(0.001, 256):
                self._drain(self._by_fd[fd], open_requests, due, report, expires_s)
            self._retransmit(open_requests, due, report)
        report.lost += len(open_requests)
        report.took_s = time.monotonic() - start_s
        return report

    def _drain(
        self,
        opened: socket.socket,
        open_requests: dict[int, _Open],
        due: list[tuple[float, int, int]],
        report: StormReport,
        expires_s: int,
    ) -> None:
        while True:
            try:
                answer = opened.recv(4096)
            except (BlockingIOError, ConnectionRefusedError):
                return
            call = CALL.search(answer)
            if call is None or int(call[2]) != self._run:
                continue
            waiting = open_requests.get(int(call[1]))
            status = answer[8:11]
            if waiting is None or status == b"100":
                continue
            now_s = time.monotonic()
            if status == b"401" and b"Authorization" not in waiting.datagram:
                report.answer_s.append(now_s - waiting.first_sent_s)
                second = self._authorized(waiting.device, answer, expires_s)
                if second is not None:
                    self._send(waiting.device, second)
                    open_requests[waiting.device] = _Open(waiting.device, second, now_s)
                    heapq.heappush(due, (now_s + T1_S, waiting.device, report.asked))
                    continue
            if status == b"401" and b"CSeq: 1 " in answer:
                continue
            del open_requests[waiting.device]
            report.answer_s.append(now_s - waiting.first_sent_s)
            if status == b"200":
                report.answered += 1
                report.heard_at_s[waiting.device] = time.time()
            else:
                report.refused += 1

    def _retransmit(self, open_requests: dict[int, _Open], due: list[tuple[float, int, int]], report: StormReport) -> None:
        now_s = time.monotonic()
        while due and due[0][0] <= now_s:
            _, device, serial = heapq.heappop(due)
            waiting = open_requests.get(device)
            if waiting is None or now_s - waiting.first_sent_s < waiting.interval_s:
                continue
            if now_s - waiting.first_sent_s > GIVE_UP_S:
                del open_requests[device]
                report.lost += 1
                continue
            waiting.interval_s = min(waiting.interval_s * 2, T2_S)
            report.retransmitted += 1
            self._send(device, waiting.datagram)
            heapq.heappush(due, (now_s + waiting.interval_s, device, serial))

    def _send(self, device: int, datagram: bytes) -> None:
        opened = self._sockets[device // DEVICES_PER_ADDRESS]
        try:
            opened.send(datagram)
        except (BlockingIOError, ConnectionRefusedError):
            return  # lost like any datagram; the retransmission follows
