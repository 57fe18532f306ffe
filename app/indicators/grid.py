"""The grid, in order. To add a table: one file, one line here; then ``app.indicators.render`` (see CONTRIBUTING)."""

from app.indicators import (
    t01_overview,
    t02_public,
    t03_status,
    t04_sources,
    t05_documents,
    t06_problems,
    t07_penal_context,
    t08_known,
    t09_interventions,
    t10_orientations,
    t11_delays,
    t12_closures,
    t13_safeguarding,
    t14_territory,
    t15_collective,
    t16_post,
)
from app.indicators.completeness import COMPLETENESS
from app.indicators.definitions import Declared, Delay, DelayTable, Table
from app.indicators.indicators import INDICATORS

GRID: tuple[Table, ...] = (
    t01_overview.TABLE,
    t02_public.TABLE,
    t03_status.TABLE,
    t04_sources.TABLE,
    t05_documents.TABLE,
    t06_problems.TABLE,
    t07_penal_context.TABLE,
    t08_known.TABLE,
    t09_interventions.TABLE,
    t10_orientations.TABLE,
    t11_delays.TABLE,
    t12_closures.TABLE,
    t13_safeguarding.TABLE,
    t14_territory.TABLE,
    t15_collective.TABLE,
    t16_post.TABLE,
)


def _declared() -> Declared:
    found = Declared()
    for table in GRID:
        for count in table.counts():
            found.count(count)
        for delay in table.lines if isinstance(table, DelayTable) else ():
            found.delay(delay)
    for indicator in (*INDICATORS, *COMPLETENESS):
        if isinstance(indicator, Delay):
            found.delay(indicator)
        else:
            for count in indicator.counts():
                found.count(count)
    return found


DECLARED = _declared()
"""Every count and every delay that the grid and the indicators need, each once."""
