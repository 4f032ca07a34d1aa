"""Tables of rules, of each of their versions, which are written once, and of what they did, to which alarm and how far they are."""

import sqlalchemy as sa

from fengsui.store import metadata


def _facts() -> list[sa.Column[object]]:
    return [
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Column("changed_by", sa.String(128), nullable=False),
    ]


alarm_rules = sa.Table(
    "alarm_rules",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("version", sa.Integer, nullable=False),
    *_facts(),
)
alarm_rule_versions = sa.Table(
    "alarm_rule_versions",
    metadata,
    sa.Column("rule_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    *_facts(),
    sa.Column("is_removed", sa.Boolean, nullable=False),
)
alarm_rule_runs = sa.Table(
    "alarm_rule_runs",
    metadata,
    sa.Column("alarm_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("rule_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("do", sa.String(16), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("outcome", sa.String(8), nullable=False),
    sa.Column("detail", sa.String(1000), nullable=False),
)
alarm_rule_mark = sa.Table(
    "alarm_rule_mark",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("upto", sa.BigInteger, nullable=False),
)
alarm_rule_failures = sa.Table(
    "alarm_rule_failures",
    metadata,
    sa.Column("rule_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("last_error", sa.String(1000), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)
alarm_cameras = sa.Table(
    "alarm_cameras",
    metadata,
    sa.Column("alarm_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("rule_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("camera", sa.String(32), nullable=False),
    sa.Column("preset", sa.Integer),
    sa.Column("rule", sa.String(128), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
