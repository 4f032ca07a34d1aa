"""The table of panic links."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

panic_links = sa.Table(
    "panic_links",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("number", sa.String(16), nullable=False, unique=True),
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("holder", sa.String(64), nullable=False),
    sa.Column("phone", sa.String(32), nullable=False),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("camera", sa.String(32), nullable=False),
    *(sa.Column(name, sa.Float) for name in ("longitude", "latitude")),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("is_on", sa.Boolean, nullable=False),
    sa.Column("made_at", sa.Float, nullable=False),
    sa.Column("seal", sa.String(64)),
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("alarm_id", "presses")),
    *(sa.Column(name, sa.Float, nullable=False) for name in ("pressed_at", "tried_at")),
)
sealed(
    panic_links,
    *("number", "place", "holder", "phone", "area", "camera", "longitude", "latitude", "token_hash", "is_on", "made_at"),
)
