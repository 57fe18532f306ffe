"""The trusted functions that row rules use."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0007_access"
down_revision = "0006_confidential_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0007_access.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
