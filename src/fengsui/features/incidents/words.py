"""The closed lists of incidents, in Chinese and English. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class IncidentKind(StrEnum):
    """What happens: a closed list."""

    HOLD_UP = "hold-up"
    INTRUSION = "intrusion"
    DISTURBANCE = "disturbance"
    CROWDING = "crowding"
    TRAFFIC = "traffic"
    FIRE = "fire"
    RESCUE = "rescue"
    MEDICAL = "medical"
    WEATHER = "weather"
    FACILITY = "facility"
    TECHNICAL = "technical"
    OTHER = "other"


KIND_TEXTS: Final[Mapping[IncidentKind, tuple[str, str]]] = {
    IncidentKind.HOLD_UP: ("抢劫、紧急求助报警", "hold-up or panic"),
    IncidentKind.INTRUSION: ("入侵、盗窃", "intrusion or theft"),
    IncidentKind.DISTURBANCE: ("治安纠纷", "disturbance"),
    IncidentKind.CROWDING: ("聚集、拥挤", "crowding"),
    IncidentKind.TRAFFIC: ("道路交通", "road traffic"),
    IncidentKind.FIRE: ("火灾", "fire"),
    IncidentKind.RESCUE: ("群众求助、救援", "help and rescue"),
    IncidentKind.MEDICAL: ("医疗急救", "medical emergency"),
    IncidentKind.WEATHER: ("水情、灾害天气", "water and weather"),
    IncidentKind.FACILITY: ("公共设施损坏", "damage to facilities"),
    IncidentKind.TECHNICAL: ("设备、线路故障", "technical fault"),
    IncidentKind.OTHER: ("其他", "other"),
}


class IncidentState(StrEnum):
    """Where an incident stands."""

    NEW = "new"
    TAKEN = "taken"
    VERIFYING = "verifying"
    VERIFIED = "verified"
    FALSE = "false"
    DISPATCHED = "dispatched"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    CONTROLLED = "controlled"
    CLOSED = "closed"
    ARCHIVED = "archived"
    MERGED = "merged"


STATE_TEXTS: Final[Mapping[IncidentState, tuple[str, str]]] = {
    IncidentState.NEW: ("待接", "new"),
    IncidentState.TAKEN: ("已接", "taken"),
    IncidentState.VERIFYING: ("核实中", "verifying"),
    IncidentState.VERIFIED: ("已核实", "verified"),
    IncidentState.FALSE: ("误报", "false"),
    IncidentState.DISPATCHED: ("已派警", "dispatched"),
    IncidentState.EN_ROUTE: ("出警中", "en route"),
    IncidentState.ON_SCENE: ("已到场", "on scene"),
    IncidentState.CONTROLLED: ("现场已控制", "under control"),
    IncidentState.CLOSED: ("已结束", "closed"),
    IncidentState.ARCHIVED: ("已归档", "archived"),
    IncidentState.MERGED: ("已并入其他警情", "merged"),
}


class Disposition(StrEnum):
    """What came of it: a closed list."""

    HANDLED = "handled"
    PASSED_ON = "passed-on"
    NOTHING_FOUND = "nothing-found"
    NO_ACTION = "no-action"
    FALSE_ALARM = "false-alarm"
    TEST = "test"
    CANCELLED = "cancelled"


DISPOSITION_TEXTS: Final[Mapping[Disposition, tuple[str, str]]] = {
    Disposition.HANDLED: ("现场已处置", "handled on the spot"),
    Disposition.PASSED_ON: ("移交其他部门", "passed on"),
    Disposition.NOTHING_FOUND: ("到场未发现异常", "nothing found"),
    Disposition.NO_ACTION: ("无需处置", "no action needed"),
    Disposition.FALSE_ALARM: ("误报", "false alarm"),
    Disposition.TEST: ("测试、演练", "test or exercise"),
    Disposition.CANCELLED: ("登记有误,撤销", "entered by mistake"),
}


class Cause(StrEnum):
    """Of a false alarm: a closed list."""

    USER_ERROR = "user_error"
    EQUIPMENT = "equipment"
    WEATHER = "weather"
    ANIMAL = "animal"
    TEST = "test"
    UNKNOWN = "unknown"
    MALICIOUS = "malicious"


CAUSE_TEXTS: Final[Mapping[Cause, tuple[str, str]]] = {
    Cause.USER_ERROR: ("误操作", "user error"),
    Cause.EQUIPMENT: ("设备原因", "equipment"),
    Cause.WEATHER: ("天气", "weather"),
    Cause.ANIMAL: ("动物", "animal"),
    Cause.TEST: ("测试", "test"),
    Cause.UNKNOWN: ("原因不明", "unknown"),
    Cause.MALICIOUS: ("恶意", "malicious"),
}
