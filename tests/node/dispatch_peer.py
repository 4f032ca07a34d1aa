"""The other system of a link in the tests: a real HTTP server that proves each signature by hand and takes each key once."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Peer:
    """`away`: so many requests more are answered 503; `answer`: what it says of each, with its number where it has one."""

    secret: str = ""
    away: int = 0
    refusing: int = 400
    refused: list[str] = field(default_factory=list)
    """Places and ids of what it answers so, as often as it comes."""
    redirect: str = ""
    tried: int = 0
    unproven: int = 0
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Key and body, once each."""
    repeated: int = 0
    url: str = ""
    numbers: dict[str, str] = field(default_factory=dict)
    wait_for: threading.Event | None = None
    """Set by the test before it answers."""
    asked: threading.Event = field(default_factory=threading.Event)

    def take(self, headers: Any, body: bytes) -> tuple[int, bytes]:
        """Its answer."""
        self.tried += 1
        self.asked.set()
        at = headers["X-Fengsui-Timestamp"]
        digest = hmac.new(self.secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        if headers["X-Fengsui-Signature"] != f"v1={digest}" or abs(time.time() - int(at)) > 300:
            self.unproven += 1
            return 401, b"{}"
        if self.wait_for is not None:
            self.wait_for.wait(30)
        if self.away:
            self.away -= 1
            return 503, b"{}"
        key, said = headers["Idempotency-Key"], json.loads(body)
        if said.get("place") in self.refused:
            return self.refusing, b"{}"
        if any(key == before for before, _ in self.taken):
            self.repeated += 1
        else:
            self.taken.append((key, said))
        if "number" not in said:
            return 202, b"{}"
        number = self.numbers.setdefault(said["number"], f"JQ-{len(self.numbers) + 1}")
        return 202, json.dumps({"number": number}).encode()

    @property
    def jobs(self) -> list[dict[str, Any]]:
        """What it took over, in order."""
        return [said for _, said in self.taken]


@contextmanager
def serving(peer: Peer, port: int = 0) -> Iterator[Peer]:
    """While it serves."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if peer.redirect:
                self.send_response(307)
                self.send_header("Location", peer.redirect)
                answer = b""
            else:
                status, answer = peer.take(self.headers, body)
                self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    peer.url = f"http://127.0.0.1:{server.server_address[1]}/jobs"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
