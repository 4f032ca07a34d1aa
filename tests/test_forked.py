"""A process forked from one that has imported the product: its words, its environment, its end, and nothing that it inherits."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

FORKS = textwrap.dedent(
    """
    import fcntl, json, os, signal, subprocess, sys, threading, time
    from pathlib import Path
    from fengsui.forked import Forked

    folder = Path(sys.argv[1])
    held = (folder / "lock").open("w")
    fcntl.flock(held, fcntl.LOCK_EX)
    signal.signal(signal.SIGTERM, lambda *_: None)

    def main():
        what, *_ = sys.argv[1:]
        opened = [number for number in range(64) if os.path.exists(f"/proc/self/fd/{number}")]
        print(what, os.environ.get("TOLD"), "PATH" in os.environ, opened, os.getsid(0) == os.getpid())
        print("and errors", file=sys.stderr)
        if what == "said":
            sys.exit("it says why")
        if what == "raised":
            raise ValueError("a fault")
        while what == "waits":
            sys.stdout.flush()
            (folder / "runs").touch()
            time.sleep(0.05)
        sys.exit(7 if what == "seven" else None)

    found = {}
    for what in ("well", "seven", "said", "raised"):
        found[what] = Forked(main, [what], {"TOLD": "yes"}, folder / "log").wait(20)
    waits = Forked(main, ["waits"], {}, folder / "log")
    while not (folder / "runs").exists():
        time.sleep(0.01)
    found["poll"] = waits.poll()
    try:
        waits.wait(0.05)
    except subprocess.TimeoutExpired:
        found["late"] = True
    held.close()
    again = (folder / "lock").open("w")
    fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the forked one holds none of it
    waits.send_signal(signal.SIGTERM)
    found["ended"] = waits.wait(20)
    waits.send_signal(signal.SIGTERM)
    stop = threading.Event()
    threading.Thread(target=stop.wait).start()
    try:
        Forked(main, ["well"], {}, folder / "log")
    except RuntimeError as error:
        found["beside"] = str(error)
    stop.set()
    print(json.dumps(found))
    """
)


def test_it_has_words_and_an_environment_of_its_own_and_ends_as_any_other(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", FORKS, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert (found["well"], found["seven"], found["said"], found["raised"]) == (0, 7, 1, 1)
    assert found["poll"] is None and found["late"] and found["ended"] == -15, "asked to end, it ends, whatever its parent does then"
    assert "no process is forked" in found["beside"]
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert "well yes False [0, 1, 2] True\n" in log and "waits None False" in log
    assert "it says why" in log and "ValueError: a fault" in log and log.count("and errors") == 5
    assert ran.stderr == "", "nothing of theirs is said here"
