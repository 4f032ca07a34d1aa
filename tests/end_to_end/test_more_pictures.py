"""Pictures that are not plain: with sound, with B pictures, and when a viewer has to ask for a key frame."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Request, Route, WebSocketRoute, expect

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_first_picture import cameras_with_patches, frames_of
from tests.end_to_end.test_recovery import process, show

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]

DECODED_SOUND = "document.querySelector('[data-testid=tile-0] video').webkitAudioDecodedByteCount"
COUNTER = "if(lt(Y,40),16+219*mod(floor(N/pow(2,floor(X/40))),2),126)"
"""Paints the number of each picture as eight squares in its upper edge."""
PICTURES, PICTURES_A_S = 100, 25
READ_NUMBERS = """() => {
  const video = document.querySelector('[data-testid=tile-0] video'), canvas = document.createElement('canvas');
  canvas.width = 320; canvas.height = 40;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  window.numbers = [];
  const next = (_, { mediaTime }) => {
    context.drawImage(video, 0, 0, video.videoWidth, 40, 0, 0, 320, 40);
    let number = 0;
    for (let bit = 0; bit < 8; bit += 1) number += (context.getImageData(40 * bit + 20, 20, 1, 1).data[1] > 128) << bit;
    window.numbers.push({ number, at: mediaTime, source: video.currentSrc });
    video.requestVideoFrameCallback(next);
  };
  video.requestVideoFrameCallback(next);
}"""
KEY_FRAME_FROM_THE_VIEWER = """url => {
  const worker = new Worker(URL.createObjectURL(new Blob([`
    self.onrtctransform = ({ transformer }) => {
      transformer.readable.pipeTo(transformer.writable);
      const tell = error => self.postMessage(error ? String(error) : 'asked');
      self.onmessage = () => transformer.sendKeyFrameRequest().then(() => tell(), tell);
    };`])));
  window.answer = '';
  worker.onmessage = ({ data }) => { window.answer = data; };
  window.ask = () => { window.answer = ''; worker.postMessage('ask'); };
  window.frames_seen = 0;
  const video = document.createElement('video'), connection = new RTCPeerConnection();
  video.muted = true;
  document.body.append(video);
  const count = () => { window.frames_seen += 1; video.requestVideoFrameCallback(count); };
  video.requestVideoFrameCallback(count);
  connection.ontrack = ({ track, receiver }) => {
    receiver.transform = new RTCRtpScriptTransform(worker, {});
    video.srcObject = new MediaStream([track]);
    video.play();
  };
  connection.addTransceiver('video', { direction: 'recvonly' });
  window.connection = connection;
  (async () => {
    await connection.setLocalDescription(await connection.createOffer());
    const headers = { 'content-type': 'application/sdp' };
    const answer = await fetch(url, { method: 'POST', headers, body: connection.localDescription.sdp });
    await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  })();
}"""


CLAIM_H265 = """const honest = MediaSource.isTypeSupported.bind(MediaSource);
MediaSource.isTypeSupported = type => type.includes('hvc1.1.6.L93.B0') || honest(type);"""


@contextmanager
def camera(demo: Demo, log: Path, number: int, *options: str) -> Iterator[str]:
    """A simulated camera beside the demo's; gives its code and takes the device out afterwards."""
    sip, code = demo.node["sip"], f"{demo.node['code'][:10]}1320{number:06d}"
    command = ["simulate", "camera", "--port", str(sip["port"]), "--server", demo.node["code"], "--password", sip["password"]]
    try:
        with process(log, *command, "--first-number", str(number), *options):
            with demo.client() as client:
                wait_until(lambda: client.get(f"/cameras/{code}").status_code == 200, seconds=60, what="the camera is listed")
            yield code
    finally:
        with demo.client("system") as keeper:
            keeper.delete(f"/devices/{code}")


def play(page: Page, demo: Demo, code: str, protocol: str) -> None:
    """The camera alone on the wall, by this protocol."""
    sign_in(page, demo)
    page.evaluate("protocol => localStorage.setItem('fengsui.protocol', protocol)", protocol)
    page.reload()
    page.get_by_test_id(f"camera-{code}").wait_for(timeout=60_000)
    show(page, [code])


