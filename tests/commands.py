"""Commands of ours, each to its end in a process of its own, forked from one that has imported the product already.

Importing takes two seconds of a processor, and a hundred commands are run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from dataclasses import dataclass
from pathlib import Path

import fengsui as product
import fengsui.cli.commands
from fengsui.cli import main

LIMIT_S = 180


@dataclass
class Forks:
    """The process that commands are forked from; one a test process, from the first command on."""

    process: subprocess.Popen[str] | None = None
    owner: int = 0

    def run(self, order: dict[str, object]) -> int:
        """The exit code; after LIMIT_S the command is killed."""
        if self.process is None or self.owner != os.getpid() or self.process.poll() is not None:
            command = [sys.executable, "-m", "tests.commands"]
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
            )
            self.owner = os.getpid()
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        limit = threading.Timer(LIMIT_S, os.kill, (int(self.process.stdout.readline()), signal.SIGKILL))
        limit.start()
        try:
            return int(self.process.stdout.readline())
        finally:
            limit.cancel()


_FORKS, _TURN = Forks(), threading.Lock()


def fengsui(*words: str) -> subprocess.CompletedProcess[str]:
    """A command of ours, to its end, in this folder and environment."""
    with tempfile.TemporaryDirectory(prefix="fengsui-command-") as folder:
        told = {name: Path(folder) / name for name in ("stdout", "stderr")}
        order = {"words": words, "folder": str(Path.cwd()), "environment": dict(os.environ)}
        with _TURN:
            code = _FORKS.run({**order, **{name: str(path) for name, path in told.items()}})
        said = {name: path.read_text(encoding="utf-8") for name, path in told.items()}
    return subprocess.CompletedProcess(["fengsui", *words], code, **said)


def serve() -> None:
    """Forks a command for each line of standard input: its pid, then its exit code."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os._exit(_run(json.loads(line)))
        print(pid, file=answers, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), file=answers, flush=True)


def _run(order: dict[str, object]) -> int:
    os.environ.clear()
    os.environ.update(order["environment"])  # type: ignore[arg-type]
    os.chdir(str(order["folder"]))
    for number, place in ((0, os.devnull), (1, str(order["stdout"])), (2, str(order["stderr"]))):
        opened = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.modules["__main__"].__package__ = "fengsui"  # for how the command calls itself
    sys.argv = [str(Path(product.__file__ or "").with_name("__main__.py")), *order["words"]]  # type: ignore[misc]
    code: object = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    except Exception:  # noqa: BLE001 -- as the interpreter would
        traceback.print_exc()
        code = 1
    if isinstance(code, str):
        print(code, file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else int(code is not None)


if __name__ == "__main__":
    serve()
