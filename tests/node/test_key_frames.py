"""A viewer who comes while there is no key frame to begin with: the camera is asked for one, and the picture begins."""

from __future__ import annotations

from fractions import Fraction

from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, Picture
from fengsui.simulators.identity import Channel, DeviceIdentity
from fengsui.wire.gb28181.catalog import CatalogueItem
from tests.node.conftest import SERVER, RunningNode, powered, until
from tests.node.test_live import open_live, read_pictures

CODE = f"{SERVER[:10]}1320000041"


class KeyFrameOnDemand:
    """Footage without any key frame but the one that the platform asks for."""

    codec = "h264"

    def __init__(self, clip: Clip) -> None:
        self.fps: Fraction = clip.fps
        self._clip = clip
        self._others = [picture for picture in clip.pictures if not picture.key]
        self._sent = 0
        self._asked = -1  # a sender asks once at its beginning, which is not the platform

    @property
    def asked(self) -> int:
        """Key frames that the platform asked for."""
        return max(0, self._asked)

    def next_picture(self) -> Picture:
        """A picture that depends on others, until somebody asks."""
        self._sent += 1
        if self.asked and self._sent > 0:
            self._sent = -len(self._others)
            return self._clip.pictures[0]
        return self._others[self._sent % len(self._others)]

    def ask_key_frame(self) -> None:
        """The platform wants one."""
        self._asked += 1


async def test_a_reader_without_a_key_frame_leads_to_a_request_to_the_camera(node: RunningNode) -> None:
    view = KeyFrameOnDemand(Clip.load(FOOTAGE_FOLDER / "street-sub.10fps.h264"))
    item = CatalogueItem(CODE, "没有关键帧的摄像机", "Fengsui", "SIM-1", civil_code="520102", status="ON", ptz_type=3)
    camera = SimulatedDevice(DeviceIdentity(CODE, item.name), node.registrar, [Channel(item, {"main": lambda: view})], [])
    async with powered(camera):
        await until(lambda: _listed(node), what="the camera is listed")
        opened = await open_live(node, CODE)
        pictures = await read_pictures(opened, 3)
    assert pictures[0][0], "the first picture is a key frame"
    assert view.asked >= 1
    assert [control.key_frame for control in camera.controls if control.key_frame], "it was told by a DeviceControl"


async def test_a_camera_is_asked_before_anybody_reads(node: RunningNode) -> None:
    """Whoever opens a picture waits for the first one before reading: nobody would ask if readers did."""
    view = KeyFrameOnDemand(Clip.load(FOOTAGE_FOLDER / "street-sub.10fps.h264"))
    item = CatalogueItem(CODE, "没有关键帧的摄像机", "Fengsui", "SIM-1", civil_code="520102", status="ON", ptz_type=3)
    camera = SimulatedDevice(DeviceIdentity(CODE, item.name), node.registrar, [Channel(item, {"main": lambda: view})], [])
    async with powered(camera):
        await until(lambda: _listed(node), what="the camera is listed")
        await open_live(node, CODE)
        await until(lambda: _plays(node), what="it plays without a reader")
    assert view.asked >= 1


async def _plays(node: RunningNode) -> bool:
    return (await node.client.get(f"/cameras/{CODE}/live")).json()["state"] == "playing"


async def _listed(node: RunningNode) -> bool:
    return (await node.client.get(f"/cameras/{CODE}")).status_code == 200
