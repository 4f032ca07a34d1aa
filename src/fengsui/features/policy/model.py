"""The words of policy packs: classes of data, purposes, acts and ranks, each a closed list. Pure. Rules A4, A14, A51."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from fengsui.features.access import RANK_TEXTS


class DataClass(StrEnum):
    """What is kept, each class between its floor and its ceiling (rule A51)."""

    VIDEO = "video"
    KEY_TARGET_VIDEO = "key-target-video"
    PASSAGES = "passages"
    ALARMS = "alarms"
    AUDIT = "audit"


class Purpose(StrEnum):
    """Why somebody may look: codes only, no "other" (rule A4)."""

    CRIME_INVESTIGATION = "crime-investigation"
    ALARM_VERIFICATION = "alarm-verification"
    EMERGENCY_RESCUE = "emergency-rescue"
    MISSING_PERSON = "missing-person"
    TRAFFIC = "traffic"
    PUBLIC_ORDER_EVENT = "public-order-event"
    CONDUCT_OVERSIGHT = "conduct-oversight"
    EQUIPMENT_MAINTENANCE = "equipment-maintenance"
    INDIVIDUAL_ACCESS = "individual-access"
    AUDIT = "audit"


class Gated(StrEnum):
    """What a purpose can open; closed while no pack is in force, but for live pictures. Words as in `access`."""

    VIEW_LIVE = "view-live"
    LISTEN = "listen"
    VIEW_RECORDED = "view-recorded"
    EXPORT = "export"
    VIEW_UNMASKED = "view-unmasked"
    SEARCH_PASSAGES = "search-passages"
    WATCH_LIST = "watch-list"


RECORDED: Final = frozenset((Gated.VIEW_RECORDED, Gated.EXPORT, Gated.SEARCH_PASSAGES, Gated.WATCH_LIST))


class TwoPersonAct(StrEnum):
    """What two persons do together (rule A14), and looking at older data (rule A8)."""

    EXPORT = "export"
    WATCH_LIST = "watch-list"
    UNMASK = "unmask"
    EARLY_DELETION = "early-deletion"
    HOLD = "hold"
    POLICY = "policy"
    ROLES = "roles"
    AUDIT_SETTINGS = "audit-settings"
    KEYS = "keys"
    RESTORE = "restore"
    EMERGENCY_CLOSE = "emergency-close"
    OLDER_DATA = "older-data"


class CaseNumber(StrEnum):
    """Whether a ticket of this purpose names a case or incident."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"

    @property
    def height(self) -> int:
        """The higher, the stricter."""
        return list(CaseNumber).index(self)


class UnknownCase(StrEnum):
    """A ticket whose case number the connected register does not know when it is opened (rule A3)."""

    UNTIL_NIGHT = "until-night"
    """Until the register is asked again, at most."""
    REFUSED = "refused"


class LiveWithoutCentre(StrEnum):
    """Live pictures of an area for which no duty centre answers (rule A5)."""

    OPEN = "open"
    """By the post alone."""
    REFUSED = "refused"
    """By use ticket alone, until somebody sets a centre up."""


class SignOnFactor(StrEnum):
    """What signing on to a shift proves anew, beside being signed in."""

    NONE = "none"
    SECOND_FACTOR = "second-factor"


class SignOnHours(StrEnum):
    """Whether signing on to a shift asks how long the person has been on duty, and when they last rested."""

    CHECKED = "checked"
    NOT_CHECKED = "not-checked"


TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    f"class.{DataClass.VIDEO}": ("视频图像", "Video"),
    f"class.{DataClass.KEY_TARGET_VIDEO}": ("反恐重点目标视频", "Video of key targets"),
    f"class.{DataClass.PASSAGES}": ("过车信息(无命中)", "Vehicle passages without a hit"),
    f"class.{DataClass.ALARMS}": ("报警记录", "Alarm records"),
    f"class.{DataClass.AUDIT}": ("审计日志", "Audit log"),
    **{f"rank.{rank}": texts for rank, texts in RANK_TEXTS.items()},
    f"act.{TwoPersonAct.EXPORT}": ("导出", "Export"),
    f"act.{TwoPersonAct.WATCH_LIST}": ("布控", "Watch list"),
    f"act.{TwoPersonAct.UNMASK}": ("解除遮挡", "Lifting a mask"),
    f"act.{TwoPersonAct.EARLY_DELETION}": ("提前删除", "Early deletion"),
    f"act.{TwoPersonAct.HOLD}": ("留存冻结", "Legal hold"),
    f"act.{TwoPersonAct.POLICY}": ("策略变更", "Change of policy"),
    f"act.{TwoPersonAct.ROLES}": ("岗位权限变更", "Change of posts"),
    f"act.{TwoPersonAct.AUDIT_SETTINGS}": ("审计设置变更", "Change of audit settings"),
    f"act.{TwoPersonAct.KEYS}": ("密钥操作", "Key ceremony"),
    f"act.{TwoPersonAct.RESTORE}": ("恢复备份", "Restoring a backup"),
    f"act.{TwoPersonAct.EMERGENCY_CLOSE}": ("紧急调看结案", "Closing emergency access"),
    f"act.{TwoPersonAct.OLDER_DATA}": ("查看较早数据", "Older data"),
    f"function.{Gated.VIEW_LIVE}": ("实时查看", "view live"),
    f"function.{Gated.LISTEN}": ("收听声音", "listen"),
    f"function.{Gated.VIEW_RECORDED}": ("查看录像", "view recordings"),
    f"function.{Gated.EXPORT}": ("导出", "export"),
    f"function.{Gated.VIEW_UNMASKED}": ("查看未遮挡画面", "view unmasked"),
    f"function.{Gated.SEARCH_PASSAGES}": ("检索过车", "search passages"),
    f"function.{Gated.WATCH_LIST}": ("布控", "watch list"),
    f"purpose.{Purpose.CRIME_INVESTIGATION}": ("案件侦查", "crime investigation"),
    f"purpose.{Purpose.ALARM_VERIFICATION}": ("警情核实", "alarm verification"),
    f"purpose.{Purpose.EMERGENCY_RESCUE}": ("应急救援", "emergency or rescue"),
    f"purpose.{Purpose.MISSING_PERSON}": ("查找走失或受困人员", "missing or endangered person"),
    f"purpose.{Purpose.TRAFFIC}": ("交通事故与执法", "traffic accident or enforcement"),
    f"purpose.{Purpose.PUBLIC_ORDER_EVENT}": ("有书面方案的大型活动秩序", "public-order event with a written plan"),
    f"purpose.{Purpose.CONDUCT_OVERSIGHT}": ("执法监督", "oversight of police conduct"),
    f"purpose.{Purpose.EQUIPMENT_MAINTENANCE}": ("设备维护", "equipment maintenance"),
    f"purpose.{Purpose.INDIVIDUAL_ACCESS}": ("个人查阅申请", "individual access request"),
    f"purpose.{Purpose.AUDIT}": ("审计", "audit"),
    f"unknown-case.{UnknownCase.UNTIL_NIGHT}": ("至当夜核对", "until the next night's reconciliation"),
    f"unknown-case.{UnknownCase.REFUSED}": ("不予开立", "refused"),
    f"without-centre.{LiveWithoutCentre.OPEN}": ("凭岗位", "by the post alone"),
    f"without-centre.{LiveWithoutCentre.REFUSED}": ("须持使用单", "by use ticket alone"),
    f"sign-on.{SignOnFactor.NONE}": ("不要求", "not asked for"),
    f"sign-on.{SignOnFactor.SECOND_FACTOR}": ("须当场验证", "asked for at signing on"),
    f"sign-on-hours.{SignOnHours.CHECKED}": ("核对", "checked"),
    f"sign-on-hours.{SignOnHours.NOT_CHECKED}": ("不核对", "not checked"),
    f"case.{CaseNumber.NONE}": ("不需要", "none"),
    f"case.{CaseNumber.OPTIONAL}": ("可填", "optional"),
    f"case.{CaseNumber.REQUIRED}": ("必填", "required"),
}
