"""Structured logs: one JSON line each, or readable lines on a terminal. What one event may say in a while is bounded."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import Counter

from fengsui.clock import Clock, SystemClock
from fengsui.settings import LogSection

WINDOW_S = 10.0
MAX_EVENTS = 1_000
REST = ""
"""The event of whatever is one too many."""
NUMBERS = re.compile(r"0x[0-9a-f]+|\d+")
SUPPRESSED = Counter("fengsui_log_lines_suppressed_total", "Log lines left out because their event had said enough")


LIBRARY_LINES = Counter("fengsui_library_log_lines_total", "Warnings and errors of libraries, shown or left out", ["library"])


class LibraryLines(logging.Handler):
    """Warnings of libraries in our shape and within our limits: what a peer sends must not fill the disk by their log either."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line. The library's own text, without what it is about, is the event whose lines are counted.

        Some write what it is about into their text: the first line without its numbers is the event then.
        """
        library = record.name.partition(".")[0]
        LIBRARY_LINES.labels(library).inc()
        said, event = record.getMessage(), NUMBERS.sub("#", str(record.msg).partition("\n")[0])[:200]
        facts = {} if said == event else {"said": said[:2_000]}
        exc_info = record.exc_info if record.exc_info and record.exc_info[0] is not None else None
        structlog.get_logger().log(record.levelno, event, library=record.name, exc_info=exc_info, **facts)


class LogLimit:
    """A processor: whatever the network sends, one event writes `lines` in WINDOW_S at most.

    The first line after that says how many were left out (`suppressed`).
    """

    def __init__(self, lines: int, clock: Clock) -> None:
        self._lines = lines
        self._clock = clock
        self._seen: dict[str, tuple[float, int]] = {}

    def __call__(self, _: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Raises DropEvent."""
        event, now_s = str(fields.get("event", "")), self._clock.monotonic_s()
        if event not in self._seen and len(self._seen) >= MAX_EVENTS:
            self._seen = {one: seen for one, seen in self._seen.items() if now_s < seen[0] + WINDOW_S}
            if len(self._seen) >= MAX_EVENTS:
                event = REST
        begun_s, count = self._seen.get(event, (now_s, 0))
        if now_s >= begun_s + WINDOW_S:
            if count > self._lines:
                fields["suppressed"] = count - self._lines
            begun_s, count = now_s, 0
        self._seen[event] = begun_s, count + 1
        if count >= self._lines:
            SUPPRESSED.inc()
            raise structlog.DropEvent
        return fields


def set_up_logging(
    *, json_lines: bool, level: int = logging.INFO, settings: LogSection | None = None, clock: Clock | None = None
) -> None:
    """Call before anything logs, and again once the settings are read. Secrets are never given to a logger."""
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if json_lines else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            LogLimit((settings or LogSection()).lines_per_event, clock or SystemClock()),
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, handlers=[LibraryLines()])
