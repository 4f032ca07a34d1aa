"""The record of who did what: written before the act. No record, no act."""

from fengsui.features.audit.actions import Audit
from fengsui.features.audit.model import Act, Result

__all__ = ["Act", "Audit", "Result"]
