"""Windows that show a wall and take one from another workstation. They live in memory: each says again and again that it is there.

What is shown is decided by the rights of whoever is signed in at the screen, never by those of who sends.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, NamedTuple

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.features.access import Access, Function, NotSignedIn, Place, Principal
from fengsui.features.audit import Act, Audit
from fengsui.features.cameras import Cameras
from fengsui.features.views.model import ScreenAway, ScreenReplaced, UnknownScreen, UnusableView, tiles_in
from fengsui.features.views.tiles import REFUSED, check_all, named

HEARD_S, KEPT_S = 30.0, 600.0
"""A window says every ten seconds that it is there; one that is locked or gone is listed so for a while."""
MOST_OF_ONE, MOST_REPLACED, MOST_ON_TOUR = 16, 1000, 500


@dataclass(frozen=True, slots=True)
class ScreenOrdered:
    """A wall for one screen: its window alone is told. `tiles`: each None or `camera`, `name`, `ptz_type`, `stream`, `state`.

    `number` grows with each one that is sent: by it a window says which it has shown. With `steps` (each `dwell_s`, `grid`,
    `tiles`) it is a tour called `name`, of which the wall is step `from_step`.
    """

    session: str
    screen: str
    number: int
    by: str
    grid: str
    tiles: list[dict[str, Any] | None]
    name: str
    steps: list[dict[str, Any]]
    from_step: int


class SentTour(NamedTuple):
    """`steps`: each `dwell_s`, `grid`, `tiles`; none where a wall alone is sent."""

    name: str
    steps: list[dict[str, Any]]
    from_step: int


NO_TOUR = SentTour("", [], 0)


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent to a screen last. `tiles`: each None or `camera`, `stream`."""

    number: int
    by: str
    grid: str
    tiles: list[dict[str, Any] | None]
    tour: SentTour


@dataclass(frozen=True, slots=True)
class Screen:
    """One window. `heard_s`: monotonic; `driven_by`: who sent what it shows, empty where its own person chose."""

    id: str
    number: int
    name: str
    who: Principal
    heard_s: float
    pictures: int = 0
    driven_by: str = ""
    sent: Sent | None = None


