"""What becomes of a frame: known and right, it goes to disk and is acknowledged; else it is answered by the book and counted.

Source: ANSI/SIA DC-09. ACK takes the event over, so it leaves after the commit. NAK: an encrypted frame of another time. DUH:
another token, account or key; never the data of a host that we know, for it would keep silent and its alarm be lost. No answer: no
frame, or one that could not be stored; its host sends it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import structlog
from prometheus_client import Counter

from fengsui.alarm_settings import AlarmHostsSection
from fengsui.clock import Clock
from fengsui.features.alarms.batches import AlarmBatches
from fengsui.features.alarms.frames import Frame
from fengsui.features.alarms.host_rows import facts_of, point_of
from fengsui.features.alarms.hosts import AlarmHosts, Known
from fengsui.features.alarms.model import body_key
from fengsui.features.alarms.waiting import WaitingAlarmHosts
from fengsui.wire.dc09.answers import ack, duh, nak
from fengsui.wire.dc09.content import Content, Unreadable, opened
from fengsui.wire.dc09.envelope import Envelope, MalformedDc09
from fengsui.wire.dc09.events import Report, reports
from fengsui.wire.dc09.window import in_window

log = structlog.get_logger(__name__)
ANSWERS: Final = frozenset(("ACK", "NAK", "DUH", "RSP"))
"""What a receiver says: answered, two receivers would talk for ever."""
FRAMES = Counter("fengsui_alarm_frames_total", "Frames of alarm hosts by what became of them", ["outcome"])
MALFORMED, ANSWER, UNKNOWN, DISTRUSTED, UNREADABLE, UNTIMELY, HEARTBEAT, TAKEN, NO_ROOM = (
    FRAMES.labels(one)
    for one in ("malformed", "answer", "unknown", "distrusted", "unreadable", "untimely", "heartbeat", "taken", "no room")
)
Answer = Callable[[bytes | None], None]
"""Called once for each frame, now or later: with what its sender is told, or None for no answer."""


class Reception:
    """Nothing that a sender writes raises out of here."""

    def __init__(
        self,
        settings: AlarmHostsSection,
        clock: Clock,
        hosts: AlarmHosts,
        waiting: WaitingAlarmHosts,
        batches: AlarmBatches,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._hosts = hosts
        self._waiting = waiting
        self._batches = batches

    def take(self, raw: bytes, address: str, transport: str, answer: Answer) -> None:
        """`raw`: what stands between LF and CR, from this address."""
        try:
            envelope = Envelope.read(raw)
        except MalformedDc09 as error:
            MALFORMED.inc()
            log.debug("no DC-09 frame", peer=address, why=str(error))
            answer(None)
            return
        if envelope.token in ANSWERS:
            ANSWER.inc()
            answer(None)
            return
        account = (envelope.account or "").upper()
        known = self._hosts.known(account)
        if known is None:
            answer(self._to_stranger(envelope, account, address, transport))
            return
        try:
            content = opened(envelope, known.cipher)
        except Unreadable as error:
            UNREADABLE.inc()
            log.warning("a frame of an alarm host cannot be read", account=account, peer=address, why=str(error))
            answer(duh(envelope))
            return
        self._take_right(envelope, known, content, reports(envelope.token, content), answer)

    def _to_stranger(self, envelope: Envelope, account: str, address: str, transport: str) -> bytes | None:
        if self._hosts.is_distrusted(account):
            DISTRUSTED.inc()
            return None
        UNKNOWN.inc()
        if account:
            self._waiting.note(account, address, transport, encrypted=envelope.encrypted)
        return duh(envelope) if self._settings.unknown == "refuse" else None

    def _take_right(self, envelope: Envelope, known: Known, content: Content, told: tuple[Report, ...], answer: Answer) -> None:
        now = self._clock.now()
        sent_at = content.sent_at
        if envelope.encrypted and (sent_at is None or not in_window(sent_at, now)):
            UNTIMELY.inc()
            answer(nak(now))
            return
        self._hosts.heard(known, now.timestamp())
        if not told:
            HEARTBEAT.inc()
            answer(ack(envelope, known.cipher, now))
            return
        account = known.host.account
        if not all(one.code for one in told):
            log.warning("the data of an alarm host cannot be read; it is stored as it came", account=account)
        encrypted, sent_s = envelope.encrypted, None if sent_at is None else sent_at.timestamp()
        points, at, key = [], now.timestamp(), body_key(account, envelope.token, envelope.sequence, content)
        facts, is_new = list[Mapping[str, Any]](), self._hosts.schedules.is_new(account, key, told)
        for one in told:  # each is judged by what was told before it
            points.append(point := point_of(known.host, one))
            if is_new:
                self._hosts.schedules.hear(known.host, one, at)
            tested, rings = self._hosts.is_tested(point), self._hosts.schedules.rings(known.host, point, one, at)
            how = partial(facts_of, encrypted=encrypted, sent_at=sent_s, tested=tested, unarmed=not rings)
            facts.append(how(known.host, one, envelope.sequence))
        self._hosts.signalled(points, at)
        frame = Frame(
            key=key,
            account=account,
            facts=tuple(facts),
            first_at=at,
            began_s=self._clock.monotonic_s(),
            done=[lambda stored: answer(ack(envelope, known.cipher, self._clock.now()) if stored else None)],
        )
        if self._batches.add(frame):
            TAKEN.inc()
        else:
            NO_ROOM.inc()
            answer(None)
