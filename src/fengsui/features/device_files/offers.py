"""What a device says of itself, as a file would write it: shown beside the fields, taken by a hand, never by itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from math import isclose
from typing import Final

from fengsui.features.cameras import Camera, details_of
from fengsui.features.device_files.field_table import BY_KEY
from fengsui.features.device_files.model import Values

CODECS: Final[Mapping[str, str]] = {"1": "MPEG-4", "2": "H.264", "3": "SVAC", "5": "H.265"}
"""By the f field of GB/T 28181 annex G."""
NOT_COMPARED: Final = frozenset(("device_code", "maker", "parent", "streams"))
"""Free words, or the tree's: not the same thing as the file's."""
NEAR: Final = 5e-7
"""Degrees."""


def _said(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6f}" if isinstance(value, float) else str(value)


def words_of(camera: Camera) -> dict[str, str]:
    """Field → the device's word, where it says anything."""
    said = details_of(camera.stored_details)
    number = {"lon": None, "lat": None} if camera.own_place else {"lon": camera.longitude, "lat": camera.latitude}
    words: dict[str, object] = {
        "device_code": camera.code,
        "name": camera.reported_name,
        "maker": camera.maker,
        "model": camera.model,
        "civil_code": camera.area,
        "point_class": said.point_class,
        "common_name": said.common_name,
        "ipv4": said.ip_address if "." in said.ip_address else "",
        "ipv6": said.ip_address if ":" in said.ip_address else "",
        "mac": said.mac,
        "camera_type": camera.ptz_type or None,
        "function_type": "/".join(one.lstrip("0") for one in said.functions),
        "fill_light": said.light,
        "codec": CODECS.get(said.video_codec.split("/")[0], ""),
        "address": camera.address,
        "lon": number["lon"],
        "lat": number["lat"],
        "place_type": said.position_kind,
        "direction": said.direction,
        "police_org": said.block,
        "installed_on": said.installed_at[:10],
        "managing_unit": said.managing_unit,
        "managing_contact": said.contact,
        "retention_days": said.kept_days,
        "parent": "/".join(camera.parents),
        "register_way": said.register_way,
        "security_level": said.security_level,
        "secrecy": said.secrecy,
        "imaging": "/".join(map(str, said.imaging)),
        "capture_position": said.capture_position,
        "room": said.room,
        "resolution": said.resolution,
        "streams": "/".join(camera.streams),
        "download_speed": said.download_speeds,
        "mobile_kind": said.mobile_kind,
        "horizontal_angle": said.horizontal_angle,
        "vertical_angle": said.vertical_angle,
        "view_distance": said.view_distance,
        "grassroots": said.grassroots,
        "industry": said.industry,
        "port": said.port,
        "owner": said.owner,
        "certificate": said.certificate,
        "certificate_end": said.certificate_end[:10],
    }
    angles = ("horizontal_angle", "vertical_angle", "view_distance")
    words |= {key: f"{words[key]:g}" for key in angles if isinstance(words[key], float)}
    return {key: text[: BY_KEY[key].longest] for key, value in words.items() if (text := _said(value))}


def differing(values: Values, words: Values) -> list[str]:
    """Fields in which file and catalogue both say something, and not the same."""
    return [key for key, word in words.items() if key not in NOT_COMPARED and (value := values.get(key)) and not _same(value, word)]


def _same(value: str, word: str) -> bool:
    if value == word:
        return True
    try:
        return isclose(float(value), float(word), abs_tol=NEAR, rel_tol=0)
    except ValueError:
        return False
