"""What a source of alarms is, what it may say, and what is refused of it. Pure. Times: seconds since 1970."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from fengsui.errors import NodeFault, OperatorFault
from fengsui.features.access import CameraFacts
from fengsui.features.alarms import LONGEST_TEXT, plain, usual_priority
from fengsui.wire.dc09.codes import Category

MOST_SOURCES: Final = 500
"""Of one node."""
MOST_CAMERAS: Final = 8
"""Of one alarm."""
BURST_S: Final = 10.0
JOBS: Final = "jobs"
"""Of a source that sends jobs: what stands for its kinds."""
PING: Final = b'{"ping":true}'
"""The body of a try: proven like any other, and about nothing."""
Protocol = Literal["https", "cap"]


@dataclass(frozen=True, slots=True)
class AlarmSource:
    """A system that reports alarms. `name`: by which it is addressed and known to rules; `area`: nothing it reports is elsewhere.

    `kinds`: what it may report, all where there are none; `most_urgent`: its alarms are no more urgent than that; `jobs`: it sends
    jobs, which are incidents, and no alarms.
    """

    id: int
    name: str
    title: str
    area: str
    kinds: tuple[Category, ...]
    most_urgent: int
    made_at: float
    jobs: bool = False
    supervision_s: int = 0
    """It is heard at least so often, be it by a try; 0: it may be silent."""

    def takes(self, kind: Category) -> bool:
        """Whether it may report this."""
        return not self.jobs and (not self.kinds or kind in self.kinds)


@dataclass(slots=True)
class Figures:
    """What came of a source. Times: seconds since 1970, 0: never. `refused`: signed rightly and not taken for what it said, or how
    often; `unproven`: in its name, and not signed by it."""

    heard_at: float = 0.0
    taken: int = 0
    repeated: int = 0
    refused: int = 0
    unproven: int = 0
    fault_at: float = 0.0
    fault: str = ""
    """Code of the last refusal."""


@dataclass(frozen=True, slots=True)
class Said:
    """One alarm as its system tells it. `id`: the same when it is sent again. `at`: by its own clock. `told_priority` None: it
    tells none. `subject`: what several messages are about together; empty: each stands for itself."""

    id: str
    kind: Category
    change: Literal["new", "restored"]
    told_priority: int | None
    at: float | None
    area: str
    point: str
    place: str
    longitude: float | None
    latitude: float | None
    text: str
    event: str
    cameras: tuple[str, ...]
    subject: str = ""
    follows: tuple[str, ...] = ()
    """Ids of those of the same subject that came before."""


def key_of(source: str, id: str) -> str:
    """By what an alarm of a source is known again. Of its name: whoever enters it anew continues it."""
    return hashlib.sha256(json.dumps(["intake", source, id]).encode()).hexdigest()


def subject_of(said: Said) -> str:
    """What keeps alarms of one kind apart that name no point, so that none counts with another that is elsewhere."""
    if said.subject or said.point:
        return said.subject
    if said.longitude is not None and said.latitude is not None:
        return f"{said.latitude:.3f},{said.longitude:.3f}"  # about a hundred metres
    return hashlib.sha256(json.dumps([said.place or said.id, said.cameras[:1]]).encode()).hexdigest()[:16]


def facts_of(
    source: AlarmSource, said: Said, camera: CameraFacts | None, *, protocol: Protocol, encrypted: bool
) -> Mapping[str, Any]:
    """As it is stored. Before every desk of its area, as of a host: who does not see the camera is not told which it is."""
    told = usual_priority(said.kind) if said.told_priority is None else said.told_priority
    return {
        **{"protocol": protocol, "device": "", "host_id": 0, "account": source.name, "site": source.title},
        **{"area": (said.area or source.area) if camera is None else camera.area, "section": subject_of(said)},
        **{"number": plain(said.point, 32), "is_user": False, "point_id": None, "point": plain(said.place, 128), "point_kind": ""},
        **{"camera": "" if camera is None else camera.code, "camera_class": ""},
        **{"code_table": "http" if protocol == "https" else "cap", "code": "A", "known": True, "change": said.change},
        **{"category": said.kind.value, "priority": max(told, source.most_urgent), "told_priority": said.told_priority},
        **{"method": None, "alarm_type": said.kind.value[:16], "event_type": plain(said.event, 16)},
        **{"text": plain(said.text, LONGEST_TEXT), "sequence": "", "encrypted": encrypted, "held_back": False},
        **{"sent_at": said.at, "longitude": said.longitude, "latitude": said.latitude},
    }


def fitting(source: AlarmSource, said: Said, facts: Mapping[str, CameraFacts]) -> tuple[list[CameraFacts], list[str]]:
    """Cameras of an alarm that are shown with it, and those that are left out: unknown, or elsewhere. For them no alarm is lost."""
    shown, left_out = list[CameraFacts](), list[str]()
    for code in dict.fromkeys(said.cameras):
        found = facts.get(code)
        if found is not None and found.area.startswith(source.area):
            shown.append(found)
        else:
            left_out.append(code)
    return shown, left_out


class Pace:
    """So many a second, on the average of `BURST_S`."""

    def __init__(self, per_s: float, now_s: float) -> None:
        self._per_s = per_s
        self._most = max(1.0, per_s * BURST_S)
        self._left = self._most
        self._at_s = now_s

    def take(self, now_s: float) -> bool:
        """Whether one more is within it."""
        self._left = min(self._most, self._left + max(0.0, now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True


def refuse_unfit(source: AlarmSource, said: Said) -> None:
    """Raises KindNotAllowed, IntakeElsewhere."""
    if source.jobs or (said.change == "new" and not source.takes(said.kind)):
        raise KindNotAllowed(kind=said.kind.value, allowed=JOBS if source.jobs else _listed(source.kinds))
    if said.area and not said.area.startswith(source.area):
        raise IntakeElsewhere(area=said.area, own=source.area)


def _listed(kinds: Sequence[Category]) -> str:
    return ", ".join(one.value for one in kinds)


class IntakeUnproven(OperatorFault):
    """Nobody that is registered has signed it: an unknown name, or a wrong signature. It does not say which."""

    code = "alarm_intake.unproven"
    status = 401
    zh = "来源或签名不正确"
    en = "The source or its signature is wrong"
    remedy_zh = "核对来源名称、密钥,以及签名所用的时间戳和正文(须与发送的字节完全一致)"
    remedy_en = "Check the source's name, its secret, and that time and body are signed octet for octet as they are sent"


class IntakeUntimely(OperatorFault):
    """Signed rightly, and not now."""

    code = "alarm_intake.untimely"
    status = 401
    zh = "签名时间与节点时钟({now})相差超过 {most} 秒"
    en = "The time of the signature is more than {most} s from the node's clock ({now})"
    remedy_zh = "校准来源系统的时钟;每次发送都以当时的时间重新签名"
    remedy_en = "Set the clock of the source; sign anew each time that it is sent"


class IntakeTooLarge(OperatorFault):
    """Larger than one alarm is."""

    code = "alarm_intake.too_large"
    status = 413
    zh = "正文超过 {limit} KB"
    en = "The body is larger than {limit} KB"
    remedy_zh = "图片等附件不随报警上报"
    remedy_en = "Send no pictures along"


class IntakeMalformed(OperatorFault):
    """It cannot be read."""

    code = "alarm_intake.malformed"
    status = 422
    zh = "无法读取上报内容:{why}"
    en = "What is reported cannot be read: {why}"
    remedy_zh = "按对接说明更正后,以同一编号重发"
    remedy_en = "Mend it by the guide and send it under the same id"


class KindNotAllowed(OperatorFault):
    """A source reports what it may not."""

    code = "alarm_intake.kind_not_allowed"
    status = 422
    zh = "该来源不得上报类型 {kind}(允许:{allowed})"
    en = "This source may not report {kind} (it may: {allowed})"
    remedy_zh = "请管理员核对来源允许的类型"
    remedy_en = "Ask the administrator which kinds this source may report"


class IntakeElsewhere(OperatorFault):
    """A source reports from where it is not."""

    code = "alarm_intake.elsewhere"
    status = 422
    zh = "区划 {area} 不在该来源的区划 {own} 内"
    en = "Area {area} is not within the area of this source, {own}"
    remedy_zh = "请管理员核对来源的区划"
    remedy_en = "Ask the administrator for which area this source is registered"


class IntakeIdUsed(OperatorFault):
    """Another alarm has this id."""

    code = "alarm_intake.id_used"
    status = 409
    zh = "编号 {id} 已用于另一条内容不同的报警"
    en = "The id {id} is of another alarm, which says something else"
    remedy_zh = "每条报警用新编号;重发时内容须与首次相同"
    remedy_en = "A new id for each alarm; what is sent again must say the same"


class IntakeTooOften(OperatorFault):
    """More than a source may report."""

    code = "alarm_intake.too_often"
    status = 429
    zh = "该来源上报过于频繁"
    en = "This source reports too often"
    remedy_zh = "稍后以同一编号重发"
    remedy_en = "Send it under the same id a little later"
    retry_after_s = 2


class IntakeNotStored(NodeFault):
    """It may not be on disk: whoever sent it keeps it and sends it again."""

    code = "alarm_intake.not_stored"
    status = 503
    zh = "报警尚未落盘,请稍后以同一编号重发"
    en = "The alarm is not known to be on disk: send it under the same id again"
    remedy_zh = "稍后以同一编号重发"
    remedy_en = "Send it under the same id a little later"
    retry_after_s = 3


class UnusableSource(OperatorFault):
    """No such source can be entered."""

    code = "alarm_source.unusable"
    status = 422
    zh = "报警来源信息无效:{why_zh}"
    en = "The alarm source cannot be entered: {why_en}"
    remedy_zh = "请更正后重试"
    remedy_en = "Mend it and try again"


class SourceKnown(OperatorFault):
    """The name has been entered already."""

    code = "alarm_source.known"
    status = 409
    zh = "名称 {name} 已登记为报警来源"
    en = "{name} is an alarm source already"
    remedy_zh = "换一个名称,或先删除再重新登记"
    remedy_en = "Take another name, or remove it and enter it anew"


class TooManySources(OperatorFault):
    """No more are taken."""

    code = "alarm_source.too_many"
    status = 409
    zh = "本节点最多登记 {limit} 个报警来源"
    en = "{limit} alarm sources a node at most"
    remedy_zh = "请删除不用的来源"
    remedy_en = "Remove those that are gone"


class UnknownSource(OperatorFault):
    """No such source."""

    code = "alarm_source.unknown"
    status = 404
    zh = "没有这个报警来源"
    en = "There is no such alarm source"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"
