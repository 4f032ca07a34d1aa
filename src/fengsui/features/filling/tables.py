"""Tables of filling."""

import sqlalchemy as sa

from fengsui.store import metadata

footage_fills = sa.Table(
    "footage_fills",
    metadata,
    sa.Column("camera", sa.String(32), primary_key=True),
    sa.Column("stream", sa.String(96), primary_key=True),
    sa.Column("since", sa.Float, primary_key=True),
    sa.Column("until", sa.Float, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", sa.Float, nullable=False),
    sa.Column("filled_s", sa.Float, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("why", sa.String(16), nullable=False),
    sa.Column("asked_by", sa.String(128), nullable=False),
    sa.Index("footage_fills_by_state", "state", "next_at"),
)
