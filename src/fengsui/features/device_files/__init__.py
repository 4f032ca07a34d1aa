"""Device files: one a camera point, checked field by field, reviewed by another person, each version kept (appraisal §4)."""

from fengsui.features.device_files.actions import Files
from fengsui.features.device_files.endpoints import router
from fengsui.features.device_files.field_table import BY_KEY as FILE_FIELDS
from fengsui.features.device_files.import_endpoints import router as imports_router
from fengsui.features.device_files.imports import Imports
from fengsui.features.device_files.judging import Judging
from fengsui.features.device_files.many import FilePlan, file_states, plans, refuse_unfit_for_many, write_many
from fengsui.features.device_files.model import FileState
from fengsui.features.device_files.photos import Photos
from fengsui.features.device_files.retention_classes import key_targets
from fengsui.features.device_files.sheets import Sheet, read_sheet

__all__ = [
    "FILE_FIELDS",
    "FilePlan",
    "FileState",
    "Files",
    "Imports",
    "Judging",
    "Photos",
    "Sheet",
    "file_states",
    "imports_router",
    "key_targets",
    "plans",
    "read_sheet",
    "refuse_unfit_for_many",
    "router",
    "write_many",
]
