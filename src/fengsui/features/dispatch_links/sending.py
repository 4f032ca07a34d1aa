"""What waits is sent: in order on each link, signed anew at each attempt, under one key however often, until it is taken over."""

from __future__ import annotations

import asyncio
import functools
import random
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

import httpx2
import structlog
from prometheus_client import Counter

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import OperatorFault, StorageFault, WrongSettings
from fengsui.features.access import EVERYWHERE, Principal
from fengsui.features.alarm_intake import PING
from fengsui.features.alarm_work import AlarmWork
from fengsui.features.alarms import AlarmReceived
from fengsui.features.audit import Act, Audit, AuditUnavailable
from fengsui.features.dispatch_links import queries
from fengsui.features.dispatch_links.links import DispatchLinks, KnownLink
from fengsui.features.dispatch_links.model import (
    MOST_REFUSED,
    LinkAway,
    LinkRefused,
    News,
    UnknownLink,
    UnusableLink,
    alarm_in,
    alarm_of,
    check_url,
    is_refused,
    number_in,
)
from fengsui.features.dispatch_links.queries import Waiting
from fengsui.features.incidents import IncidentChanged, Incidents, LineKind, noted
from fengsui.loops import keep, surprises
from fengsui.store import Store
from fengsui.wire.signed_body import SIGNATURE_HEADER, TIMESTAMP_HEADER, signature

log = structlog.get_logger(__name__)
NAME: Final = "dispatch-links"
LOOK_EVERY_S: Final = 2.0
"""So often what is due is looked for without news."""
GIVES_WAY_S: Final = 2.0
PAGE: Final = 200
MOST_OCTETS: Final = 64 << 10
"""Of an answer."""
LONGEST_FAULT: Final = 200
SENT = Counter("fengsui_dispatch_links_total", "Attempts to send something to another system", ["outcome"])


