"""Where a camera is shown, stored: a county's cameras are read by index, however many there are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds `shown_area`: the operator's area, else the device's; at most a county, by the code in force."""
    op.add_column("catalogue_items", sa.Column("shown_area", sa.String(8), nullable=False, server_default=""))
    op.execute(
        "UPDATE catalogue_items SET shown_area = substr(coalesce("
        "(SELECT own_area FROM camera_notes WHERE camera_notes.code = catalogue_items.code), area), 1, 6)"
    )
    op.execute("UPDATE catalogue_items SET shown_area = '520581' WHERE shown_area = '520522'")
    op.drop_index("catalogue_items_area", "catalogue_items")
    op.create_index("catalogue_items_shown", "catalogue_items", ["kind", "shown_area", "code"])
