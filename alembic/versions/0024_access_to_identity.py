"""What the trusted functions know of sessions, approvals and replacements."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0024_access_to_identity"
down_revision = "0023_identity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Together: the functions that every request calls read columns that only the new policy lets them read.
    run_sql_file(op.get_bind(), "0024_access_to_identity.sql")
    run_sql_file(op.get_bind(), "0024_identity_policy.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
