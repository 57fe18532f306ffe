"""Circles shared and social."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0005_shared_social"
down_revision = "0004_organisation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0005_shared_social.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
