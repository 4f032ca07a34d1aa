"""Ranks of appointments, and who approved each.

Security administrators of before get the rank of the level of their area: else no change of the policy could be approved any more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
OF_LEVEL = {0: "province-head", 2: "province-head", 4: "city-head", 6: "county-head"}


def upgrade() -> None:
    """Two columns."""
    op.add_column("appointments", sa.Column("rank", sa.String(16), nullable=False, server_default=""))
    op.add_column("appointments", sa.Column("approved_by", sa.String(64), nullable=False, server_default=""))
    for digits, rank in OF_LEVEL.items():
        changed = "UPDATE appointments SET rank = :rank WHERE post = 'security-administrator' AND length(area) = :digits"
        op.execute(sa.text(changed).bindparams(rank=rank, digits=digits))
