"""Circles organisation and accounts."""

from __future__ import annotations

from alembic import op
from app.installing import run_sql_file

revision = "0004_organisation"
down_revision = "0003_nomenclature"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_file(op.get_bind(), "0004_organisation.sql")


def downgrade() -> None:
    raise NotImplementedError("On ne revient pas en arrière sur des données réelles : restaurer, puis corriger.")
