"""The auditor reads the log, and takes parts of it away with their proof."""

from fengsui.features.audit_review.endpoints import router

__all__ = ["router"]
