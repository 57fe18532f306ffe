"""The lists that posts, handovers and replacements use."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0022_identity_lists"
down_revision = "0021_spent_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0022_identity_lists.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