class LinkSender:
    """One for the node. `settled`: returns once no alarm waits to be on disk."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Clock,
        audit: Audit,
        links: DispatchLinks,
        incidents: Incidents,
        work: AlarmWork,
        settled: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._links = links
        self._incidents = incidents
        self._work = work
        self._settled = settled
        self._settings = links.settings
        self._trust = _trust(links.settings.ca)
        self._news = bus.subscribe(IncidentChanged, AlarmReceived, name=NAME)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._client: httpx2.AsyncClient | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """What waited when the node died goes first."""
        limits = httpx2.Limits(max_keepalive_connections=20)
        self._client = httpx2.AsyncClient(
            verify=self._trust, timeout=self._settings.answer_s, trust_env=False, follow_redirects=False, limits=limits
        )
        self._tasks = [keep(NAME, self._follow), keep(f"{NAME}-news", self._wake)]

    async def stop(self) -> None:
        """What waits is on disk, and is sent when the node is back."""
        self._news.close()
        tasks = [*self._tasks, *self._under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def _wake(self) -> None:
        while True:
            await self._news.batch()
            self._links.news.set()

    async def _follow(self) -> None:
        while True:
            self._links.news.clear()
            try:
                await self._write_alarms_out()
                await self._begin_due()
            except StorageFault as fault:
                log.error("links wait, for nothing can be read or written", why=str(fault))
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._links.news.wait()

    async def _begin_due(self) -> None:
        waiting = await self._links.waiting()
        for known in self._links.all():
            id = known.link.id
            due = known.link.is_on and known.secret is not None and id in waiting and id not in self._under_way
            if due and self._clock.monotonic_s() >= known.due_s:
                self._under_way[id] = task = asyncio.create_task(self._send_all(known), name=f"{NAME} {known.link.name}")
                task.add_done_callback(lambda _, id=id: self._under_way.pop(id, None))  # type: ignore[misc]

    async def _write_alarms_out(self) -> None:
        links = [one.link for one in self._links.all() if one.link.is_on and News.ALARMS in one.link.news]
        if not links:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(GIVES_WAY_S):
                await self._settled()
        for link in links:
            more = True
            while more:
                async with self._store.transaction(act=False) as tx:
                    alarms = await queries.alarms_after(tx, await queries.alarm_mark(tx, link.id), PAGE)
                    carried = [
                        one
                        for one in alarms
                        if not one.folded_into and link.carries(News.ALARMS, one.area, one.priority, told=False)
                    ]
                    await queries.put_alarms(tx, link.id, carried, self._links.own, self._clock.now().timestamp())
                    if alarms:
                        await queries.move_mark(tx, link.id, alarms[-1].id)
                more = len(alarms) == PAGE

    async def _send_all(self, known: KnownLink) -> None:
        """Until nothing waits, or something is not taken over; then it has its turn again after a wait."""
        with surprises(NAME):
            try:
                while self._is_on(known) and await self._send_next(known):
                    pass
            except (StorageFault, AuditUnavailable) as fault:
                known.due_s = self._clock.monotonic_s() + LOOK_EVERY_S
                log.error("a link waits, for nothing can be written", link=known.link.name, why=str(fault))

    def _is_on(self, known: KnownLink) -> bool:
        try:
            return self._links.get(known.link.id) is known and known.link.is_on
        except UnknownLink:
            return False

    async def _send_next(self, known: KnownLink) -> bool:
        async with self._store.reading() as tx:
            waiting = await queries.next_of(tx, known.link.id)
        if waiting is None:
            return False
        try:
            number = await self._post(known, waiting.body.encode(), waiting.key)
        except LinkAway as away:
            return await self._in_vain(known, waiting, str(away.facts["why"]), isinstance(away, LinkRefused))
        SENT.labels("taken over").inc()
        await self._taken_over(known, waiting, number)
        return True

    async def _in_vain(self, known: KnownLink, waiting: Waiting, why: str, is_final: bool) -> bool:
        """Whether what is behind it has its turn, for this is set aside."""
        SENT.labels("in vain").inc()
        figures, now = known.figures, self._clock.now().timestamp()
        figures.failures += 1
        figures.failed_since = figures.failed_since or now
        figures.fault_at, figures.fault = now, why
        wait = min(self._settings.first_wait_s * 2 ** min(figures.failures - 1, 30), self._settings.longest_wait_s)
        known.due_s = self._clock.monotonic_s() + wait * random.uniform(0.8, 1.2)
        refused = waiting.refused + 1 if is_final else 0
        is_aside = refused >= MOST_REFUSED
        async with self._store.transaction(act=False) as tx:
            await queries.write_figures(tx, known.link.id, figures)
            if refused or waiting.refused:
                await queries.note_refused(tx, waiting.id, refused, why, now if is_aside else 0.0)
        if is_aside:
            log.warning("another system refuses a message for good; it is set aside", link=known.link.name, why=why)
            await self._links.note_aside()
            known.due_s = 0.0
        return is_aside

    async def _taken_over(self, known: KnownLink, waiting: Waiting, number: str) -> None:
        """Out of what waits, in one transaction with their number in its time line."""
        figures, name, incident = known.figures, known.link.name, waiting.incident_id
        figures.sent, figures.sent_at = figures.sent + 1, self._clock.now().timestamp()
        figures.failed_since, figures.failures, figures.fault_at, figures.fault = 0.0, 0, 0.0, ""

        alarm = alarm_of(waiting.key) if known.link.is_upper and not incident else 0

        async def beside(tx: Any, *_: object) -> None:
            await queries.take_out(tx, waiting.id)
            await queries.write_figures(tx, known.link.id, figures)
            if is_new:
                await queries.keep_number(tx, name, incident, number)
            if alarm:
                said = "; ".join(part for part in (known.link.title, number and f"№ {number}") if part)
                await self._work.note(tx, alarm, said, act="upper-took")

        async with self._store.reading() as tx:
            known_as = (await queries.numbers_of(tx, incident)).get(name, "") if incident else ""
            theirs = await queries.incident_by(tx, name, number) if incident and number else None
        is_new = bool(incident and number and not known_as and theirs is None)
        if is_new:
            said = f"{known.link.title}已接收,对方编号 {number} · taken over by {known.link.title} as {number}"
            facts = {"link": name, "number": number}
            told: dict[str, Any] = {"text": said, "facts": facts, "beside": beside}
            with suppress(OperatorFault):  # archived: there is no line to write
                await self._incidents.act(None, [EVERYWHERE], incident, Act.INCIDENT_NOTE, LineKind.NOTE, noted, **told)
                return
        async with self._store.transaction(act=False) as tx:
            await beside(tx)
        if alarm:
            await self._work.tell(alarm)

    async def attempt(self, who: Principal, known: KnownLink) -> None:
        """A signed word about nothing, now. Raises LinkAway, AuditUnavailable."""
        await self._audit.record(who, Act.DISPATCH_LINK_TRY, known.link.name, detail=f"{known.link.area} {known.link.url}")
        await self._post(known, PING, f"{self._links.own}-ping-{int(self._clock.now().timestamp() * 1000)}")
        known.due_s = 0.0
        self._links.news.set()

    async def _post(self, known: KnownLink, body: bytes, key: str) -> str:
        """Their number for it, where they say one. Raises LinkAway."""
        if known.secret is None or self._client is None:
            raise LinkAway(why="its row was changed past the node: remove it and enter it anew")
        try:
            check_url(known.link.url, self._settings.plain_to)
        except UnusableLink as error:
            raise LinkAway(why=str(error)[:LONGEST_FAULT]) from error
        at = str(int(self._clock.now().timestamp()))
        headers = {
            **{"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"},
            **{TIMESTAMP_HEADER: at, SIGNATURE_HEADER: signature(known.secret, at, body), "Idempotency-Key": key},
        }
        octets = bytearray()
        try:
            async with (
                asyncio.timeout(self._settings.answer_s),
                self._client.stream("POST", known.link.url, content=body, headers=headers) as answer,
            ):
                if is_refused(answer.status_code):
                    raise LinkRefused(why=f"HTTP {answer.status_code}")
                if not 200 <= answer.status_code < 300:
                    raise LinkAway(why=f"HTTP {answer.status_code}")
                async for piece in answer.aiter_raw():
                    octets += piece
                    if len(octets) > MOST_OCTETS:
                        raise LinkAway(why=f"an answer of more than {MOST_OCTETS >> 10} KB")
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise LinkAway(why=f"no answer within {self._settings.answer_s:g} s") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
            raise LinkAway(why=_plain(str(error)) or type(error).__name__) from error
        return (alarm_in if known.link.is_upper else number_in)(bytes(octets))


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)[:LONGEST_FAULT]


@functools.cache  # reading the machine's list of authorities takes 40 ms
def _usual_trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _trust(ca: str) -> ssl.SSLContext:
    """Raises WrongSettings."""
    try:
        return ssl.create_default_context(cafile=ca) if ca else _usual_trust()
    except (OSError, ssl.SSLError) as error:
        raise WrongSettings(
            what=f"dispatch_links.ca: {ca}: {error}",
            do_zh="请给出 PEM 格式的 CA 证书",
            do_en="Give the certificates of its CA in PEM",
        ) from error
