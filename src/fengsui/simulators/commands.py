"""`fengsui simulate …`: simulated devices against a running node."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from fengsui.simulators.alarm_commands import alarm_host
from fengsui.simulators.alarm_line import intrusion
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.faults import AnswerFault, Faults, PsmFault, ReportsFault, SoundFault, SsrcFault
from fengsui.simulators.fleet import FleetTarget, SignallingFleet
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, LoopingClip, PictureSource
from fengsui.simulators.identity import Channel, DeviceIdentity, Registrar
from fengsui.simulators.moving import tell_positions
from fengsui.simulators.patrol_commands import patrol
from fengsui.simulators.patrol_walk import BEATS, Walk
from fengsui.simulators.street import CAMERA_KIND, RECORDER_KIND, disk_of, recorder, street_devices
from fengsui.wire.gb28181.catalog import CatalogueItem

simulate = typer.Typer(help="模拟设备 simulated devices", no_args_is_help=True)
out = Console(highlight=False, emoji=False)
Host = Annotated[str, typer.Option(help="节点地址 node address")]
Port = Annotated[int, typer.Option(help="SIP 端口 port")]
Code = Annotated[str, typer.Option("--server", help="节点编码 node code")]
Password = Annotated[str, typer.Option(envvar="FENGSUI_DEVICE_PASSWORD", help="注册密码 registration password")]
Count = Annotated[int, typer.Option(min=1)]
MidGroup = Annotated[bool, typer.Option(help="从一组画面的中间开始发送 begins in the middle of a group of pictures")]


def trusting(ca: Path | None, certificate: Path | None) -> ssl.SSLContext:
    """For a device: without `ca` it trusts whom the system does."""
    context = ssl.create_default_context(cafile=ca)
    if certificate is not None:
        context.load_cert_chain(certificate)
    return context


@simulate.command()
def street(
    host: Host = "127.0.0.1",
    port: Port = 5060,
    server: Code = "",
    password: Password = "",
    count: Count = 6,
    mid_group: MidGroup = False,
) -> None:
    """演示用的摄像机和录像机 The demonstration's cameras and recorder."""
    registrar = Registrar(host, port, server, server[:10], password)
    uvloop.run(_run_all(street_devices(registrar, server[:6], count, Faults(mid_group=mid_group))))


Make = Callable[[Registrar, DeviceIdentity, Clip, int, Sequence[str]], SimulatedDevice]


def _single_lens(registrar: Registrar, identity: DeviceIdentity, clip: Clip, number: int, codes: Sequence[str]) -> SimulatedDevice:
    name, area = f"模拟摄像机 {number}", registrar.server_code[:6]
    item = CatalogueItem(codes[0] if codes else identity.code, name, "Fengsui", "SIM-1", civil_code=area, status="ON", ptz_type=3)
    channel = Channel(item, {"main": partial(LoopingClip, clip)}, disk=disk_of(clip))
    return SimulatedDevice(replace(identity, name=name), registrar, [channel], [])


def _recorder(registrar: Registrar, identity: DeviceIdentity, clip: Clip, number: int, codes: Sequence[str]) -> SimulatedDevice:
    named = replace(identity, name=f"模拟录像机 {number}", model="SIM-NVR")
    sources: dict[str, Callable[[], PictureSource]] = {"main": partial(LoopingClip, clip)}
    return recorder(
        registrar,
        named,
        registrar.server_code[:6],
        number,
        f"模拟园区 {number} ",
        lambda _: sources,
        codes,
        lambda _: disk_of(clip),
    )


