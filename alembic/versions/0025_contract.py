"""Repeated requests, rehearsals, quotas, usage, webhooks."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0025_contract"
down_revision = "0024_access_to_identity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Together: the functions that every request calls read a table that only the new policy lets them read.
    run_sql_file(op.get_bind(), "0025_contract.sql")
    run_sql_file(op.get_bind(), "0025_contract_policy.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
