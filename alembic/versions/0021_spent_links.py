"""A link revoked while its answer waits is not spent."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0021_spent_links"
down_revision = "0020_statistics_policy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0021_spent_links.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
