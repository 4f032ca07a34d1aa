"""Tables of retention: what is held, what rules mark, and what was removed."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

footage_holds = sa.Table(
    "footage_holds",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("camera", sa.String(32), nullable=False, index=True),
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
    sa.Column("case_number", sa.String(64), nullable=False),
    sa.Column("reason", sa.String(512), nullable=False),
    sa.Column("asked_by", sa.String(128), nullable=False),
    sa.Column("approved_by", sa.String(128), nullable=False),
    sa.Column("held_at", sa.Float, nullable=False),
    sa.Column("review_at", sa.Float, nullable=False),
    sa.Column("released_at", sa.Float, nullable=False),
    sa.Column("released_by", sa.String(272), nullable=False),
    sa.Column("asked_unit", sa.String(128), nullable=False, server_default=""),
    sa.Column("seal", sa.String(64)),
)
sealed(
    footage_holds,
    *("camera", "since", "until", "case_number", "reason", "asked_by", "approved_by", "held_at", "review_at"),
    *("released_at", "released_by"),
    generation=3,
    added=("asked_unit",),
)
footage_removals = sa.Table(
    "footage_removals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("camera", sa.String(32), nullable=False),
    sa.Column("stream", sa.String(96), nullable=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("why", sa.String(16), nullable=False),
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("removed_at", sa.Float, nullable=False),
    sa.Column("policy", sa.String(128), nullable=False),
    sa.Column("data_class", sa.String(32), nullable=False),
    sa.Column("digests", sa.LargeBinary, nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Index("footage_removals_by_day", "camera", "day"),
)
footage_marks = sa.Table(
    "footage_marks",
    metadata,
    sa.Column("key", sa.String(96), primary_key=True),
    sa.Column("camera", sa.String(32), nullable=False),
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
    sa.Column("reason", sa.String(256), nullable=False),
    sa.Column("held_until", sa.Float, nullable=False),
    sa.Index("footage_marks_by_end", "held_until"),
)
