"""The circles of disclosure: one schema each."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0001_circles"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0001_circles.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
