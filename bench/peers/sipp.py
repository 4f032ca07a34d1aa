"""sipp as an answering machine: 401 and 200 to whoever registers, 200 to every keep-alive: what a foreign SIP loop costs.

What it does not do of our work: it proves no digest, knows no device, keeps nothing, watches no silence, reads no body.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.processes import MEASURED_CORE, cpu_s, end, free_port, wait_for

RECEIVE_BUFFER_BYTES = 16 << 20
_ANSWER = """  <send><![CDATA[
SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:];tag=s[call_number]
[last_Call-ID:]
[last_CSeq:]
{more}Content-Length: 0

]]></send>
"""
_CHALLENGE = 'WWW-Authenticate: Digest realm="{realm}", nonce="5f3c9a", algorithm=MD5\n'


@dataclass(frozen=True, slots=True)
class Sipp:
    """One running answering machine."""

    pid: int
    sip_port: int

    def cpu_s(self) -> float:
        """Processor seconds used so far."""
        return cpu_s(self.pid)


def _scenario(method: str, realm: str) -> str:
    steps = f'  <recv request="{method}"/>\n'
    if method == "REGISTER":
        steps += _ANSWER.format(status="401 Unauthorized", more=_CHALLENGE.format(realm=realm)) + steps
    steps += _ANSWER.format(status="200 OK", more="")
    return f'<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="{method}">\n{steps}</scenario>\n'


@contextlib.contextmanager
def sipp(method: str, realm: str) -> Iterator[Sipp]:
    """On the measured core; answers requests of one method. Raises RuntimeError when it is not installed."""
    program = shutil.which("sipp")
    if program is None:
        raise RuntimeError("sipp is not installed: run scripts/install-test-tools")
    port = free_port(socket.SOCK_DGRAM)
    with tempfile.TemporaryDirectory(prefix="fengsui-bench-sipp-") as name:
        scenario = Path(name) / "answer.xml"
        scenario.write_text(_scenario(method, realm), encoding="ascii")
        command = ["taskset", "-c", str(MEASURED_CORE), program, "-sf", str(scenario), "-i", "127.0.0.1", "-p", str(port)]
        command += ["-nostdin", "-deadcall_wait", "0", "-buff_size", str(RECEIVE_BUFFER_BYTES)]
        with (Path(name) / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=name, stdout=log, stderr=log, env={**os.environ, "TERM": "dumb"})
        try:
            wait_for(lambda: _is_open(port), process, "sipp", seconds=20)
            yield Sipp(process.pid, port)
        finally:
            end(process, seconds=5)


def _is_open(port: int) -> bool:
    """Whether something listens on that UDP port of 127.0.0.1."""
    return f" 0100007F:{port:04X} " in Path("/proc/net/udp").read_text(encoding="ascii")
