"""A WebRTC viewer made by hand, which reads and consents when it is told to. RFC 8445 (ICE), RFC 5764 (DTLS-SRTP), RFC 3550."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import re
import secrets
import socket
import struct
import time
import zlib
from contextlib import suppress

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

MAGIC = 0x2112A442
USERNAME, INTEGRITY, PRIORITY, USE_CANDIDATE, CONTROLLING, FINGERPRINT = 0x0006, 0x0008, 0x0024, 0x0025, 0x802A, 0x8028
LARGEST_DATAGRAM = 2_048
ALERT = 21
LONGEST_WAIT_S = 30.0
OURS = "look"
"""Our user fragment of ICE."""


class WebRtcViewer:
    """Connected once it is made. Packets are told by their heads alone, which SRTP leaves open."""

    def __init__(self, url: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name, now = x509.Name([]), datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now, now + datetime.timedelta(1)
        )
        certificate = builder.sign(key, hashes.SHA256())
        answer = httpx.post(url, content=offer(certificate), headers={"content-type": "application/sdp"}, timeout=20)
        assert answer.status_code == 201, answer.text
        self.theirs = attribute(answer.text, "ice-ufrag")
        self.password = attribute(answer.text, "ice-pwd").encode()
        candidate = attribute(answer.text, "candidate").split()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((candidate[4], int(candidate[5])))
        self.socket.settimeout(LONGEST_WAIT_S)
        self._shake_hands(key, certificate)

    def _shake_hands(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        context = SSL.Context(SSL.DTLS_CLIENT_METHOD)
        context.set_verify(SSL.VERIFY_NONE)  # whose it is the description's fingerprint would say: not what is tried here
        context.use_certificate(certificate)
        context.use_privatekey(key)
        context.set_tlsext_use_srtp(b"SRTP_AES128_CM_SHA1_80")
        dtls = SSL.Connection(context, None)
        dtls.set_connect_state()
        dtls.set_ciphertext_mtu(1_200)
        self.consent()
        while True:
            try:
                dtls.do_handshake()
                done = True
            except SSL.WantReadError:
                done = False
            with suppress(SSL.WantReadError):
                while True:
                    self.socket.send(dtls.bio_read(LARGEST_DATAGRAM))
            if done:
                return
            datagram = self.socket.recv(LARGEST_DATAGRAM)
            if 20 <= datagram[0] < 64:
                dtls.bio_write(datagram)

    def consent(self) -> None:
        """A check of ICE, by which it says that it is still there (RFC 7675)."""
        priority, breaker = struct.pack(">I", 0x7E00_00FF), secrets.token_bytes(8)
        username = f"{self.theirs}:{OURS}".encode()
        fields = [(USERNAME, username), (PRIORITY, priority), (CONTROLLING, breaker), (USE_CANDIDATE, b"")]
        body = b"".join(struct.pack(">HH", kind, len(value)) + value + bytes(-len(value) % 4) for kind, value in fields)
        identity = secrets.token_bytes(12)

        def head(length: int) -> bytes:
            return struct.pack(">HHI", 1, length, MAGIC) + identity

        mac = hmac.new(self.password, head(len(body) + 24) + body, hashlib.sha1).digest()
        body += struct.pack(">HH", INTEGRITY, 20) + mac
        check = zlib.crc32(head(len(body) + 8) + body) ^ 0x5354_554E
        body += struct.pack(">HHI", FINGERPRINT, 4, check)
        self.socket.send(head(len(body)) + body)

    def packets(self, until_timestamp: int) -> list[tuple[int, int]]:
        """(sequence number, time stamp) of each packet read, until the last one of the picture of that time."""
        found: list[tuple[int, int]] = []
        deadline_s = time.monotonic() + LONGEST_WAIT_S
        while time.monotonic() < deadline_s:
            read = rtp_of(self.socket.recv(LARGEST_DATAGRAM))
            if read is not None:
                number, timestamp, last = read
                found.append((number, timestamp))
                if last and timestamp == until_timestamp:
                    return found
        raise AssertionError(f"no picture of {until_timestamp} among {len(found)} packets")

    def await_goodbye(self) -> None:
        """Reads until an alert of DTLS comes: once the handshake is over there is no other than the end (RFC 6347 §4.1)."""
        while self.socket.recv(LARGEST_DATAGRAM)[0] != ALERT:
            pass

    def left_waiting(self) -> list[tuple[int, int]]:
        """What the kernel kept of all that was sent while nobody read."""
        found: list[tuple[int, int]] = []
        self.socket.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                read = rtp_of(self.socket.recv(LARGEST_DATAGRAM))
                if read is not None:
                    found.append(read[:2])
        self.socket.settimeout(LONGEST_WAIT_S)
        return found

    def close(self) -> None:
        """Leaves without a word."""
        self.socket.close()


def rtp_of(datagram: bytes) -> tuple[int, int, bool] | None:
    """(sequence number, time stamp, whether it is a picture's last); None of STUN, DTLS and RTCP (RFC 5761 §4)."""
    if datagram[0] & 0xC0 != 0x80 or 192 <= datagram[1] < 224:
        return None
    _, kind, number, timestamp = struct.unpack(">BBHI", datagram[:8])
    return number, timestamp, bool(kind & 0x80)


def offer(certificate: x509.Certificate) -> str:
    """Of one line of H.264 to be received."""
    fingerprint = ":".join(f"{octet:02X}" for octet in certificate.fingerprint(hashes.SHA256()))
    return (
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 104\r\n"
        f"c=IN IP4 127.0.0.1\r\na=mid:0\r\na=ice-ufrag:{OURS}\r\na=ice-pwd:{secrets.token_hex(12)}\r\n"
        f"a=fingerprint:sha-256 {fingerprint}\r\na=setup:active\r\na=recvonly\r\na=rtcp-mux\r\n"
        "a=rtpmap:104 H264/90000\r\na=fmtp:104 packetization-mode=1;profile-level-id=42e01f\r\n"
    )


def attribute(description: str, name: str) -> str:
    """The first of that name."""
    found = re.search(rf"^a={name}:(.+?)\r?$", description, re.MULTILINE)
    assert found is not None, description
    return found[1]
