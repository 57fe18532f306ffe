"""Grants and row rules, rendered from access/policy.toml."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0009_policy"
down_revision = "0008_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0009_policy.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
