"""The trace keeps beginnings of messages within its memory; strangers push no device out; what is cut shows no secret."""

from __future__ import annotations

import tracemalloc

from fengsui.clock import ManualClock
from fengsui.settings import SignallingSection
from fengsui.transports.trace import KEPT_PER_DEVICE, MAX_OCTETS, Trace
from tests.node.conftest import RunningNode, powered, simulated_camera, until

HEAD = b"MESSAGE sip:a@b SIP/2.0\r\nCall-ID: 1\r\n\r\n"


def trace_of(known: set[str], **limits: int) -> Trace:
    """A trace that knows these devices."""
    return Trace(ManualClock(), SignallingSection.model_validate(limits), known.__contains__)


def test_eight_megabytes_are_cut_when_they_come() -> None:
    trace = trace_of({"1"})
    tracemalloc.start()
    for _ in range(KEPT_PER_DEVICE):
        trace.add("1", "in", "TCP", "10.0.0.1:5060", HEAD + bytes(8 << 20))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000 and trace.kept < KEPT_PER_DEVICE * (MAX_OCTETS + 1_000)
    last = trace.of("1")[-1]
    assert last.cut == len(HEAD) + (8 << 20) - MAX_OCTETS and last.text.endswith(f"(+{last.cut} B)")


def test_memory_is_bounded_and_what_it_counts_is_what_it_holds() -> None:
    trace = trace_of({str(number) for number in range(3_000)}, trace_mb=1, trace_devices=100)
    for number in range(3_000):
        for _ in range(4):
            trace.add(str(number), "in", "TCP", "10.0.0.1:5060", HEAD + bytes(3_000))
    assert trace.kept <= 1 << 20
    assert trace.of("2999") and not trace.of("0"), "those that were silent for longest go first"


def test_strangers_push_no_device_out() -> None:
    trace = trace_of({"camera"}, trace_devices=20)
    trace.add("camera", "in", "UDP", "10.0.0.1:5060", HEAD)
    for number in range(1_000):
        trace.add(f"stranger{number}", "in", "UDP", "10.0.0.9:5060", HEAD)
    assert len(trace.of("camera")) == 1
    assert sum(bool(trace.of(f"stranger{number}")) for number in range(1_000)) == 2


def test_who_is_let_in_keeps_what_was_said_before() -> None:
    known: set[str] = set()
    trace = trace_of(known)
    trace.add("camera", "in", "UDP", "10.0.0.1:5060", HEAD)
    before = trace.kept
    known.add("camera")
    trace.add("camera", "out", "UDP", "10.0.0.1:5060", HEAD)
    assert [one.direction for one in trace.of("camera")] == ["in", "out"] and trace.kept == 2 * before


def test_a_cut_leaves_whole_characters_and_no_secret() -> None:
    trace = trace_of({"1"})
    item = "<Name>东门摄像机</Name>"
    for charset in ("gb18030", "utf-8"):
        body = f'<?xml version="1.0" encoding="{charset}"?>{item * 400}'.encode(charset)
        trace.add("1", "in", "TCP", "10.0.0.1:5060", HEAD + body)
        text = trace.of("1")[-1].text
        assert item in text and "�" not in text and text.count("东门摄像机") >= 80, charset
    filler = "<X>" + "y" * (MAX_OCTETS - len(HEAD) - 40) + "</X>"
    for tail in ("<Password>right-password-that-is-long</Password>", "<Password>" + "s3cret" * 100):
        trace.add("1", "in", "TCP", "10.0.0.1:5060", HEAD + (filler + tail).encode())
        assert "right" not in trace.of("1")[-1].text and "s3c" not in trace.of("1")[-1].text
    head = b"REGISTER sip:a SIP/2.0\r\nX: " + b"x" * (MAX_OCTETS - 60) + b'\r\nAuthorization: Digest response="abcdef0123456789'
    trace.add("1", "in", "TCP", "10.0.0.1:5060", head * 2)
    assert "abcdef" not in trace.of("1")[-1].text


async def test_a_large_message_of_a_device_costs_the_trace_little(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar, transport="TCP")
    code = camera.identity.code
    async with powered(camera):
        await until(camera.registered.is_set, what="the camera is registered")
        before = node.node.trace.kept
        assert (await camera.send_octets(b"<Notify>" + b" " * (7 << 20))).status == 200
        assert node.node.trace.kept < before + 3 * MAX_OCTETS
        shown = (await node.client.get(f"/devices/{code}/trace")).json()["items"]
        assert any("B)" in one["text"] and len(one["text"]) < 2 * MAX_OCTETS for one in shown)
