"""The devices of the demonstration: single cameras with street footage, one dome, one camera with H.265, and a recorder."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from fengsui.simulators.device import SimulatedDevice, wall_clock_ms
from fengsui.simulators.faults import Faults
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, LoopingClip, PictureSource
from fengsui.simulators.identity import Channel, DeviceIdentity, Registrar
from fengsui.simulators.moving_view import Head, MovingView
from fengsui.simulators.recordings import DeviceDisk, half_hours
from fengsui.wire.gb28181.catalog import CatalogueItem
from fengsui.wire.gb28181.catalog_details import ItemDetails

PLACES = (
    "人民广场东入口",
    "中华路停车场",
    "市府路与都司路口",
    "瑞金南路人行道",
    "河滨公园南门",
    "花果园客运站",
    "甲秀楼广场",
    "沙冲路小学门前",
)
NO_FAULTS = Faults()
SLOW_S = 20.0
CLIPS = (("street", "10fps.h264"), ("parking", "12.5fps.h264"))
GROUP_KIND, ORGANISATION_KIND, CAMERA_KIND, RECORDER_KIND = "215", "216", "132", "118"


def _code(area: str, kind: str, number: int) -> str:
    return f"{area}0000{kind}0{number:06d}"


def _looping(clip: Clip, start: int) -> PictureSource:
    return LoopingClip(clip, start)


def disk_of(clip: Clip) -> DeviceDisk:
    """A day of it, and it goes on recording."""
    return DeviceDisk(clip, lambda: half_hours(time.time()))


def _disk(number: int) -> DeviceDisk:
    name, suffix = CLIPS[number % 2]
    return disk_of(Clip.load(FOOTAGE_FOLDER / f"{name}.{suffix}"))


def _sources(name: str, suffix: str, number: int) -> dict[str, Callable[[], PictureSource]]:
    main = Clip.load(FOOTAGE_FOLDER / f"{name}.{suffix}")
    sub = Clip.load(FOOTAGE_FOLDER / f"{name}-sub.{suffix}")
    return {"main": partial(_looping, main, number * 40), "sub": partial(_looping, sub, number * 40)}


def street_devices(registrar: Registrar, area: str, count: int, faults: Faults = NO_FAULTS) -> list[SimulatedDevice]:
    """`count` single cameras (the fourth's clock is slow, the fifth sends H.265, the sixth is a dome) and a recorder with four
    channels.
    """
    cameras = [_camera(registrar, area, number, faults) for number in range(1, count + 1)]
    return [*cameras, _street_recorder(registrar, area, faults)]


def _camera(registrar: Registrar, area: str, number: int, faults: Faults) -> SimulatedDevice:
    code = _code(area, CAMERA_KIND, number)
    place = PLACES[(number - 1) % len(PLACES)]
    head, disk = None, _disk(number)
    if number % 6 == 4:
        faults = replace(faults, clock_skew_s=faults.clock_skew_s - SLOW_S)
    if number % 6 == 5:
        clip = Clip.load(FOOTAGE_FOLDER / "street.10fps.h265")
        sources: dict[str, Callable[[], PictureSource]] = {"main": partial(_looping, clip, 0)}
        label, ptz_type, disk = "H.265", 3, disk_of(clip)
    elif number % 6 == 0:
        head = Head()
        sources = {"main": partial(MovingView, Clip.load(FOOTAGE_FOLDER / "street.10fps.h264"), wall_clock_ms, head)}
        label, ptz_type = "PTZ H.264", 1
    else:
        sources = _sources(*CLIPS[number % 2], number)
        label, ptz_type = "H.264", 3
    item = CatalogueItem(
        code,
        f"{place} {label}",
        "Fengsui",
        "SIM-1",
        civil_code=area,
        address=place,
        parents=(registrar.server_code,),
        status="ON",
        longitude=106.70 + number * 0.004,
        latitude=26.57 + number * 0.003,
        ptz_type=ptz_type,
        stream_numbers=(0, 1) if "sub" in sources else (0,),
        details=_details(number, place, area),
    )
    identity = DeviceIdentity(code, f"{place} {label}", transport="TCP" if number % 3 == 0 else "UDP", faults=faults)
    return SimulatedDevice(identity, registrar, [Channel(item, sources, head, disk)], [])


def _details(number: int, place: str, area: str) -> ItemDetails:
    """What a well-kept platform says of a camera (2022)."""
    return ItemDetails(
        block=f"{area}000000",
        register_way=1,
        secrecy=0,
        imaging=(1,),
        room=1,
        light=2,
        direction=number % 8 + 1,
        resolution="5/6",
        download_speeds="1/2/4",
        horizontal_angle=87.5,
        view_distance=60.0,
        grassroots="000000",
        point_class=1,
        common_name=place,
        video_codec="2",
        installed_at="2025-06-01T00:00:00",
        managing_unit="示例分局科技信息化大队",
        contact="0851-00000000",
        kept_days=90,
    )


def _street_recorder(registrar: Registrar, area: str, faults: Faults) -> SimulatedDevice:
    identity = DeviceIdentity(_code(area, RECORDER_KIND, 1), "实验小学录像机", model="SIM-NVR", faults=faults)
    return recorder(registrar, identity, area, 1, "实验小学", lambda number: _sources(*CLIPS[number % 2], number), disk=_disk)


def recorder(
    registrar: Registrar,
    identity: DeviceIdentity,
    area: str,
    serial: int,
    site: str,
    sources: Callable[[int], dict[str, Callable[[], PictureSource]]],
    channel_codes: Sequence[str] = (),
    disk: Callable[[int], DeviceDisk | None] = lambda _: None,
) -> SimulatedDevice:
    """With four channels in a business group and an organisation at `site`. `sources`, `disk`: by channel.

    `channel_codes`: the channels' codes, as their maker left them; for those that are not given `serial` makes one.
    """
    prefix = identity.code[:10]
    group, organisation = (f"{prefix}{kind}0{serial:06d}" for kind in (GROUP_KIND, ORGANISATION_KIND))
    tree = [
        CatalogueItem(group, "校园安防", civil_code=area, parents=(identity.code,)),
        CatalogueItem(organisation, site, parents=(group,), business_group=group),
    ]
    channels = []
    for number, place in enumerate(("校门", "操场", "食堂", "围墙"), 1):
        shown = sources(number)
        codec = next(iter(shown.values()))().codec
        made = f"{prefix}{CAMERA_KIND}0{serial * 100 + number:06d}"
        item = CatalogueItem(
            channel_codes[number - 1] if number <= len(channel_codes) else made,
            f"{site}{place} H.{codec[1:]}",
            "Fengsui",
            "SIM-NVR",
            civil_code=area,
            address=site,
            parents=(identity.code, organisation),
            status="ON",
            longitude=106.72,
            latitude=26.58 + number * 0.001,
            ptz_type=3,
            stream_numbers=(0, 1) if "sub" in shown else (0,),
            details=_details(number, site, area),
        )
        channels.append(Channel(item, shown, disk=disk(number)))
    return SimulatedDevice(identity, registrar, channels, tree)
