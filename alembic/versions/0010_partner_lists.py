"""The lists of partners, orientations and transmissions; new facts of two older lists."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0010_partner_lists"
down_revision = "0009_policy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0010_partner_lists.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
