"""Tables of people and sessions."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(64)),
    sa.Column("password_hash", sa.String(256)),
    *(sa.Column(name, sa.String(64)) for name in ("full_name", "vetted_on", "undertaking_on", "training_until", "certificate_no")),
    sa.Column("unit_id", sa.Integer),
    sa.Column("must_change_password", sa.Boolean),
    sa.Column("created_at", sa.Float),
    sa.Column("disabled", sa.Boolean),
    sa.Column("signed_in_at", sa.Float),
    sa.Column("totp_secret", sa.String(256)),
    sa.Column("totp_confirmed", sa.Boolean),
    sa.Column("provider", sa.String(16)),
    sa.Column("issuer", sa.String(512)),
    sa.Column("subject", sa.String(256)),
    sa.Column("given_by", sa.Integer),
    sa.Column("personnel_number", sa.String(64)),
    sa.Column("seal", sa.String(64)),
)
units = sa.Table(
    "units",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(128)),
    sa.Column("area", sa.String(8)),
)
appointments = sa.Table(
    "appointments",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.Integer),
    sa.Column("post", sa.String(32)),
    sa.Column("area", sa.String(8)),
    sa.Column("classes", sa.Integer),
    *(sa.Column(name, sa.Float) for name in ("valid_from", "valid_until", "made_at", "ended_at")),
    *(sa.Column(name, sa.String(64)) for name in ("made_by", "approved_by", "ended_by")),
    sa.Column("rank", sa.String(16)),
    sa.Column("given_by_group", sa.String(256)),
)
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(32)),
    sa.Column("user_id", sa.Integer),
    sa.Column("created_at", sa.Float),
    sa.Column("used_at", sa.Float),
    sa.Column("address", sa.String(64)),
    sa.Column("workstation", sa.String(256)),
    sa.Column("factor_elsewhere", sa.Boolean),
    sa.Column("at_screen", sa.Boolean),
    sa.Column("locked_at", sa.Float),
    sa.Column("seal", sa.String(64)),
)
recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("user_id", sa.Integer, primary_key=True),
    sa.Column("code_hash", sa.String(64), primary_key=True),
    sa.Column("seal", sa.String(64)),
)
totp_steps_used = sa.Table(
    "totp_steps_used",
    metadata,
    sa.Column("user_id", sa.Integer, primary_key=True),
    sa.Column("step", sa.BigInteger, primary_key=True),
)
passkeys = sa.Table(
    "passkeys",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.Integer),
    sa.Column("credential", sa.String(1024)),
    sa.Column("public_key", sa.Text),
    sa.Column("sign_count", sa.BigInteger),
    sa.Column("name", sa.String(64)),
    sa.Column("created_at", sa.Float),
    sa.Column("used_at", sa.Float),
    sa.Column("seal", sa.String(64)),
)
api_tokens = sa.Table(
    "api_tokens",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.Integer),
    sa.Column("token_hash", sa.String(64)),
    sa.Column("name", sa.String(64)),
    sa.Column("functions", sa.String(512)),
    sa.Column("area", sa.String(8)),
    sa.Column("networks", sa.String(512)),
    sa.Column("created_at", sa.Float),
    sa.Column("expires_at", sa.Float),
    sa.Column("used_at", sa.Float),
    sa.Column("seal", sa.String(64)),
)

sealed(
    users,
    *("name", "password_hash", "must_change_password", "disabled", "totp_secret", "totp_confirmed", "unit_id", "given_by"),
    *("vetted_on", "undertaking_on", "training_until", "personnel_number", "provider", "issuer", "subject"),
)
sealed(sessions, "id", "user_id", "created_at", "address", "workstation", "factor_elsewhere", "at_screen", "locked_at")
sealed(recovery_codes)
sealed(passkeys, "user_id", "credential", "public_key")
sealed(api_tokens, "user_id", "token_hash", "name", "functions", "area", "networks", "created_at", "expires_at")
