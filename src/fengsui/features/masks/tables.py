"""Tables of masks and of their lifts."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

masks = sa.Table(
    "masks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("camera", sa.String(32), index=True),
    sa.Column("preset", sa.Integer),
    sa.Column("name", sa.String(128)),
    sa.Column("points", sa.Text),
    sa.Column("valid", sa.Boolean, default=True),
    sa.Column("made_by", sa.Integer),
    sa.Column("made_at", sa.Float),
    sa.Column("seal", sa.String(64)),
)
sealed(masks, "camera", "preset", "points", "valid")
mask_lifts = sa.Table(
    "mask_lifts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("camera", sa.String(32), index=True),
    sa.Column("user_id", sa.Integer),
    sa.Column("until", sa.Float),
    sa.Column("reason", sa.String(256)),
    sa.Column("approved_by", sa.String(128)),
    sa.Column("name", sa.String(128)),
    sa.Column("ticket", sa.String(24)),
    sa.Column("seal", sa.String(64)),
)
