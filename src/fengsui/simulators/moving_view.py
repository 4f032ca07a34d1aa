"""A dome camera: a window that pans, tilts and zooms over a wider clip, with a clock burnt in that a program can read."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import av
from av.filter import Graph
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from fengsui._engine import H264Encoder
from fengsui.simulators.footage import Clip, LoopingClip, Picture

WIDTH, HEIGHT = 640, 360
KBIT_S = 900
FULL_SPEED_PER_S = 0.5
"""Share of the whole picture that full pan or tilt speed crosses in a second."""
MAX_ZOOM = 4.0
SPAN_PAN_DEG, SPAN_TILT_DEG = 120.0, 67.5
"""What the whole picture spans; its middle is straight on (pan 0, tilt 0)."""
CLOCK_BITS, CLOCK_BLOCK = 20, 16
KEY_FRAME_EVERY_S = 2
STEP_S, LONGEST_WAY_S = 0.05, 30.0
"""A movement is followed in steps so long; after this time every one has reached its border."""
DARK, BRIGHT, NEUTRAL = 16, 235, 128


@dataclass(frozen=True, slots=True)
class View:
    """Where the window is. `x`, `y`: its centre as a share of the picture, 0 to 1; `zoom`: 1 to MAX_ZOOM."""

    x: float = 0.5
    y: float = 0.5
    zoom: float = 1.25

    def moved(self, pan: float, tilt: float, zoom: float) -> View:
        """The view after a step; never leaves the picture."""
        zoomed = min(MAX_ZOOM, max(1.0, self.zoom * (1 + zoom)))
        half = 0.5 / zoomed
        return View(min(1 - half, max(half, self.x + pan / zoomed)), min(1 - half, max(half, self.y + tilt / zoomed)), zoomed)

    @property
    def pan_deg(self) -> float:
        """Clockwise, 0 to 360 (GB/T 28181-2022 A.2.3.1.11)."""
        return (self.x - 0.5) * SPAN_PAN_DEG % 360

    @property
    def tilt_deg(self) -> float:
        """Down is positive."""
        return (self.y - 0.5) * SPAN_TILT_DEG

    def turned_to(self, pan_deg: float | None, tilt_deg: float | None, zoom: float | None) -> View:
        """The view at these angles, or at the border where they lie beyond; None: as it is."""
        pan = self.pan_deg if pan_deg is None else pan_deg
        x = 0.5 + ((pan + 180) % 360 - 180) / SPAN_PAN_DEG
        y = self.y if tilt_deg is None else 0.5 + tilt_deg / SPAN_TILT_DEG
        return View(x, y, self.zoom if zoom is None else zoom).moved(0, 0, 0)


HOME = View().moved(0, 0, 0)


class Head:
    """The dome's motors: one for all who watch. Turns with the time, whether or not anybody looks."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        """`now_s`: seconds, never set back."""
        self.presets: dict[int, View] = {1: HOME, 2: replace(HOME, x=0.3, zoom=2.0).moved(0, 0, 0)}
        self.preset_names: dict[int, str] = {}
        self.tours: dict[int, list[int]] = {}
        """Presets in the order of the tour, by its group."""
        self.tour_stay_s: dict[int, int] = {}
        self._touring: tuple[int, float] | None = None
        """The tour that runs, and since when."""
        self._velocity = (0.0, 0.0, 0.0)
        self._now_s = now_s
        self._view, self._at_s = HOME, now_s()

    @property
    def view(self) -> View:
        """Where it looks now."""
        now_s = self._now_s()
        left_s, self._at_s = min(now_s - self._at_s, LONGEST_WAY_S), now_s
        if self._touring is not None:
            self._view = self._on_tour(*self._touring, now_s)
        while left_s > 0 and any(self._velocity):
            step_s = min(left_s, STEP_S)
            self._view = self._view.moved(*(speed * FULL_SPEED_PER_S * step_s for speed in self._velocity))
            left_s -= step_s
        return self._view

    @view.setter
    def view(self, there: View) -> None:
        self._view, self._at_s = there, self._now_s()

    def _on_tour(self, group: int, since_s: float, now_s: float) -> View:
        points = self.tours.get(group, [])
        if not points:
            self._touring = None
            return self._view
        passed = int((now_s - since_s) / max(1, self.tour_stay_s.get(group, 10)))
        return self.presets.get(points[passed % len(points)], self._view)

    def move(self, pan: float, tilt: float, zoom: float) -> None:
        """Speeds from -1 to 1 (right, down, in are positive); all zero stops, a tour as well."""
        self.view = self.view  # up to now it went as it was told before
        self._velocity, self._touring = (pan, tilt, zoom), None

    def begin_tour(self, group: int) -> None:
        """Goes from preset to preset; a tour without points does nothing."""
        self._touring = (group, self._now_s()) if self.tours.get(group) else None

    def go_to(self, preset: int) -> bool:
        """False when there is no such preset."""
        self._touring = None
        view = self.presets.get(preset)
        if view is not None:
            self.view = view
        return view is not None

    def zoom_on(self, x: float, y: float, length: float, width: float, *, inward: bool) -> None:
        """A box drawn on what is shown, in shares of it: turns to its middle; makes it as large as the picture, or the reverse."""
        share = min(1.0, max(length, width, 1 / MAX_ZOOM))
        turned = self.view.moved(x - 0.5, y - 0.5, 0)
        self.view = turned.moved(0, 0, (1 / share if inward else share) - 1)


