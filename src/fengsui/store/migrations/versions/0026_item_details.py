"""What a catalogue item says beside name, place and status, in one column; read anew from every device."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Without its fingerprint an item is news in the next catalogue, though its device says what it said before."""
    op.add_column("catalogue_items", sa.Column("details", sa.Text, nullable=False, server_default=""))
    op.execute("UPDATE catalogue_items SET fingerprint = ''")
