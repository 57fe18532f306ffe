"""Grants and row rules of the new circles."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0014_exchange_policy"
down_revision = "0013_access_to_exchange"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0014_exchange_policy.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
