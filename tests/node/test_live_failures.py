"""Every way in which a picture can fail has a name, is tried again, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import resource
from collections import Counter
from pathlib import Path

import httpx
import pytest

from fengsui.features.devices import DeviceCameOnline, DeviceWentOffline, Peer
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.faults import AnswerFault, Faults
from fengsui.wire.sdp import live_offer
from fengsui.wire.sip.message import SipMessage, SipResponse
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until, with_media
from tests.node.test_live import listed, open_live, read_pictures, state_of
from tests.ports import free_range
from tests.rounds import rounds


@pytest.mark.parametrize(
    ("faults", "failure"),
    [
        (Faults(no_answer=True), "no_answer"),
        (Faults(invite_status=403), "refused"),
        (Faults(invite_status=480), "offline"),
        (Faults(invite_status=500), "refused"),
        (Faults(answer=AnswerFault.PORT_ZERO), "no_description"),
        (Faults(unknown_codec=True), "unplayable"),
        (Faults(bye_after_s=0.6), "hung_up"),
        (Faults(half_open_tcp=True), "no_packets"),
    ],
    ids=["no answer", "403", "480", "500", "port 0", "unknown codec", "bye", "half-open"],
)
async def test_each_failure_has_a_name_and_is_tried_again(tmp_path: Path, faults: Faults, failure: str) -> None:
    async with running_node(tmp_path, with_media(settings_for(), grace_s=60, first_packet_s=1.5)) as node:
        camera = simulated_camera(node.registrar, faults=faults)
        await _named_and_tried_again(node, camera, failure)


async def test_media_by_tcp_that_the_device_does_not_accept_is_a_failed_connection(tmp_path: Path) -> None:
    settings = settings_for()
    media = settings.media.model_copy(update={"grace_s": 60, "first_packet_s": 60})
    async with running_node(tmp_path, settings.model_copy(update={"media": media})) as node:
        camera = simulated_camera(node.registrar, faults=Faults(answer=AnswerFault.CLOSED_PORT))
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            assert (await node.client.patch(f"/devices/{code}", json={"media_transport": "tcp-active"})).status_code == 200
            await _named_and_tried_again(node, camera, "connection")


async def _named_and_tried_again(node: RunningNode, camera: SimulatedDevice, failure: str) -> None:
    code = camera.identity.code
    async with powered(camera):
        await open_live(node, code)
        seen: set[str] = set()

        async def named() -> bool:
            state = await state_of(node, code)
            seen.add(str(state["failure"]))
            return failure in seen and bool(state["text_zh"]) and bool(state["text_en"])

        await until(named, seconds=60, what=f"the failure {failure}; seen {seen}")
        asked = camera.invited
        await until(lambda: camera.invited > asked, seconds=60, what="it is tried again")


async def test_silence_in_mid_stream_is_named_and_ends_in_a_new_invite(tmp_path: Path) -> None:
    settings = settings_for()
    media = settings.media.model_copy(update={"silence_s": 1.0})
    async with running_node(tmp_path, settings.model_copy(update={"media": media})) as node:
        camera = simulated_camera(node.registrar, faults=Faults(stall_after_s=1.0))
        async with powered(camera):
            opened = await open_live(node, camera.identity.code)
            watching = asyncio.create_task(read_pictures(opened, 10_000))

            async def silent() -> bool:
                return (await state_of(node, camera.identity.code))["failure"] == "silent"

            await until(silent, what="the silence has a name")
            await until(lambda: camera.invited >= 2, what="it is asked for again")
            watching.cancel()


async def test_a_registration_that_nobody_refreshed_ends_no_picture_that_comes(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        opened = await open_live(node, code)
        await read_pictures(opened, 5)
        node.node.bus.publish(DeviceWentOffline(code, "expired"))
        watching = asyncio.create_task(read_pictures(opened, 10_000))
        assert len(await read_pictures(opened, 60)) >= 60
        assert camera.invited == 1 and (await state_of(node, code))["state"] == "playing"
        node.node.bus.publish(DeviceWentOffline(code, "silent"))
        await until(lambda: camera.invited == 2, what="one that is gone is asked again")
        watching.cancel()


async def test_a_new_dialog_or_lost_events_end_a_picture_only_when_nothing_comes_any_more(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code, streams = camera.identity.code, node.node.live._streams
    async with powered(camera):
        opened = await open_live(node, code)
        watching = asyncio.create_task(read_pictures(opened, 10_000))
        assert len(await read_pictures(opened, 2)) >= 2
        await until(lambda: not streams._side_tasks, what="nothing is under way")

        streams._heed([DeviceCameOnline(code, True)])
        assert streams._side_tasks, "its packets are looked at"
        await until(lambda: not streams._side_tasks, what="they were")
        node.node.devices._presence.go_offline(node.node.devices.get(code), "expired")
        streams._look_at_all()
        await until(lambda: not streams._side_tasks, what="they were, after events were lost")
        assert camera.invited == 1 and (await state_of(node, code))["state"] == "playing"

        for sender in list(camera._senders.values()):
            await sender.stop()
        streams._heed([DeviceCameOnline(code, True)])

        async def gone() -> bool:
            return (await state_of(node, code))["failure"] == "offline"

        await until(gone, what="it sends nothing any more: it has started anew")
        watching.cancel()


async def test_an_answer_without_a_description_plays_all_the_same(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar, faults=Faults(answer=AnswerFault.EMPTY, no_marker=True))
    async with powered(camera):
        assert len(await read_pictures(await open_live(node, camera.identity.code), 5)) >= 5


@pytest.mark.parametrize("order", ["answer first", "cancellation first"])
async def test_an_answer_that_its_cancellation_overtakes_is_ended_all_the_same(node: RunningNode, order: str) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        signalling = node.node.signalling
        offer = live_offer(owner=SERVER, address="127.0.0.1", port=node.node.settings.media.rtp_port, ssrc=20_000_001)
        asking = asyncio.create_task(signalling.invite(node.node.devices.get(code), code, offer))
        traced = signalling.endpoint.on_traffic

        def overtake(direction: str, message: SipMessage, peer: Peer, octets: bytes) -> None:
            traced(direction, message, peer, octets)
            if direction == "in" and isinstance(message, SipResponse) and "INVITE" in message.headers.get("cseq"):
                # Both before the waiting task has its turn.
                if order == "answer first":
                    asyncio.get_running_loop().call_soon(asking.cancel)
                else:
                    asking.cancel()

        signalling.endpoint.on_traffic = overtake
        with pytest.raises(asyncio.CancelledError):
            await asking
        await until(lambda: camera.invited == 1 and not camera._senders, what="the camera is told to stop")
        assert signalling.open_calls == 0


async def test_fifty_viewers_at_once_cost_one_invite(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        answers = await asyncio.gather(*(node.client.post(f"/cameras/{code}/live") for _ in range(50)))
        assert {answer.status_code for answer in answers} == {201}
        assert len(await read_pictures(answers[0].json(), 3)) >= 3
        assert camera.invited == 1


async def test_packets_are_awaited_from_the_answer_on_and_not_from_the_invitation(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_media(settings_for(), first_packet_s=4, grace_s=60)) as node:
        camera = simulated_camera(node.registrar, faults=Faults(no_answer=True))
        code = camera.identity.code
        async with powered(camera):
            opening = asyncio.create_task(open_live(node, code))
            await until(lambda: camera.invited >= 2, what="it was asked again after half a second")
            # It answers the third, 1.5 s after the first: its packets come when four seconds have passed since that.
            camera.identity.faults = Faults(media_after_s=3)
            assert len(await read_pictures(await opening, 3)) >= 3
            assert camera.byes == camera.cancelled == 0, "nobody hung up meanwhile"


async def test_udp_that_is_blocked_falls_back_to_tcp_and_the_way_is_remembered(tmp_path: Path) -> None:
    settings = with_media(settings_for(), first_packet_s=3)
    async with running_node(tmp_path, settings) as node:
        camera = simulated_camera(node.registrar, faults=Faults(loss=1.0))
        code = camera.identity.code
        async with powered(camera):
            await open_live(node, code)

            async def remembered() -> bool:
                return (await node.get(f"/devices/{code}"))["worked_transport"] == "tcp-passive"

            await until(remembered, seconds=60, what="the way that works is known")
    async with running_node(tmp_path, settings) as node:
        camera = simulated_camera(node.registrar, faults=Faults(loss=1.0))
        async with powered(camera):
            await until(lambda: camera.registered.is_set(), what="it is back")
            await read_pictures(await open_live(node, code), 2)
            assert camera.invited == 1, "no more trying by UDP"


async def test_a_device_that_refuses_tcp_is_asked_by_udp_again_and_plays(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_media(settings_for(), first_packet_s=1.5, grace_s=60)) as node:
        camera = simulated_camera(node.registrar, faults=Faults(loss=1.0, takes="udp"))
        code = camera.identity.code
        async with powered(camera):
            await open_live(node, code)
            await until(lambda: camera.invited >= 3, seconds=60, what="both ways by TCP are refused")
            camera.identity.faults = Faults(takes="udp")  # the firewall was put right
            stream = node.node.live.stream(code, "main")
            assert stream is not None
            await until(stream.ready.is_set, seconds=60, what="it plays")
            assert stream.transport == "udp"


async def test_a_device_that_refuses_udp_is_asked_by_tcp_also_after_a_break(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_media(settings_for(), grace_s=60)) as node:
        camera = simulated_camera(node.registrar, faults=Faults(takes="tcp", bye_after_s=3))
        code = camera.identity.code
        async with powered(camera):
            await open_live(node, code)
            stream = node.node.live.stream(code, "main")
            assert stream is not None
            await until(stream.ready.is_set, seconds=60, what="it plays by TCP")
            assert (camera.invited, stream.transport) == (2, "tcp-passive"), "by UDP, and at once by TCP"
            await until(lambda: camera.invited > 2 and stream.ready.is_set(), seconds=60, what="it hung up and plays again")
            assert (camera.invited, stream.transport) == (3, "tcp-passive"), "by the way that had played, at once"


async def test_streams_get_ports_of_their_own_where_the_node_says_so(tmp_path: Path) -> None:
    settings = settings_for()
    first = free_range(21)
    media = settings.media.model_copy(update={"ports": "own", "rtp_port_first": first, "rtp_port_last": first + 20})
    async with running_node(tmp_path, settings.model_copy(update={"media": media})) as node:
        cameras = [simulated_camera(node.registrar, number, faults=Faults()) for number in (1, 2)]
        async with powered(*cameras):
            for camera in cameras:
                assert len(await read_pictures(await open_live(node, camera.identity.code), 2)) >= 2
            ports = {sender.target.port for camera in cameras for sender in camera._senders.values()}
            assert len(ports) == 2 and all(first <= port <= first + 20 for port in ports)


async def test_a_profile_says_how_the_sub_stream_is_asked_for(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_media(settings_for(), grace_s=1)) as node:
        camera = simulated_camera(node.registrar)
        await _asked_for_in_each_form(node, camera)


async def _asked_for_in_each_form(node: RunningNode, camera: SimulatedDevice) -> None:
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        for form, wanted in (
            ("auto", "a=streamnumber:1"),
            ("streamprofile", "a=streamprofile:1"),
            ("streamMode", "a=streamMode:SUB"),
        ):
            assert (await node.client.patch(f"/devices/{code}", json={"sub_stream": form})).status_code == 200
            opened = (await node.client.post(f"/cameras/{code}/live", json={"stream": "sub"})).json()

            async def asked(wanted: str = wanted) -> bool:
                trace = (await node.get(f"/devices/{code}/trace"))["items"]
                return any(one["direction"] == "out" and wanted in one["text"] for one in trace)  # type: ignore[attr-defined]

            await until(asked, what=f"it is asked by {wanted}")
            await node.client.delete(f"/live/{opened['session']}")
            await until(lambda: node.node.live.running == 0, what="the stream ends")


CYCLES, CAMERAS = rounds(400, 2_000), 20


def open_files() -> int:
    """Descriptors of this process."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def resident_bytes() -> int:
    """Memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


RINGED = frozenset(
    f"fengsui.{kind}"
    for kind in (
        "features.access.decision.CameraFacts",
        "features.live.model.LiveStateChanged",
        "transports.calls.Call",
        "web_api.events._Kept",
        "wire.sdp.MediaLine",
        "wire.sdp.SessionDescription",
        "wire.sip.dialogs.Dialog",
    )
)
"""Hundreds of these are kept, and not a thousand: news for whoever comes back, and what was ended of late."""


def objects() -> Counter[str]:
    """What the product keeps, by kind."""
    kinds = (type(one) for one in gc.get_objects())
    return Counter(f"{kind.__module__}.{kind.__qualname__}" for kind in kinds if kind.__module__.startswith("fengsui."))


@pytest.mark.timeout(240)
@pytest.mark.rounds
async def test_hundreds_of_openings_leave_nothing_behind(tmp_path: Path) -> None:
    """Sockets, SSRCs, sources, dialogs, tasks and memory are afterwards where they were. Nobody reads: in the first half each
    viewer closes the picture, in the second none does, and the grace time ends it.
    """
    settings = settings_for()
    media = settings.media.model_copy(update={"grace_s": 0.05})
    async with running_node(tmp_path, settings.model_copy(update={"media": media})) as node:
        cameras = [simulated_camera(node.registrar, number) for number in range(1, CAMERAS + 1)]
        async with powered(*cameras):
            for camera in cameras:
                await until(lambda camera=camera: listed(node, camera.identity.code), what="the cameras are listed")

            async def cycle(code: str, times: int, *, closed: bool = True) -> None:
                for _ in range(times):
                    answer = await node.client.post(f"/cameras/{code}/live", json={"codecs": ["h264", "h265"]})
                    assert answer.status_code == 201, answer.text
                    if closed:
                        await node.client.delete(f"/live/{answer.json()['session']}")
                    else:
                        await until(lambda: node.node.live.stream(code, "main") is None, what="it is let go")

            def left() -> tuple[int, ...]:
                live = node.node.live
                return (live.running, live.ssrcs.taken, node.node.engine.counters().sources, node.node.signalling.open_calls)

            async def settled() -> bool:
                return left() == (0, 0, 0, 0) and not any(camera._senders for camera in cameras)

            async def measured() -> tuple[int, int, int, Counter[str]]:
                await until(settled, seconds=60, what="everything is given back")
                gc.collect()
                kept = objects()  # first: the list of all objects costs memory itself
                return open_files(), len(asyncio.all_tasks()), resident_bytes(), kept

            codes = [camera.identity.code for camera in cameras]
            await asyncio.gather(*(cycle(code, 10) for code in codes))
            before = await measured()
            await asyncio.gather(*(cycle(code, CYCLES // 2 // CAMERAS) for code in codes))
            half = await measured()
            called = sum(camera.invited for camera in cameras)
            await asyncio.gather(*(cycle(code, CYCLES // 2 // CAMERAS, closed=False) for code in codes))
            after = await measured()
            # One left by each opening would be hundreds; the pools of connections grow by a few with what happens to coincide.
            assert after[0] <= before[0] + 30, f"sockets: {before[0]} before, {after[0]} after"
            assert after[1] <= before[1] + 30, f"tasks: {before[1]} before, {after[1]} after"
            assert after[2] <= before[2] + 24_000_000, f"memory: {before[2]:,} before, {after[2]:,} after"
            # One kept for each opening would be as many of its kind in the second half. What the rings keep is fewer than a
            # thousand; hundreds do not fill them.
            grown = {kind: count for kind, count in (after[3] - half[3]).items() if count >= CYCLES // 2}
            assert grown.keys() <= rounds(RINGED, frozenset()), grown
            assert sum(camera.invited for camera in cameras) >= called + CYCLES // 2, "each of those left cost a call of its own"
            assert called > CYCLES // 4, "and the cameras were really called for the others"


async def test_a_restarted_node_asks_for_all_twenty_streams_again(tmp_path: Path) -> None:
    settings = settings_for(keepalive_interval_s=1)
    cameras: list[str] = []
    async with running_node(tmp_path, settings) as node:
        devices = [simulated_camera(node.registrar, number) for number in range(1, CAMERAS + 1)]
        cameras = [device.identity.code for device in devices]
        tasks = [asyncio.create_task(device.run()) for device in devices]
        for code in cameras:
            assert len(await read_pictures(await open_live(node, code), 1)) >= 1
    try:
        async with running_node(tmp_path, settings) as node:
            async with httpx.AsyncClient(timeout=20):
                for code in cameras:

                    async def online(code: str = code) -> bool:
                        return (await node.get(f"/devices/{code}"))["status"] == "online"

                    await until(online, seconds=60, what="the device is known again")
            opened = await asyncio.gather(*(open_live(node, code) for code in cameras))
            shown = await asyncio.gather(*(read_pictures(one, 2) for one in opened))
            assert all(len(pictures) >= 2 for pictures in shown)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_removed_device_leaves_its_stream_offline_and_the_node_stops_well(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        camera = simulated_camera(node.registrar, faults=Faults(invite_status=486))
        code = camera.identity.code
        async with powered(camera):
            await open_live(node, code)
        assert (await node.client.delete(f"/devices/{code}")).status_code == 204

        async def told() -> bool:
            return (await state_of(node, code))["failure"] in ("offline", "")

        await until(told, what="the stream is offline or gone")
