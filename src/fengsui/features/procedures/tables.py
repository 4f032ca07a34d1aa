"""Tables of procedures, of each of their versions, which are written once, of their runs and of what was done at each step."""

import sqlalchemy as sa

from fengsui.store import metadata


def _facts() -> list[sa.Column[object]]:
    return [
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("is_mandatory", sa.Boolean, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Column("changed_by", sa.String(128), nullable=False),
    ]


procedures = sa.Table(
    "procedures",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("version", sa.Integer, nullable=False),
    *_facts(),
)
procedure_versions = sa.Table(
    "procedure_versions",
    metadata,
    sa.Column("procedure_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    *_facts(),
    sa.Column("is_removed", sa.Boolean, nullable=False),
)
procedure_runs = sa.Table(
    "procedure_runs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("procedure", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("camera_class", sa.String(32), nullable=False),
    sa.Column("alarm", sa.BigInteger),
    sa.Column("incident", sa.Integer),
    sa.Column("is_mandatory", sa.Boolean, nullable=False),
    sa.Column("started_at", sa.Float, nullable=False),
    sa.Column("started_by", sa.String(128), nullable=False),
    sa.Column("step", sa.String(16), nullable=False),
    sa.Column("step_at", sa.Float, nullable=False),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("skipped", sa.Integer, nullable=False),
    sa.Column("ended_at", sa.Float),
    sa.Column("reviewed_at", sa.Float),
    sa.Column("reviewed_by", sa.String(128), nullable=False),
    sa.Index("procedure_runs_by_alarm", "alarm"),
    sa.Index("procedure_runs_by_incident", "incident"),
    sa.Index("procedure_runs_skipped", "skipped", "id"),
)
procedure_entries = sa.Table(
    "procedure_entries",
    metadata,
    sa.Column("run_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("step", sa.String(16), nullable=False),
    sa.Column("outcome", sa.String(8), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("answer", sa.String(128), nullable=False),
    sa.Column("way", sa.Integer),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("took_s", sa.Float, nullable=False),
    sa.Column("is_late", sa.Boolean, nullable=False),
    sa.Column("user_id", sa.Integer, nullable=False),
    sa.Column("name", sa.String(128), nullable=False),
)
