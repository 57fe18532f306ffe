"""Collective activities of a post, and the days that a post was really worked."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0015_activity"
down_revision = "0014_exchange_policy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0015_activity.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
