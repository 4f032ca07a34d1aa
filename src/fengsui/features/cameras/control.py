"""PTZ, lens, presets, home position, drag zoom, key frame. Source: GB/T 28181-2022 §9.3, A.2.3.1, A.3."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

import structlog

from fengsui.errors import FengsuiError, OperatorFault, PeerFault
from fengsui.features.cameras.actions import Cameras
from fengsui.features.cameras.model import UnknownCamera, UnusableAnswer
from fengsui.features.cameras.ports import PositionWatcher
from fengsui.features.devices import DeviceState, Refused, Signalling, SignallingFault
from fengsui.wire.gb28181 import ptz
from fengsui.wire.gb28181.control import (
    USUAL_PRIORITY,
    AlarmReset,
    DeviceControl,
    HomePosition,
    PreciseMove,
    Preset,
    PresetAnswer,
    ResultAnswer,
    Zoom,
)
from fengsui.wire.gb28181.device_facts import SimpleQuery
from fengsui.wire.gb28181.dome import CruiseAnswer, CruiseListAnswer, CruiseQuery, DomePositionAnswer, HomePositionAnswer
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import Manscdp

log = structlog.get_logger(__name__)
RESULT_S = 5.0
ANSWER_S = 3.0
TOURS_READ = 16
LONGEST_MOVE_S = 2.0
"""The viewer may vanish before its stop: the camera must not turn for ever."""
STOP_AGAIN_S, STOP_TRIES, STOP_REFUSALS = 2.0, 300, 5
"""A stop that a camera did not hear is said again, for ten minutes: it may come back turning. One that it refuses, less often."""
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


@dataclass(frozen=True, slots=True)
class _Movement:
    """What a camera was told last, and the task that stops it."""

    command: ptz.PtzCommand
    stop: asyncio.Task[None]


def command_of(action: str, speed: int) -> ptz.PtzCommand:
    """Of an action of the API but `stop`; `speed` 1 to 100. Raises UnknownMove."""
    if action in DIRECTIONS:
        pan, tilt, zoom = DIRECTIONS[action]
        return steering_of(pan * speed, tilt * speed, zoom * speed)
    if action in LENS:
        return ptz.lens(LENS[action], round(speed * 255 / 100))
    raise UnknownMove(action=action)


def steering_of(pan: int, tilt: int, zoom: int) -> ptz.PtzCommand:
    """Each axis -100 to 100; right, up and in are positive."""
    zoomed = round(zoom * 15 / 100) or (zoom > 0) - (zoom < 0)
    return ptz.move(pan=round(pan * 255 / 100), tilt=round(tilt * 255 / 100), zoom=zoomed)


class Control:
    """Commands to one camera go to its channel code through its device."""

    def __init__(
        self,
        cameras: Cameras,
        signalling: Signalling,
        longest_move_s: float = LONGEST_MOVE_S,
        stop_again_s: float = STOP_AGAIN_S,
    ) -> None:
        """`longest_move_s`: a movement of which nothing is heard for so long is stopped; after `stop_again_s`, again if need be."""
        self._stop_again_s = stop_again_s
        self._longest_move_s = longest_move_s
        self._cameras = cameras
        self._signalling = signalling
        self._moving: dict[str, _Movement] = {}
        self._under_way: Counter[str] = Counter()
        self._halted: set[str] = set()
        self._owed: dict[str, asyncio.Task[None]] = {}
        """Stops that were not heard and are said again, until the camera is told something else."""
        self.watcher: PositionWatcher | None = None
        self.priority_of: Callable[[str], int] = lambda _: USUAL_PRIORITY
        """The `ControlPriority` of whoever steers a camera; set at composition."""

    def is_moving(self, code: str) -> bool:
        """Whether it was told to move and not yet to stop."""
        return code in self._moving

    def goes_on(self, code: str, command: ptz.PtzCommand) -> bool:
        """Whether the camera does this already: then it goes on for another while, and nothing is sent."""
        moving = self._moving.get(code)
        if moving is None or moving.command != command or code in self._halted:
            return False
        self._arm(code, command)
        return True

    def _arm(self, code: str, command: ptz.PtzCommand) -> None:
        """The movement is stopped unless something is heard before."""
        self._forget_move(code)
        self._moving[code] = _Movement(command, asyncio.create_task(self._stop_later(code)))

    async def move(self, code: str, command: ptz.PtzCommand, still: Callable[[], bool] = lambda: True) -> None:
        """Turns, zooms or focuses until `stop`, or until nothing is heard for a while. Raises UnknownCamera, SignallingFault.

        Nothing is sent that is not wanted `still` when it would be.
        """
        if command.instruction < ptz.LENS_STOP:
            await self._about_to_move(code)
        if not still():
            return
        # Before it is sent: an order whose answer is lost may have arrived.
        self._arm(code, command)
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

    async def stop(self, code: str) -> None:
        """What is not heard is said again. Raises UnknownCamera, SignallingFault."""
        self._forget_move(code)
        if self._under_way[code]:
            self._halted.add(code)
        await self._stop(code)

    async def _about_to_move(self, code: str) -> None:
        if self.watcher is not None:
            await self.watcher.about_to_move(code)

    def _forget_move(self, code: str) -> None:
        moving = self._moving.pop(code, None)
        if moving is not None:
            moving.stop.cancel()
        owed = self._owed.pop(code, None)
        if owed is not None:
            owed.cancel()

    @asynccontextmanager
    async def _instead(self, code: str) -> AsyncIterator[None]:
        """Another order takes the place of a movement, and of a stop that is owed. If it fails, a stop is owed from then on."""
        turns = code in self._moving or code in self._owed
        self._forget_move(code)
        try:
            yield
        except BaseException:
            if turns and code not in self._moving and code not in self._owed:
                self._owed[code] = asyncio.create_task(self._stop_again(code))
            raise

    async def _stop_later(self, code: str) -> None:
        await asyncio.sleep(self._longest_move_s)
        self._moving.pop(code, None)
        with suppress(SignallingFault, UnknownCamera):
            await self._stop(code)

    async def _stop(self, code: str) -> None:
        """As `_say_stop`; what is not heard is owed from then on."""
        try:
            await self._say_stop(code)
        except UnknownCamera:
            raise
        except FengsuiError:
            if code not in self._owed and code not in self._moving:
                self._owed[code] = asyncio.create_task(self._stop_again(code))
            raise

    async def _stop_again(self, code: str) -> None:
        refusals = 0
        for _ in range(STOP_TRIES):
            await asyncio.sleep(self._stop_again_s)
            try:
                await self._say_stop(code)
                break
            except UnknownCamera:
                break
            except FengsuiError as error:
                refusals += isinstance(error, Refused)
                if refusals == STOP_REFUSALS:
                    log.warning("a camera refuses to stop", camera=code, what=str(error))
                    break
        self._owed.pop(code, None)

    async def _say_stop(self, code: str) -> None:
        """Pan, tilt and zoom stop by one instruction, focus and iris by another (A.3.2, A.3.3)."""
        await self._ptz(code, ptz.STOP)
        await self._ptz(code, ptz.PtzCommand(ptz.LENS_STOP))

    async def _ptz(self, code: str, command: ptz.PtzCommand, name: str = "") -> None:
        await self._send(code, ptz=command.to_text(), preset_name=name, priority=self.priority_of(code))

    async def _send(self, code: str, **what: object) -> None:
        """One order. Where the standard gives it a business answer, that is awaited; raises NotDone when it is ERROR."""
        camera = await self._cameras.get(code)
        await self._order(self._cameras.device_of(camera), code, **what)

    async def _order(self, device: DeviceState, code: str, **what: object) -> None:
        control = DeviceControl(self._signalling.next_sn(), code, **what)  # type: ignore[arg-type]
        if not control.answered:
            await self._signalling.message(device, control)
            return
        answer = await self._signalling.query(device, control, timeout_s=RESULT_S)
        if not isinstance(answer, ResultAnswer):
            raise UnusableAnswer(command="DeviceControl")
        if not answer.accepted:
            raise NotDone(what=", ".join(what))

    async def _ask(self, code: str, query: SimpleQuery | CruiseQuery) -> Manscdp:
        camera = await self._cameras.get(code)
        return await self._signalling.query(self._cameras.device_of(camera), query, timeout_s=ANSWER_S)

    async def position(self, code: str) -> DomePositionAnswer | None:
        """Where it looks; None of one that does not tell (before 2022, or fixed). Raises UnknownCamera, SignallingFault."""
        device = self._cameras.device_of(await self._cameras.get(code))
        if device.spoken_edition < Edition.V2022:
            return None
        answer = await self._ask(code, SimpleQuery("PTZPosition", self._signalling.next_sn(), code))
        told = isinstance(answer, DomePositionAnswer) and answer.pan_deg is not None and answer.tilt_deg is not None
        return answer if told and isinstance(answer, DomePositionAnswer) else None

    async def turn_to(self, code: str, place: PreciseMove) -> None:
        """To angles (2022). Raises UnknownCamera, SignallingFault, StorageFault."""
        async with self._instead(code):
            await self._about_to_move(code)
            await self._send(code, precise=place)

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
            async with self._instead(code):  # a stop would end this travel
                await self._about_to_move(code)
                await self._ptz(code, ptz.preset(instruction, number), name)
            if self.watcher is not None:
                self.watcher.sent_to_preset(code, number)
            return
        if self.watcher is not None:
            await self.watcher.about_to_redefine(code, number)
        await self._ptz(code, ptz.preset(instruction, number), name)

    async def home(self, code: str, position: HomePosition) -> None:
        """Where the camera returns to when idle. Raises NotDone, UnusableAnswer, UnknownCamera, SignallingFault."""
        await self._about_to_move(code)
        await self._send(code, home=position)

    async def zoom(self, code: str, zoom: Zoom) -> None:
        """Drag zoom."""
        async with self._instead(code):
            await self._about_to_move(code)
            await self._send(code, zoom=zoom)

    async def home_of(self, code: str) -> HomePosition | None:
        """Where the camera says that it returns to (2022); None: it does not say. Raises UnknownCamera, SignallingFault."""
        device = self._cameras.device_of(await self._cameras.get(code))
        if device.spoken_edition < Edition.V2022:
            return None
        answer = await self._ask(code, SimpleQuery("HomePositionQuery", self._signalling.next_sn(), code))
        if not isinstance(answer, HomePositionAnswer) or answer.home is None:
            return None
        return HomePosition(answer.home.enabled == 1, answer.home.reset_time_s or 0, answer.home.preset or 0)

    async def tours(self, code: str) -> list[CruiseAnswer]:
        """The tours that the camera keeps, with their points (2022). Raises UnknownCamera, SignallingFault."""
        device = self._cameras.device_of(await self._cameras.get(code))
        if device.spoken_edition < Edition.V2022:
            return []
        listed = await self._ask(code, SimpleQuery("CruiseTrackListQuery", self._signalling.next_sn(), code))
        found = []
        for track in listed.tracks[:TOURS_READ] if isinstance(listed, CruiseListAnswer) else ():
            answer = await self._ask(code, CruiseQuery(self._signalling.next_sn(), code, track.track))
            if isinstance(answer, CruiseAnswer):
                found.append(replace(answer, track=track.track, name=answer.name or track.name))
        return found

    async def keep_tour(self, code: str, group: int, name: str, points: Sequence[int], stay_s: int, speed: int) -> None:
        """Writes a tour into the camera in place of what it had there. `speed`, `stay_s`: of all its points (A.3.5)."""
        await self._ptz(code, ptz.cruise_point(ptz.CRUISE_DELETE, group, 0))
        for preset in points:
            add = ptz.cruise_point(ptz.CRUISE_ADD, group, preset)
            await self._send(code, ptz=add.to_text(), cruise_name=name, priority=self.priority_of(code))
        await self._ptz(code, ptz.cruise_setting(ptz.CRUISE_SPEED, group, speed))
        await self._ptz(code, ptz.cruise_setting(ptz.CRUISE_STAY, group, stay_s))

    async def remove_tour(self, code: str, group: int) -> None:
        """Deletes a tour of the camera."""
        await self._ptz(code, ptz.cruise_point(ptz.CRUISE_DELETE, group, 0))

    async def begin_tour(self, code: str, group: int) -> None:
        """The camera goes round by itself until it is stopped."""
        async with self._instead(code):
            await self._about_to_move(code)
            await self._ptz(code, ptz.cruise_start(group))

    async def switch(self, code: str, number: int, *, on: bool) -> None:
        """An auxiliary switch, 1 to 255. Raises UnknownCamera, SignallingFault."""
        await self._ptz(code, ptz.switch(number, on=on))

    async def key_frame(self, code: str) -> None:
        """Asks for a key frame now."""
        await self._send(code, key_frame=True)

    async def guard(self, device_code: str, *, armed: bool) -> None:
        """Arms a device, or disarms it. Raises UnknownDevice, SignallingFault, NotDone."""
        command = "SetGuard" if armed else "ResetGuard"
        await self._order(self._cameras.device_by_code(device_code), device_code, guard=command)

    async def reset_alarm(self, device_code: str) -> None:
        """Every alarm at the device; what is stored here stays as it is. Raises UnknownDevice, SignallingFault, NotDone."""
        await self._order(self._cameras.device_by_code(device_code), device_code, reset_alarm=AlarmReset())

    async def restart(self, device_code: str) -> None:
        """Restarts a device. Raises UnknownDevice, SignallingFault."""
        device = self._cameras.device_by_code(device_code)
        await self._signalling.message(device, DeviceControl(self._signalling.next_sn(), device_code, restart=True))
