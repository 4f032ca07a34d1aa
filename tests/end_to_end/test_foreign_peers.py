"""Programs that nobody in this team wrote: sipp as a device, ffprobe as a player, tshark as a judge of our SIP."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_more_pictures import camera

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(120)]

SCENARIO = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="register">
  <send retrans="500"><![CDATA[
    REGISTER sip:{server}@{domain} SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]
    From: <sip:{device}@{domain}>;tag=[call_number]
    To: <sip:{device}@{domain}>
    Call-ID: [call_id]
    CSeq: 1 REGISTER
    Contact: <sip:{device}@[local_ip]:[local_port]>
    Max-Forwards: 70
    Expires: 3600
    Content-Length: 0

  ]]></send>
  <recv response="401" auth="true"/>
  <send retrans="500"><![CDATA[
    REGISTER sip:{server}@{domain} SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]
    From: <sip:{device}@{domain}>;tag=[call_number]
    To: <sip:{device}@{domain}>
    Call-ID: [call_id]
    CSeq: 2 REGISTER
    Contact: <sip:{device}@[local_ip]:[local_port]>
    [authentication username={device} password={password}]
    Max-Forwards: 70
    Expires: 3600
    Content-Length: 0

  ]]></send>
  <recv response="{wanted}"/>
</scenario>
"""


@pytest.mark.parametrize(("password", "wanted"), [(None, "200"), ("wrong", "403")], ids=["right password", "wrong password"])
def test_sipp_registers_or_is_refused(demo: Demo, tmp_path: Path, password: str | None, wanted: str) -> None:
    sip = demo.node["sip"]
    device = f"{sip['domain']}1320009{'001' if password is None else '002'}"
    facts = {"server": demo.node["code"], "domain": sip["domain"], "device": device}
    scenario = tmp_path / "register.xml"
    scenario.write_text(SCENARIO.format(**facts, password=password or sip["password"], wanted=wanted), encoding="utf-8")
    command = ["sipp", f"{sip['host']}:{sip['port']}", "-sf", str(scenario), "-m", "1", "-i", "127.0.0.1", "-timeout", "15"]
    ended = subprocess.run([*command, "-nostdin"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    with demo.client() as client:
        assert client.get(f"/devices/{device}").status_code == (200 if wanted == "200" else 404)


def test_ffprobe_reads_our_hls(demo: Demo) -> None:
    with demo.client() as client:
        camera = client.get("/cameras", params={"status": "online", "limit": 1}).json()["items"][0]["code"]
        opened = client.post(f"/cameras/{camera}/live", json={"codecs": ["h264"]}).json()
        command = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", opened["hls"]]
        found = subprocess.run(command, capture_output=True, text=True, timeout=60)
        client.delete(f"/live/{opened['session']}")
    assert found.returncode == 0, found.stderr
    assert found.stdout.split()[0] in ("h264,768,432", "h264,768,576"), found.stdout


WARNING = 0x600000
"""Wireshark's severity of what an expert of a protocol warns of; an error is more, a note and a chat are less."""


def test_tshark_finds_no_fault_in_our_sip(demo: Demo, tmp_path: Path) -> None:
    """From the first REGISTER of a camera by way of its pictures to the BYE, by UDP and by TCP."""
    port, capture = demo.node["sip"]["port"], tmp_path / "sip.pcapng"
    command = ["tshark", "-i", "lo", "-f", f"port {port}", "-w", str(capture)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as tshark:
        wait_until(capture.exists, seconds=15, what="tshark captures")
        for number, transport, goodbyes in ((941, "UDP", 2), (942, "TCP", 4)):
            with camera(demo, tmp_path / f"{number}.log", number, "--transport", transport) as code:
                await_a_whole_life(demo, code)
                wait_until(
                    lambda goodbyes=goodbyes: capture.read_bytes().count(b"CSeq: 2 BYE") >= goodbyes,
                    seconds=15,
                    what="its goodbye and the answer are written",
                )
        tshark.terminate()
        tshark.wait(10)
    read = ["tshark", "-r", str(capture), "-d", f"udp.port=={port},sip", "-d", f"tcp.port=={port},sip", "-T", "fields"]
    fields = ("frame.protocols", "sip.Method", "sip.Status-Code", "_ws.malformed", "_ws.expert.severity", "_ws.expert.message")
    lines = subprocess.run(
        [*read, *(word for field in fields for word in ("-e", field))], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    packets = [dict(zip(fields, line.split("\t"), strict=False)) for line in lines]
    for carrier in ("udp", "tcp"):
        seen = [packet for packet in packets if f":{carrier}:sip" in packet["frame.protocols"]]
        methods = {method for packet in seen for method in packet["sip.Method"].split(",") if method}
        assert methods >= {"REGISTER", "MESSAGE", "INVITE", "ACK", "BYE"}, (carrier, methods)
        assert {status for packet in seen for status in packet["sip.Status-Code"].split(",") if status} >= {"200", "401"}
        assert any(":sdp" in packet["frame.protocols"] for packet in seen), "the descriptions are read as SDP"
    faults = [packet for packet in packets if "sip" in packet["frame.protocols"] and is_faulty(packet)]
    assert not faults, faults


def await_a_whole_life(demo: Demo, code: str) -> None:
    """A camera that has registered is watched, and taken out while it plays."""
    with demo.client() as client, demo.client("system") as keeper:
        opened = client.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})
        assert opened.status_code == 201, opened.text
        wait_until(
            lambda: client.get(f"/cameras/{code}/live").json()["state"] == "playing", seconds=30, what=f"the camera {code} plays"
        )
        client.post(f"/cameras/{code}/key-frame")
        assert keeper.delete(f"/devices/{code}").status_code == 204


def is_faulty(packet: dict[str, str]) -> bool:
    """Whether it is malformed, or an expert finds an error or a warning in it."""
    found = [int(severity, 0) for severity in packet.get("_ws.expert.severity", "").split(",") if severity]
    return bool(packet.get("_ws.malformed")) or any(severity >= WARNING for severity in found)


def test_h265_plays_transcoded_where_the_browser_cannot_decode_it(demo: Demo, page: Page) -> None:
    with demo.client() as client:
        items = client.get("/cameras", params={"status": "online", "limit": 100}).json()["items"]
    camera = next(item["code"] for item in items if "H.265" in item["name"])
    sign_in(page, demo)
    page.get_by_test_id("layout-1").click()
    page.get_by_test_id(f"camera-{camera}").click()
    tile = page.get_by_test_id("tile-0")
    wait_until(lambda: int(tile.get_attribute("data-frames") or 0) >= 15, seconds=40, what="the transcoded picture moves")
    assert "H.264" in tile.inner_text()


def test_the_dome_turns_when_it_is_told_to(demo: Demo) -> None:
    with demo.client() as client:
        items = client.get("/cameras", params={"status": "online", "limit": 100}).json()["items"]
        dome = next(item["code"] for item in items if "PTZ" in item["name"])
        still = client.get(f"/cameras/{dome}/picture").content
        assert still[:2] == b"\xff\xd8"
        assert [preset["number"] for preset in client.get(f"/cameras/{dome}/presets").json()["items"]][:2] == [1, 2]
        assert client.put(f"/cameras/{dome}/presets/7", json={"name": "门口"}).status_code == 204
        wait_until(
            lambda: 7 in [preset["number"] for preset in client.get(f"/cameras/{dome}/presets").json()["items"]],
            seconds=5,
            what="the preset is kept",
        )
        assert client.post(f"/cameras/{dome}/ptz", json={"action": "sideways"}).status_code == 422
