"""Panic links: somebody at a protected place, without an account, presses for help on a page of their phone."""

from fengsui.features.panic_links.endpoints import router
from fengsui.features.panic_links.links import PanicLinks
from fengsui.features.panic_links.presses import Presses

__all__ = ["PanicLinks", "Presses", "router"]
