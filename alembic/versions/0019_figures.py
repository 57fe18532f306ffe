"""Counting: what is kept ready, for whom, and what touches it."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0019_figures"
down_revision = "0018_counts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0019_figures.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
