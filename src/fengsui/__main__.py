"""`python -m fengsui` is `fengsui`."""

from fengsui.cli import main

main()
