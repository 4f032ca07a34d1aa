"""Posts for an area, classes of cameras and a time, instead of one role; units; prerequisites of an account; classes of cameras."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
EVERY_CLASS = 31
POST_OF = {
    "administrator": "security-administrator",  # lets the others in; no administrator sees footage by that office
    "operator": "operator",
    "audit-administrator": "audit-administrator",
}


def upgrade() -> None:
    """Each user keeps what the role can become, everywhere and for every class."""
    op.create_table(
        "units",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.UniqueConstraint("area", "name"),
    )
    op.create_table(
        "appointments",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("post", sa.String(32), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("classes", sa.Integer, nullable=False),
        sa.Column("valid_from", sa.Float, nullable=False),
        sa.Column("valid_until", sa.Float),
        sa.Column("made_at", sa.Float, nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("ended_at", sa.Float),
        sa.Column("ended_by", sa.String(64)),
    )
    for name in ("full_name", "vetted_on", "undertaking_on", "training_until"):
        op.add_column("users", sa.Column(name, sa.String(64), nullable=False, server_default=""))
    op.add_column("users", sa.Column("unit_id", sa.Integer))
    for role, post in POST_OF.items():
        op.execute(
            sa.text(
                "INSERT INTO appointments (user_id, post, area, classes, valid_from, made_at, made_by) "
                "SELECT id, :post, '', :classes, created_at, created_at, '' FROM users WHERE role = :role"
            ).bindparams(post=post, classes=EVERY_CLASS, role=role)
        )
    op.drop_column("users", "role")
    op.add_column("catalogue_items", sa.Column("camera_class", sa.String(24), nullable=False, server_default=""))
    op.add_column("camera_notes", sa.Column("camera_class", sa.String(24)))
    op.drop_index("catalogue_items_shown", "catalogue_items")
    op.create_index("catalogue_items_shown", "catalogue_items", ["kind", "shown_area", "camera_class", "code"])
