"""`fengsui`: the command line."""

from fengsui.cli.commands import main

__all__ = ["main"]
