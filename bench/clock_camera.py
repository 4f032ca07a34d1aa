"""The dome's picture with its burnt-in clock as a bare H.264 stream on standard output, for servers that know no GB/T 28181."""

from __future__ import annotations

import sys
import time

from fengsui.simulators.device import wall_clock_ms
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip
from fengsui.simulators.moving_view import MovingView

DELIMITER = bytes((0, 0, 0, 1, 9, 0xF0))
"""After each picture, not before: the reader sees at once that the picture is whole."""
LIMIT_S = 600


def main() -> None:
    """Until the reader hangs up, at most LIMIT_S."""
    view = MovingView(Clip.load(FOOTAGE_FOLDER / "street.10fps.h264"), wall_clock_ms)
    began_s, number = time.monotonic(), 0
    while time.monotonic() - began_s < LIMIT_S:
        picture = view.next_picture().annex_b
        try:
            sys.stdout.buffer.write((b"" if number else DELIMITER) + picture + DELIMITER)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            return
        number += 1
        time.sleep(max(0.0, began_s + number / float(view.fps) - time.monotonic()))


if __name__ == "__main__":
    main()
