"""What was published, newest first: the row rules say to whom."""

from __future__ import annotations

from sqlalchemy import select

from app.models.statistics import Publication
from app.statements import columns, newest_first_everywhere

PUBLICATION = columns(Publication)

NEWEST = newest_first_everywhere(
    select(*(each for each in PUBLICATION if each.name != "cells")), at=PUBLICATION.published_at, key=PUBLICATION.id
)
