"""Kamailio as a registrar: digest by one password, locations in memory, keep-alives answered 200.

What it does not do of our work: it keeps nothing on disk, watches no silence, looks at no body, knows no waiting list.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.processes import MEASURED_CORE, cpu_s, end, free_port, peak_mb, wait_for

MODULES = "/usr/lib/x86_64-linux-gnu/kamailio/modules/"
RECEIVE_BUFFER_BYTES = 16 << 20
"""It takes what the kernel allows of it; with its default a burst of 2,000 requests overflows."""
CONFIGURATION = """#!KAMAILIO
debug=0
log_stderror=no
fork=yes
children=1
disable_tcp=yes
auto_aliases=no
maxbuffer={buffer}
listen=udp:127.0.0.1:{port}
mpath="{modules}"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "hash_size", 16)
modparam("registrar", "max_contacts", 1)
request_route {{
  if (method=="REGISTER") {{
    if (!pv_auth_check("{realm}", "{password}", "0", "0")) {{
      auth_challenge("{realm}", "0");
      exit;
    }}
    save("location");
    exit;
  }}
  if (method=="MESSAGE") {{
    sl_send_reply("200", "OK");
    exit;
  }}
  sl_send_reply("405", "Method Not Allowed");
}}
"""
OPTIONS_REQUEST = (
    b"OPTIONS sip:bench SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bKready\r\nFrom: <sip:bench>;tag=1\r\n"
    b"To: <sip:bench>\r\nCall-ID: ready\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Kamailio:
    """One running registrar."""

    pid: int
    sip_port: int

    def cpu_s(self) -> float:
        """Processor seconds of all its processes."""
        return cpu_s(self.pid)

    def peak_mb(self) -> int:
        """Of all its processes."""
        return peak_mb(self.pid)


@contextlib.contextmanager
def kamailio(realm: str, password: str) -> Iterator[Kamailio]:
    """On the measured core, with the allocator that serves it best (`-x fm`). Raises RuntimeError when it is not installed."""
    program = shutil.which("kamailio") or shutil.which("kamailio", path="/usr/sbin")
    if program is None:
        raise RuntimeError("kamailio is not installed: run scripts/install-bench-peers")
    port = free_port(socket.SOCK_DGRAM)
    with tempfile.TemporaryDirectory(prefix="fengsui-bench-kamailio-") as name:
        folder = Path(name)
        config = folder / "kamailio.cfg"
        config.write_text(
            CONFIGURATION.format(port=port, modules=MODULES, buffer=RECEIVE_BUFFER_BYTES, realm=realm, password=password),
            encoding="utf-8",
        )
        command = ["taskset", "-c", str(MEASURED_CORE), program, "-DD", "-x", "fm", "-m", "1024", "-M", "32", "-f", str(config)]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([*command, "-Y", name, "-P", str(folder / "pid")], stdout=log, stderr=log)
        try:
            wait_for(lambda: _answers(port), process, "kamailio", seconds=20)
            yield Kamailio(process.pid, port)
        finally:
            end(process)


def _answers(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.2)
        probe.connect(("127.0.0.1", port))
        try:
            probe.send(OPTIONS_REQUEST)
            return bool(probe.recv(2048))
        except OSError:
            return False
