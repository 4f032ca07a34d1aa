"""Decoded pictures of every way out of the node, for tests that look at pixels."""

from __future__ import annotations

import asyncio
import base64
import io
import struct
from collections.abc import AsyncIterator

import av
import httpx
import websockets
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from playwright.async_api import Page

SEE_BY_WEBRTC = """async ([name, url, wanted]) => {
  const video = document.createElement('video'), connection = new RTCPeerConnection();
  const canvas = document.createElement('canvas'), context = canvas.getContext('2d', { willReadFrequently: true });
  video.muted = true;
  document.body.append(video);
  window.seen = { ...window.seen, [name]: [] };
  const look = () => {
    const width = canvas.width = video.videoWidth, height = canvas.height = video.videoHeight;
    context.drawImage(video, 0, 0);
    const colours = context.getImageData(0, 0, width, height).data, grey = new Uint8Array(width * height);
    for (let at = 0; at < grey.length; at += 1) grey[at] = Math.max(...colours.subarray(4 * at, 4 * at + 3));
    let text = '';
    for (let at = 0; at < grey.length; at += 8192) text += String.fromCharCode(...grey.subarray(at, at + 8192));
    window.seen[name].push([width, height, btoa(text)]);
    if (window.seen[name].length < wanted) video.requestVideoFrameCallback(look); else connection.close();
  };
  video.requestVideoFrameCallback(look);
  connection.ontrack = ({ track }) => { video.srcObject = new MediaStream([track]); video.play(); };
  connection.addTransceiver('video', { direction: 'recvonly' });
  await connection.setLocalDescription(await connection.createOffer());
  const headers = { 'content-type': 'application/sdp' };
  const answer = await fetch(url, { method: 'POST', headers, body: connection.localDescription.sdp });
  await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
}"""


class Grey:
    """A picture's brightness."""

    def __init__(self, octets: bytes, width: int, height: int, line: int) -> None:
        self.width, self.height = width, height
        self.rows = [octets[row * line : row * line + width] for row in range(height)]

    @classmethod
    def of(cls, frame: VideoFrame) -> Grey:
        """What a decoder gave."""
        grey = frame.reformat(format="gray")
        return cls(bytes(grey.planes[0]), grey.width, grey.height, grey.planes[0].line_size)

    def part(self, left: float, top: float, right: float, bottom: float) -> bytes:
        """Shares of width and height, 0 to 1."""
        rows = self.rows[int(top * self.height) : int(bottom * self.height)]
        return b"".join(row[int(left * self.width) : int(right * self.width)] for row in rows)

    @property
    def contrast(self) -> int:
        """Levels between the 5th and the 95th of a hundred samples."""
        samples = sorted(b"".join(self.rows))
        return samples[len(samples) * 95 // 100] - samples[len(samples) * 5 // 100]


def decoder(codec: str) -> VideoCodecContext:
    """One picture in, one out."""
    made = av.CodecContext.create("hevc" if codec == "h265" else "h264", "r")
    assert isinstance(made, VideoCodecContext)
    made.thread_count = 1
    return made


def of_file(body: bytes) -> list[Grey]:
    """Every picture of an MP4 or JPEG."""
    with av.open(io.BytesIO(body)) as container:
        return [Grey.of(frame) for frame in container.decode(video=0)]


async def access_units(url: str) -> AsyncIterator[tuple[int, bytes]]:
    """(codec, Annex B) from `/es/…`."""
    buffered = b""
    async with httpx.AsyncClient(timeout=20) as client, client.stream("GET", url) as answer:
        assert answer.status_code == 200, answer.status_code
        async for chunk in answer.aiter_bytes():
            buffered += chunk
            while len(buffered) >= 16:
                length, _, codec = struct.unpack(">IBB", buffered[:6])
                if len(buffered) < 16 + length:
                    break
                yield codec, buffered[16 : 16 + length]
                buffered = buffered[16 + length :]


async def by_access_units(url: str) -> AsyncIterator[Grey]:
    """Decoded as they come."""
    made: VideoCodecContext | None = None
    async for codec, unit in access_units(url):
        made = made or decoder({1: "h264", 2: "h265"}[codec])
        for frame in made.decode(av.Packet(unit)):
            yield Grey.of(frame)


async def by_http(url: str, size: int) -> list[Grey]:
    """The first bytes of a fragmented MP4 over HTTP."""
    body = b""
    async with httpx.AsyncClient(timeout=20) as client, client.stream("GET", url) as answer:
        assert answer.status_code == 200, answer.status_code
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) >= size:
                break
    return await asyncio.to_thread(of_file, body)


async def by_web_socket(url: str, messages: int) -> list[Grey]:
    """The first messages of the WebSocket."""
    parts: list[bytes] = []
    async with websockets.connect(url, max_size=None) as socket:
        while len(parts) < messages:
            message = await asyncio.wait_for(socket.recv(), 20)
            if isinstance(message, bytes):
                parts.append(message)
    return await asyncio.to_thread(of_file, b"".join(parts))


async def by_hls(url: str, pictures: int) -> list[Grey]:
    """As ffmpeg's own HLS reader sees it."""

    def read() -> list[Grey]:
        with av.open(url, timeout=(10.0, 10.0)) as container:
            found: list[Grey] = []
            for frame in container.decode(video=0):
                found.append(Grey.of(frame))
                if len(found) >= pictures:
                    break
            return found

    return await asyncio.to_thread(read)


async def by_webrtc(page: Page, ways: dict[str, str], pictures: int) -> dict[str, list[Grey]]:
    """What a browser paints of several WHEP addresses at once, by the names given, the brightest colour of each pixel."""
    await asyncio.gather(*(page.evaluate(SEE_BY_WEBRTC, [name, url, pictures]) for name, url in ways.items()))
    await page.wait_for_function(f"Object.values(window.seen).every(seen => seen.length >= {pictures})", timeout=60_000)
    seen: dict[str, list[tuple[int, int, str]]] = await page.evaluate("window.seen")
    return {
        name: [Grey(base64.b64decode(grey), width, height, width) for width, height, grey in found] for name, found in seen.items()
    }
