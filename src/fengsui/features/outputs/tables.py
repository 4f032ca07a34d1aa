"""Tables of outputs, and of each time that one is switched on."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

outputs = sa.Table(
    "outputs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("camera", sa.String(32), nullable=False),
    sa.Column("switch", sa.Integer, nullable=False),
    sa.Column("made_at", sa.Float, nullable=False),
    sa.Column("seal", sa.String(64)),
    sa.UniqueConstraint("camera", "switch"),
    sqlite_autoincrement=True,
)
sealed(outputs, "name", "area", "camera", "switch", "made_at")
output_pulses = sa.Table(
    "output_pulses",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("output_id", sa.Integer, nullable=False),
    sa.Column("alarm_id", sa.BigInteger, nullable=False),
    sa.Column("rule_id", sa.Integer, nullable=False),
    sa.Column("rule_version", sa.Integer, nullable=False),
    sa.Column("by", sa.String(160), nullable=False),
    sa.Column("seconds", sa.Integer, nullable=False),
    *(sa.Column(name, sa.Float, nullable=False) for name in ("asked_at", "on_at", "until", "ended_at")),
    sa.Column("fault", sa.String(500), nullable=False),
    sa.Index("output_pulses_by_output", "output_id", "ended_at"),
    sa.Index("output_pulses_by_end", "ended_at"),
)
