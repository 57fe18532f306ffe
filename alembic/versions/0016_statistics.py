"""The circle of statistics: tallies, publications, reports."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0016_statistics"
down_revision = "0015_activity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0016_statistics.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
