"""Of several devices' channels with one code one is the camera; the others are kept apart as refused duplicates."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """The first by device code stays what was shown under the code until now."""
    op.execute(
        "UPDATE catalogue_items SET kind = 'duplicate' WHERE kind = 'camera' AND EXISTS (SELECT 1 FROM catalogue_items AS other "
        "WHERE other.code = catalogue_items.code AND other.kind = 'camera' AND other.device < catalogue_items.device)"
    )
