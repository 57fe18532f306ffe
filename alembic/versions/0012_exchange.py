"""Circles exchange and employer; orientations, transmissions, requisitions."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0012_exchange"
down_revision = "0011_directory"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0012_exchange.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
