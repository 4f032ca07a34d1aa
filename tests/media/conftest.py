"""An engine of its own and a camera made of a clip and a tone, over real sockets on loopback."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import pytest

from fengsui.media import Engine, EngineConfig, SourceSpec, Transport
from fengsui.simulators import tone
from fengsui.simulators.footage import Clip
from fengsui.simulators.program_stream import AUDIO_STREAM_ID, SYSTEM_HEADER, pack_header, pes, stream_map
from tests.ports import free_port

KEY = bytes(range(32))
SSRC = 200_000_001
TICKS_PER_PICTURE = 9_000
SAMPLES_PER_PICTURE = 800
PACKET_BYTES = 1_400
TONE_HZ = tone.TONE_HZ


@dataclass
class RunningEngine:
    """An engine on free ports."""

    engine: Engine
    rtp_port: int
    http_port: int

    def ticket(self, name: str, session: str = "s1") -> str:
        """A ticket of ten minutes, as `features/access` issues them."""
        payload = base64.urlsafe_b64encode(f"{name}|{session}|{int(time.time()) + 600}|".encode()).rstrip(b"=")
        mac = base64.urlsafe_b64encode(hmac.new(KEY, payload, hashlib.sha256).digest()).rstrip(b"=")
        return f"{payload.decode()}.{mac.decode()}"

    def url(self, way: str, name: str, tail: str = "", session: str = "s1") -> str:
        """A media address."""
        scheme = "ws" if way == "ws" else "http"
        return f"{scheme}://127.0.0.1:{self.http_port}/{way}/{name}{tail}?ticket={self.ticket(name, session)}"

    def open(self, name: str, *, audio: bool = False, ssrc: int = SSRC, transport: Transport = Transport.UDP) -> int:
        """Opens a source on the shared port."""
        return self.engine.open_source(SourceSpec(name=name, ssrc=ssrc, transport=transport, audio=audio)).id


@dataclass
class CameraWithTone:
    """Sends the street with a tone of 440 Hz, ten pictures a second, until it is stopped."""

    port: int
    ssrc: int = SSRC
    audio: bool = True
    footage: str = "street-sub.10fps.h264"
    order: tuple[int, ...] = (0,)
    """Places in which the pictures of each group of so many are shown; as they are sent: none is a B picture."""
    sequence: int = field(default_factory=lambda: random.randrange(65_536))
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """The sender's thread."""
        clip = Clip.load(Path(str(files("fengsui.simulators") / "footage" / self.footage)))
        begun_s, index = time.monotonic(), 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not self.stopped.wait(max(0.0, begun_s + index / 10 - time.monotonic())):
                picture = clip.pictures[index % len(clip.pictures)]
                group, place = divmod(index, len(self.order))
                pts = 900_000 + (group * len(self.order) + self.order[place]) * TICKS_PER_PICTURE
                pack = pack_header(pts)
                if picture.key:
                    pack += SYSTEM_HEADER + stream_map(clip.codec, audio="g711a" if self.audio else None)
                for at in range(0, len(picture.annex_b), 60_000):
                    pack += pes(0xE0, pts if at == 0 else None, picture.annex_b[at : at + 60_000])
                self.send(sender, pack, pts)
                if self.audio:
                    for part in range(2):
                        half = SAMPLES_PER_PICTURE // 2
                        octets = tone.samples(index * SAMPLES_PER_PICTURE + part * half, half)
                        at_pts = pts + part * TICKS_PER_PICTURE // 2
                        self.send(sender, pack_header(at_pts) + pes(AUDIO_STREAM_ID, at_pts, octets), at_pts)
                index += 1

    def send(self, sender: socket.socket, pack: bytes, pts: int) -> None:
        """One pack as RTP packets of one time stamp, the last with a marker."""
        for at in range(0, len(pack), PACKET_BYTES):
            last = at + PACKET_BYTES >= len(pack)
            head = struct.pack(">BBHII", 0x80, 96 | (0x80 if last else 0), self.sequence, pts & 0xFFFFFFFF, self.ssrc)
            sender.sendto(head + pack[at : at + PACKET_BYTES], ("127.0.0.1", self.port))
            self.sequence = (self.sequence + 1) & 0xFFFF


@contextlib.contextmanager
def filming(
    engine: RunningEngine,
    *,
    audio: bool = True,
    ssrc: int = SSRC,
    footage: str = "street-sub.10fps.h264",
    order: tuple[int, ...] = (0,),
) -> Iterator[CameraWithTone]:
    """A camera that sends to the shared port."""
    camera = CameraWithTone(engine.rtp_port, ssrc=ssrc, audio=audio, footage=footage, order=order)
    thread = threading.Thread(target=camera.run)
    thread.start()
    try:
        yield camera
    finally:
        camera.stopped.set()
        thread.join()


@contextlib.contextmanager
def engine_with(max_frame_bytes: int = 8 << 20, own_port: int = 0, own_ports: int = 0) -> Iterator[RunningEngine]:
    """A started engine; pictures above the limit are dropped. `own_port`: an even one for a stream, `own_ports` more follow."""
    rtp, http = free_port(), free_port()
    config = EngineConfig(
        ticket_key=KEY,
        rtp_host="127.0.0.1",
        rtp_port=rtp,
        rtp_port_first=own_port,
        rtp_port_last=own_port + own_ports,
        http_host="127.0.0.1",
        http_port=http,
        webrtc_port=free_port(),
        webrtc_addresses=["127.0.0.1"],
        max_waiting_per_address=8,
        max_waiting=16,
        max_frame_bytes=max_frame_bytes,
    )
    engine = Engine(config)
    engine.start()
    yield RunningEngine(engine, rtp, http)
    engine.stop()


@pytest.fixture
def running() -> Iterator[RunningEngine]:
    with engine_with() as engine:
        yield engine
