"""Whether running pictures may go on: decided anew by what is known now, and never left open because it cannot be (A5, A7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog

from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import Access, CameraFacts, Function, NotSignedIn, Principal, Refused
from fengsui.features.cameras import Cameras
from fengsui.features.masks import Masks

log = structlog.get_logger(__name__)
UNDECIDED_S = 10.0
"""A picture whose right cannot be decided goes on for so long at most (rule A5)."""
RIGHT_ENDED, CAMERA_GONE, MASKED_NOW = "the right has ended", "the camera is gone", "it is to be seen masked"
UNDECIDED = "the right to it could not be decided"


class Viewing(Protocol):
    """What must be known of a session."""

    @property
    def id(self) -> str:
        """Of the session."""
        ...

    @property
    def camera(self) -> str:
        """Its code."""
        ...

    @property
    def principal(self) -> Principal:
        """Who looks, as of the opening."""
        ...

    @property
    def masked(self) -> bool:
        """Whether it is the masked picture."""
        ...


@dataclass(slots=True)
class _Known:
    """What the last decision that could be made stood on."""

    principal: Principal
    facts: CameraFacts | None = None
    undecided_s: float | None = None
    """Since when, monotonic."""


class RunningRights:
    """Without the database the last facts and persons count, unless a person's rights have changed since they were read."""

    def __init__(self, access: Access, cameras: Cameras, masks: Masks, clock: Clock) -> None:
        self._access = access
        self._cameras = cameras
        self._masks = masks
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._changed: set[int] = set()
        """People whose rights have changed since they were last read."""
        self._away: StorageFault | None = None
        """Why the database cannot be asked, in the present round."""
        access.persons.on_change(self._changed.add)

    def opened(self, session: Viewing, facts: CameraFacts) -> None:
        """A session begins, by the camera's facts of this moment."""
        self._known[session.id] = _Known(session.principal, facts)

    async def ended(self, sessions: Mapping[str, Viewing], sounding: Collection[str]) -> dict[str, str]:
        """Those of these sessions that are to end, and why. `sounding`: the sessions that hear something. Raises nothing."""
        self._known = {session: self._known.get(session) or _Known(one.principal) for session, one in sessions.items()}
        self._changed &= {one.principal.user_id for one in sessions.values()}
        places = await self._places({one.camera for one in sessions.values()})
        found: dict[str, str] = {}
        for session, one in sessions.items():
            known = self._known[session]
            try:
                principal, place = await self._person(known), places[one.camera]
                if isinstance(place, Exception):
                    place = self._last(known, place)
                why = self._why(one, principal, place, sounds=session in sounding)
            except NotSignedIn:
                why = RIGHT_ENDED
            except Exception as error:
                if not isinstance(error, StorageFault):
                    log.exception("the right to a running picture cannot be decided", camera=one.camera)
                why = self._undecided(known)
            else:
                known.principal, known.facts, known.undecided_s = principal, place, None
            if why:
                found[session] = why
        return found

    async def _places(self, codes: Collection[str]) -> dict[str, CameraFacts | Exception | None]:
        """By camera its facts, None when it is gone, or why they cannot be had."""
        wanted, self._away = sorted(codes), None
        try:
            found = await self._cameras.facts(wanted) if wanted else {}
            return {code: found.get(code) for code in wanted}
        except StorageFault as error:
            log.warning("rights of running pictures are decided by what was known last", what=str(error))
            self._away = error
            return dict.fromkeys(wanted, error)
        except Exception:
            log.exception("facts of cameras could not be read together")
        each: dict[str, CameraFacts | Exception | None] = {}
        for code in wanted:
            try:
                each[code] = (await self._cameras.facts([code])).get(code)
            except Exception as error:  # noqa: BLE001 -- it is raised again, and logged, for each session of this camera
                each[code] = error
        return each

    async def _person(self, known: _Known) -> Principal:
        """Who looks, with the rights of now; a database that is away is not asked again for each session."""
        user = known.principal.user_id
        changed = user in self._changed
        if self._away is None:
            self._changed.discard(user)  # what changes from here on, while it is read, is another change
            try:
                return await self._access.renewed(known.principal)
            except StorageFault as error:
                self._away = error
            finally:
                if self._away is not None and changed:
                    self._changed.add(user)
        if changed and self._away is not None:
            raise self._away
        return known.principal

    @staticmethod
    def _last(known: _Known, why: Exception) -> CameraFacts:
        """What was known of the camera while the database is away; a camera that cannot be read for another reason has changed."""
        if isinstance(why, StorageFault) and known.facts is not None:
            return known.facts
        raise why

    def _why(self, session: Viewing, principal: Principal, place: CameraFacts | None, *, sounds: bool) -> str:
        if place is None:
            return CAMERA_GONE
        if isinstance(self._access.decide_live(principal.person, place), Refused):
            return RIGHT_ENDED
        if sounds and not self._access.may(principal, Function.LISTEN, place):
            return RIGHT_ENDED
        return MASKED_NOW if not session.masked and self._masks.hides(place, principal) else ""

    def _undecided(self, known: _Known) -> str:
        now_s = self._clock.monotonic_s()
        if known.undecided_s is None:
            known.undecided_s = now_s
        return UNDECIDED if now_s - known.undecided_s >= UNDECIDED_S else ""
