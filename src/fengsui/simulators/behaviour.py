"""What a simulated device answers when it is asked, and does when it is told. Source: GB/T 28181-2022 §9.3 to §9.5."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from fengsui.simulators.identity import Channel, DeviceIdentity
from fengsui.simulators.moving_view import MAX_ZOOM, SPAN_PAN_DEG, SPAN_TILT_DEG, Head
from fengsui.wire.errors import WireError
from fengsui.wire.gb28181 import ptz
from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueItem, CatalogueQuery
from fengsui.wire.gb28181.configuration import BasicParam, ConfigAnswer, ConfigQuery, Configuration
from fengsui.wire.gb28181.control import DeviceControl, HomePosition, Preset, PresetAnswer, ResultAnswer
from fengsui.wire.gb28181.device_facts import DeviceInfo, DeviceStatus, SimpleQuery
from fengsui.wire.gb28181.dome import (
    CruiseAnswer,
    CruiseListAnswer,
    CruisePoint,
    CruiseQuery,
    CruiseTrack,
    DomePositionAnswer,
    HomePositionAnswer,
    HomePositionFacts,
)
from fengsui.wire.gb28181.manscdp import Manscdp
from fengsui.wire.gb28181.records import RecordAnswer, RecordQuery
from fengsui.wire.sip.headers import BEIJING

MISSED_LIMIT = 3


class Behaviour:
    """`tree`: catalogue items that are no cameras (groups, organisations)."""

    def __init__(self, identity: DeviceIdentity, channels: list[Channel], tree: list[CatalogueItem]) -> None:
        self.identity = identity
        self.channels = {channel.item.device_id: channel for channel in channels}
        self._tree = tree
        self.homes: dict[str, HomePosition] = {}
        self.tour_names: dict[int, str] = {}
        self.controls: list[DeviceControl] = []
        """What it was told to do, the newest last."""
        self.switches: set[tuple[str, int]] = set()
        """Auxiliary switches that are on, by channel and number (GB/T 28181-2022 A.3.7)."""
        self.alarm_results: list[ResultAnswer] = []
        """What it was told of its alarms: the node has them, or not."""

    def _show_key_frame(self) -> None:
        """Every picture that is sent goes on with a key frame."""

    def _answers_to(self, body: Manscdp) -> list[Manscdp]:
        code = self.identity.code
        match body:
            case CatalogueQuery(sn=sn):
                items = [*self._tree, *(channel.item for channel in self.channels.values())]
                return [CatalogueAnswer(sn, code, len(items), tuple(items[at : at + 4])) for at in range(0, len(items), 4)]
            case SimpleQuery(command="DeviceInfo", sn=sn):
                who = self.identity
                info = DeviceInfo(sn, code, "OK", who.name, who.maker, who.model, "1.0", len(self.channels))
                return [info]
            case SimpleQuery(command="DeviceStatus", sn=sn):
                own_time = datetime.now(UTC) + timedelta(seconds=self.identity.faults.clock_skew_s)
                status = DeviceStatus(sn, code, online=True, device_time=own_time.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M:%S"))
                return [status]
            case SimpleQuery(command="PresetQuery", sn=sn, device_id=channel):
                head = self.channels[channel].head if channel in self.channels else None
                names = head.preset_names if head else {}
                presets = (
                    tuple(Preset(number, names.get(number) or f"预置位{number}") for number in sorted(head.presets)) if head else ()
                )
                return [PresetAnswer(sn, channel, len(presets), presets)]
            case SimpleQuery(command="PTZPosition", sn=sn, device_id=channel):
                return [self._position(sn, channel)]
            case SimpleQuery(command="HomePositionQuery", sn=sn, device_id=channel):
                home = self.homes.get(channel)
                facts = HomePositionFacts(int(home.enabled), home.reset_time_s, home.preset) if home else None
                return [HomePositionAnswer(sn, channel, facts)]
            case SimpleQuery(command="CruiseTrackListQuery", sn=sn, device_id=channel):
                head = self.channels[channel].head if channel in self.channels else None
                tracks = tuple(CruiseTrack(group, self.tour_names.get(group, "")) for group in sorted(head.tours)) if head else ()
                return [CruiseListAnswer(sn, channel, len(tracks), tracks)]
            case CruiseQuery(sn=sn, device_id=channel, track=track):
                head = self.channels[channel].head if channel in self.channels else None
                stay_s = head.tour_stay_s.get(track or 0, 10) if head else 0
                points = tuple(CruisePoint(one, stay_s, 5) for one in head.tours.get(track or 0, [])) if head else ()
                return [CruiseAnswer(sn, channel, track, self.tour_names.get(track or 0, ""), len(points), points)]
            case RecordQuery(sn=sn, device_id=channel):
                disk = self.channels[channel].disk if channel in self.channels else None
                if disk is None:
                    return [RecordAnswer(sn, channel)]
                faults = self.identity.faults
                return list(disk.answers(body, lost=faults.records_lost, claimed=faults.records_claimed))
            case ConfigQuery(sn=sn):
                who = self.identity
                basic = BasicParam(who.name, who.expires_s, int(who.keepalive_s), MISSED_LIMIT)
                return [ConfigAnswer(sn, code, "OK", Configuration(basic=basic))]
            case DeviceControl():
                done = not (body.answered and self.identity.faults.refuses_orders)
                if done:
                    self._obey(body)
                return [ResultAnswer("DeviceControl", body.sn, body.device_id, accepted=done)] if body.answered else []
            case ResultAnswer(command="Alarm"):
                self.alarm_results.append(body)
                return []
            case _:
                return []

    def _obey(self, control: DeviceControl) -> None:
        self.controls = [*self.controls[-99:], control]
        channel = self.channels.get(control.device_id)
        if channel is None:
            return
        if control.key_frame:
            self._show_key_frame()
        with suppress(WireError):  # a DeviceControl without PTZCmd has nothing to parse
            order = ptz.PtzCommand.parse(control.ptz)
            if order.instruction in (ptz.SWITCH_ON, ptz.SWITCH_OFF):
                one = control.device_id, order.data1
                (self.switches.add if order.instruction == ptz.SWITCH_ON else self.switches.discard)(one)
        if channel.head is None:
            return
        if control.zoom is not None:
            box = control.zoom
            length, width = max(1, box.window_length), max(1, box.window_width)
            channel.head.zoom_on(
                box.middle_x / length, box.middle_y / width, box.box_length / length, box.box_width / width, inward=box.inward
            )
        if control.precise is not None:
            wanted = control.precise
            channel.head.view = channel.head.view.turned_to(wanted.pan_deg, wanted.tilt_deg, wanted.zoom)
        if control.home is not None:
            self.homes[control.device_id] = control.home
        with suppress(WireError):  # a DeviceControl without PTZCmd has nothing to parse
            command = ptz.PtzCommand.parse(control.ptz)
            if command.instruction == ptz.PRESET_SET:
                channel.head.preset_names[command.data2] = control.preset_name
            if control.cruise_name:
                self.tour_names[command.data1] = control.cruise_name
            move_head(channel.head, command)

    def _position(self, sn: int, channel: str) -> DomePositionAnswer:
        head = self.channels[channel].head if channel in self.channels else None
        if head is None:
            return DomePositionAnswer(sn, channel, result="ERROR", reason="no PTZ")
        now = head.view
        fields = SPAN_PAN_DEG / now.zoom, SPAN_TILT_DEG / now.zoom
        return DomePositionAnswer(sn, channel, round(now.pan_deg, 2), round(now.tilt_deg, 2), round(now.zoom, 2), *fields)


def move_head(head: Head, command: ptz.PtzCommand) -> None:
    """Turns it as the command says. GB/T 28181-2022 A.3."""
    bits = command.instruction
    if bits == ptz.PRESET_GO:
        head.go_to(command.data2)
    elif bits == ptz.PRESET_SET:
        head.presets[command.data2] = head.view
    elif bits == ptz.PRESET_DELETE:
        head.presets.pop(command.data2, None)
    elif bits == ptz.CRUISE_ADD:
        head.tours.setdefault(command.data1, []).append(command.data2)
    elif bits == ptz.CRUISE_DELETE:
        kept = [one for one in head.tours.pop(command.data1, []) if command.data2 not in (0, one)]
        head.tours |= {command.data1: kept} if kept else {}
    elif bits == ptz.CRUISE_STAY:
        head.tour_stay_s[command.data1] = command.data2 | command.data3 << 8
    elif bits == ptz.CRUISE_START:
        head.begin_tour(command.data1)
    elif bits < 0x40:
        pan = command.data1 / 255 * (bool(bits & ptz.RIGHT) - bool(bits & ptz.LEFT))
        tilt = command.data2 / 255 * (bool(bits & ptz.DOWN) - bool(bits & ptz.UP))
        zoom = command.data3 / 15 * (bool(bits & ptz.ZOOM_IN) - bool(bits & ptz.ZOOM_OUT))
        head.move(pan, tilt, zoom * MAX_ZOOM / 4)
