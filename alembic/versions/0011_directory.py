"""Circle directory: partners and their services."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0011_directory"
down_revision = "0010_partner_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0011_directory.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
