"""Programs that nobody in this team wrote: sipp as a device, ffprobe as a player, tshark as a judge of our SIP."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import av
import pytest
from playwright.sync_api import Page

from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.test_first_picture import assert_right_colours, frames_of
from tests.end_to_end.test_more_pictures import camera

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(300)]

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


SAME_VIEW, ELSEWHERE = 12, 25
"""Mean difference of brightness, 0 to 255: traffic alone stays below the one, another view lies above the other."""


def seen(jpeg: bytes) -> bytes:
    """A still as 64×36 brightnesses, without the edge in which the clock stands."""
    with av.open(io.BytesIO(jpeg)) as picture:
        frame = next(picture.decode(video=0)).reformat(width=64, height=36, format="gray")
    plane = frame.planes[0]
    octets = bytes(plane)
    return b"".join(octets[row * plane.line_size : row * plane.line_size + 64] for row in range(4, 36))


def differ(one: bytes, other: bytes) -> float:
    """Mean difference of two pictures."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


def sipp_registers(folder: Path, node: str, facts: dict[str, str], own_address: str = "127.0.0.1") -> None:
    """One registration from that address at `node`, host and port; `facts` fill the scenario."""
    scenario = folder / "register.xml"
    scenario.write_text(SCENARIO.format(**facts), encoding="utf-8")
    command = ["sipp", node, "-sf", str(scenario), "-m", "1", "-i", own_address, "-timeout", "15", "-nostdin"]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]


@pytest.mark.parametrize(("password", "wanted"), [(None, "200"), ("wrong", "403")], ids=["right password", "wrong password"])
def test_sipp_registers_or_is_refused(demo: Demo, tmp_path: Path, password: str | None, wanted: str) -> None:
    sip = demo.node["sip"]
    device = f"{sip['domain']}1320009{'001' if password is None else '002'}"
    facts = {"server": demo.node["code"], "domain": sip["domain"], "device": device, "wanted": wanted}
    sipp_registers(tmp_path, f"{sip['host']}:{sip['port']}", {**facts, "password": password or sip["password"]})
    with demo.client() as client, demo.client("system") as keeper:
        assert client.get(f"/devices/{device}").status_code == (200 if wanted == "200" else 404)
        keeper.delete(f"/devices/{device}")


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
        wait_until(capture.exists, seconds=60, what="tshark captures")
        for number, transport, goodbyes in ((941, "UDP", 2), (942, "TCP", 4)):
            with camera(demo, tmp_path / f"{number}.log", number, "--transport", transport) as code:
                await_a_whole_life(demo, code)
                wait_until(
                    lambda goodbyes=goodbyes: capture.read_bytes().count(b"CSeq: 2 BYE") >= goodbyes,
                    seconds=60,
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
            lambda: client.get(f"/cameras/{code}/live").json()["state"] == "playing", seconds=60, what=f"the camera {code} plays"
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
    wait_until(lambda: frames_of(page, 0) >= 15, seconds=60, what="the transcoded picture moves")
    assert "浏览器不支持 H.265，已由节点转码为 H.264" in tile.inner_text()
    assert_right_colours(page, 0)


def test_the_dome_turns_when_it_is_told_to(demo: Demo) -> None:
    with demo.client() as client:
        items = client.get("/cameras", params={"status": "online", "limit": 100}).json()["items"]
        dome = next(item["code"] for item in items if "PTZ" in item["name"])

        def told(method: str, path: str, **body: object) -> None:
            answer = client.request(method, f"/cameras/{dome}/{path}", json=body or None)
            assert answer.status_code == 204, answer.text

        def still() -> bytes:
            return seen(client.get(f"/cameras/{dome}/picture").content)

        def at_rest(*, unlike: bytes | None = None) -> bytes:
            """What is seen once two key frames in a row show one view, and not that of `unlike`."""
            newest = [still()]

            def rests() -> bytes | None:
                newest.append(still())
                before, now = newest[-2:]
                alike = now != before and differ(now, before) < SAME_VIEW
                return now if alike and (unlike is None or differ(now, unlike) > ELSEWHERE) else None

            found: bytes = wait_until(rests, seconds=60, what="the dome stands still")
            return found

        told("POST", "presets/2/go")
        before = at_rest()
        told("POST", "ptz", action="right", speed=60)
        wait_until(lambda: differ(still(), before) > ELSEWHERE, seconds=60, what="the picture moves")
        told("POST", "ptz", action="stop")
        there = at_rest(unlike=before)
        told("PUT", "presets/7", name="north gate")
        told("POST", "presets/2/go")
        wait_until(lambda: differ(still(), before) < SAME_VIEW, seconds=60, what="the preset brings the first view back")
        told("POST", "presets/7/go")

        def second_view() -> bool:
            """Elsewhere than the first, and nearer to where it was stopped: under load a last step may follow the stop."""
            now = still()
            return differ(now, before) > ELSEWHERE and differ(now, there) < differ(now, before)

        wait_until(second_view, seconds=60, what="the new preset brings the second view back")
        assert 7 in [preset["number"] for preset in client.get(f"/cameras/{dome}/presets").json()["items"]]
        told("DELETE", "presets/7")
        told("POST", "presets/1/go")
        assert client.post(f"/cameras/{dome}/ptz", json={"action": "sideways"}).status_code == 422
