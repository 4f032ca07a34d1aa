"""What a still says of itself: whatever the words, the file stays a JPEG and the tag is XML that tells them."""

from __future__ import annotations

import io
from fractions import Fraction
from xml.etree import ElementTree

import av
from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.audit import Ground
from fengsui.features.playback.still import NAMESPACE, XMP, Tag, place_in

JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


def picture() -> bytes:
    """A JPEG file with the head that browsers write."""
    frame = av.VideoFrame(64, 48, "yuvj420p")
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 64, 48, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    file = b"".join(bytes(one) for one in encoder.encode(frame))
    return file[:2] + JFIF + file[2:]


def tag(**facts: object) -> Tag:
    known = {"camera": "52010200001320000001", "name": "人民广场", "stream": "main", "at": 1_790_000_000.25, "by": "chen-qi"}
    rest = {"unit": "南明分局", "ground": Ground("T-1", "A1", "crime", "basis"), "ticket_until": 1_790_003_600.0, "node": "n"}
    return Tag(**{**known, **rest, **facts})  # type: ignore[arg-type]


def told(segment: bytes) -> dict[str, str]:
    """The facts of the packet."""
    assert segment[:2] == b"\xff\xe1" and int.from_bytes(segment[2:4], "big") == len(segment) - 2
    packet = segment[4:].removeprefix(XMP).decode()
    [description] = ElementTree.fromstring(packet).iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
    return {name.partition("}")[2]: value for name, value in description.attrib.items() if name.startswith(f"{{{NAMESPACE}}}")}


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_words_are_told_and_break_nothing(name: str, basis: str) -> None:
    found = told(tag(name=name, ground=Ground("T-1", "A1", "crime", basis)).segment())
    assert (found["ticket"], found["case"], found["purpose"]) == ("T-1", "A1", "crime")
    assert found["at"] == "2026-09-21T14:13:20.250Z" and found["ticketUntil"] == "2026-09-21T15:13:20.000Z"
    assert found["legalBasis"] == "".join(one for one in basis if one.isprintable())


def test_the_file_is_the_same_picture() -> None:
    file = picture()
    place = place_in(file)
    assert place is not None and place > 2, "behind the head that JFIF wants first"
    tagged = file[:place] + tag().segment() + file[place:]

    def pixels(octets: bytes) -> bytes:
        with av.open(io.BytesIO(octets), "r") as opened:
            [frame] = opened.decode(video=0)
            return b"".join(bytes(plane) for plane in frame.planes)

    assert pixels(tagged) == pixels(file)


def test_what_is_no_picture_has_no_place() -> None:
    file = picture()
    for wrong in (b"", b"no picture", b"\xff\xd8", file[:6], file[:4] + b"\xff\xff" + file[6:]):
        assert place_in(wrong) is None, wrong[:10]
