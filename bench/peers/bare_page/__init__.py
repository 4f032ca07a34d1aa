"""A bare React and antd page, built by the console's own bundler and served compressed, as the node serves the console."""

from __future__ import annotations

import contextlib
import gzip
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.processes import MEASURED_CORE, end, free_port

PLACE = Path(__file__).parent
CONSOLE = Path(__file__).parents[3] / "console"
PACKAGES = CONSOLE / "node_modules"
READY_S = 10


class _Compressed(SimpleHTTPRequestHandler):
    """What has a `.gz` beside it goes compressed; connections stay open."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        small = path.with_name(f"{path.name}.gz")
        if not small.is_file():
            self.send_error(404)
            return
        octets = small.read_bytes()
        self.send_response(200)
        for name, value in (
            ("content-type", self.guess_type(path)),
            ("content-encoding", "gzip"),
            ("content-length", str(len(octets))),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def bare_page() -> Iterator[str]:
    """The page's address while it is served, on the core that the node is measured on."""
    root = PACKAGES / ".bare-page"  # here the packages of the console are found
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(PLACE, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    try:
        command = [str(PACKAGES / ".bin" / "vite"), "build", str(root), "--logLevel", "error"]
        subprocess.run(command, cwd=root, check=True, timeout=120)
        for file in (root / "dist").rglob("*.*"):
            file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), 9))
        port = free_port()
        serving = subprocess.Popen(
            ["taskset", "-c", str(MEASURED_CORE), sys.executable, "-m", "bench.peers.bare_page", str(root / "dist"), str(port)]
        )
        try:
            address, deadline_s = f"http://127.0.0.1:{port}/", time.monotonic() + READY_S
            while True:
                with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=1):
                    break
                if time.monotonic() > deadline_s:
                    raise RuntimeError("the bare page is not served")
                time.sleep(0.05)
            yield address
        finally:
            end(serving)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def serve(folder: str, port: int) -> None:
    """Until it is ended."""
    ThreadingHTTPServer(("127.0.0.1", port), partial(_Compressed, directory=folder)).serve_forever()