@pytest.mark.parametrize("protocol", ["hls", "ws"])
def test_sound_is_heard_where_a_legal_basis_is_recorded_and_only_there(
    demo: Demo, page: Page, tmp_path: Path, protocol: str
) -> None:
    number = {"hls": 911, "ws": 912}[protocol]
    with camera(demo, tmp_path / "camera.log", number, "--sound", "mapped") as code, demo.client("system") as client:
        play(page, demo, code, protocol)
        begun = frames_of(page, 0)
        wait_until(lambda: frames_of(page, 0) >= begun + 20, seconds=60, what="the silent picture moves")
        assert page.get_by_test_id("tile-0-sound").count() == 0
        assert page.evaluate(DECODED_SOUND) == 0, "no basis, no sound"
        basis = {"audio_basis": "派出所接警大厅,依据内部管理规定第 12 条"}
        assert client.patch(f"/cameras/{code}", json=basis).status_code == 200
        page.goto(
            f"{demo.node['console']}devices"
        )  # nobody watches: the stream is closed after the grace time, then asked for anew

        def closed() -> bool:
            return client.get(f"/cameras/{code}/live").json()["state"] == "idle"

        wait_until(closed, seconds=60, what="the stream is closed")
        page.goto(demo.node["console"])
        wait_until(lambda: frames_of(page, 0) >= 20, seconds=60, what="the picture moves")
        page.get_by_test_id("tile-0").hover()
        page.get_by_test_id("tile-0-sound").click()
        begun, heard = frames_of(page, 0), page.evaluate(DECODED_SOUND)
        wait_until(lambda: page.evaluate(DECODED_SOUND) > heard + 1000, seconds=60, what=f"sound is decoded by {protocol}")
        wait_until(lambda: frames_of(page, 0) >= begun + 20, seconds=60, what="the picture goes on with its sound")
        assert page.get_by_test_id("tile-0").locator("video").evaluate("video => !video.muted")


def test_h265_that_the_browser_claims_and_does_not_decode_is_transcoded_and_the_tile_says_so(demo: Demo, page: Page) -> None:
    """As with a graphics card of few levels: the browser says yes to the common question, and its real decoder then refuses."""
    page.add_init_script(CLAIM_H265)
    with demo.client() as client:
        items = client.get("/cameras", params={"status": "online", "limit": 100}).json()["items"]
    play(page, demo, next(item["code"] for item in items if "H.265" in item["name"]), "ws")
    wait_until(lambda: frames_of(page, 0) >= 10, seconds=90, what="the transcoded picture moves")
    assert page.get_by_test_id("tile-0-transcoded").inner_text().startswith("浏览器不能解码 hvc1.")


def test_hls_goes_on_with_each_ticket_that_is_renewed(demo: Demo, page: Page) -> None:
    """The tickets are told to end in ten seconds, so that it is seen soon that what is asked for later bears new ones."""
    with demo.client() as client:
        code = str(client.get("/cameras", params={"q": "食堂"}).json()["items"][0]["code"])
    tickets: list[str] = []
    openings: list[str] = []

    def note(request: Request) -> None:
        if "/hls/" in request.url:
            tickets.append(parse_qs(urlsplit(request.url).query)["ticket"][0])

    def shorten(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        openings.append(route.request.url)
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "expires_in_s": 10})

    page.on("request", note)
    page.route("**/api/v1/cameras/*/live", shorten)
    page.route("**/api/v1/live/*/renew", shorten)
    play(page, demo, code, "hls")
    # Routes and requests are heard while the page is asked.
    wait_until(lambda: frames_of(page, 0) > 0 and len(set(tickets)) >= 3, seconds=60, what="three tickets were asked with")
    assert tickets == sorted(tickets, key=list(dict.fromkeys(tickets)).index), "no older ticket is asked with again"
    begun = frames_of(page, 0)
    wait_until(lambda: frames_of(page, 0) >= begun + 20, seconds=60, what="the picture goes on")
    assert [url.endswith("/renew") for url in openings].count(False) == 1, "one opening; everything else were renewals"


