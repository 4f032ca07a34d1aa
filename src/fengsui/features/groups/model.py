"""Groups of cameras, and what is refused about them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from fengsui.errors import OperatorFault
from fengsui.features.access import Function, posts_with
from fengsui.features.cameras import NamedCamera

MOST_FAVOURITES, MOST_GROUPS, MOST_CAMERAS = 1_000, 200, 2_000
"""Of one person, of one person, of one group."""
DUTY_POSTS = frozenset(posts_with(Function.TAKE_DUTY))
"""Whoever manages duty keeps the groups of these posts in order."""


@dataclass(frozen=True, slots=True)
class Group:
    """`post`: whoever holds it sees the group too; `centre`: whoever may take duty there, 0 for none. Neither: the owner alone."""

    id: int
    owner: int
    owner_name: str
    name: str
    post: str
    centre: int
    cameras: tuple[str, ...]
    """Codes, in the order in which they were put in."""

    @property
    def shared(self) -> bool:
        """With anybody at all."""
        return bool(self.post or self.centre)


class NotTaken(NamedTuple):
    """A camera that was not put into a group with the others, and why."""

    code: str
    reason: Literal["unknown", "out_of_scope"]


@dataclass(frozen=True, slots=True)
class SeenGroup:
    """A group as one person has it: those of its cameras that they may see. `maker_left`: who made it no longer has the post."""

    group: Group
    cameras: Sequence[NamedCamera]
    mine: bool
    may_change: bool
    maker_left: bool
    not_taken: Sequence[NotTaken] = ()


def reordered(codes: Sequence[str], order: Sequence[str]) -> list[str]:
    """The named ones among the codes change places in this order; every other stays where it is."""
    held = set(codes)
    wanted = [code for code in dict.fromkeys(order) if code in held]
    named = set(wanted)
    following = iter(wanted)
    return [next(following) if code in named else code for code in codes]


class UnknownGroup(OperatorFault):
    """No group of this number that the caller may know of."""

    code = "group.unknown"
    status = 404
    zh = "没有这个摄像机分组"
    en = "There is no such group of cameras"
    remedy_zh = "刷新分组列表;分组可能已被删除或不再共享"
    remedy_en = "Read the list of groups again; it may have been deleted, or is no longer shared"


class ForeignGroup(OperatorFault):
    """Shared with the caller, but not the caller's to change."""

    code = "group.of_another"
    status = 409
    zh = "该分组由“{owner}”建立,您只能使用"
    en = "The group is {owner}'s: you can use it, not change it"
    remedy_zh = "请其本人或可管理组内全部摄像机值班的值班长修改,或另建自己的分组"
    remedy_en = "Ask its owner, or whoever manages duty for all of its cameras; or make a group of your own"


class GroupNameTaken(OperatorFault):
    """One's groups have different names."""

    code = "group.name_taken"
    status = 409
    zh = "您已有名为“{name}”的分组"
    en = "You have a group named {name} already"
    remedy_zh = "请换一个名称"
    remedy_en = "Choose another name"


class TooManyKept(OperatorFault):
    """More than is kept."""

    code = "group.too_many"
    status = 409
    zh = "超过上限:最多 {most} 项"
    en = "That is more than is kept: {most} at most"
    remedy_zh = "请先移除不再使用的项,或分成多个分组"
    remedy_en = "Remove what is no longer used, or make several groups"


class NoSuchCentre(OperatorFault):
    """Groups are shared with centres where one may take or manage duty."""

    code = "group.no_centre"
    status = 409
    zh = "不能共享给该值班中心:中心不存在,或不在您的值守范围内"
    en = "The group cannot be shared with that centre: it does not exist, or your duty does not reach it"
    remedy_zh = "请选择您可值守或管理的中心"
    remedy_en = "Choose a centre where you take or manage duty"


class PostNotHeld(OperatorFault):
    """Groups are shared with posts that one holds oneself."""

    code = "group.post_not_held"
    status = 409
    zh = "只能共享给您自己担任的岗位;管理值班的人还可共享给参与值班的岗位"
    en = "A group is shared only with a post that you hold yourself, or, by whoever manages duty, with a post that takes duty"
    remedy_zh = "请选择您担任的岗位,或共享给值班中心"
    remedy_en = "Choose a post of yours, or share it with a duty centre"
