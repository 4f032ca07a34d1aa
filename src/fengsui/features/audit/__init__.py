"""The record of who did what, written before the act: no record, no act. Its checkpoints, their copies, and what proves them."""

from fengsui.features.audit.actions import Audit
from fengsui.features.audit.acts import Act
from fengsui.features.audit.changes import told_changes
from fengsui.features.audit.checkpoints import Checkpoint, Signer, body_of, checkpoint_of, fingerprint, public_key
from fengsui.features.audit.copies import Copies
from fengsui.features.audit.done import Acts, happened
from fengsui.features.audit.done import begin as begin_acts
from fengsui.features.audit.extract import Header, make_extract, verify_extract
from fengsui.features.audit.folder import DIGITS, KEY_FILE, checkpoint_files
from fengsui.features.audit.index import Found, Index, lines_of
from fengsui.features.audit.known import carried_from
from fengsui.features.audit.log import AuditLog, stamp
from fengsui.features.audit.model import (
    ABSENT,
    NO_GROUND,
    NO_HASH,
    NODE,
    Actor,
    AuditRecord,
    AuditUnavailable,
    ExtractTooLarge,
    Ground,
    Result,
    Stranger,
    as_recorded,
    was_cut,
)
from fengsui.features.audit.named import records_of
from fengsui.features.audit.operations import act_of
from fengsui.features.audit.places import BucketPlace, CopyDiffers, Place, copy_folder, place_of
from fengsui.features.audit.queries import Wanted
from fengsui.features.audit.scan import end_of, latest_in, latest_time
from fengsui.features.audit.verification import Fault, Verdict, verify

__all__ = [
    "ABSENT",
    "DIGITS",
    "KEY_FILE",
    "NODE",
    "NO_GROUND",
    "NO_HASH",
    "Act",
    "Actor",
    "Acts",
    "Audit",
    "AuditLog",
    "AuditRecord",
    "AuditUnavailable",
    "BucketPlace",
    "Checkpoint",
    "Copies",
    "CopyDiffers",
    "ExtractTooLarge",
    "Fault",
    "Found",
    "Ground",
    "Header",
    "Index",
    "Place",
    "Result",
    "Signer",
    "Stranger",
    "Verdict",
    "Wanted",
    "act_of",
    "as_recorded",
    "begin_acts",
    "body_of",
    "carried_from",
    "checkpoint_files",
    "checkpoint_of",
    "copy_folder",
    "end_of",
    "fingerprint",
    "happened",
    "latest_in",
    "latest_time",
    "lines_of",
    "make_extract",
    "place_of",
    "public_key",
    "records_of",
    "stamp",
    "told_changes",
    "verify",
    "verify_extract",
    "was_cut",
]
