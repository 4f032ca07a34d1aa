"""The media engine of this node: made from the settings, started, handed the certificate; its faults in the node's words."""

from __future__ import annotations

from pathlib import Path

from fengsui.certificates import Certificate, CertificateUnusable
from fengsui.errors import FootageUnusable, PortTaken, PortUnusable
from fengsui.media import CannotListen, Engine, EngineConfig, EngineError, PortInUse
from fengsui.recording_settings import RecordingSection, footage_index_in
from fengsui.settings import NodeSettings
from fengsui.transports.addresses import LocalAddresses


def reports_port(settings: NodeSettings) -> int:
    """Where cameras send the reports on their streams: above the port of RTP (RFC 3550 §11), unless the node has that one for
    something else; 0: nowhere.
    """
    port = settings.media.rtp_port + 1
    return 0 if port > 65535 or port in (settings.signalling.port, settings.media.webrtc_port) else port


def engine_of(settings: NodeSettings, addresses: LocalAddresses, ticket_key: bytes) -> Engine:
    """Not started yet. `ticket_key`: with which tickets are signed."""
    media = settings.media
    config = EngineConfig(
        ticket_key=ticket_key,
        audit_office=settings.access.audit_office,
        rtp_host=media.rtp_host,
        rtp_port=media.rtp_port,
        rtcp_port=reports_port(settings),
        rtp_port_first=media.rtp_port_first,
        rtp_port_last=media.rtp_port_last,
        http_host=media.http_host,
        http_port=media.http_port,
        webrtc_port=media.webrtc_port,
        webrtc_addresses=addresses.all(),
        grace_ms=int(media.grace_s * 1000),
        silence_ms=int(media.silence_s * 1000),
        first_packet_ms=int(media.first_packet_s * 1000),
        max_sources=media.max_sources,
        max_readers=media.max_readers,
        max_readers_per_address=media.max_readers_per_address,
        max_readers_per_session=media.max_readers_per_session,
        ticket_life_s=media.ticket_s,
        max_frame_bytes=media.max_frame_mb << 20,
        max_waiting=media.max_waiting_connections,
        max_waiting_per_address=media.max_waiting_connections_per_address,
        max_connections=media.max_connections,
        max_connections_per_address=media.max_connections_per_address,
        max_handshakes=media.max_handshakes,
        max_handshakes_per_address=media.max_handshakes_per_address,
    )
    return Engine(config)


def start_engine(engine: Engine) -> None:
    """Opens its ports. Raises PortTaken, PortUnusable."""
    try:
        engine.start()
    except PortInUse as error:
        _, kind, port = error.args
        raise PortTaken(port=port, kind=kind) from error
    except CannotListen as error:
        _, kind, port, what = error.args
        raise PortUnusable(port=port, kind=kind, what=what) from error


def keep_footage(engine: Engine, recording: RecordingSection, data: Path) -> None:
    """Opens the footage folders; one that does not work is told, and tried again. Raises FootageUnusable."""
    try:
        engine.keep_footage(
            recording.folders_in(data),
            footage_index_in(data),
            write_behind_bytes=recording.write_behind_mb << 20,
            held_bytes=(recording.held_stream_mb << 20, recording.held_mb << 20),
        )
    except EngineError as error:
        raise FootageUnusable(what=str(error)) from error


def use_certificate(engine: Engine, found: Certificate) -> None:
    """For its port of pictures. Raises CertificateUnusable."""
    try:
        engine.use_certificate(found.chain_pem, found.key_pem)
    except EngineError as error:
        raise CertificateUnusable(
            zh=str(error),
            en=str(error),
            do_zh="请换用 ECDSA 或 RSA 2048 位以上的证书",
            do_en="Use ECDSA, or RSA of 2048 bits or more",
        ) from error
