"""Functions, posts with the functions each gives, and classes of cameras. Pure. Rules A7 and A35."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Function(StrEnum):
    """What one can be allowed to do: a closed list."""

    LOOK_AROUND = "look-around"
    """Lists, states and the tree: no picture."""
    VIEW_LIVE = "view-live"
    VIEW_UNMASKED = "view-unmasked"
    LISTEN = "listen"
    DRIVE_SCREENS = "drive-screens"
    """Say what stands on a screen where somebody else is signed in."""
    CONTROL = "control"
    VIEW_RECORDED = "view-recorded"
    EXPORT = "export"
    TAKE_DUTY = "take-duty"
    GO_ON_PATROL = "go-on-patrol"
    """Be in a unit: its task, its steps, where it is; of other units and of the desk nothing."""
    MANAGE_DUTY = "manage-duty"
    WRITE_METHODS = "write-methods"
    """The library of what worked, which everybody on duty reads."""
    JUDGE_EMERGENCY = "judge-emergency"
    READ_DUTY_LOG = "read-duty-log"
    """The shift log of centres where one does not sit."""
    OPEN_TICKET = "open-ticket"
    APPROVE = "approve"
    MANAGE_DEVICES = "manage-devices"
    MANAGE_NODE = "manage-node"
    MANAGE_MASKS = "manage-masks"
    MANAGE_PEOPLE = "manage-people"
    MANAGE_POLICY = "manage-policy"
    READ_AUDIT = "read-audit"


class Post(StrEnum):
    """What a person is appointed to; each is for an area, some classes of cameras and a time."""

    OPERATOR = "operator"
    DUTY_SUPERVISOR = "duty-supervisor"
    INVESTIGATOR = "investigator"
    COMMANDER = "commander"
    PATROL = "patrol"
    MAINTENANCE = "maintenance"
    INSPECTOR = "inspector"
    PARTNER_OWNER = "partner-owner"
    SYSTEM_ADMINISTRATOR = "system-administrator"
    SECURITY_ADMINISTRATOR = "security-administrator"
    AUDIT_ADMINISTRATOR = "audit-administrator"


class CameraClass(StrEnum):
    """Whose place a camera looks at (rule A7)."""

    GOVERNMENT = "government"
    """Public space, built by a government body."""
    OPERATING_UNIT = "operating-unit"
    """Public space, built by the unit that runs the place."""
    PRIVATE = "private"
    POLICE_INTERNAL = "police-internal"
    RESTRICTED = "restricted"
    """Schools, medical places, places of worship, near homes."""


F = Function
_WATCH = (F.LOOK_AROUND, F.VIEW_LIVE, F.LISTEN)
_DUTY = (*_WATCH, F.CONTROL, F.DRIVE_SCREENS, F.TAKE_DUTY, F.OPEN_TICKET)
_SENIOR = (*_DUTY, F.MANAGE_MASKS, F.VIEW_RECORDED, F.APPROVE, F.READ_DUTY_LOG, F.WRITE_METHODS)
POSTS: Final[Mapping[Post, frozenset[Function]]] = {
    Post.OPERATOR: frozenset(_DUTY),
    Post.DUTY_SUPERVISOR: frozenset((*_SENIOR, F.MANAGE_DUTY, F.JUDGE_EMERGENCY)),
    Post.INVESTIGATOR: frozenset((*_WATCH, F.OPEN_TICKET, F.VIEW_RECORDED, F.VIEW_UNMASKED, F.EXPORT)),
    Post.COMMANDER: frozenset((*_SENIOR, F.VIEW_UNMASKED, F.JUDGE_EMERGENCY)),
    Post.PATROL: frozenset((F.GO_ON_PATROL,)),
    Post.MAINTENANCE: frozenset((F.LOOK_AROUND,)),
    Post.INSPECTOR: frozenset((*_WATCH, F.OPEN_TICKET, F.VIEW_RECORDED, F.READ_DUTY_LOG)),
    Post.PARTNER_OWNER: frozenset((F.LOOK_AROUND, F.VIEW_LIVE)),
    Post.SYSTEM_ADMINISTRATOR: frozenset((F.LOOK_AROUND, F.MANAGE_DEVICES, F.MANAGE_NODE)),
    Post.SECURITY_ADMINISTRATOR: frozenset((F.MANAGE_PEOPLE, F.MANAGE_POLICY, F.APPROVE)),
    Post.AUDIT_ADMINISTRATOR: frozenset((F.READ_AUDIT, F.READ_DUTY_LOG, F.JUDGE_EMERGENCY)),
}
OFFICES: Final = frozenset((Post.SYSTEM_ADMINISTRATOR, Post.SECURITY_ADMINISTRATOR, Post.AUDIT_ADMINISTRATOR))
"""The three administrators: nobody holds two, and none sees footage by that office (rule A35)."""
PICTURES: Final = frozenset((F.VIEW_LIVE, F.VIEW_UNMASKED, F.LISTEN, F.CONTROL, F.VIEW_RECORDED, F.EXPORT))
"""Functions that bring footage to somebody's eyes or ears."""
RECORDED: Final = frozenset((F.VIEW_RECORDED, F.EXPORT))
"""Functions that need an open use ticket (rule A1)."""
OWNERS_CLASSES: Final = frozenset((CameraClass.OPERATING_UNIT, CameraClass.PRIVATE))
"""Cameras of these classes, in the area of a partner owner's appointment, are the owner's own: no shift of ours stands between."""
CLASS_BIT: Final[Mapping[CameraClass, int]] = {one: 1 << at for at, one in enumerate(CameraClass)}
EVERY_CLASS: Final = sum(CLASS_BIT.values())

