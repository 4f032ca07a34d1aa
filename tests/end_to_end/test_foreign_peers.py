"""Programs that nobody in this team wrote: sipp as a device, ffprobe as a player, tshark as a judge of our SIP."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import subprocess
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import av
import pytest
from playwright.sync_api import Page

from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.identity import Channel, DeviceIdentity, Registrar
from fengsui.wire.gb28181.catalog import CatalogueItem
from tests.end_to_end.conftest import Demo, sign_in, wait_until
from tests.end_to_end.sip_capture import captured
from tests.end_to_end.test_first_picture import assert_right_colours, frames_of
from tests.end_to_end.test_more_pictures import camera
from tests.node.conftest import powered, until

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


FRAMES_READ = 20


@pytest.mark.parametrize("way", ["hls", "fmp4"])
def test_ffprobe_decodes_every_frame_that_we_serve(demo: Demo, way: str) -> None:
    """Each of them, and not only the head of the stream: two seconds of a camera of ten pictures a second."""
    with demo.client() as client:
        camera = client.get("/cameras", params={"status": "online", "limit": 1}).json()["items"][0]["code"]
        opened = client.post(f"/cameras/{camera}/live", json={"codecs": ["h264"]}).json()
        url = opened["hls"] if way == "hls" else opened["ws_fmp4"].replace("ws://", "http://").replace("/ws/", "/fmp4/")
        shown = "stream=codec_name,width,height,nb_read_frames:frame=pts,pict_type,width,height"
        command = ["ffprobe", "-v", "error", "-err_detect", "explode", "-count_frames", "-read_intervals", f"%+#{FRAMES_READ}"]
        found = subprocess.run([*command, "-show_entries", shown, "-of", "json", url], capture_output=True, text=True, timeout=60)
        client.delete(f"/live/{opened['session']}")
    assert found.returncode == 0, found.stderr
    assert found.stderr == "", "no fault of any frame"
    told = json.loads(found.stdout)
    (stream,) = told["streams"]
    assert (stream["codec_name"], stream["width"]) == ("h264", 768)
    assert stream["height"] in (432, 576)
    frames = told["frames"]
    assert int(stream["nb_read_frames"]) == len(frames) >= FRAMES_READ - 2
    assert frames[0]["pict_type"] == "I", "it begins with a key frame"
    assert {(frame["width"], frame["height"]) for frame in frames} == {(stream["width"], stream["height"])}
    gaps = {after["pts"] - before["pts"] for before, after in itertools.pairwise(frames)}
    assert min(gaps) > 0, "each is shown after the one before it"
    assert max(gaps) < 3 * min(gaps), f"and none is missing: {gaps}"


def test_tshark_finds_no_fault_in_our_sip(demo: Demo, tmp_path: Path) -> None:
    """From the first REGISTER of a camera by way of its pictures to the BYE, by UDP and by TCP."""
    with captured(tmp_path / "sip.pcapng", demo.node["sip"]["port"]) as capture:
        for number, transport, goodbyes in ((941, "UDP", 2), (942, "TCP", 4)):
            with camera(demo, tmp_path / f"{number}.log", number, "--transport", transport) as code:
                await_a_whole_life(demo, code)
                capture.await_text("CSeq: 2 BYE", goodbyes, what="its goodbye and the answer are written")
    found = capture.judged()
    assert not found.faults
    for carrier in ("udp", "tcp"):
        seen = [message for message in found.messages if message.carrier == carrier]
        methods = {message.method for message in seen}
        assert methods >= {"REGISTER", "MESSAGE", "INVITE", "ACK", "BYE"}, (carrier, methods)
        assert {message.status for message in seen} >= {200, 401}
        assert any(message.described for message in seen), "the descriptions are read as SDP"


def in_a_thread(act: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs what needs an event loop of its own: the browser's stands in this thread."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(act())).result()


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
def test_tshark_finds_one_sound_dialog_in_a_recorders_subscription(demo: Demo, tmp_path: Path, transport: str) -> None:
    """Begun, told by, renewed and ended by the recorder."""
    sip, domain = demo.node["sip"], demo.node["sip"]["domain"]
    code, items = f"{domain}1110009{transport == 'UDP':03d}", [f"{domain}1310009{number:03d}" for number in (1, 2)]
    channels = [Channel(CatalogueItem(item, f"通道{item[-1]}", status="ON"), {}) for item in items]
    registrar = Registrar(sip["host"], sip["port"], demo.node["code"], domain, sip["password"])
    recorder = SimulatedDevice(DeviceIdentity(code, "录像机", transport=transport, keepalive_s=1.0), registrar, channels, [])

    async def reports() -> None:
        async with powered(recorder):
            with demo.client("system") as keeper:
                await until(lambda: recorder.subscribed == 1, what="the node subscribes")
                for event in ("OFF", "ON"):
                    assert (await recorder.notify(CatalogueItem(items[0], event=event))).status == 200
                asked = await asyncio.to_thread(keeper.post, f"/devices/{code}/catalogue")
                assert asked.status_code == 202, asked.text
                await until(lambda: recorder.subscribed == 2, what="read again, the node renews its subscription")
                assert (await recorder.notify(CatalogueItem(items[1], event="OFF"))).status == 200
                assert (await recorder.end_subscription(reason="giveup")).status == 200
                assert (await asyncio.to_thread(keeper.delete, f"/devices/{code}")).status_code == 204

    with captured(tmp_path / "sip.pcapng", sip["port"]) as capture:
        in_a_thread(reports)
        capture.await_text("CSeq: 4 NOTIFY", 2, what="the last report and its answer are written")
    found = capture.judged()
    assert not found.faults
    catalogue = [one for one in found.messages if not one.event.startswith("presence")]  # which is of the alarms
    begun = next(one for one in catalogue if one.method == "SUBSCRIBE" and not one.to_tag)
    dialog = found.of_call(begun.call_id)
    assert {one.carrier for one in dialog} == {transport.lower()}
    asked, told = ([one for one in dialog if one.numbered == method] for method in ("SUBSCRIBE", "NOTIFY"))
    assert [(one.method or one.status, one.number) for one in asked] == [("SUBSCRIBE", 1), (200, 1), ("SUBSCRIBE", 2), (200, 2)]
    ours, theirs = begun.from_tag, asked[1].to_tag
    assert ours and theirs, "a dialog has a tag of each side"
    assert all((one.from_tag, one.to_tag) == (ours, theirs) for one in asked[1:])
    assert {one.event for one in asked if one.method} == {begun.event}, "the renewal is of the same event"
    numbers = [one.number for one in told if one.method]
    assert len(numbers) == 4 and numbers == list(range(numbers[0], numbers[0] + 4)), "each report is numbered one higher"
    assert [(one.number, one.status) for one in told if one.status] == [(number, 200) for number in numbers]
    assert all((one.from_tag, one.to_tag) == (theirs, ours) for one in told), "each report and each answer is of that dialog"
    assert told[-2].subscription_state.startswith("terminated"), told[-2]
    assert not [one for one in catalogue if one.method in ("SUBSCRIBE", "NOTIFY") and one.call_id != begun.call_id]


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
def test_tshark_finds_a_sound_end_of_an_invite_that_is_called_off(demo: Demo, tmp_path: Path, transport: str) -> None:
    """A camera rings, and the viewer leaves: CANCEL and its 200, 487 and its ACK (RFC 3261 §9.1, §17.1.1.3)."""
    number = 943 + (transport == "TCP")
    with captured(tmp_path / "sip.pcapng", demo.node["sip"]["port"]) as capture:
        log, options = tmp_path / "camera.log", ("--transport", transport, "--rings")
        with camera(demo, log, number, *options) as code, demo.client() as client:
            session = client.post(f"/cameras/{code}/live", json={"codecs": ["h264"]}).json()["session"]
            capture.await_text("SIP/2.0 180 ", 1, what="the camera rings")
            assert client.delete(f"/live/{session}").status_code == 204
            capture.await_text("SIP/2.0 487 ", 1, what="the INVITE has its final answer")
            capture.await_text("CSeq: 1 ACK", 1, what="which is acknowledged")
    found = capture.judged()
    assert not found.faults
    invite = next(one for one in found.messages if one.method == "INVITE")
    call = found.of_call(invite.call_id)
    assert [one.method or one.status for one in call if one.numbered == "INVITE"] == ["INVITE", 180, 487]
    assert [one.method or one.status for one in call if one.numbered == "CANCEL"] == ["CANCEL", 200]
    assert [one.method for one in call if one.numbered == "ACK"] == ["ACK"]
    assert len(call) == 6, "and nothing else"
    assert {(one.number, one.branch, one.from_tag) for one in call} == {(invite.number, invite.branch, invite.from_tag)}
    refused, acknowledged = (next(one for one in call if word in (one.method, one.status)) for word in (487, "ACK"))
    assert acknowledged.to_tag == refused.to_tag != ""
    assert next(one for one in call if one.method == "CANCEL").to_tag == "", "a CANCEL is outside of any dialog"


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
