"""PTZ, lens, presets, home position, drag zoom, key frame. Source: GB/T 28181-2022 §9.3, A.2.3.1, A.3."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

from fengsui.errors import OperatorFault, PeerFault
from fengsui.features.cameras.actions import Cameras
from fengsui.features.cameras.model import UnknownCamera, UnusableAnswer
from fengsui.features.cameras.ports import PositionWatcher
from fengsui.features.devices import Signalling, SignallingFault
from fengsui.wire.gb28181 import ptz
from fengsui.wire.gb28181.control import DeviceControl, HomePosition, Preset, PresetAnswer, ResultAnswer, Zoom
from fengsui.wire.gb28181.device_facts import SimpleQuery

RESULT_S = 5.0
LONGEST_MOVE_S = 15.0
"""The viewer may vanish before its stop: the camera must not turn for ever."""
DIRECTIONS: dict[str, tuple[int, int, int]] = {
    "left": (-1, 0, 0), "right": (1, 0, 0), "up": (0, 1, 0), "down": (0, -1, 0), "left_up": (-1, 1, 0), "left_down": (-1, -1, 0),
    "right_up": (1, 1, 0), "right_down": (1, -1, 0), "zoom_in": (0, 0, 1), "zoom_out": (0, 0, -1),
}  # fmt: skip
LENS: dict[str, int] = {
    "focus_near": ptz.FOCUS_NEAR, "focus_far": ptz.FOCUS_FAR, "iris_open": ptz.IRIS_OPEN, "iris_close": ptz.IRIS_CLOSE,
}  # fmt: skip


class UnknownMove(OperatorFault):
    """Not an action of the PTZ endpoint."""

    code = "ptz.unknown_action"
    zh = "不支持的云台动作:{action}"
    en = "No such PTZ action: {action}"
    remedy_zh = "见接口文档中的动作列表"
    remedy_en = "See the list of actions in the API document"


class NotDone(PeerFault):
    """The device's business answer to an order is ERROR."""

    code = "control.not_done"
    zh = "设备报告未能执行({what})"
    en = "The device says that it did not do it ({what})"
    remedy_zh = "确认摄像机支持该功能,预置位已经设置;在信令记录中查看设备的应答"
    remedy_en = "See that the camera has this function and the preset is set; look at its answer in the signalling trace"


class Control:
    """Commands to one camera go to its channel code through its device."""

    def __init__(self, cameras: Cameras, signalling: Signalling, longest_move_s: float = LONGEST_MOVE_S) -> None:
        self._longest_move_s = longest_move_s
        self._cameras = cameras
        self._signalling = signalling
        self._moving: dict[str, asyncio.Task[None]] = {}
        self._under_way: Counter[str] = Counter()
        self._halted: set[str] = set()
        self.watcher: PositionWatcher | None = None

    async def move(self, code: str, action: str, speed: int) -> None:
        """`speed` 1 to 100. Raises UnknownMove, UnknownCamera, SignallingFault."""
        self._forget_move(code)
        if action == "stop":
            if self._under_way[code]:
                self._halted.add(code)
            await self._stop(code)
            return
        if action in DIRECTIONS:
            pan, tilt, zoom = DIRECTIONS[action]
            full, zoom_full = round(speed * 255 / 100), max(1, round(speed * 15 / 100))
            await self._about_to_move(code)
            command = ptz.move(pan=pan * full, tilt=tilt * full, zoom=zoom * zoom_full)
        elif action in LENS:
            command = ptz.lens(LENS[action], round(speed * 255 / 100))
        else:
            raise UnknownMove(action=action)
        # Before it is sent: an order whose answer is lost may have arrived.
        self._moving[code] = asyncio.create_task(self._stop_later(code))
        self._halted.discard(code)
        self._under_way[code] += 1
        try:
            await self._ptz(code, command)
        finally:
            self._under_way -= Counter([code])
            if code in self._halted and not self._under_way[code]:
                # Sent again for want of an answer, the order may have come after the stop.
                self._halted.discard(code)
                with suppress(SignallingFault, UnknownCamera):
                    await self._stop(code)

    async def _about_to_move(self, code: str) -> None:
        if self.watcher is not None:
            await self.watcher.about_to_move(code)

    def _forget_move(self, code: str) -> None:
        task = self._moving.pop(code, None)
        if task is not None:
            task.cancel()

    async def _stop_later(self, code: str) -> None:
        await asyncio.sleep(self._longest_move_s)
        self._moving.pop(code, None)
        with suppress(SignallingFault, UnknownCamera):
            await self._stop(code)

    async def _stop(self, code: str) -> None:
        """Pan, tilt and zoom stop by one instruction, focus and iris by another (A.3.2, A.3.3)."""
        await self._ptz(code, ptz.STOP)
        await self._ptz(code, ptz.PtzCommand(ptz.LENS_STOP))

    async def _ptz(self, code: str, command: ptz.PtzCommand, name: str = "") -> None:
        await self._send(code, ptz=command.to_text(), preset_name=name)

    async def _send(self, code: str, **what: object) -> None:
        """One order. Where the standard gives it a business answer, that is awaited; raises NotDone when it is ERROR."""
        camera = await self._cameras.get(code)
        device = self._cameras.device_of(camera)
        control = DeviceControl(self._signalling.next_sn(), code, **what)  # type: ignore[arg-type]
        if not control.answered:
            await self._signalling.message(device, control)
            return
        answer = await self._signalling.query(device, control, timeout_s=RESULT_S)
        if not isinstance(answer, ResultAnswer):
            raise UnusableAnswer(command="DeviceControl")
        if not answer.accepted:
            raise NotDone(what=", ".join(what))

    async def presets(self, code: str) -> list[Preset]:
        """As the camera lists them. Raises SignallingFault."""
        camera = await self._cameras.get(code)
        device = self._cameras.device_of(camera)
        query = SimpleQuery("PresetQuery", self._signalling.next_sn(), code)
        answer = await self._signalling.query(device, query, timeout_s=5.0)
        return list(answer.presets) if isinstance(answer, PresetAnswer) else []

    async def preset(self, code: str, instruction: int, number: int, name: str = "") -> None:
        """Sets, goes to or deletes a preset (1 to 255)."""
        if instruction == ptz.PRESET_GO:
            self._forget_move(code)  # its stop would end this travel
            await self._about_to_move(code)
        elif self.watcher is not None:
            await self.watcher.about_to_redefine(code, number)
        await self._ptz(code, ptz.preset(instruction, number), name)
        if instruction == ptz.PRESET_GO and self.watcher is not None:
            self.watcher.sent_to_preset(code, number)

    async def home(self, code: str, position: HomePosition) -> None:
        """Where the camera returns to when idle. Raises NotDone, UnusableAnswer, UnknownCamera, SignallingFault."""
        self._forget_move(code)
        await self._about_to_move(code)
        await self._send(code, home=position)

    async def zoom(self, code: str, zoom: Zoom) -> None:
        """Drag zoom."""
        self._forget_move(code)
        await self._about_to_move(code)
        await self._send(code, zoom=zoom)

    async def key_frame(self, code: str) -> None:
        """Asks for a key frame now."""
        await self._send(code, key_frame=True)

    async def restart(self, device_code: str) -> None:
        """Restarts a device. Raises UnknownDevice, SignallingFault."""
        device = self._cameras.device_by_code(device_code)
        await self._signalling.message(device, DeviceControl(self._signalling.next_sn(), device_code, restart=True))
