"""Tables of duty and of emergency access."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

centres = sa.Table(
    "duty_centres",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(128)),
    sa.Column("area", sa.String(8)),
    sa.Column("seats", sa.Integer),
    sa.Column("min_staff", sa.Integer),
    sa.Column("removed_at", sa.Float),
    sa.Column("seal", sa.String(64)),
)
slots = sa.Table(
    "duty_slots",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    *(sa.Column(name, sa.Integer) for name in ("centre", "seat", "user_id")),
    *(sa.Column(name, sa.Float) for name in ("since", "until")),
)
shifts = sa.Table(
    "duty_shifts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    *(sa.Column(name, sa.Integer) for name in ("centre", "seat", "user_id", "successor")),
    *(sa.Column(name, sa.String(128)) for name in ("name", "state")),
    *(sa.Column(name, sa.Float) for name in ("since", "until", "ended_at")),
    *(sa.Column(name, sa.Text) for name in ("remarks", "matters")),
    sa.Column("seal", sa.String(64)),
)
emergencies = sa.Table(
    "emergencies",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    *(sa.Column(name, sa.Integer) for name in ("user_id", "judge", "classes", "restored_by")),
    *(sa.Column(name, sa.String(128)) for name in ("name", "area", "danger", "ticket", "verdict")),
    *(sa.Column(name, sa.Float) for name in ("opened_at", "ends_at", "reported_at", "judged_at", "restored_at")),
    *(sa.Column(name, sa.Text) for name in ("said", "report", "note", "restored_note")),
    sa.Column("seal", sa.String(64)),
)
sealed(centres, "name", "area", "seats", "min_staff", "removed_at")
sealed(shifts, "centre", "seat", "user_id", "successor", "state", "since", "until", "ended_at")
sealed(
    emergencies,
    *("user_id", "area", "classes", "ticket", "opened_at", "ends_at", "reported_at", "judge", "verdict", "judged_at"),
    *("restored_by", "restored_at"),
)
