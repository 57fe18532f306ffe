"""Grants and row rules of the circle of statistics."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0020_statistics_policy"
down_revision = "0019_figures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0020_statistics_policy.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