def _devices_of(kind: str, make: Make) -> Callable[..., None]:
    """The command that runs devices of one kind: every kind takes the same options. `kind`: digits 11 to 13 of their codes."""

    def run(
        host: Host = "127.0.0.1",
        port: Port = 5060,
        server: Code = "",
        password: Password = "",
        count: Count = 1,
        footage: Annotated[Path, typer.Option(help="<name>.<fps>fps.h264|h265")] = FOOTAGE_FOLDER / "street.10fps.h264",
        transport: Annotated[str, typer.Option(help="UDP | TCP | TLS")] = "UDP",
        ca: Annotated[Path | None, typer.Option(help="TLS:信任的 CA 证书 CA certificate to trust")] = None,
        certificate: Annotated[
            Path | None, typer.Option(help="TLS:出示的证书和私钥,同一 PEM 文件 certificate with key to show")
        ] = None,
        first_number: Annotated[
            int, typer.Option(min=1, max=9999, help="第一台的序号,决定编码 number of the first one, makes its code")
        ] = 501,
        channel_codes: Annotated[
            str,
            typer.Option(help="通道编码,逗号分隔;各台相同,如出厂时 channel codes, by commas; the same on each device"),
        ] = "",
        loss: Annotated[float, typer.Option(help="少发 RTP 包的比例,0 到 1 share of RTP packets never sent")] = 0.0,
        reorder: Annotated[float, typer.Option(help="与下一包互换的比例,0 到 1 share of RTP packets swapped with the next")] = 0.0,
        late_packets: Annotated[
            int, typer.Option(min=0, help="每 50 个 RTP 包有一个晚到若干包 one packet in 50 comes so many later")
        ] = 0,
        psm: Annotated[PsmFault, typer.Option(help="节目流映射晚到或没有 program stream map late or missing")] = PsmFault.NONE,
        sets_once: Annotated[
            bool, typer.Option(help="参数集只在首个关键帧发送 parameter sets with the first key frame only")
        ] = False,
        ssrc: Annotated[
            SsrcFault, typer.Option(help="RTP 的 SSRC 错误、为零或中途改变 wrong, zero or changing SSRC in the packets")
        ] = SsrcFault.NONE,
        silent_media: Annotated[bool, typer.Option(help="应答邀请但不发包 answers the INVITE and sends no packet")] = False,
        no_answer: Annotated[bool, typer.Option(help="不理会邀请 ignores INVITEs")] = False,
        rings: Annotated[bool, typer.Option(help="对邀请只回 180 answers INVITEs with 180 and no more")] = False,
        half_open_tcp: Annotated[bool, typer.Option(help="媒体 TCP 连上后不发数据 connects for media and sends nothing")] = False,
        clock_skew_s: Annotated[float, typer.Option(help="设备时钟偏差,秒 added to the device's clock, seconds")] = 0.0,
        invite_status: Annotated[int, typer.Option(help="以此状态码应答邀请,0 关 answers INVITEs with this status, 0: off")] = 0,
        answer: Annotated[
            AnswerFault, typer.Option(help="应答的毛病:无 SDP、端口为 0 等 what is wrong with the answer")
        ] = AnswerFault.NONE,
        bye_after_s: Annotated[float, typer.Option(help="若干秒后设备挂断,0 关 hangs up after so many seconds, 0: never")] = 0.0,
        deaf_byes: Annotated[int, typer.Option(help="应答挂断但继续发流的次数 BYEs that it answers and sends on")] = 0,
        unknown_codec: Annotated[bool, typer.Option(help="发送无人认识的编码 packets of no known codec")] = False,
        no_marker: Annotated[bool, typer.Option(help="从不置 RTP 标志位 never sets the RTP marker")] = False,
        stray_marker: Annotated[
            bool, typer.Option(help="关键帧中间也置标志位 an RTP marker in the middle of key frames too")
        ] = False,
        shared_times: Annotated[bool, typer.Option(help="两帧共用一个时间戳 two pictures share a time stamp")] = False,
        sound: Annotated[SoundFault, typer.Option(help="带声音,映射表写或不写 a tone, named by the map or not")] = SoundFault.NONE,
        stall_after_s: Annotated[
            float, typer.Option(help="若干秒后停流且不挂断,0 关 falls silent without a BYE after so many seconds, 0: never")
        ] = 0.0,
        mid_group: MidGroup = False,
        grants_s: Annotated[
            int, typer.Option(help="订阅只给的秒数,0 不给 seconds granted to a subscription, 0: none, -1: as asked")
        ] = -1,
        refuses_orders: Annotated[
            bool, typer.Option(help="对有应答的控制命令回 ERROR answers ERROR to orders that are answered")
        ] = False,
        faulty: Annotated[bool, typer.Option(help="保活中报告 ERROR says ERROR in its keep-alives")] = False,
        takes: Annotated[str, typer.Option(help="只接受 udp 或 tcp 媒体,其余回 488 media by udp or tcp alone, else 488")] = "",
        records_lost: Annotated[
            int, typer.Option(help="录像目录应答少发最后若干条消息 the last messages listing its recordings never come")
        ] = 0,
        records_claimed: Annotated[int, typer.Option(help="录像目录的 SumNum 多报 SumNum of its recordings so much too high")] = 0,
        deaf_control: Annotated[
            bool, typer.Option(help="对回放控制回 200 但不执行 answers 200 to orders of a playback and does none")
        ] = False,
        no_media_status: Annotated[
            bool, typer.Option(help="录像发完不报 121 does not say that a recording was sent to its end")
        ] = False,
        status_outside: Annotated[
            bool, typer.Option(help="121 不在会话内发送 says so in a message of its own, not within the call")
        ] = False,
        plays_on: Annotated[
            bool, typer.Option(help="回放录像不在要求的结束时间停止 plays what is recorded on beyond the end it was asked for")
        ] = False,
        scaled_times: Annotated[
            bool, typer.Option(help="变速时时间戳按时钟走 time stamps pass with the clock at any speed")
        ] = False,
        alarms: Annotated[int, typer.Option(min=0, help="每台上报的报警数(入侵) alarms of an intrusion that each one tells")] = 0,
        alarm_every_s: Annotated[float, typer.Option(min=0.01, help="两次报警间隔,秒 seconds from one alarm to the next")] = 1.0,
        moving: Annotated[
            bool, typer.Option(help="沿街巡行并上报定位(MobilePosition) goes round the streets and tells where it is")
        ] = False,
        reports: Annotated[
            ReportsFault, typer.Option(help="发送端报告(RTCP)的毛病 what is wrong with the sender reports of its streams")
        ] = ReportsFault.NONE,
    ) -> None:
        faults = Faults(
            loss, reorder, late_packets, psm, sets_once, ssrc, silent_media, no_answer, rings, half_open_tcp, clock_skew_s,
            invite_status, answer,
            bye_after_s, deaf_byes, unknown_codec, no_marker, stray_marker, shared_times, sound, stall_after_s, mid_group,
            grants_s, refuses_orders, faulty, takes,
            records_lost, records_claimed, deaf_control, no_media_status, status_outside,
            plays_on=plays_on, scaled_times=scaled_times, reports=reports,
        )  # fmt: skip
        clip = Clip.load(footage)
        tls = trusting(ca, certificate) if transport == "TLS" else None
        registrar = Registrar(host, port, server, server[:10], password, tls)
        devices, codes = [], [code.strip() for code in channel_codes.split(",") if code.strip()]
        for number in range(first_number, first_number + count):
            identity = DeviceIdentity(f"{server[:10]}{kind}0{number:06d}", "", transport=transport, faults=faults)
            devices.append(make(registrar, identity, clip, number, codes))
        uvloop.run(_run_all(devices, alarms, alarm_every_s, moving=moving))

    return run