PROTECTION: Final[Mapping[CameraClass, int]] = {
    CameraClass.GOVERNMENT: 0,
    CameraClass.OPERATING_UNIT: 0,
    CameraClass.PRIVATE: 1,
    CameraClass.POLICE_INTERNAL: 2,
    CameraClass.RESTRICTED: 3,
}
"""How much a class keeps a camera from eyes: only a change upwards tightens."""

FUNCTION_TEXTS: Final[Mapping[Function, tuple[str, str]]] = {
    F.LOOK_AROUND: ("查看目录与状态", "see lists and states"),
    F.VIEW_LIVE: ("查看实时画面", "view live pictures"),
    F.VIEW_UNMASKED: ("查看未遮蔽画面", "view unmasked pictures"),
    F.LISTEN: ("收听声音", "listen"),
    F.DRIVE_SCREENS: ("向屏幕推送画面", "send pictures to screens"),
    F.CONTROL: ("控制云台", "control cameras"),
    F.VIEW_RECORDED: ("查看录像", "view recordings"),
    F.EXPORT: ("导出录像", "export recordings"),
    F.TAKE_DUTY: ("值班签到", "take duty"),
    F.GO_ON_PATROL: ("巡防执勤", "go on patrol"),
    F.MANAGE_DUTY: ("管理值班", "manage duty"),
    F.WRITE_METHODS: ("编写技战法", "write methods"),
    F.JUDGE_EMERGENCY: ("评定紧急调看", "judge emergency accesses"),
    F.READ_DUTY_LOG: ("查阅值班日志", "read shift logs"),
    F.OPEN_TICKET: ("开立使用单", "open use tickets"),
    F.APPROVE: ("审批", "approve"),
    F.MANAGE_DEVICES: ("管理设备", "manage devices"),
    F.MANAGE_NODE: ("管理节点", "manage the node"),
    F.MANAGE_MASKS: ("设置隐私遮蔽", "draw privacy masks"),
    F.MANAGE_PEOPLE: ("管理人员", "manage people"),
    F.MANAGE_POLICY: ("管理策略", "manage policy"),
    F.READ_AUDIT: ("查阅审计日志", "read the audit log"),
}
POST_TEXTS: Final[Mapping[Post, tuple[str, str]]] = {
    Post.OPERATOR: ("值班员", "operator"),
    Post.DUTY_SUPERVISOR: ("值班长", "duty supervisor"),
    Post.INVESTIGATOR: ("办案人员", "investigator"),
    Post.COMMANDER: ("指挥长", "commander"),
    Post.PATROL: ("巡防人员", "patrol officer"),
    Post.MAINTENANCE: ("运维人员", "maintenance"),
    Post.INSPECTOR: ("督察人员", "inspector"),
    Post.PARTNER_OWNER: ("共建单位", "partner owner"),
    Post.SYSTEM_ADMINISTRATOR: ("系统管理员", "system administrator"),
    Post.SECURITY_ADMINISTRATOR: ("安全管理员", "security administrator"),
    Post.AUDIT_ADMINISTRATOR: ("审计管理员", "audit administrator"),
}


def mask_of(classes: Iterable[CameraClass]) -> int:
    """The classes as bits; none given means none."""
    mask = 0
    for one in classes:
        mask |= CLASS_BIT[one]
    return mask


def classes_of(mask: int) -> list[CameraClass]:
    """The bits as classes."""
    return [one for one, bit in CLASS_BIT.items() if mask & bit]


def sees_footage(post: Post) -> bool:
    """Whether the post opens any picture or sound; whoever is on patrol is shown the place of a task live."""
    return bool(POSTS[post] & (PICTURES | {Function.GO_ON_PATROL}))


def is_weighty(posts: Iterable[Post]) -> bool:
    """Whether one is an office, approves, or opens pictures: whoever takes such an account over takes that (rules A14, A35)."""
    return any(post in OFFICES or Function.APPROVE in POSTS[post] or sees_footage(post) for post in posts)


def needs_number(post: Post) -> bool:
    """Whether its holder approves or holds an office: then two of them must be two human beings (rules A10, A15)."""
    return post in OFFICES or Function.APPROVE in POSTS[post]


def conflict_of(posts: Iterable[Post]) -> tuple[Post, Post] | None:
    """Two posts that one person must not hold together: two offices, or an office and one that sees footage (rule A35)."""
    held = sorted(set(posts), key=list(Post).index)
    offices = [post for post in held if post in OFFICES]
    if len(offices) > 1:
        return offices[0], offices[1]
    seeing = [post for post in held if sees_footage(post)]
    if offices and seeing:
        return offices[0], seeing[0]
    return None


def posts_with(function: Function) -> list[Post]:
    """The posts that give a function."""
    return [post for post, functions in POSTS.items() if function in functions]