class Screens:
    """Which windows are there, and what is sent to them."""

    def __init__(self, bus: Bus, clock: Clock, access: Access, audit: Audit, cameras: Cameras) -> None:
        self._bus = bus
        self._clock = clock
        self._access = access
        self._audit = audit
        self._cameras = cameras
        self._screens: dict[str, Screen] = {}
        self._replaced: OrderedDict[str, None] = OrderedDict()
        self._numbers = count(1)

    async def open(self, who: Principal, number: int, name: str) -> Screen:
        """A window becomes a screen; another window of the same person with that number is one no more. Raises AuditUnavailable.

        One that was loaded anew in the same session shows on what was sent to it.
        """
        now_s = self._forget_old()
        mine = [one for one in self._screens.values() if one.who.user_id == who.user_id]
        if len(mine) >= MOST_OF_ONE and all(one.number != number for one in mine):
            raise UnusableView(why_zh=f"每人最多 {MOST_OF_ONE} 个屏幕", why_en=f"one person has at most {MOST_OF_ONE} screens")
        made = Screen(secrets.token_hex(8), number, name, who, now_s)
        for one in mine:
            if one.number == number:
                if one.driven_by and one.who.session == who.session:
                    made = replace(made, driven_by=one.driven_by, sent=one.sent)
                del self._screens[one.id]
                self._replaced[one.id] = None
                if len(self._replaced) > MOST_REPLACED:
                    self._replaced.popitem(last=False)
        await self._audit.record(who, Act.SCREEN_OPEN, _called(made), detail=made.id)
        self._screens[made.id] = made
        return made

    def report(self, who: Principal, screen: str, pictures: int, shown: int, *, driven: bool) -> Screen:
        """The window is there. `driven`: it still shows what was sent, up to number `shown`. Raises UnknownScreen: it opens anew;
        ScreenReplaced.
        """
        if screen in self._replaced:
            raise ScreenReplaced()
        found = self._own(who, screen)
        coming = found.sent is not None and found.sent.number > shown  # it shows that from now on
        driven_by = found.driven_by if driven or coming else ""
        kept = replace(found, who=who, heard_s=self._clock.monotonic_s(), pictures=pictures, driven_by=driven_by)
        self._screens[screen] = kept
        return kept

    async def missed(self, one: Screen, shown: int) -> ScreenOrdered | None:
        """What was sent after `shown` and did not arrive, by the rights of now. Raises NotSignedIn, StorageFault."""
        return None if one.sent is None or one.sent.number <= shown else (await self._order(one, one.sent))[0]

    async def _order(self, one: Screen, sent: Sent) -> tuple[ScreenOrdered, int]:
        """As the person at the screen may see it, and how many pictures they may not."""
        codes = _codes(sent.tiles, sent.tour)
        known = await named(self._access, self._cameras, await self._access.renewed(one.who), codes)

        def shown(tiles: list[dict[str, Any] | None]) -> list[dict[str, Any] | None]:
            return [tile and {**known[tile["camera"]]._asdict(), "stream": tile["stream"]} for tile in tiles]

        name, steps, from_step = sent.tour
        steps = [{**step, "tiles": shown(step["tiles"])} for step in steps]
        ordered = ScreenOrdered(
            one.who.session, one.id, sent.number, sent.by, sent.grid, shown(sent.tiles), name=name, steps=steps, from_step=from_step
        )
        return ordered, sum(known[code] is REFUSED for code in codes)

    async def close(self, who: Principal, screen: str) -> None:
        """Raises UnknownScreen, AuditUnavailable."""
        found = self._own(who, screen)
        await self._audit.record(who, Act.SCREEN_CLOSE, _called(found), detail=found.id)
        self._screens.pop(screen, None)

    def _own(self, who: Principal, screen: str) -> Screen:
        found = self._screens.get(screen)
        if found is None or found.who.session != who.session:
            raise UnknownScreen()
        return found

    def all_for(self, who: Principal) -> list[Screen]:
        """Those that the person may send to: the own ones, and where the post says so."""
        self._forget_old()
        found = [one for one in self._screens.values() if self._may_drive(who, one)]
        return sorted(found, key=lambda one: (one.who.user_id != who.user_id, one.number, one.who.name))

    def _may_drive(self, who: Principal, one: Screen) -> bool:
        there = Place(one.name, one.who.person.area)
        return one.who.user_id == who.user_id or self._access.may(who, Function.DRIVE_SCREENS, there)

    async def is_there(self, one: Screen) -> bool:
        """Whether somebody is signed in there, unlocked, with the window open."""
        if self._clock.monotonic_s() - one.heard_s > HEARD_S:
            return False
        try:
            await self._access.renewed(one.who)
        except NotSignedIn:
            return False
        return True

    async def send(
        self, who: Principal, screen: str, grid: str, tiles: list[dict[str, Any] | None], tour: SentTour = NO_TOUR
    ) -> int:
        """How many of them the person at the screen may not see. Raises UnknownScreen, ScreenAway, UnusableView, Refusal."""
        self._forget_old()
        one = self._screens.get(screen)
        if one is None or not self._may_drive(who, one):
            raise UnknownScreen()
        for its_grid, those in ((grid, tiles), *((step["grid"], step["tiles"]) for step in tour.steps)):
            if len(those) > tiles_in(its_grid):
                raise UnusableView(why_zh="画面数多于布局的格子", why_en="there are more pictures than tiles")
        if tour.steps and tour.from_step >= len(tour.steps):
            raise UnusableView(why_zh="没有这一步", why_en="there is no such step")
        codes = _codes(tiles, tour)
        if len(codes) > MOST_ON_TOUR:
            raise UnusableView(why_zh=f"轮巡最多 {MOST_ON_TOUR} 路摄像机", why_en=f"a tour has {MOST_ON_TOUR} cameras at most")
        await check_all(self._access, self._cameras, who, codes)
        if not await self.is_there(one):
            raise ScreenAway(number=one.number)
        sent = Sent(next(self._numbers), who.name, grid, tiles, tour)
        ordered, refused = await self._order(one, sent)
        what = f"tour of {len(tour.steps)} steps" if tour.steps else f"grid {grid}"
        detail = f"{one.id} of {one.who.name}, {what}: {', '.join(codes)}"
        await self._audit.record(who, Act.SCREEN_SEND, _called(one), detail=detail, recipient=one.who.name)
        if (now := self._screens.get(screen)) is not None:
            self._screens[screen] = replace(now, driven_by=who.name, pictures=len(_codes(tiles)), sent=sent)
        self._bus.publish(ordered)
        return refused

    def _forget_old(self) -> float:
        now_s = self._clock.monotonic_s()
        self._screens = {key: one for key, one in self._screens.items() if now_s - one.heard_s < KEPT_S}
        return now_s


def _codes(tiles: list[dict[str, Any] | None], tour: SentTour = NO_TOUR) -> list[str]:
    walls = [tiles, *(step["tiles"] for step in tour.steps)]
    return list(dict.fromkeys(tile["camera"] for wall in walls for tile in wall if tile))


def _called(one: Screen) -> str:
    return f"{one.number} {one.name}".strip()
