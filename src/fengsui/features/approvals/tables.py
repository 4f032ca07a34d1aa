"""Tables of requests. Times: seconds since 1970, 0 for not yet."""

import sqlalchemy as sa

from fengsui.store import metadata

approval_requests = sa.Table(
    "approval_requests",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("id", sa.String(32)),
    sa.Column("kind", sa.String(64)),
    sa.Column("content", sa.Text),
    sa.Column("document", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("target", sa.String(128)),
    sa.Column("base", sa.String(64)),
    sa.Column("hash", sa.String(64)),
    sa.Column("state", sa.String(16)),
    sa.Column("asked_by", sa.Integer),
    sa.Column("asked_name", sa.String(64)),
    sa.Column("asked_session", sa.String(32)),
    sa.Column("asked_address", sa.String(64)),
    sa.Column("asked_workstation", sa.String(256)),
    sa.Column("asked_at", sa.Float),
    sa.Column("expires_at", sa.Float),
    sa.Column("decided_by", sa.Integer),
    sa.Column("decided_name", sa.String(64)),
    sa.Column("decided_address", sa.String(64)),
    sa.Column("decided_at", sa.Float),
    sa.Column("due_at", sa.Float),
    sa.Column("seal", sa.String(64)),
    sa.Column("ended_at", sa.Float),
    sa.Column("ended_by", sa.String(64)),
    sa.Column("ended_reason", sa.Text),
    sa.Column("told", sa.Text),
)
approval_openings = sa.Table(
    "approval_openings",
    metadata,
    sa.Column("request", sa.String(32), primary_key=True),
    sa.Column("user_id", sa.Integer, primary_key=True),
    sa.Column("hash", sa.String(64)),
    sa.Column("at", sa.Float),
)
