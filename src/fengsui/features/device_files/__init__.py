"""Device files: one a camera point, checked field by field, reviewed by another person, each version kept (appraisal §4)."""

from fengsui.features.device_files.actions import Files
from fengsui.features.device_files.endpoints import router
from fengsui.features.device_files.import_endpoints import router as imports_router
from fengsui.features.device_files.imports import Imports
from fengsui.features.device_files.judging import Judging

__all__ = ["Files", "Imports", "Judging", "imports_router", "router"]
