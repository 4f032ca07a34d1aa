"""The table of saved walls and tours."""

import sqlalchemy as sa

from fengsui.store import metadata

views = sa.Table(
    "views",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    *(sa.Column(name, sa.Integer) for name in ("user_id", "centre")),
    *(sa.Column(name, sa.String(128)) for name in ("owner", "name")),
    *(sa.Column(name, sa.String(32)) for name in ("kind", "sharing", "post", "area")),
    sa.Column("changed_at", sa.Float),
    sa.Column("body", sa.Text),
)
