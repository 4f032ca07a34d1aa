"""The record of who did what: written before the act. No record, no act."""

from fengsui.features.audit.actions import Audit

__all__ = ["Audit"]
