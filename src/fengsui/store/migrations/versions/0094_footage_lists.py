"""Live requests of a kind and a person's own are found, and lists of what left are paged, by an index each."""

from __future__ import annotations

from alembic import op

revision = "0094"
down_revision = "0086b"


def upgrade() -> None:
    """Indexes alone: of few rows that live among many that have ended, and of the order in which lists are read."""
    op.create_index("approval_requests_by_kind", "approval_requests", ["kind", "state", "asked_at"])
    op.create_index("approval_requests_of_person", "approval_requests", ["kind", "asked_by", "number"])
    op.create_index("withdrawn_cameras_by_time", "withdrawn_cameras", ["withdrawn_at", "code"])
