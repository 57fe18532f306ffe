"""The rights on the circles of identity, rendered from the policy."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0025_identity_policy"
down_revision = "0024_access_to_identity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0025_identity_policy.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
