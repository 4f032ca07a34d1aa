"""What tshark, a program that nobody in this team wrote, sees and thinks of the SIP on loopback."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.end_to_end.conftest import wait_until

WARNING = 0x600000
"""Wireshark's severity of what an expert of a protocol warns of; an error is more, a note and a chat are less."""


@dataclass(frozen=True)
class Message:
    """One SIP message by tshark's own dissector; empty or 0 where it has no such thing."""

    carrier: str
    """udp or tcp."""
    method: str
    """Of a request."""
    status: int
    """Of an answer."""
    call_id: str
    number: int
    """Of the CSeq."""
    numbered: str
    """The CSeq's method."""
    from_tag: str
    to_tag: str
    branch: str
    event: str
    subscription_state: str
    described: bool
    """Whether a session description was read in the same packet."""


@dataclass(frozen=True)
class Judgement:
    """Of a whole capture."""

    messages: list[Message]
    faults: list[str]
    """What is malformed, or what an expert warns of."""

    def of_call(self, call_id: str) -> list[Message]:
        """The messages of one Call-ID, in order."""
        return [message for message in self.messages if message.call_id == call_id]


class Capture:
    """A capture that runs."""

    def __init__(self, file: Path, port: int) -> None:
        self.file = file
        self.port = port

    def await_text(self, text: str, times: int, *, what: str) -> None:
        """Until so many packets with this text are written."""
        octets = text.encode()
        wait_until(lambda: self.file.read_bytes().count(octets) >= times, seconds=60, what=what)

    def judged(self) -> Judgement:
        """Once it has ended."""
        command = ["tshark", "-r", self.file, "-d", f"udp.port=={self.port},sip", "-d", f"tcp.port=={self.port},sip", "-T", "pdml"]
        document = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        messages, faults = [], []
        for packet in ElementTree.fromstring(document).iter("packet"):
            protocols = [proto.get("name", "") for proto in packet.findall("proto")]
            if "sip" not in protocols:
                continue  # the carrier's own packets
            faults += faults_of(packet)
            carrier = "udp" if "udp" in protocols else "tcp"
            messages += [read(proto, carrier) for proto in packet.findall("proto") if proto.get("name") == "sip"]
        return Judgement(messages, faults)


@contextmanager
def captured(file: Path, port: int) -> Iterator[Capture]:
    """What goes by this port of loopback, UDP and TCP, until the end of the block."""
    command = ["tshark", "-i", "lo", "-f", f"port {port}", "-w", str(file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as tshark:
        try:
            wait_until(file.exists, seconds=60, what="tshark captures")
            yield Capture(file, port)
        finally:
            tshark.terminate()
            tshark.wait(10)


def faults_of(packet: ElementTree.Element) -> list[str]:
    """What tshark finds wrong with one packet."""
    found = [proto.get("showname", "malformed") for proto in packet.findall("proto") if proto.get("name") == "_ws.malformed"]
    for expert in packet.iter("field"):
        if expert.get("name") == "_ws.expert":
            told = {field.get("name"): field.get("show", "") for field in expert.iter("field")}
            if int(told.get("_ws.expert.severity", "0"), 0) >= WARNING:
                found.append(told.get("_ws.expert.message", "expert"))
    return found


def read(proto: ElementTree.Element, carrier: str) -> Message:
    """One message of the dissector's tree."""

    def said(name: str) -> str:
        field = next((field for field in proto.iter("field") if field.get("name") == name), None)
        return "" if field is None else field.get("show", "")

    return Message(
        carrier,
        said("sip.Method") if said("sip.Request-Line") else "",
        int(said("sip.Status-Code") or 0),
        said("sip.Call-ID"),
        int(said("sip.CSeq.seq") or 0),
        said("sip.CSeq.method"),
        said("sip.from.tag"),
        said("sip.to.tag"),
        said("sip.Via.branch"),
        said("sip.Event"),
        said("sip.Subscription-State"),
        any(field.get("name", "").startswith("sdp") for field in proto.iter()),
    )
