"""What a browser's WebRTC offer takes, and what the stream is: they meet, or the refusal names what is missing."""

from __future__ import annotations

import httpx
import pytest

from fengsui.media import EventKind
from tests.end_to_end.conftest import wait_until
from tests.media.conftest import RunningEngine, filming
from tests.media.webrtc_viewer import WebRtcViewer

NAME = "34020000001320000001/main"
FOOTAGE = {"h264": "street-sub.10fps.h264", "h265": "street.10fps.h265"}
PAYLOADS = {
    "h264": "a=rtpmap:104 H264/90000\r\na=fmtp:104 packetization-mode=1;profile-level-id=42e01f\r\n",
    "h265": "a=rtpmap:49 H265/90000\r\n",
}
NUMBERS = {"h264": "104", "h265": "49"}


def offer(*codecs: str) -> str:
    """A browser's offer of one video line with these codecs."""
    fingerprint = ":".join(["AB"] * 32)
    return (
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
        f"m=video 9 UDP/TLS/RTP/SAVPF 96 {' '.join(NUMBERS[codec] for codec in codecs)}\r\na=mid:0\r\na=ice-ufrag:abcd\r\n"
        f"a=ice-pwd:secret\r\na=fingerprint:sha-256 {fingerprint}\r\na=setup:actpass\r\na=recvonly\r\n"
        "a=rtpmap:96 VP8/90000\r\n" + "".join(PAYLOADS[codec] for codec in codecs)
    )


@pytest.mark.parametrize("stream", ["h264", "h265"])
@pytest.mark.parametrize("offered", [("h264",), ("h265",), ("h264", "h265")], ids="+".join)
def test_an_offer_is_answered_where_it_takes_the_streams_codec(
    running: RunningEngine, stream: str, offered: tuple[str, ...]
) -> None:
    source = running.open(NAME)

    def codec() -> str:
        counters = running.engine.source_counters(source)
        assert counters is not None
        return counters.codec

    with filming(running, footage=FOOTAGE[stream], audio=False), httpx.Client(timeout=20) as client:
        wait_until(lambda: codec() == stream, seconds=60, what="the camera plays")
        answer = client.post(running.url("whep", NAME), content=offer(*offered), headers={"content-type": "application/sdp"})
        if stream in offered:
            assert answer.status_code == 201
            assert f"a=rtpmap:{NUMBERS[stream]} {stream.upper()}/90000" in answer.text
        else:
            assert (answer.status_code, answer.json()["code"]) == (406, "media.codec_not_offered")
            assert stream in answer.json()["title"]
            wait_until(lambda: running.engine.counters().readers == 0, seconds=60, what="who was refused is no reader")


def test_an_offer_of_no_codec_of_ours_is_refused(running: RunningEngine) -> None:
    running.open(NAME)
    with filming(running), httpx.Client(timeout=20) as client:
        answer = client.post(running.url("whep", NAME), content=offer(), headers={"content-type": "application/sdp"})
        assert (answer.status_code, answer.json()["code"]) == (400, "media.bad_request")


def test_b_pictures_end_who_views_by_webrtc_and_refuse_who_comes_and_leave_the_other_ways(running: RunningEngine) -> None:
    running.open(NAME)
    viewer = WebRtcViewer(running.url("whep", NAME))
    with filming(running, audio=False, order=(2, 0, 1)), httpx.Client(timeout=20) as client:
        viewer.await_goodbye()
        viewer.close()
        left: list[str] = []

        def has_left() -> bool:
            left.extend(event.reason for event in running.engine.take_events(1_000) if event.kind == EventKind.READER_LEFT)
            return bool(left)

        wait_until(has_left, seconds=60, what="the node is told")
        assert left == ["pictures out of order"]
        headers = {"content-type": "application/sdp"}
        answer = client.post(running.url("whep", NAME), content=offer("h264", "h265"), headers=headers)
        said = answer.json()
        assert (answer.status_code, said["code"]) == (406, "media.reordered_pictures")
        assert "WebSocket" in said["remedy_zh"] and "WebSocket" in said["remedy_en"]
        assert running.engine.counters().readers == 0, "who was refused is no reader"
        with client.stream("GET", running.url("fmp4", NAME)) as other:
            assert other.status_code == 200 and next(other.iter_bytes())
