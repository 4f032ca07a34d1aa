"""The table of protected places: one row each. `said` has telephone numbers, and is read for one place at a time."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

alarm_sites = sa.Table(
    "alarm_sites",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("address", sa.String(256), nullable=False),
    *(sa.Column(name, sa.Float) for name in ("longitude", "latitude")),
    sa.Column("said", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("changed_at", sa.Float, nullable=False),
    sa.Column("changed_by", sa.String(128), nullable=False),
    sa.Column("seal", sa.String(64)),
)
sealed(alarm_sites, "name", "kind", "area", "address", "longitude", "latitude", "said", "version", "changed_at", "changed_by")
