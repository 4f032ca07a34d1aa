"""What the door asks of rooms above it; handed over at composition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from fengsui.features.access.decision import CameraFacts, Footage, HeldFootage, Person, Place, Ticket
from fengsui.features.access.posts import Function
from fengsui.features.audit import NO_GROUND, Ground


class Directory(Protocol):
    """Where cameras and devices lie."""

    async def camera(self, code: str) -> CameraFacts | None:
        """None when there is no such camera."""
        ...

    async def places(self, code: str) -> Sequence[CameraFacts]:
        """Where it is, and where it was before it left and came back elsewhere; none when there is no such camera."""
        ...

    def device(self, code: str) -> Place:
        """By its code alone, known or not."""
        ...


class PolicyThen(Protocol):
    """What the pack said that a record names."""

    async def age_limit_then(self, label: str) -> dict[Function, float | None]:
        """Of recorded functions, seconds; None where they were closed."""
        ...

    async def purposes_then(self, label: str) -> dict[str, frozenset[str]] | None:
        """What each purpose opened; None without a pack."""
        ...

    async def opens_without_centre_then(self, label: str, *, any_centre: bool) -> bool:
        """Whether live pictures were open where no duty centre answered."""
        ...


class Standing(NamedTuple):
    """What duty, tickets and policy say of one person and one act; see `decision.decide`."""

    on_duty: bool | None = None
    ticket: Ticket | None = None
    age_limit_s: float | None = None
    shift: Ground = NO_GROUND
    """The duty ticket behind `on_duty`."""
    closed: bool = False
    """Every picture is closed to this person (rules A57, A59)."""
    no_centre: bool = False
    """Nobody can be on duty there: no centre answers for the place, and policy does not leave it open."""


class Shown(NamedTuple):
    """A camera that somebody is shown live for what they are sent to do. `by`: the function that they must hold for it as well."""

    ground: Ground
    by: Function
    at: str | None = None
    """Where they must hold it; None: where the camera is."""


class ShownTo(Protocol):
    """Asked for each decision about a live picture; keeps what it needs in memory."""

    def __call__(self, user_id: int, camera: str) -> Shown | None:
        """None: it is not shown to this person."""
        ...


class PassedTo(Protocol):
    """Asked for each list of alarms; keeps what it needs in memory."""

    def __call__(self, person: Person) -> tuple[tuple[int, int], ...]:
        """Duty centres at which somebody is on shift now and to which alarms may be passed on, with the classes of cameras."""
        ...


def nothing_passed(person: Person) -> tuple[tuple[int, int], ...]:
    """Alarms stay where they are."""
    return ()


class StandingOf(Protocol):
    """Asked for each decision; keeps what it needs in memory. `now`: of the decision, seconds since 1970."""

    def __call__(
        self, user_id: int, function: Function, what: CameraFacts | Place | None, now: float, footage: Footage | None = None
    ) -> Standing: ...


def no_standing(
    user_id: int, function: Function, what: CameraFacts | Place | None, now: float, footage: Footage | None = None
) -> Standing:
    """Neither duty nor tickets nor a policy pack: recorded functions stay closed."""
    return Standing()


class HeldOf(Protocol):
    """Asked for each decision about recorded footage; keeps what it needs in memory. Rule A52."""

    def __call__(self, camera: str, footage: Footage, person: Person) -> HeldFootage | None:
        """For this person; None: nothing of this is beyond its time."""
        ...


def nothing_held(camera: str, footage: Footage, person: Person) -> None:
    """No footage outlasts its time."""
    return
