"""Two persons for one act: what will happen is fixed by its hash, another person reads and approves it, then it happens once."""

from fengsui.features.approvals.actions import Approvals
from fengsui.features.approvals.model import Asked, Difference, Direction, Document
from fengsui.features.approvals.ports import ApprovalKind, Description
from fengsui.features.approvals.progress import ApprovalsChanged

__all__ = ["ApprovalKind", "Approvals", "ApprovalsChanged", "Asked", "Description", "Difference", "Direction", "Document"]
