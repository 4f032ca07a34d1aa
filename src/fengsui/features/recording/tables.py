"""Tables of recording."""

import sqlalchemy as sa

from fengsui.store import metadata

recording_plans = sa.Table(
    "recording_plans",
    metadata,
    sa.Column("camera", sa.String(32), primary_key=True),
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("stream", sa.String(8), nullable=False),
    sa.Column("set_at", sa.Float, nullable=False),
    sa.Column("set_by", sa.String(128), nullable=False),
    sa.Column("hours", sa.Text, nullable=False),
    sa.Column("before_s", sa.Integer, nullable=False),
    sa.Column("after_s", sa.Integer, nullable=False),
)
recording_plans_other = sa.Table(
    "recording_plans_other",
    metadata,
    sa.Column("camera", sa.String(32), primary_key=True),
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("stream", sa.String(8), nullable=False),
    sa.Column("set_at", sa.Float, nullable=False),
    sa.Column("set_by", sa.String(128), nullable=False),
    sa.Column("hours", sa.Text, nullable=False),
    sa.Column("before_s", sa.Integer, nullable=False),
    sa.Column("after_s", sa.Integer, nullable=False),
)
recording_plans_past = sa.Table(
    "recording_plans_past",
    metadata,
    sa.Column("camera", sa.String(32), primary_key=True),
    sa.Column("set_at", sa.Float, primary_key=True),
    sa.Column("until", sa.Float, nullable=False),
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("stream", sa.String(8), nullable=False),
    sa.Column("set_by", sa.String(128), nullable=False),
    sa.Column("hours", sa.Text, nullable=False),
    sa.Column("before_s", sa.Integer, nullable=False),
    sa.Column("after_s", sa.Integer, nullable=False),
)
recording_periods = sa.Table(
    "recording_periods",
    metadata,
    sa.Column("camera", sa.String(32), primary_key=True),
    sa.Column("at", sa.Float, primary_key=True),
    sa.Column("stream", sa.String(8), primary_key=True),
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
    sa.Column("cause", sa.String(16), nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Index("recording_periods_by_end", "until"),
    sa.Index("recording_periods_open", "camera", sqlite_where=sa.text("ended = 0"), postgresql_where=sa.text("NOT ended")),
)