class MovingView:
    """What one session of a dome is sent: its own encoder (OpenH264) over the head that all of them share."""

    codec = "h264"

    def __init__(self, clip: Clip, wall_clock_ms: Callable[[], int], head: Head | None = None) -> None:
        """`wall_clock_ms` is burnt in, modulo 2**CLOCK_BITS: white blocks are ones, the row below is the complement."""
        self.fps = clip.fps if clip.fps >= 10 else Fraction(10)
        self.head = head or Head()
        self._clip = LoopingClip(clip)
        decoder = av.CodecContext.create("h264" if clip.codec == "h264" else "hevc", "r")
        assert isinstance(decoder, VideoCodecContext)  # both names are video decoders
        self._decoder = decoder
        self._decoder.thread_count = 1
        self._encoder = H264Encoder(WIDTH, HEIGHT, float(self.fps), KBIT_S)
        self._wall_clock_ms = wall_clock_ms
        self._graph: tuple[View, Graph] | None = None
        self._since_key = 0
        self._key_wanted = True

    def ask_key_frame(self) -> None:
        """The next picture is to be a key frame."""
        self._key_wanted = True

    def next_picture(self) -> Picture:
        """Encodes what the head looks at now."""
        frame = self._cropped(self._decoded(), self.head.view)
        y, u, v = (_packed(frame, plane) for plane in range(3))
        burn_clock(y, u, v, WIDTH, self._wall_clock_ms())
        key = self._key_wanted or self._since_key >= KEY_FRAME_EVERY_S * self.fps
        self._since_key = 0 if key else self._since_key + 1
        self._key_wanted = False
        return Picture(self._encoder.encode(bytes(y), bytes(u), bytes(v), key), key)

    def _decoded(self) -> VideoFrame:
        while True:
            frames = self._decoder.decode(av.Packet(self._clip.next_picture().annex_b))
            if frames:
                return frames[0]

    def _cropped(self, frame: VideoFrame, view: View) -> VideoFrame:
        if self._graph is None or self._graph[0] != view:
            graph = Graph()
            source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 90_000))
            width, height = int(frame.width / view.zoom), int(frame.height / view.zoom)
            left = int(view.x * frame.width - width / 2)
            top = int(view.y * frame.height - height / 2)
            crop = graph.add("crop", f"{width}:{height}:{max(0, left)}:{max(0, top)}")
            scale = graph.add("scale", f"{WIDTH}:{HEIGHT}")
            layout = graph.add("format", "yuv420p")
            sink = graph.add("buffersink")
            source.link_to(crop)
            crop.link_to(scale)
            scale.link_to(layout)
            layout.link_to(sink)
            graph.configure()
            self._graph = (view, graph)
        graph = self._graph[1]
        graph.push(frame)
        pulled = graph.pull()
        assert isinstance(pulled, VideoFrame)  # the graph has a video sink only
        return pulled


def _packed(frame: VideoFrame, index: int) -> bytearray:
    plane = frame.planes[index]
    octets = memoryview(plane)
    if plane.line_size == plane.width:
        return bytearray(octets[: plane.width * plane.height])
    return bytearray(b"".join(octets[row * plane.line_size : row * plane.line_size + plane.width] for row in range(plane.height)))


def burn_clock(y: bytearray, u: bytearray, v: bytearray, width: int, wall_clock_ms: int) -> None:
    """Draws the low CLOCK_BITS of the time as blocks at the top left: first row the bits, second row their complement."""
    for row, value in enumerate((wall_clock_ms, ~wall_clock_ms)):
        line = bytearray()
        for bit in range(CLOCK_BITS - 1, -1, -1):
            line += bytes((BRIGHT if value >> bit & 1 else DARK,)) * CLOCK_BLOCK
        for pixel_row in range(row * CLOCK_BLOCK, (row + 1) * CLOCK_BLOCK):
            y[pixel_row * width : pixel_row * width + len(line)] = line
    chroma_width, chroma_line = width // 2, bytes((NEUTRAL,)) * (CLOCK_BITS * CLOCK_BLOCK // 2)
    for pixel_row in range(CLOCK_BLOCK):
        start = pixel_row * chroma_width
        u[start : start + len(chroma_line)] = chroma_line
        v[start : start + len(chroma_line)] = chroma_line