simulate.command("camera", help="单镜头摄像机,可带故障 Single-lens cameras, with faults on request")(
    _devices_of(CAMERA_KIND, _single_lens)
)
simulate.command("alarm-host")(alarm_host)
simulate.command("patrol")(patrol)
simulate.command("nvr", help="四通道录像机,可带故障 Recorders with four channels, with faults on request")(
    _devices_of(RECORDER_KIND, _recorder)
)


@simulate.command()
def fleet(
    host: Host = "127.0.0.1",
    port: Port = 5060,
    server: Code = "",
    password: Password = "",
    count: Annotated[int, typer.Option(min=1, max=100_000, help="设备数 devices")] = 1000,
    interval_s: Annotated[float, typer.Option(min=1, help="保活间隔,秒 keep-alive interval, seconds")] = 60.0,
    minutes: Annotated[float, typer.Option(min=0.01, max=1440, help="运行时长,分钟 how long, minutes")] = 10.0,
) -> None:
    """一个进程内至多十万台只有信令的设备 Up to 100,000 devices in one process that only register and keep alive (loopback only)."""
    devices = SignallingFleet(FleetTarget(host, port, server, server[:10], password), count)
    try:
        report = devices.register_all(expires_s=max(3600, int(minutes * 60) + 600))
        out.print(f"{report.answered}/{report.asked} registered in {report.took_s:.2f} s, lost {report.lost}", markup=False)
        rounds = max(1, round(minutes * 60 / interval_s))
        report = devices.keep_alive(messages=rounds * count, rate_s=count / interval_s, limit_s=minutes * 60 + 60)
        out.print(f"{report.answered}/{report.asked} keep-alives answered, lost {report.lost}", markup=False)
    finally:
        devices.close()


@simulate.command()
def storm(
    host: Host = "127.0.0.1",
    port: Port = 5060,
    server: Code = "",
    password: Password = "",
    count: Count = 1000,
    keepalives: int = 0,
) -> None:
    """信令风暴:注册与保活 A storm of registrations and keep-alives (loopback only)."""
    fleet = SignallingFleet(FleetTarget(host, port, server, server[:10], password), count)
    try:
        report = fleet.register_all()
        out.print(
            f"{report.answered}/{report.asked} in {report.took_s:.2f} s, p99 {report.percentile_s(0.99) * 1000:.0f} ms",
            markup=False,
        )
        if keepalives:
            report = fleet.keep_alive(messages=keepalives, rate_s=None)
            out.print(f"{report.answered}/{report.asked} keep-alives in {report.took_s:.2f} s", markup=False)
    finally:
        fleet.close()


async def _run_all(devices: list[SimulatedDevice], alarms: int = 0, alarm_every_s: float = 1.0, *, moving: bool = False) -> None:
    async with asyncio.TaskGroup() as group:
        for at, device in enumerate(devices):
            if moving:
                group.create_task(tell_positions(device, Walk(BEATS[at % len(BEATS)])))
            group.create_task(device.run())
            group.create_task(_tell_alarms(device, alarms, alarm_every_s))


async def _tell_alarms(device: SimulatedDevice, count: int, every_s: float) -> None:
    """Each until it is answered with 200: the node has it on disk then."""
    for number in range(1, count + 1):
        await device.registered.wait()
        alarm = intrusion(number, next(iter(device.channels), device.identity.code))
        while True:
            with suppress(TimeoutError, OSError):
                if (await device.send(alarm)).status == 200:
                    break
            await asyncio.sleep(every_s)
        await asyncio.sleep(every_s)
