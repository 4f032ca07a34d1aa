"""What a device is asked for pictures with, live ones or recorded: how the engine expects them, and what its answer changes."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from fengsui.features.devices import Call, DeviceState
from fengsui.features.live.ways import media_host_of
from fengsui.media import (
    AfterLoss,
    Engine,
    EngineError,
    Marker,
    ParameterSets,
    Reorder,
    SourceSpec,
    SsrcChange,
    SsrcPolicy,
    Transport,
    UnmappedSound,
)
from fengsui.settings import MediaSection

SETUPS = {Transport.UDP: "", Transport.TCP_PASSIVE: "passive", Transport.TCP_ACTIVE: "active"}
MARKERS = {"learn": Marker.LEARN, "trust": Marker.TRUST, "ignore": Marker.IGNORE}
AFTER_LOSS = {"next-picture": AfterLoss.NEXT_PICTURE, "next-key-frame": AfterLoss.NEXT_KEY_FRAME}
UNMAPPED_SOUND = {"drop": UnmappedSound.DROP, "g711a": UnmappedSound.G711A, "g711u": UnmappedSound.G711U}
SSRC = {"source": SsrcPolicy.FROM_PEER_ADDRESS, "strict": SsrcPolicy.STRICT}
SSRC_CHANGE = {"auto": SsrcChange.AUTO, "when-silent": SsrcChange.WHEN_SILENT, "refuse": SsrcChange.REFUSE}
REORDER = {"standard": Reorder.STANDARD, "long": Reorder.LONG, "none": Reorder.NONE}
PARAMETER_SETS = {"insert": ParameterSets.INSERT, "leave": ParameterSets.LEAVE}


def source_of(
    device: DeviceState, name: str, ssrc: int, way: Transport, *, own_port: bool, audio: bool, bytes_a_second: int = 0
) -> SourceSpec:
    """As the device's profile says. `audio`: its sound may be heard; `bytes_a_second`: a bound where it can be held, 0: none."""
    return SourceSpec(
        name=name,
        ssrc=ssrc,
        transport=way,
        own_port=own_port,
        remote_host=None if device.peer is None else device.peer.host,
        ssrc_policy=SSRC[device.ssrc],
        audio=audio,
        marker=MARKERS[device.marker],
        after_loss=AFTER_LOSS[device.after_loss],
        unmapped_sound=UNMAPPED_SOUND[device.unmapped_sound],
        reorder=REORDER[device.reorder],
        ssrc_change=SSRC_CHANGE[device.ssrc_change],
        parameter_sets=PARAMETER_SETS[device.parameter_sets],
        bytes_a_second=bytes_a_second,
    )


def wants_own_port(media: MediaSection, device: DeviceState, *, sends_another: bool) -> bool:
    """`sends_another`: it was seen to send another SSRC than it was asked for."""
    if not media.rtp_port_first or device.media_port == "shared":
        return False
    return device.media_port == "own" or media.ports == "own" or sends_another


def follow_answer(
    engine: Engine, source: int, call: Call, way: Transport, ssrc: int, peer_host: str, deaf: Collection[str] = ()
) -> tuple[str, str]:
    """Takes over SSRC and address from the device's answer: a failure's code when it cannot be used, and the address to which a
    connection for media is made, if one is. `deaf`: addresses whose connections brought nothing come last.
    """
    answer = call.answer
    video = None if answer is None else answer.video
    if answer is None or video is None:
        engine.answered(source)
        return "", ""  # some devices answer without a description and send all the same
    if video.port == 0:
        return "no_description", ""
    if answer.ssrc_value not in (None, 0, ssrc):
        with suppress(EngineError):
            engine.set_ssrc(source, answer.ssrc_value or ssrc)
    told = media_host_of(answer.media_address, peer_host)
    engine.answered(source, told or None)
    if way is not Transport.TCP_ACTIVE:
        return "", ""
    hosts = [host for host in (told, peer_host) if host]
    to = next((host for host in hosts if host not in deaf), hosts[0] if hosts else answer.media_address)
    engine.connect_source(source, to, video.port)
    return "", to
