"""More posts for one person: an act of two security administrators (rule A14). Withdrawing one takes one person and no time.

It does not wait as a change of the policy does: rule A37 is about what holds for everybody. When it begins stands in the request.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import (
    CLASS_TEXTS,
    EVERY_CLASS,
    POST_TEXTS,
    RANK_TEXTS,
    CameraFacts,
    Function,
    Order,
    People,
    Place,
    Post,
    Rank,
    classes_of,
    rank_in,
)
from fengsui.features.approvals import ApprovalKind, Asked, Description, Difference, Direction, UnfitContent
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.policy import Policy, TwoPersonAct

NAME = "people.appointment"
_FIELDS = ("post", "area", "classes", "rank", "since", "until")


def content_of(user_id: int, name: str, area: str, orders: Sequence[Order]) -> dict[str, Any]:
    """What is asked for. `area`: of the person's unit. Times: whole seconds since 1970, null for from now and without an end."""
    told = [
        {
            "post": one.post.value,
            "area": one.area,
            "classes": one.classes,
            "rank": one.rank,
            "since": None if one.since is None else int(one.since),
            "until": None if one.until is None else int(one.until),
        }
        for one in orders
    ]
    return {"user": user_id, "name": name, "unit_area": area, "appointments": told}


def orders_of(content: Any) -> list[Order]:
    """Raises UnfitContent."""
    try:
        found = [
            Order(Post(one["post"]), one["area"], int(one["classes"]), one["since"], one["until"], one["rank"])
            for one in content["appointments"]
            if one.keys() == set(_FIELDS)
        ]
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise UnfitContent(what="appointments") from error
    if not found or len(found) != len(content["appointments"]):
        raise UnfitContent(what="appointments")
    return found


def said(order: Order) -> str:
    """For the record."""
    until = "" if order.until is None else f" until {datetime.fromtimestamp(order.until, UTC).isoformat()}"
    rank = f" as {order.rank}" if order.rank else ""
    return f"{order.post} in {order.area or '*'} for {'+'.join(classes_of(order.classes))}{rank}{until}"


class AppointmentKind(ApprovalKind):
    """The content as `content_of` has it."""

    name = NAME
    zh, en = "岗位任命", "Appointment"
    asks = approves = Function.MANAGE_PEOPLE

    def __init__(self, people: People, policy: Policy, audit: Audit, name_of: Callable[[str], str]) -> None:
        self._people = people
        self._policy = policy
        self._audit = audit
        self._name_of = name_of

    @property
    def rank(self) -> Rank | None:  # type: ignore[override]
        """As the pack in force asks for."""
        return self._policy.rank_for(TwoPersonAct.ROLES)

    @property
    def document(self) -> bool:  # type: ignore[override]
        """As the pack in force asks for."""
        return self._policy.document_for(TwoPersonAct.ROLES)

    async def places(self, content: Any) -> Sequence[CameraFacts | Place]:
        """Where the person's unit lies, and every area of the posts."""
        areas = {content["unit_area"], *(one.area for one in orders_of(content))}
        return [Place(area or "全域 everywhere", area) for area in sorted(areas)]

    def about(self, content: Any) -> frozenset[int]:
        """Whoever gets the posts."""
        return frozenset((content["user"],))

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        """The account and what it holds: whoever approves knows what the person can do already."""
        row, held = await self._people.state_of(tx, content["user"])
        state = [row.name, row.unit_id, row.unit_area, bool(row.disabled), [one.id for one in held]]
        return hashlib.sha256(repr(state).encode()).hexdigest()

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        """Raises UnknownUser, PostsConflict, WrongTime, UnfitContent."""
        orders = orders_of(content)
        row = await self._people.fits(tx, content["user"], orders)
        differences = tuple(self._difference(order) for order in orders)
        shown = f"{row.full_name} {row.name}".strip()
        return Description(row.name, f"任命 {shown}", f"Appointment of {shown}", differences)

    def _difference(self, order: Order) -> Difference:
        post_zh, post_en = POST_TEXTS[order.post]
        rank = rank_in(order.post, order.rank)
        rank_zh, rank_en = ("", "") if rank is None else RANK_TEXTS[rank]
        area = self._name_of(order.area) if order.area else ""
        classes = [CLASS_TEXTS[one] for one in classes_of(order.classes)]
        whole = order.classes == EVERY_CLASS
        zh = [area or "全域", "全部类别" if whole else "、".join(one[0] for one in classes), rank_zh, *_span(order, "起", "止")]
        en = [area or "everywhere", "every class" if whole else ", ".join(one[1] for one in classes), rank_en]
        en += _span(order, " on", " at the latest")
        new_zh, new_en = (" · ".join(one for one in words if one) for words in (zh, en))
        return Difference("appointment", post_zh, post_en, "", "", new_zh, new_en, Direction.LOOSENING)

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        """Appointed, with both names. Raises what `describe` raises."""
        orders = orders_of(asked.content)
        row = await self._people.fits(tx, asked.content["user"], orders)
        people = f"asked {asked.asked_by}, approved {asked.approved_by}"
        for order in orders:
            await self._audit.record(NODE, Act.APPOINTMENT_ADD, row.name, range=asked.id, detail=f"{said(order)}; {people}")
        both = {"made_by": asked.asked_by, "approved_by": asked.approved_by}
        await self._people.appoint(tx, asked.content["user"], orders, **both)

    async def begin(self, tx: AsyncConnection, asked: Asked) -> None:
        """It does not wait."""
        return

    async def drop(self, tx: AsyncConnection, asked: Asked) -> None:
        """Nothing was done yet."""
        return

    async def settled(self, asked: Asked) -> None:
        """The rights hold from now on."""
        if asked.content is not None:
            self._people.told(asked.content["user"])


def _span(order: Order, since: str, until: str) -> list[str]:
    ends = ((order.since, since), (order.until, until))
    return [f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC{word}" for at, word in ends if at is not None]