@pytest.mark.parametrize("protocol", ["ws", "hls", "webrtc"])
def test_pictures_with_b_pictures_are_shown_in_their_order(demo: Demo, page: Page, tmp_path: Path, protocol: str) -> None:
    footage = tmp_path / "counter.25fps.h264"
    source = ["-f", "lavfi", "-i", f"color=black:size=320x176:rate=25,format=yuv420p,geq=lum='{COUNTER}':cb=128:cr=128"]
    coded = "bframes=2:b-adapt=0:b-pyramid=none:keyint=25:min-keyint=25:scenecut=0:aud=1:open-gop=0"
    command = ["ffmpeg", "-v", "error", *source, "-frames:v", str(PICTURES), "-c:v", "libx264", "-preset", "veryfast", "-crf", "16"]
    subprocess.run([*command, "-x264-params", coded, "-f", "h264", str(footage)], check=True, timeout=60)
    number = {"ws": 921, "hls": 922, "webrtc": 923}[protocol]
    with camera(demo, tmp_path / "camera.log", number, "--footage", str(footage)) as code:
        play(page, demo, code, protocol)
        if protocol == "webrtc":  # it shows them as they are sent: the tile takes another way
            told = page.get_by_test_id("tile-0-way")
            told.wait_for(timeout=60_000)
            assert told.inner_text() == "码流含 B 帧，WebRTC 无法播放，已改用 WebSocket"
            assert page.get_by_test_id("tile-0").get_attribute("data-protocol") == "ws"
        page.evaluate(READ_NUMBERS)
        wait_until(lambda: page.evaluate("window.numbers.length") >= 60, seconds=60, what="sixty pictures are shown")
        shown: list[Shown] = page.evaluate("window.numbers")
    numbers = [one["number"] for one in shown]
    assert max(numbers) < PICTURES and len(set(numbers)) >= 20, numbers
    backwards = [at for at, (before, after) in enumerate(itertools.pairwise(shown)) if _goes_back(before, after)]
    assert not backwards, f"{shown[max(0, backwards[0] - 4) : backwards[0] + 6]}"


class Shown(TypedDict):
    """A picture as it was painted: its number, its time in its source in seconds."""

    number: int
    at: float
    source: str


def _goes_back(before: Shown, after: Shown) -> bool:
    """Numbers begin anew every four seconds; how many were left out, as on a busy machine, the time of the pictures says."""
    if before["source"] != after["source"]:
        return False
    passed = round((after["at"] - before["at"]) * PICTURES_A_S)
    beside = (after["number"] - before["number"] - passed + PICTURES // 2) % PICTURES - PICTURES // 2
    return passed + beside < 0


def test_a_connection_that_is_open_at_this_end_alone_ends_with_a_word_and_is_tried_again(demo: Demo, page: Page) -> None:
    """A proxy takes the WebSocket and passes nothing on, neither pictures nor news: nobody says that the stream plays."""
    passes = False

    def held(socket: WebSocketRoute) -> None:
        if passes:
            socket.connect_to_server()

    page.route_web_socket("**/ws/**", held)
    page.route_web_socket("**/api/v1/events**", held)
    page.route("**/api/v1/cameras/*/live?*", lambda route: route.continue_() if passes else route.abort())
    with demo.client() as client:
        code = str(client.get("/cameras", params={"q": "食堂"}).json()["items"][0]["code"])
    sign_in(page, demo)
    page.evaluate("localStorage.setItem('fengsui.protocol', 'ws')")
    page.reload()
    page.get_by_test_id("layout-4").click()
    page.get_by_test_id(f"camera-{code}").click()
    tile = page.get_by_test_id("tile-0")
    expect(tile).to_have_attribute("data-state", "connecting")
    expect(tile.get_by_role("status")).to_contain_text("没有收到码流", timeout=60_000)
    passes = True
    wait_until(lambda: frames_of(page, 0) >= 20, seconds=90, what="the picture moves")


def test_a_viewer_that_lost_its_way_gets_a_key_frame_from_the_camera(demo: Demo, page: Page) -> None:
    code = cameras_with_patches(demo, "H.264")[0]
    with demo.client() as client, demo.client("system") as keeper:
        device = client.get(f"/cameras/{code}").json()["device"]

        def asked() -> int:
            items = keeper.get(f"/devices/{device}/trace").json()["items"]
            return sum("FrameCmd" in one["text"] or "IFameCmd" in one["text"] for one in items if one["direction"] == "out")

        opened = client.post(f"/cameras/{code}/live", json={"codecs": ["h264"]}).json()
        page.goto(demo.node["console"])  # a secure context, for workers
        page.set_content("<body></body>")
        page.evaluate(KEY_FRAME_FROM_THE_VIEWER, opened["webrtc"])
        wait_until(lambda: page.evaluate("window.frames_seen") > 10, seconds=60, what="the picture moves")
        before = asked()
        page.evaluate("window.ask()")
        wait_until(lambda: page.evaluate("window.answer") != "", seconds=60, what="the viewer has asked")
        assert page.evaluate("window.answer") == "asked"
        wait_until(lambda: asked() > before, seconds=60, what="the camera is asked for a key frame")
        client.delete(f"/live/{opened['session']}")
