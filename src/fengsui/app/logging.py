"""Structured logs: one JSON line each, or readable lines on a terminal."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up_logging(*, json_lines: bool, level: int = logging.INFO) -> None:
    """Call once, before anything logs. Secrets are never given to a logger."""
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if json_lines else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
