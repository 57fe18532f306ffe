"""Circles confidential and audit."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0006_confidential_audit"
down_revision = "0005_shared_social"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0006_confidential_audit.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
