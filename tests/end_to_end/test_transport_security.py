"""A node under TLS in headless Chromium: the console keeps to its content policy, pictures play by WSS, WebRTC and HLS."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, demonstration, to_text
from tests.end_to_end.conftest import wait_until
from tests.ports import free_port

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]
SERVER = "52010200002000000001"
BREACHES = """window.__breaches = [];
document.addEventListener('securitypolicyviolation',
  (breach) => __breaches.push(breach.violatedDirective + ' ' + breach.blockedURI + ' ' + breach.sourceFile));"""
PLAY = """async ([url, kind]) => {
  const video = document.createElement('video');
  video.muted = true; video.autoplay = true; document.body.append(video);
  if (kind === 'webrtc') {
    const connection = new RTCPeerConnection();
    connection.addTransceiver('video', {direction: 'recvonly'});
    connection.ontrack = (event) => { video.srcObject = event.streams[0]; };
    await connection.setLocalDescription(await connection.createOffer());
    const headers = {'content-type': 'application/sdp'};
    const answer = await fetch(url, {method: 'POST', headers, body: connection.localDescription.sdp});
    await connection.setRemoteDescription({type: 'answer', sdp: await answer.text()});
  } else {
    video.src = url;
  }
  const plays = () => video.videoWidth > 0 && video.currentTime > 0;
  for (let tries = 0; tries < 200 && !plays(); tries++) await new Promise((done) => setTimeout(done, 100));
  return [video.videoWidth, video.currentTime];
}"""


class SecureNode:
    """`fengsui run` under TLS and a simulated camera, as processes of their own."""

    def __init__(self, data: Path, origin: str) -> None:
        self.data, self.origin = data, origin
        self.client = httpx.Client(
            base_url=f"{origin}/api/v1", timeout=20, verify=ssl.create_default_context(cafile=data / "tls" / "ca.pem")
        )


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureNode]:
    """One for all tests here."""
    folder = tmp_path_factory.mktemp("secure")
    sip, rtp, http, media, webrtc = (free_port() for _ in range(5))
    config, data = folder / "fengsui.toml", folder / "data"
    config.write_text(
        f'[signalling]\nhost = "127.0.0.1"\nport = {sip}\nadmission = "password"\npassword = "join-password"\n'
        f'[media]\nrtp_host = "127.0.0.1"\nrtp_port = {rtp}\nhttp_host = "127.0.0.1"\nhttp_port = {media}\nwebrtc_port = {webrtc}\n'
        f'[http]\nhost = "127.0.0.1"\nport = {http}\n[sign_in]\nsecond_factor = "off"\n[alarm_hosts]\nport = 0\n'
    )
    people = to_text(demonstration({one.name: "first-password" for one in DEMONSTRATION}))
    environment = {**os.environ, FIRST_PEOPLE: people, "FENGSUI_DEVICE_PASSWORD": "join-password"}
    with contextlib.ExitStack() as stack:

        def started(*words: str) -> None:
            process = subprocess.Popen([sys.executable, "-m", "fengsui", *words], env=environment, stdout=subprocess.DEVNULL)
            stack.callback(process.wait, 20)
            stack.callback(process.send_signal, signal.SIGTERM)

        started("run", "--config", str(config), "--data", str(data))
        wait_until(lambda: (data / "tls" / "ca.pem").exists(), seconds=120, what="the node has made its CA")
        node = SecureNode(data, f"https://127.0.0.1:{http}")

        def ready() -> bool:
            with contextlib.suppress(httpx.HTTPError):
                return node.client.get(f"{node.origin}/readyz").status_code == 200
            return False

        wait_until(ready, seconds=120, what="the node is ready")
        started("simulate", "camera", "--port", str(sip), "--server", SERVER)
        token = node.client.post("/session", json={"name": "duty", "password": "first-password"}).json()["token"]
        node.client.headers["authorization"] = f"Bearer {token}"
        node.client.cookies.clear()
        wait_until(lambda: node.client.get("/cameras?status=online").json()["items"], seconds=60, what="the camera is online")
        yield node


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that takes the node's CA for good (no workstation here imports it) and notes what its content policy blocks."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN", ignore_https_errors=True)
    context.add_init_script(BREACHES)
    yield context.new_page()
    context.close()


def sign_in(page: Page, node: SecureNode) -> None:
    page.goto(f"{node.origin}/")
    page.get_by_test_id("sign-in-name").fill("duty")
    page.get_by_test_id("sign-in-password").fill("first-password")
    page.get_by_test_id("sign-in-submit").click()
    page.get_by_test_id("layout-4").wait_for(timeout=60_000)


def breaches(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.__breaches")
    return found


def test_the_console_works_within_its_content_policy(secure: SecureNode, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "Content Security Policy" in message.text else None)
    sign_in(page, secure)
    assert breaches(page) == []
    for place in ("/", "/devices", "/waiting", "/users", "/node", "/account", "/audit"):
        page.goto(f"{secure.origin}{place}")
        page.locator("#root > *").first.wait_for()
        page.wait_for_load_state("networkidle")
        assert breaches(page) == [], place
    assert said == []
    assert page.evaluate("window.isSecureContext") is True
    assert {cookie["name"] for cookie in page.context.cookies()} == {"__Host-fengsui-session", "__Host-fengsui-workstation"}
    assert page.evaluate("document.cookie") == "", "no script reads them"
    styled = page.evaluate("getComputedStyle(document.querySelector('.ant-btn, .ant-layout, button')).fontSize")
    assert styled == "13px" or styled == "12px", "the components' own style elements carry the nonce"


def test_a_script_that_somebody_smuggles_in_does_not_run(secure: SecureNode, page: Page) -> None:
    page.goto(f"{secure.origin}/")
    page.evaluate(
        """() => {
          const script = document.createElement('script'); script.textContent = 'window.__ran = 1'; document.body.append(script);
          const place = document.createElement('div'); place.innerHTML = '<img src=x onerror="window.__ran = 1">';
          document.body.append(place); }"""
    )
    wait_until(lambda: len(breaches(page)) >= 2, seconds=60, what="both are blocked")
    assert page.evaluate("window.__ran") is None
    assert all("script-src" in one for one in breaches(page))


@pytest.mark.parametrize("kind", ["wall", "webrtc", "fmp4"])
def test_pictures_play_under_tls(secure: SecureNode, page: Page, kind: str) -> None:
    sign_in(page, secure)
    camera = secure.client.get("/cameras?status=online").json()["items"][0]["code"]
    opened: dict[str, Any] = page.evaluate(
        """async (code) => (await fetch(`/api/v1/cameras/${code}/live`, {method: 'POST', body: JSON.stringify({codecs: ['h264']}),
             headers: {'content-type': 'application/json', 'x-fengsui-console': '1'}})).json()""",
        camera,
    )
    assert opened["ws_fmp4"].startswith("wss://"), json.dumps(opened)
    if kind == "wall":
        first = page.evaluate(
            """async (url) => new Promise((done, failed) => {
                 const socket = new WebSocket(url); socket.onmessage = (one) => done(one.data); socket.onerror = failed; })""",
            opened["ws_fmp4"],
        )
        assert json.loads(first)["codec"].startswith("avc1")
    else:
        url = opened["webrtc"] if kind == "webrtc" else opened["ws_fmp4"].replace("wss://", "https://").replace("/ws/", "/fmp4/")
        width, played_s = page.evaluate(PLAY, [url, kind])
        assert width > 0 and played_s > 0
    assert breaches(page) == []


def test_a_browser_that_does_not_trust_the_ca_says_so(secure: SecureNode, browser: Browser) -> None:
    context = browser.new_context()
    with pytest.raises(Exception, match="ERR_CERT_AUTHORITY_INVALID"):
        context.new_page().goto(f"{secure.origin}/")
    context.close()
