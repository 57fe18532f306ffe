"""The facts that are counted, without identity."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0017_facts"
down_revision = "0016_statistics"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0017_facts.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
