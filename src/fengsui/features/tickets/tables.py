"""Tables of use tickets and of reviews."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

use_tickets = sa.Table(
    "use_tickets",
    metadata,
    sa.Column("number", sa.String(24), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.Integer),
    *(sa.Column(name, sa.String(64)) for name in ("purpose", "case_number", "matched")),
    sa.Column("legal_basis", sa.String(512)),
    sa.Column("reason", sa.String(512)),
    sa.Column("cameras", sa.Text),
    sa.Column("area", sa.String(8)),
    sa.Column("classes", sa.Integer),
    sa.Column("opens", sa.String(512)),
    sa.Column("automatic", sa.Boolean),
    *(sa.Column(name, sa.Float) for name in ("since", "until", "opened_at", "expires_at", "closed_at", "looked_up_at")),
    sa.Column("newest", sa.Boolean),
    sa.Column("seal", sa.String(64)),
    sa.Column("match_seal", sa.String(64)),
)
ticket_notes = sa.Table(
    "ticket_notes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("number", sa.String(24)),
    sa.Column("user_id", sa.Integer),
    sa.Column("kind", sa.String(16)),
    sa.Column("text", sa.String(512)),
    sa.Column("at", sa.Float),
)
ticket_reviews = sa.Table(
    "ticket_reviews",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("user_id", sa.Integer),
    sa.Column("reviewer", sa.Integer),
    sa.Column("at", sa.Float),
    sa.Column("note", sa.String(512)),
    sa.Column("seal", sa.String(64)),
)
sealed(use_tickets, "matched", seal="match_seal")  # its terms have a seal of their own
sealed(ticket_reviews, "user_id", "reviewer", "at")
