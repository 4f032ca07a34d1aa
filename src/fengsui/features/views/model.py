"""Saved walls: what stands on them, who sees them, and what is wrong with one. Pure."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import Any, NamedTuple

from fengsui.errors import OperatorFault
from fengsui.features.access import Scope

MOST_SIDE, MOST_TILES, MOST_STEPS, MOST_VIEWS = 8, 36, 60, 200
SHORTEST_S, LONGEST_S = 5, 3600


class Kind(StrEnum):
    """What is saved."""

    VIEW = "view"
    TOUR = "tour"


class Sharing(StrEnum):
    """Who sees it besides the one who saved it."""

    OWN = "own"
    POST = "post"
    CENTRE = "centre"


class View(NamedTuple):
    """A wall or a tour as it is kept. `area`: of those it is shared with by post; `changed_at`: seconds since 1970.

    `body`: of a wall `grid` and `tiles` (each None or `camera`, `stream`); of a tour `steps` (`view` or `camera`, `stream`,
    `dwell_s`).
    """

    id: int
    user_id: int
    owner: str
    kind: Kind
    name: str
    sharing: Sharing
    post: str
    centre: int
    area: str
    changed_at: float
    body: dict[str, Any]

    @property
    def cameras(self) -> list[str]:
        """Codes of every camera in it, each once."""
        parts = self.body.get("tiles", []) if self.kind is Kind.VIEW else self.body.get("steps", [])
        return list(dict.fromkeys(one["camera"] for one in parts if one and one.get("camera")))


def tiles_in(grid: str) -> int:
    """How many tiles a grid has: rows parted by `/`, a sign for each cell, the same sign for the cells of one tile: a rectangle.

    Raises UnusableView.
    """
    rows = grid.split("/")
    cells: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row, line in enumerate(rows):
        for column, sign in enumerate(line):
            cells[sign].append((row, column))
    even = len(rows) <= MOST_SIDE and 1 <= len(rows[0]) <= MOST_SIDE and all(len(line) == len(rows[0]) for line in rows)
    if not even or len(cells) > MOST_TILES or not all(_is_rectangle(found) for found in cells.values()):
        raise UnusableView(
            why_zh=f"布局须为矩形格子,每边最多 {MOST_SIDE} 格,最多 {MOST_TILES} 个画面",
            why_en=f"a layout is an even grid of rectangles, at most {MOST_SIDE} cells a side and {MOST_TILES} tiles",
        )
    return len(cells)


def _is_rectangle(cells: list[tuple[int, int]]) -> bool:
    rows, columns = {row for row, _ in cells}, {column for _, column in cells}
    return len(cells) == (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)


def area_shared(own: str, scope: Scope) -> str:
    """Where those work with whom somebody shares by post: the own unit's area, else what all of the own areas have in common."""
    if own or not scope.areas:
        return own
    areas = [area for area, _ in scope.areas]
    return next(areas[0][:length] for length in (8, 6, 4, 2, 0) if all(area.startswith(areas[0][:length]) for area in areas))


class UnknownView(OperatorFault):
    """No such view, or one that is not shared with whoever asks: which of them is not said."""

    code = "views.unknown"
    status = 404
    zh = "没有这个视图,或它已不再共享给您"
    en = "There is no such view, or it is not shared with you any more"
    remedy_zh = "请刷新视图列表"
    remedy_en = "Load the list of views again"


class ForeignView(OperatorFault):
    """Somebody else's."""

    code = "views.foreign"
    status = 403
    zh = "视图“{name}”由 {owner} 保存,您不能更改"
    en = "The view {name} is {owner}'s: you cannot change it"
    remedy_zh = "请另存为自己的视图;共享视图也可由有“管理值班”权限的人员更改"
    remedy_en = "Save one of your own; shared ones are changed by whoever manages duty, too"


class UnusableView(OperatorFault):
    """It cannot be saved, or sent, as it is."""

    code = "views.unusable"
    status = 422
    zh = "视图无法使用:{why_zh}"
    en = "The view cannot be used: {why_en}"
    remedy_zh = "请修改后重试"
    remedy_en = "Mend it and try again"


class TooManyViews(OperatorFault):
    """One person keeps so many and no more."""

    code = "views.too_many"
    status = 409
    zh = "您已保存 {limit} 个视图,达到上限"
    en = "You have {limit} views, as many as may be"
    remedy_zh = "请先删除不用的视图"
    remedy_en = "Delete those that nobody needs"


class UnknownScreen(OperatorFault):
    """No such screen, or one that is not for whoever asks."""

    code = "views.unknown_screen"
    status = 404
    zh = "没有这个屏幕,或您无权向它推送画面"
    en = "There is no such screen, or you may not send to it"
    remedy_zh = "请刷新屏幕列表"
    remedy_en = "Load the list of screens again"


class ScreenAway(OperatorFault):
    """Nobody is there whose rights could decide what is shown."""

    code = "views.screen_away"
    status = 409
    zh = "屏幕 {number} 已锁定、已退出登录或已关闭,不能接收画面"
    en = "Screen {number} is locked, signed out or closed: it takes no pictures"
    remedy_zh = "请在该屏幕的工作站解锁或重新登录后再推送"
    remedy_en = "Unlock it or sign in at its workstation, then send again"


class ScreenReplaced(OperatorFault):
    """Another window of the same person has taken the number."""

    code = "views.screen_replaced"
    status = 409
    zh = "本屏幕编号已在另一窗口打开"
    en = "This number was opened in another window"
    remedy_zh = "请换一个编号,或关闭另一窗口"
    remedy_en = "Choose another number, or close the other window"
