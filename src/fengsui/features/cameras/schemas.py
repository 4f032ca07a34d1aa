"""Shapes of cameras and their control."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from fengsui.features.access import CameraClass

Tag = Annotated[str, Field(min_length=1, max_length=64)]
Status = Literal["online", "offline", "unknown", "fault"]


class CameraShape(BaseModel):
    """A camera: the device's words, and the operator's own where set. `own_place`: the coordinates are the operator's."""

    code: str
    name: str
    own_name: str
    reported_name: str
    maker: str
    model: str
    area: str
    area_name: str
    own_area: str
    device: str
    parents: list[str]
    status: Status
    ptz_type: int
    longitude: float | None
    latitude: float | None
    own_place: bool
    address: str
    tags: list[str]
    streams: list[str]
    audio_basis: str
    camera_class: CameraClass


class CameraDetails(BaseModel):
    """What else its device says of a camera. Codes as GB/T 28181 numbers them (`wire.gb28181.catalog_details` has them all).

    Null and empty: not said. `withheld`: addresses and contact are shown to those alone who keep devices where the camera lies.
    """

    owner: str
    block: str
    safety_way: int | None
    register_way: int | None
    certificate: str
    certificate_valid: int | None
    certificate_fault: int | None
    certificate_end: str
    security_level: str
    secrecy: int | None
    ip_address: str
    port: int | None
    imaging: list[int]
    capture_position: str
    position_kind: int | None
    room: int | None
    use: int | None
    light: int | None
    direction: int | None
    resolution: str
    download_speeds: str
    space_layers: int | None
    time_layers: int | None
    layer_ratios: str
    mobile_kind: int | None
    horizontal_angle: float | None
    vertical_angle: float | None
    view_distance: float | None
    grassroots: str
    point_class: int | None
    common_name: str
    mac: str
    functions: list[str]
    video_codec: str
    installed_at: str
    managing_unit: str
    contact: str
    kept_days: int | None
    industry: str
    unreadable: list[str]
    """Elements that the device fills with what is no value of the standard."""
    withheld: bool


class CameraFile(CameraShape):
    """A camera with all that its device says of it."""

    details: CameraDetails


class CameraStates(BaseModel):
    """How the cameras on the map are: `states` has one digit for each, 0 online, 1 offline, 2 fault, 3 unknown.

    `cameras`: a fingerprint of which cameras these are, in this order.
    """

    cameras: str
    states: str


class CameraPoints(CameraStates):
    """Every camera with a place, by columns of one length. Places in WGS-84 (CGCS2000) degrees, the operator's own where set.

    `directions`: 1 east, 2 west, 3 south, 4 north, 5 south-east, 6 north-east, 7 south-west, 8 north-west; angles in degrees,
    distances in metres; null: not said. `unplaced`: how many more cameras have no place.
    """

    unplaced: int
    codes: list[str]
    names: list[str]
    longitudes: list[float]
    latitudes: list[float]
    areas: list[str]
    classes: list[CameraClass]
    ptz_types: list[int]
    directions: list[int | None]
    horizontal_angles: list[float | None]
    view_distances: list[float | None]


class CameraPage(BaseModel):
    """A page of cameras."""

    items: list[CameraShape]
    next: str | None
    total: int


class CameraName(BaseModel):
    """What a tree shows of a camera."""

    code: str
    name: str
    status: Status
    ptz_type: int


class CameraNames(BaseModel):
    """Part of a list of cameras, from `offset`. `ignored`: words of a search beyond those that are looked for."""

    items: list[CameraName]
    offset: int
    total: int
    ignored: list[str]


class CameraTag(BaseModel):
    """A tag, and how many of the cameras that one may see have it."""

    tag: str
    cameras: int


class CameraTags(BaseModel):
    """Every tag, the most used first."""

    items: list[CameraTag]


class WithdrawnShape(BaseModel):
    """A camera that left the catalogue while there was footage of it; its name and area are as they were then."""

    code: str
    name: str
    area: str
    area_name: str
    withdrawn_at: datetime


class WithdrawnList(BaseModel):
    """The last that left first; `total`: how many there are."""

    items: list[WithdrawnShape]
    next: str | None
    total: int


class CameraChange(BaseModel):
    """The operator's own words; they survive every new catalogue. Null or empty takes one back: the device's word holds again."""

    own_name: str | None = Field(default=None, max_length=256)
    own_area: str | None = Field(default=None, pattern=r"^(\d{2}|\d{4}|\d{6}|\d{8})?$")
    """A division's code (GB/T 2260)."""
    longitude: float | None = Field(default=None, ge=-180, le=180)
    latitude: float | None = Field(default=None, ge=-90, le=90)
    tags: list[Tag] | None = Field(default=None, max_length=32)
    audio_basis: str | None = Field(default=None, max_length=256)
    camera_class: CameraClass | None = None
    """None: by the node's setting. One that keeps the camera from fewer eyes is asked for at `/class`."""


class ClassOrder(BaseModel):
    """Another class, with the reason that whoever approves it reads."""

    camera_class: CameraClass
    reason: str = Field(min_length=1, max_length=500)


class AreaOrder(BaseModel):
    """Another area (empty: the device's word), with the reason that whoever approves it reads."""

    own_area: str = Field(pattern=r"^(\d{2}|\d{4}|\d{6}|\d{8})?$")
    reason: str = Field(min_length=1, max_length=500)


class AreaShape(BaseModel):
    """One area with its sums."""

    code: str
    name: str
    parent: str
    level: Literal["province", "city", "county", "unit"]
    """`unit`: an access unit, digits 7 and 8 of codes (GB/T 28181-2022 annex E); its name is empty where no catalogue tells one."""
    cameras_total: int
    cameras_online: int
    cameras_here: int


class AreaList(BaseModel):
    """The area tree as a list."""

    items: list[AreaShape]


class DeviceStatusShape(BaseModel):
    """What a device says of itself. `device_time`: its own clock, as it writes it; `clock_error_s` None where it tells none."""

    online: bool
    working: bool
    reason: str
    encoding: bool | None
    recording: bool | None
    device_time: str
    clock_error_s: float | None


class CatalogueState(BaseModel):
    """How far reading a catalogue is; `total` is the device's claim.

    `cut_after_s`: the reading ended at its limit of so many seconds: what came is kept, nothing was forgotten; 0: it did not.
    """

    device: str
    received: int
    total: int
    done: bool
    cut_after_s: float = 0


class TreeNode(BaseModel):
    """One item of a device's own tree: where it hangs is the device's word, not verified (GB/T 28181-2022 annex J).

    `status`: of a camera; empty of what is none.
    """

    code: str
    name: str
    kind: str
    area: str
    parents: list[str]
    business_group: str
    status: Status | Literal[""]
    held_by: str
    """Of a refused duplicate (kind `duplicate`): the device whose camera has this code."""


class RefusedChannelShape(BaseModel):
    """A channel of `device` that is refused because a camera of `holder` has its code."""

    code: str
    device: str
    holder: str


class TreeList(BaseModel):
    """A device's own tree as a list; not `complete` where it has more than are listed."""

    items: list[TreeNode]
    complete: bool
    refused: list[RefusedChannelShape]
    """Clashes of channel codes with other devices, on either side."""


class GuardOrder(BaseModel):
    """`armed`: whether the device is to raise alarms."""

    armed: bool
