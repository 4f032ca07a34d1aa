"""A device's row and its state, each from the other."""

from __future__ import annotations

from typing import Any

from fengsui.features.devices.model import DeviceState, Peer


def restored(row: Any) -> DeviceState:
    """The state as it was left."""
    peer = Peer(row.transport, row.host, row.port) if row.host else None
    return DeviceState(
        row.code, row.password, row.name, row.maker, row.model, row.firmware, row.channels, peer, row.call_id, row.edition,
        row.user_agent, row.registered_at, row.expires_at, row.last_seen_at, media_transport=row.media_transport,
        worked_transport=row.worked_transport, media_port=row.media_port, charset=row.charset, sub_stream=row.sub_stream,
        marker=row.marker, after_loss=row.after_loss, unmapped_sound=row.unmapped_sound, ssrc=row.ssrc,
        ssrc_change=row.ssrc_change, reorder=row.reorder, parameter_sets=row.parameter_sets,
        pinned_edition=row.pinned_edition, ignore_notified_status=bool(row.ignore_notified_status), believed=row.believed,
        subscribe_alarms=row.subscribe_alarms, position_datum=row.position_datum, proved=peer,
    )  # fmt: skip


def binding_of(state: DeviceState) -> dict[str, Any]:
    """What a registration changes."""
    peer = state.peer or Peer("", "", 0)
    return {
        "code": state.code,
        "transport": peer.transport,
        "host": peer.host,
        "port": peer.port,
        "call_id": state.call_id,
        "edition": state.edition,
        "registered_at": state.registered_at,
        "expires_at": state.expires_at,
        "last_seen_at": state.last_seen_at,
        "user_agent": state.user_agent,
    }
