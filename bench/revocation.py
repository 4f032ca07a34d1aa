"""Row `revocation`: from the end of a sign-in to the end of everything that it opened, each way out at once in one Chromium."""

from __future__ import annotations

import contextlib
import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Page

from bench.browser import _page, street
from bench.catalogue import Api
from bench.signalling import PASSWORD, BenchNode
from bench.table import Figure

TURNS = 2
"""Of each way to end a sign-in."""
LIMIT_S = 15.0
WAYS = {
    "api": "HTTP API, next request",
    "still": "still picture, next request",
    "ticket": "old media ticket, next opening",
    "hls": "HLS, next playlist",
    "news": "events by WebSocket",
    "sse": "events by SSE",
    "ws": "WebSocket-fMP4",
    "fmp4": "HTTP-fMP4",
    "webrtc": "WebRTC, last packet",
}
FOLLOW = """async ({ opened, token, code }) => {
  const ends = window.ends = {}, began = window.began = {};
  const end = (way) => { ends[way] ??= Date.now(); };
  const bearer = { authorization: `Bearer ${token}` };
  const http = opened.ws_fmp4.replace('ws:', 'http:');
  const poll = async (way, url, init) => {
    for (;;) {
      const asked = Date.now();
      const answer = await fetch(url, { cache: 'no-store', ...init });
      if (!answer.ok) { ends[way] ??= asked; return; }
      began[way] = true;
      await answer.body?.cancel();
      await new Promise((done) => setTimeout(done, 50));
    }
  };
  const drain = async (way, url, init) => {
    try {
      const reader = (await fetch(url, init)).body.getReader();
      while (!(await reader.read()).done) began[way] = true;
    } catch { /* cut */ }
    end(way);
  };
  const socket = (way, url) => {
    const one = new WebSocket(url);
    one.onmessage = () => { began[way] = true; };
    one.onclose = () => end(way);
  };
  poll('api', '/api/v1/cameras?limit=1', { headers: bearer });
  poll('still', `/api/v1/cameras/${code}/picture`, { headers: bearer });
  poll('ticket', http.replace('/ws/', '/es/'));
  poll('hls', opened.hls);
  socket('news', `${location.origin.replace('http', 'ws')}/api/v1/events?token=${token}`);
  drain('sse', '/api/v1/events', { headers: bearer });
  socket('ws', opened.ws_fmp4);
  drain('fmp4', http.replace('/ws/', '/fmp4/'));
  const peer = new RTCPeerConnection();
  peer.addTransceiver('video', { direction: 'recvonly' });
  await peer.setLocalDescription(await peer.createOffer());
  const headers = { 'content-type': 'application/sdp' };
  const answer = await fetch(opened.webrtc, { method: 'POST', headers, body: peer.localDescription.sdp });
  await peer.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  let packets = 0;
  window.looking = setInterval(async () => {
    (await peer.getStats()).forEach((report) => {
      if (report.type !== 'inbound-rtp' || report.packetsReceived === packets) return;
      packets = report.packetsReceived;
      began.webrtc = true;
      window.last = Date.now();
    });
  }, 50);
}"""


def revocation() -> Iterator[Figure]:
    """The longest of `TURNS` turns for each way to end a sign-in; rates of polling (50 ms) are part of the figures."""
    longest: dict[str, tuple[float, str]] = {}
    with street() as (node, _, codes, _dome), _page() as page:
        page.goto(f"http://127.0.0.1:{node.http_port}/")
        for how in ("signs out", "revoked by another session", "disabled", "token removed"):
            for _ in range(TURNS):
                for way, took_s in _turn(page, node, codes[0], how).items():
                    longest[way] = max(longest.get(way, (0.0, "")), (took_s, how))
        for way, (took_s, how) in longest.items():
            told = f"ends after {took_s:.2f} s at most ({how})"
            yield Figure("revocation", WAYS[way], told, "—", None, "≤ 5 s", node.peak_mb())


def _turn(page: Page, node: BenchNode, code: str, how: str) -> dict[str, float]:
    """Seconds from the order to the end of each way."""
    keeper, theirs = Api(node.http_port, PASSWORD, "security"), Api(node.http_port, PASSWORD, "duty")
    token = theirs.token
    ending: Callable[[], Any] = lambda: theirs.ask("DELETE", "/session")  # noqa: E731
    user = next(one["id"] for one in keeper.ask("GET", "/users")["items"] if one["name"] == "duty")
    match how:
        case "token removed":
            order = {"name": "bench", "functions": ["look-around", "view-live"], "days": 1, "proof": PASSWORD}
            program = theirs.ask("POST", "/account/tokens", order)
            token = program["text"]
            ending = lambda: theirs.ask("DELETE", f"/account/tokens/{program['token']['id']}")  # noqa: E731
        case "revoked by another session":
            mine = next(one["id"] for one in theirs.ask("GET", "/account/sessions")["items"] if one["current"])
            other = Api(node.http_port, PASSWORD, "duty")
            ending = lambda: other.ask("DELETE", f"/account/sessions/{mine}")  # noqa: E731
        case "disabled":
            ending = lambda: keeper.ask("PATCH", f"/users/{user}", {"disabled": True})  # noqa: E731
    opened = _open(node, token, code)
    page.evaluate(FOLLOW, {"opened": opened, "token": token, "code": code})
    wanted = set(WAYS)
    _until(lambda: wanted <= set(page.evaluate("Object.keys(began)")), f"every way shows something ({how})", page)
    began_ms = time.time() * 1000
    ending()
    closing = wanted - {"webrtc"}
    _until(lambda: closing <= set(page.evaluate("Object.keys(ends)")), f"every way ends ({how})", page)
    page.wait_for_timeout(1_500)
    ends: dict[str, float] = page.evaluate("({ ...ends, webrtc: last })")
    page.evaluate("clearInterval(looking)")
    if how == "disabled":
        keeper.ask("PATCH", f"/users/{user}", {"disabled": False})
    return {way: (ends[way] - began_ms) / 1000 for way in wanted}


def _open(node: BenchNode, token: str, code: str) -> dict[str, Any]:
    url = f"http://127.0.0.1:{node.http_port}/api/v1/cameras/{code}/live"
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    request = urllib.request.Request(url, json.dumps({"codecs": ["h264"]}).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        opened: dict[str, Any] = json.load(answer)
    return opened


def _until(condition: Any, what: str, page: Page) -> None:
    deadline_s = time.monotonic() + LIMIT_S
    while True:
        with contextlib.suppress(TypeError):
            if condition():
                return
        if time.monotonic() > deadline_s:
            raise RuntimeError(f"waited {LIMIT_S:g} s in vain: {what}; {page.evaluate('({ began, ends })')}")
        page.wait_for_timeout(50)
