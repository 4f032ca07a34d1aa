"""The table of watches. Rows stay, and tell who could see what."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

incident_watches = sa.Table(
    "incident_watches",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("incident", "user_id")),
    *(sa.Column(name, sa.String(128), nullable=False) for name in ("name", "made_by")),
    sa.Column("cameras", sa.String(128), nullable=False),
    *(sa.Column(name, sa.Float, nullable=False) for name in ("made_at", "until", "ended_at")),
    sa.Column("seal", sa.String(64)),
    sa.Index("incident_watches_by_until", "until"),
)
"""`cameras`: their codes, parted by blanks; `ended_at` 0: nobody has taken it back."""
sealed(incident_watches, "incident", "user_id", "name", "made_by", "cameras", "made_at", "until", "ended_at")
