"""Tables of units and their tasks."""

import sqlalchemy as sa

from fengsui.store import metadata

patrol_units = sa.Table(
    "patrol_units",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("call_sign", sa.String(64), nullable=False, unique=True),
    *(sa.Column(name, sa.String(16), nullable=False) for name in ("kind", "status")),
    sa.Column("members", sa.Text, nullable=False),
    sa.Column("area", sa.String(8), nullable=False),
    *(sa.Column(name, sa.Float) for name in ("longitude", "latitude")),
    sa.Column("position_at", sa.Float, nullable=False),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("task", "version")),
    *(sa.Column(name, sa.String(32), nullable=False, server_default="") for name in ("locator_device", "locator")),
)
patrol_crews = sa.Table(
    "patrol_crews",
    metadata,
    sa.Column("user_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("unit", sa.Integer, nullable=False),
    sa.Index("patrol_crews_by_unit", "unit"),
)
"""Who is in which unit with a phone: one at a time."""
incident_tasks = sa.Table(
    "incident_tasks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("incident", "unit", "priority")),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("order_text", "stamps", "reason", "feedback")),
    sa.Column("step_keys", sa.Text),
    *(sa.Column(name, sa.Boolean, nullable=False) for name in ("need_feedback", "is_running")),
    *(sa.Column(name, sa.String(16), nullable=False) for name in ("state", "overdue")),
    sa.Column("sent_at", sa.Float, nullable=False),
    sa.Column("sent_by", sa.String(128), nullable=False),
    sa.Index("incident_tasks_by_incident", "incident", "id"),
    sa.Index("incident_tasks_running", "is_running"),
    sa.Index("incident_tasks_by_sent", "sent_at"),
)
