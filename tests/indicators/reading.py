"""The figures as whoever does the work reads them: over HTTP, with a token of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import asyncpg

from tests.house_for_tests import House
from tests.indicators.ground import Ground

YEAR = "2025"


@dataclass
class Figures:
    """What is written on the ground, and what is read of it: of the shared post, in 2025, by its worker."""

    house: House
    ground: Ground
    by: str = "worker"
    perimeter: str = ""

    @classmethod
    def of(cls, house: House, superuser: asyncpg.Connection) -> Figures:
        """The figures of a test."""
        return cls(house, Ground(superuser, house.town), perimeter=f"post:{house.ids['shared_post']}")

    async def table(self, code: str, period: str = YEAR, perimeter: str | None = None) -> dict[str, dict[str, Any]]:
        """A table of the grid: its lines, and in each the value of each column."""
        told = await self._asked("grid", period, perimeter)
        table = next(each for each in told["tables"] if each["code"] == code)
        names = [column["code"] for column in table["columns"]]
        return {
            line["code"]: dict(zip(names, (cell["value"] for cell in line["cells"]), strict=True))
            for line in table["lines"]
        }

    async def line(self, code: str, line: str, period: str = YEAR, perimeter: str | None = None) -> dict[str, Any]:
        """One line of a table, without its zeros nor what cannot be told."""
        found = (await self.table(code, period, perimeter))[line]
        return {column: value for column, value in found.items() if value}

    async def lines(self, code: str, column: str, period: str = YEAR, perimeter: str | None = None) -> dict[str, Any]:
        """One column of a table, without its zeros."""
        found = await self.table(code, period, perimeter)
        return {line: cells[column] for line, cells in found.items() if cells[column]}

    async def overview(self, *codes: str, period: str = YEAR, perimeter: str | None = None) -> tuple[Any, ...]:
        """Lines of the first table, which are indicators too."""
        found = {each["code"]: each["value"] for each in await self._indicators("", period, perimeter)}
        return tuple(found[code] for code in codes)

    async def indicator(self, code: str, period: str = YEAR, perimeter: str | None = None) -> dict[str, Any]:
        """An indicator, as it is told."""
        (found,) = await self._indicators(f"/{code}", period, perimeter)
        return found

    async def share(self, code: str, period: str = YEAR, perimeter: str | None = None) -> tuple[Any, Any, Any]:
        """An indicator: its value, its numerator, its denominator."""
        told = await self.indicator(code, period, perimeter)
        return told["value"], told["numerator"]["value"], told["denominator"]["value"]

    async def _indicators(self, code: str, period: str, perimeter: str | None) -> list[dict[str, Any]]:
        told: dict[str, list[dict[str, Any]]] = await self._asked(f"indicators{code}", period, perimeter)
        return told["items"]

    async def _asked(self, what: str, period: str, perimeter: str | None) -> Any:
        client, asked = await self.house(self.by), {"period": period, "perimeter": perimeter or self.perimeter}
        answer = await client.get(f"/v1/statistics/{what}", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()
