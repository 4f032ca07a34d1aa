"""Two persons for one act: what will happen is fixed by its hash, another person reads and approves it, then it happens once."""

from fengsui.features.approvals.actions import Approvals
from fengsui.features.approvals.endpoints import request_shape, router
from fengsui.features.approvals.errors import ReasonMissing, TooMany, UnfitContent
from fengsui.features.approvals.model import MAX_PENDING, MAX_REASON, Asked, Difference, Direction, Document, Workstation
from fengsui.features.approvals.ports import ApprovalKind, Description
from fengsui.features.approvals.progress import ApprovalsChanged
from fengsui.features.approvals.queries import Row as RequestRow
from fengsui.features.approvals.rows import Ending, asked_of, ending_of
from fengsui.features.approvals.schemas import DifferenceShape, DocumentShape, RequestShape

__all__ = [
    "MAX_PENDING",
    "MAX_REASON",
    "ApprovalKind",
    "Approvals",
    "ApprovalsChanged",
    "Asked",
    "Description",
    "Difference",
    "DifferenceShape",
    "Direction",
    "Document",
    "DocumentShape",
    "Ending",
    "ReasonMissing",
    "RequestRow",
    "RequestShape",
    "TooMany",
    "UnfitContent",
    "Workstation",
    "asked_of",
    "ending_of",
    "request_shape",
    "router",
]
