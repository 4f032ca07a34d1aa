"""What a sighting is, and what is refused about one. Pure.

It holds a place, a time and words. There is no field for who was seen, and nothing joins one sighting to another (R2, R6): to see
an order in them is the reader's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from fengsui.errors import OperatorFault
from fengsui.features.access import CameraFacts, Place, Refusal
from fengsui.features.audit import Ground
from fengsui.features.bookmarks import Withdrawn, micros_of, moment_of

Kind = Literal["footage", "live", "in-person"]
"""How the person saw it: in recorded footage, in a live picture, or on the spot."""
AHEAD: Final = timedelta(seconds=10)
ASKED: Final = timedelta(days=31)
"""One question."""
MOST_LISTED: Final = 500
MOST_A_DAY: Final = 200
"""Made by one person within a day, those that were withdrawn with them."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where it was. Degrees (CGCS2000); `area`: of the camera, or as the person says; `camera` empty without one."""

    longitude: float
    latitude: float
    area: str
    camera: str = ""
    camera_class: str = ""

    @property
    def what(self) -> Place:
        """For records and refusals."""
        return Place(self.camera or f"{self.latitude:.5f},{self.longitude:.5f}", self.area)


@dataclass(frozen=True, slots=True)
class Wanted:
    """As it was written. `place`: longitude and latitude, where the person gives them."""

    kind: Kind
    at: datetime
    text: str
    case_number: str
    camera: str
    place: tuple[float, float] | None
    area: str

    def at_us(self, now: datetime) -> int:
        """Raises UnusableSighting."""
        if self.at > now + AHEAD:
            raise UnusableSighting(why_zh="时间在将来", why_en="it lies in the future")
        return micros_of(self.at)

    def spot(self, camera: CameraFacts | None, camera_place: tuple[float, float] | None) -> Spot:
        """`camera`: the one that is named, with its own place. Raises UnusableSighting."""
        place = self.place or camera_place
        if camera is None and self.kind != "in-person":
            raise UnusableSighting(why_zh="录像或实时画面中所见须写明摄像机", why_en="what is seen in a picture names its camera")
        if place is None:
            raise UnusableSighting(why_zh="没有位置:摄像机无坐标,也未写经纬度", why_en="no place: neither the camera's nor degrees")
        if camera is not None:
            return Spot(*place, camera.area, camera.code, camera.camera_class.value)
        if not self.area:
            raise UnusableSighting(why_zh="没有写明行政区划", why_en="it does not say the area")
        return Spot(*place, self.area)

    def case(self, ground: Ground) -> str:
        """What is seen in footage belongs to the case that opened it (rule A6). Raises UnusableSighting."""
        if self.kind == "footage" and ground.case and self.case_number not in ("", ground.case):
            raise UnusableSighting(
                why_zh=f"录像是凭案件 {ground.case} 调看的", why_en=f"the footage was opened for case {ground.case}"
            )
        return self.case_number or (ground.case if self.kind == "footage" else "")


@dataclass(frozen=True, slots=True)
class Correction:
    """What else a sighting should say: words, and where they are given the time and the case number."""

    text: str
    at: datetime | None
    case_number: str | None

    def of(self, found: Sighting) -> Wanted:
        """As it is to stand; where it was stays."""
        spot = found.spot
        at = moment_of(found.at_us) if self.at is None else self.at
        case_number = found.case_number if self.case_number is None else self.case_number
        return Wanted(found.kind, at, self.text, case_number, spot.camera, (spot.longitude, spot.latitude), spot.area)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A person's own note. `at_us`: microseconds since 1970; `made_at`: seconds."""

    id: int
    kind: Kind
    spot: Spot
    at_us: int
    text: str
    case_number: str
    author_id: int
    author: str
    unit: str
    ground: Ground
    made_at: float
    withdrawn: Withdrawn | None

    @property
    def place(self) -> str:
        """Camera or area, for records."""
        return self.spot.camera or self.spot.area

    @property
    def when(self) -> str:
        """For records."""
        return moment_of(self.at_us).isoformat(timespec="seconds")

    @property
    def said(self) -> str:
        """For records."""
        spot = self.spot
        return f"{self.kind}; case {self.case_number or 'none'}; {spot.latitude:.5f},{spot.longitude:.5f}; {self.text}"


class UnusableSighting(OperatorFault):
    """No such sighting can be noted or asked for."""

    code = "sighting.unusable"
    status = 422
    zh = "目击记录无效:{why_zh}"
    en = "The sighting cannot be noted: {why_en}"
    remedy_zh = "请写明位置(摄像机,或经纬度和区划)、过去的时间和看到了什么"
    remedy_en = "Say where (a camera, or degrees and the area), when in the past, and what was seen"


class MaskedSighting(Refusal):
    """What is seen in the footage of a masked camera is noted under a lift."""

    code = "sighting.masked"
    rule = "A40"
    zh = "摄像机 {camera} 设有隐私遮挡,须解除遮挡后才能记录其录像中所见"
    en = "Camera {camera} has privacy masks: what its footage shows is noted under a lift"
    remedy_zh = "请申请解除遮挡(双人审批),在批准的时间内办理"
    remedy_en = "Ask for a mask lift (two persons) and do it within the time that is granted"


class UnknownSighting(OperatorFault):
    """No such sighting, or none that one may see."""

    code = "sighting.unknown"
    status = 404
    zh = "没有这条目击记录,或已撤回"
    en = "There is no such sighting, or it was withdrawn"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class ForeignSighting(OperatorFault):
    """Somebody else's words stay as they wrote them."""

    code = "sighting.foreign"
    status = 403
    zh = "只有记录人本人({author})可以更正或撤回"
    en = "Only whoever noted it ({author}) corrects or withdraws it"
    remedy_zh = "请由本人办理;有不同看法的,另记一条"
    remedy_en = "Let them do it; where you saw it otherwise, note that"


class TooManySightings(OperatorFault):
    """A person has noted as many as may be."""

    code = "sighting.too_many"
    status = 409
    zh = "每人每日最多 {limit} 条目击记录"
    en = "{limit} sightings a person and day at most"
    remedy_zh = "请把其余所见写入案件材料"
    remedy_en = "Write the rest into the case"
