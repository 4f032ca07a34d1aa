"""`fengsui`: the command line."""

import importlib
import sys

__all__ = ["main"]


def main() -> None:
    """The entry point. Simulated devices do without the node: importing it takes six times as long as importing them."""
    if sys.argv[1:2] == ["simulate"]:
        importlib.import_module("fengsui.simulators.commands").simulate(sys.argv[2:], prog_name="fengsui simulate")
    importlib.import_module("fengsui.cli.commands").main()
