"""Functions, roles, and the errors of signing in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fengsui.errors import OperatorFault


class Function(StrEnum):
    """What one can be allowed to do."""

    LOOK_AROUND = "look-around"
    VIEW_LIVE = "view-live"
    CONTROL = "control"
    MANAGE_DEVICES = "manage-devices"
    MANAGE_NODE = "manage-node"
    MANAGE_PEOPLE = "manage-people"


ROLES: dict[str, frozenset[Function]] = {
    "administrator": frozenset(Function),
    "operator": frozenset((Function.LOOK_AROUND, Function.VIEW_LIVE, Function.CONTROL)),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks."""

    user_id: int
    name: str
    role: str
    session: str
    address: str


class NotSignedIn(OperatorFault):
    """No session, or one that has ended."""

    code = "access.not_signed_in"
    status = 401
    zh = "尚未登录或登录已过期"
    en = "Not signed in, or the session has ended"
    remedy_zh = "请重新登录"
    remedy_en = "Sign in again"


class WrongPassword(OperatorFault):
    """Name or password is wrong; which of them is not said."""

    code = "access.wrong_password"
    status = 401
    zh = "用户名或口令不正确"
    en = "Name or password is wrong"
    remedy_zh = "请检查后重试;多次错误会暂时锁定"
    remedy_en = "Check and try again; many wrong tries lock for a while"


class LockedOut(OperatorFault):
    """Too many wrong passwords."""

    code = "access.locked_out"
    status = 429
    zh = "错误次数过多,请在 {seconds} 秒后重试"
    en = "Too many wrong tries; try again in {seconds} s"
    remedy_zh = "等待后重试,或联系管理员"
    remedy_en = "Wait, or ask the administrator"


class NotAllowed(OperatorFault):
    """The role does not hold this function."""

    code = "access.not_allowed"
    status = 403
    zh = "您的角色无权执行此操作({function})"
    en = "Your role may not do this ({function})"
    remedy_zh = "请联系管理员授予权限"
    remedy_en = "Ask the administrator for the right"


class WeakPassword(OperatorFault):
    """A new password that is too short."""

    code = "access.weak_password"
    zh = "新口令至少 10 个字符"
    en = "A new password has at least 10 characters"
    remedy_zh = "请输入更长的口令"
    remedy_en = "Choose a longer one"


@dataclass(slots=True)
class Tries:
    """Wrong passwords of one name or address. Times: seconds of the monotonic clock."""

    wrong: int = 0
    locked_until_s: float = 0.0

    def count(self, *, now_s: float, limit: int, lockout_s: float) -> None:
        """One more wrong password; each lock-out after the first lasts twice as long, at most sixteen times."""
        self.wrong += 1
        if self.wrong >= limit:
            doublings = min(4, self.wrong - limit)
            self.locked_until_s = now_s + lockout_s * 2**doublings
