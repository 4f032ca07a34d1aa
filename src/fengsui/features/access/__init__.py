"""Who may do what: people, sessions, and the one door that every endpoint and media ticket passes."""

from fengsui.features.access.actions import Access
from fengsui.features.access.model import Function, Principal
from fengsui.features.access.permissions import require

__all__ = ["Access", "Function", "Principal", "require"]
