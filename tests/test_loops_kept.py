"""Whatever runs for the node's life is kept: a task made otherwise ends by itself, and this list says why."""

from __future__ import annotations

import ast
from pathlib import Path

import fengsui

SOURCE = Path(fengsui.__file__).parent
ENDS_BY_ITSELF = {
    ("features/audit/actions.py", "_commit_whole"): "one write of records; its loop, which is kept, waits for it",
    ("features/cameras/control.py", "_arm"): "one stop of one movement",
    ("features/cameras/control.py", "_instead"): "as `_stop`: a stop owed to a movement whose successor failed",
    ("features/cameras/control.py", "_stop"): "a stop that was not heard, until it is or ten minutes are over",
    ("features/cameras/reading.py", "_spawn"): "one notification",
    ("features/cameras/subscriptions.py", "renew"): "a group: one that fails ends the loop, which is kept",
    ("features/dispatch_links/sending.py", "_begin_due"): "what waits for one link; what fails in it is told, and tried again",
    ("features/filling/actions.py", "_begin_what_is_due"): "one attempt at one gap; what fails in it is tried again",
    ("features/live/actions.py", "_spawn"): "one act beside a session",
    ("features/live/open_calls.py", "_end"): "the goodbyes of one device",
    ("features/live/stream.py", "_invited"): "one INVITE",
    ("features/live/stream.py", "want"): "one stream; its outermost loop ends in a named failure and a retry",
    ("features/live/streams.py", "_spawn"): "one hang-up",
    ("features/masks/actions.py", "sent_to_preset"): "one arrival; until then the picture is black",
    ("features/masks/actions.py", "_beside"): "one act beside a picture, until it is in the database",
    ("features/outputs/pulses.py", "_say_on"): "one order to a device, and the news that ends it",
    ("features/outputs/pulses.py", "_serve"): "one output, until it is off; what fails in it is told, and it is begun again",
    ("features/playback/actions.py", "_spawn"): "one hang-up",
    ("features/finding/searches.py", "_work"): "one search; the loop waits for it",
    ("features/upper_platforms/answering.py", "ask"): "one question of an upper platform",
    ("features/upper_platforms/subscribing.py", "ask"): "one subscription of an upper platform: what fails in it ends it",
    ("kept_work.py", "run"): "one edit or import: whatever fails in it is its own end",
    ("loops.py", "keep"): "the keeper itself",
    ("features/retention/taking.py", "away"): "one removal of files; the room's loop, which is kept, waits for it",
    ("picture_worker/transcoders.py", "begin"): "one worker, until its process ends",
    ("store/engine.py", "owe"): "one reading of what could not be read, until it can be",
    ("transports/alarm_answers.py", "tell"): "what is said to one alarm",
    ("transports/alarm_resets.py", "owe"): "one device's reset, until it is sent",
    ("transports/signalling.py", "_take_late_answer"): "one hang-up",
    ("transports/tls_door.py", "_accept"): "one handshake",
    ("web_api/events.py", "feed"): "one console's connection",
    ("web_api/events.py", "websocket"): "one console's connection",
}


class _Tasks(ast.NodeVisitor):
    """Functions in which a task is made."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self._inside: list[str] = []

    def _enter(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._inside.append(function.name)
        self.generic_visit(function)
        self._inside.pop()

    def visit_FunctionDef(self, function: ast.FunctionDef) -> None:
        self._enter(function)

    def visit_AsyncFunctionDef(self, function: ast.AsyncFunctionDef) -> None:
        self._enter(function)

    def visit_Call(self, call: ast.Call) -> None:
        called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if called in ("create_task", "ensure_future"):
            self.found.add(self._inside[-1])
        self.generic_visit(call)


def _tasks() -> set[tuple[str, str]]:
    """File and function of every task that is made outside the simulators."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        name = path.relative_to(SOURCE).as_posix()
        if not name.startswith("simulators/"):
            visitor = _Tasks()
            visitor.visit(ast.parse(path.read_text("utf-8")))
            found |= {(name, function) for function in visitor.found}
    return found


def test_every_other_task_is_named_here_with_its_end() -> None:
    assert _tasks() == set(ENDS_BY_ITSELF)
