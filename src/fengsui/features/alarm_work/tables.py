"""What was done about alarms, step by step; nothing of it is written again."""

import sqlalchemy as sa

from fengsui.store import metadata

alarm_steps = sa.Table(
    "alarm_steps",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("alarm_id", sa.BigInteger, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("user_id", sa.Integer),
    sa.Column("who", sa.String(128), nullable=False),
    sa.Column("act", sa.String(16), nullable=False),
    sa.Column("was", sa.String(8), nullable=False),
    sa.Column("became", sa.String(8), nullable=False),
    sa.Column("detail", sa.String(1200), nullable=False),
    sa.Index("alarm_steps_by_alarm", "alarm_id", "id"),
)
