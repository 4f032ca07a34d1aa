"""The first accounts on an empty store: the one moment at which nobody is there who could let somebody in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from fengsui.clock import Clock
from fengsui.features.access import queries
from fengsui.features.access.first_people import FirstPerson, dates_of
from fengsui.features.access.persons import BEIJING
from fengsui.features.access.posts import EVERY_CLASS
from fengsui.store import Store


async def make_first_people(
    store: Store,
    clock: Clock,
    hash_of: Callable[[str], Awaitable[str]],
    people: Sequence[FirstPerson],
    record: Callable[[str, str], Awaitable[None]],
) -> bool:
    """Makes them, each for every area and class; False when there are users already.

    `hash_of`: of a password; `record` puts each on record first: the name and what it begins with. Raises what it raises.
    """
    async with store.reading() as tx:
        if await queries.count_users(tx):
            return False
    now = clock.now().astimezone(BEIJING)  # its days are those that people read
    for one in people:
        until = dates_of(one, now.date())["training_until"]
        await record(one.name, f"{one.post} everywhere, vetting and undertaking of today, training until {until}")
    async with store.transaction() as tx:
        for one in people:
            user = await queries.add_user(
                tx,
                name=one.name,
                full_name=one.full_name,
                password_hash=await hash_of(one.password),
                must_change_password=not one.prepared,
                created_at=now.timestamp(),
                **dates_of(one, now.date()),
            )
            facts = {"post": one.post, "area": "", "classes": EVERY_CLASS, "valid_from": now.timestamp(), "rank": one.rank}
            await queries.add_appointment(tx, user_id=user, made_at=now.timestamp(), made_by="", approved_by="", **facts)
    return True
