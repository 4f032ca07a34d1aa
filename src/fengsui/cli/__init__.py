"""`fengsui`: the command line."""

import gc
import importlib
import sys

__all__ = ["main"]


def main() -> None:
    """The entry point. Simulated devices do without the node: importing it takes six times as long as importing them."""
    if sys.argv[1:2] == ["simulate"]:
        importlib.import_module("fengsui.simulators.commands").simulate(sys.argv[2:], prog_name="fengsui simulate")
    gc.disable()  # all of it stays: looking for what may go took a fifth of the time
    commands = importlib.import_module("fengsui.cli.commands")
    gc.enable()
    commands.main()
