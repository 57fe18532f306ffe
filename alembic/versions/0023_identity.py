"""Second factors, invitations, institutions, handovers; two persons for what widens access."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0023_identity"
down_revision = "0022_identity_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0023_identity.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
