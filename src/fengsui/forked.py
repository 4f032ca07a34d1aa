"""A command of ours in a process forked from one that has imported the product already: importing takes longer than starting.

Only where no thread runs yet: what a thread held at that moment, nobody would let go in the new process.
"""

from __future__ import annotations

import gc
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

_LOOK_S = 0.02


class Forked:
    """A process of its own, in a session of its own; as `subprocess.Popen`, as far as it goes."""

    def __init__(self, main: Callable[[], None], words: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """`main`: the command line, which reads `sys.argv`; `log`: what it prints is put to its end. Raises RuntimeError where
        another thread runs."""
        if threading.active_count() > 1:
            raise RuntimeError("a thread runs: no process is forked beside it")
        self.returncode: int | None = None
        gc.freeze()  # what is loaded stays shared
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _become(main, words, environment, log)

    def poll(self) -> int | None:
        """Its exit code, the signal that ended it as a negative number, or None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        looks = itertools.count() if timeout is None else range(round(timeout / _LOOK_S) + 1)
        for _ in looks:
            if (code := self.poll()) is not None:
                return code
            time.sleep(_LOOK_S)
        raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)

    def send_signal(self, number: int) -> None:
        """Nothing where it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


def _become(main: Callable[[], None], words: Sequence[str], environment: Mapping[str, str], log: Path) -> NoReturn:
    """The new process: nothing of the old one's is open, no signal is caught, and its words are its own."""
    code: object = 1
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.closerange(3, max(int(one.name) for one in Path("/proc/self/fd").iterdir()) + 1)
        for wanted, place, mode in ((0, os.devnull, os.O_RDONLY), (1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)):
            opened = os.open(place, mode, 0o600)
            if opened != wanted:
                os.dup2(opened, wanted)
                os.close(opened)
        os.dup2(1, 2)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = [sys.argv[0], *words]
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 -- as the interpreter would
        traceback.print_exc()
    finally:
        if isinstance(code, str):
            sys.stderr.write(f"{code}\n")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))
