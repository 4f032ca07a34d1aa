"""What becomes of a frame: known and right, it goes to disk and is acknowledged; else it is answered by the book and counted.

Source: ANSI/SIA DC-09. ACK takes the event over, so it leaves after the commit. NAK: an encrypted frame of another time. DUH:
another token, account or key; never the data of a host that we know, for it would keep silent and its alarm be lost. No answer: no
frame, or one that could not be stored; its host sends it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

import structlog
from prometheus_client import Counter

from fengsui.alarm_settings import AlarmHostsSection
from fengsui.clock import Clock
from fengsui.features.alarms.batches import AlarmBatches
from fengsui.features.alarms.frames import Frame
from fengsui.features.alarms.host_rows import facts_of, point_of, said_of
from fengsui.features.alarms.hosts import AlarmHosts, Known
from fengsui.features.alarms.model import body_key
from fengsui.features.alarms.waiting import WaitingAlarmHosts
from fengsui.media import read_alarm_frame
from fengsui.wire.dc09.answers import ack, duh, nak
from fengsui.wire.dc09.content import Content, Unreadable, opened
from fengsui.wire.dc09.envelope import Envelope, MalformedDc09
from fengsui.wire.dc09.events import MOST_KEPT, SHORT, Report, reports
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
Read: TypeAlias = tuple[str, str, str, str, float | None, str, bytes]
"""What the engine reads of a usual frame in clear (`read_alarm_frame`)."""
Told: TypeAlias = tuple[tuple[Report, Mapping[str, Any]], ...]
"""Events of a frame, each with what it says of itself."""


def _told(token: str, content: Content) -> Told:
    return tuple((one, said_of(one)) for one in reports(token, content))


@lru_cache(MOST_KEPT)
def _told_by_anybody(token: str, data: str) -> Told | None:
    """Of data without its account: what hosts say is much the same. None: it cannot be read, and stands there as it came."""
    found = _told(token, Content(data))
    return found if all(one.code for one, _ in found) else None


def _told_plainly(token: str, account: str, data: str) -> Told:
    if len(data) <= SHORT and data.startswith("#") and data[1 : len(account) + 2] == f"{account}|":
        found = _told_by_anybody(token, data[len(account) + 1 :])
        if found is not None:
            return found
    return _told(token, Content(data))


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
        read = read_alarm_frame(raw)
        if read is None or not self.take_read(read, answer):
            self._take_otherwise(raw, address, transport, answer)

    def take_read(self, read: Read, answer: Answer) -> bool:
        """What the engine has read. False: its host is not known, or heard encrypted alone; the frame itself is to be taken."""
        token, sequence, account, data, sent_s, key, acknowledgement = read
        known = self._hosts.known(account)
        if known is None or known.cipher is not None:
            return False
        told = _told_plainly(token, account, data)
        self._take_right(known, sequence, key, told, lambda: acknowledgement, answer, encrypted=False, sent_s=sent_s)
        return True

    def _take_otherwise(self, raw: bytes, address: str, transport: str, answer: Answer) -> None:
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
        now, sent_at = self._clock.now(), content.sent_at
        if envelope.encrypted and (sent_at is None or not in_window(sent_at, now)):
            UNTIMELY.inc()
            answer(nak(now))
            return
        self._take_right(
            known,
            envelope.sequence,
            body_key(account, envelope.token, envelope.sequence, content),
            _told(envelope.token, content),
            lambda: ack(envelope, known.cipher, self._clock.now()),
            answer,
            encrypted=envelope.encrypted,
            sent_s=None if sent_at is None else sent_at.timestamp(),
        )

    def _to_stranger(self, envelope: Envelope, account: str, address: str, transport: str) -> bytes | None:
        if self._hosts.is_distrusted(account):
            DISTRUSTED.inc()
            return None
        UNKNOWN.inc()
        if account:
            self._waiting.note(account, address, transport, encrypted=envelope.encrypted)
        return duh(envelope) if self._settings.unknown == "refuse" else None

    def _take_right(
        self,
        known: Known,
        sequence: str,
        key: str,
        told: Told,
        taken: Callable[[], bytes],
        answer: Answer,
        *,
        encrypted: bool,
        sent_s: float | None,
    ) -> None:
        """`taken`: its acknowledgement at the moment."""
        at, host = self._clock.now().timestamp(), known.host
        self._hosts.heard(known, at)
        if not told:
            HEARTBEAT.inc()
            answer(taken())
            return
        if not all(one.code for one, _ in told):
            log.warning("the data of an alarm host cannot be read; it is stored as it came", account=host.account)
        points, facts = [], list[Mapping[str, Any]]()
        schedules = self._hosts.schedules
        is_new = schedules.is_new(host.account, key, [one for one, _ in told])
        for one, said in told:  # each is judged by what was told before it
            points.append(point := point_of(host, one))
            if is_new:
                schedules.hear(host, one, at)
            tested, rings = self._hosts.is_tested(point), schedules.rings(host, point, one, at)
            facts.append(
                facts_of(host, said, point, sequence, encrypted=encrypted, sent_at=sent_s, tested=tested, unarmed=not rings)
            )
        self._hosts.signalled(points, at)
        frame = Frame(
            key=key,
            account=host.account,
            facts=tuple(facts),
            first_at=at,
            began_s=self._clock.monotonic_s(),
            done=[lambda stored: answer(taken() if stored else None)],
        )
        if self._batches.add(frame):
            TAKEN.inc()
        else:
            NO_ROOM.inc()
            answer(None)
