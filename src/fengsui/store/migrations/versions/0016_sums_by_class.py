"""The index of the sums in the order in which they are grouped, classes before devices: no list of sums is sorted any more."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """The same columns in another order."""
    op.drop_index("catalogue_items_sums", "catalogue_items")
    op.create_index("catalogue_items_sums", "catalogue_items", ["kind", "shown_area", "camera_class", "device", "status"])
