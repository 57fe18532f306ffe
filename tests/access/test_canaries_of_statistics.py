"""What is confided is in no figure, no document, no tally; and the key that rounds is nowhere but in its process."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from app.counting import publish_period
from app.embedded import EmbeddedPostgres
from app.refusal import CannotRun
from app.services.disclosure_control import pads
from app.services.passwords import hashed
from tests.access.canaries import NAME, PASSWORD, STRANGE, WORDS, Story, found_in
from tests.access.canaries_of_exchange import Exchange
from tests.access.documents import text_of
from tests.house_for_tests import PEOPLE, House, Town

DRAFTED, TOLD = "zqbrouillonzq", "zqrapportzq"
QUARTER, NEXT = "2026-Q1", "2026-Q2"
TABLES = """
select c.oid::regclass::text as name from pg_class c
 where c.relnamespace = 'statistics'::regnamespace and c.relkind = 'r'
"""


def shapes_of(house: House) -> list[str]:
    """The key of the statistics as somebody could print it, and the two blocks that are worth as much."""
    assert house.settings.statistics_key is not None
    said = house.settings.statistics_key.get_secret_value()
    key = base64.b64decode(said)
    found = [said, said.rstrip("="), repr(key)[2:-1]]
    for each in (key, *pads(key)):
        found += [each.hex(), base64.b64encode(each).decode().rstrip("=")[:-1], str(list(each))[1:40]]
    return found


class Figures:
    """A report frozen, a draft, the grid in every form, what is published: and all that can go wrong with them."""

    def __init__(self, story: Story, coordinator: httpx.AsyncClient) -> None:
        self.story, self.say, self.coordinator = story, story.say, coordinator
        self.post = f"post:{story.house.ids['shared_post']}"
        self.reports: dict[str, str] = {}

    @classmethod
    async def told(cls, story: Story) -> Figures:
        found = cls(story, await story.house("coordinator"))
        for period, words in ((QUARTER, TOLD), (NEXT, DRAFTED)):
            said = {"period": period, "perimeter": found.post}
            path = (await found.say("POST", "/v1/reports", said, expect=201)).headers["location"]
            commentary = {"commentary": {"highlights": words}}
            await found.say("PATCH", path, commentary, expect=200, **{"If-Match": "*"})
            found.reports[words] = path
        for act in ("validate", "freeze"):
            await found.act(found.reports[TOLD], act, expect=200)
        return found

    async def act(self, path: str, act: str, *, expect: int) -> httpx.Response:
        answer = await self.coordinator.post(f"{path}/{act}")
        assert answer.status_code == expect, answer.text
        self.story.answers.append(answer)
        return answer

    async def goes_wrong(self) -> None:
        """With words that must not come back, in the bodies and in the addresses."""
        say, draft = self.say, self.reports[DRAFTED]
        for commentary in (
            {"highlights": f"{DRAFTED}\0"}, {"highlights": DRAFTED * 2_000}, {"highlights": [DRAFTED]},
            {f"{STRANGE} !": DRAFTED}, {"nowhere": DRAFTED}, DRAFTED,
        ):  # fmt: skip
            await say("PATCH", draft, {"commentary": commentary}, expect=422, **{"If-Match": "*"})
        await say("PATCH", draft, {"commentary": {"highlights": DRAFTED}}, expect=412, **{"If-Match": f'"{STRANGE}"'})
        await say("PATCH", self.reports[TOLD], {"commentary": {"highlights": DRAFTED}}, expect=409, **{"If-Match": "*"})
        for said in (
            {"period": NAME, "perimeter": self.post}, {"period": NEXT, "perimeter": NAME},
            {"period": NEXT, "perimeter": f"post:{NAME}"}, {"period": [NAME], "perimeter": STRANGE},
        ):  # fmt: skip
            await say("POST", "/v1/reports", said, expect=422)
        await say("POST", "/v1/reports", {"period": NEXT, "perimeter": self.post}, expect=409)
        for asked in (
            f"period={NAME}&perimeter={self.post}",
            f"period=2026&perimeter={NAME}",
            f"{NAME}%20=1&period=2026",
        ):
            for what in ("grid?", "indicators?", "grid/document?format=csv&", "indicators/share_women?"):
                await say("GET", f"/v1/statistics/{what}{asked}", expect=422)
        await say("GET", f"/v1/statistics/indicators/{STRANGE}?period=2026&perimeter={self.post}", expect=404)
        await say("GET", f"{draft}/document?format={NAME}", expect=422)
        line = "/v1/statistics/external-codes/T3"
        wrong = await self.coordinator.put(f"{line}/{STRANGE}", json={"external_code": NAME})
        other = await self.coordinator.put(f"{line}/victim", json={"external_code": [NAME], STRANGE + " ": 1})
        self.story.answers += [wrong, other]
        assert [wrong.status_code, other.status_code] == [404, 422]

    async def breaks(self, superuser: asyncpg.Connection, publish: Any) -> None:
        """A tally refused with its row, and a fault of ours while the key is in the statement."""
        await superuser.execute("alter table statistics.tally add constraint full_ check (false) not valid")
        await superuser.execute("delete from statistics.tally")
        refused = await self.story.worker.get(f"/v1/statistics/grid?period=2026-Q1&perimeter={self.post}")
        assert refused.status_code >= 400
        await superuser.execute("alter table statistics.tally drop constraint full_")
        await self.act(self.reports[DRAFTED], "validate", expect=200)
        await superuser.execute("alter function statistics.noon(date) rename to midday")
        await superuser.execute(
            "insert into statistics.change (post_id, from_on) select id, '-infinity' from organisation.post"
        )
        await self.act(self.reports[DRAFTED], "freeze", expect=500)
        with pytest.raises(CannotRun) as caught:
            await publish()
        assert not found_in(str(caught.value), DRAFTED, TOLD, *WORDS)
        await superuser.execute("alter function statistics.midday(date) rename to noon")
        self.story.answers.append(refused)


async def test_no_figure_no_document_no_tally_no_log_holds_what_was_confided_nor_the_key_that_rounds(
    house: House,
    town: Town,
    database: str,
    superuser: asyncpg.Connection,
    server: EmbeddedPostgres,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    await superuser.execute(
        "insert into accounts.credential values ($1, $2, now())", house.ids["worker"], hashed(PASSWORD)
    )
    assert house.settings.statistics_key is not None
    key, shapes = base64.b64decode(house.settings.statistics_key.get_secret_value()), shapes_of(house)

    async def publish() -> int:
        return await publish_period(town.lane_url("worker", database), key, QUARTER, lambda *_: None)

    story = await Story.told(house)
    await Exchange.told(story)
    figures = await Figures.told(story)
    assert await publish() > 5

    # Figures and documents: not a word of anybody; of a report, only what was written for those who read it.
    everything, printed = "", 0
    for name in PEOPLE:
        client = await house(name)
        paths = [
            f"{path}/document?format={kind}" for path in figures.reports.values() for kind in ("pdf", "xlsx", "csv")
        ]
        paths += [*figures.reports.values(), "/v1/reports", "/v1/statistics/publications"]
        for perimeter in (figures.post, f"unit:{house.ids['north']}", f"employer:{house.ids['employer']}", "national"):
            asked = f"period={QUARTER}&perimeter={perimeter}"
            paths += [f"/v1/statistics/{what}?{asked}" for what in ("grid", "indicators", "indicators/share_women")]
            paths += [f"/v1/statistics/grid/document?{asked}&format={kind}" for kind in ("csv", "xlsx")]
        for path in paths:
            answer = await client.get(path)
            text = text_of(answer) + str(answer.headers)
            inside = name in ("worker", "colleague", "coordinator")
            watching = inside or name in ("commander", "observatory")
            allowed = ({DRAFTED} if inside else set()) | ({TOLD} if watching else set())
            assert set(found_in(text, DRAFTED, TOLD, *WORDS)) <= allowed, f"{name} {path}: {text}"
            assert not found_in(text, *shapes), f"{name} {path}"
            if answer.is_success:
                everything, printed = everything + text, printed + ("document" in path)
    assert {DRAFTED, TOLD} == set(found_in(everything, DRAFTED, TOLD))
    assert printed > 20

    await figures.goes_wrong()
    await figures.breaks(superuser, publish)
    refusals = [answer for answer in story.answers if answer.status_code >= 400]
    for answer in refusals:
        text = f"{answer.text} {answer.headers}"
        assert not found_in(text, DRAFTED, TOLD, *WORDS, *shapes), f"{answer.request.url}: {text}"
    assert {404, 409, 412, 422, 500} <= {answer.status_code for answer in refusals}

    # Traces, tallies, publications, reports.
    traces = "\n".join(row["line"] for row in await superuser.fetch("select t::text as line from audit.trace t"))
    assert traces.count("statistics:count") > 50
    assert not found_in(traces, DRAFTED, TOLD, *WORDS, *shapes)
    for table in [row["name"] for row in await superuser.fetch(TABLES)]:
        lines = "\n".join(row["line"] for row in await superuser.fetch(f"select t::text as line from {table} t"))
        allowed = {"statistics.report": {DRAFTED, TOLD}, "statistics.report_snapshot": {TOLD}}
        allowed |= {"statistics.report_release": {TOLD}}
        assert set(found_in(lines, DRAFTED, TOLD, *WORDS)) == allowed.get(table, set()), table
        assert not found_in(lines, *shapes), table

    # Logs, ours and PostgreSQL's.
    out = capfd.readouterr()
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    logs = out.out + out.err + "".join(f"{logging.Formatter().format(r)}\n{vars(r)}\n" for r in ours)
    assert logs.count("/v1/reports/{report_id}/freeze") >= 2
    secrets = [DRAFTED, TOLD, *WORDS, *shapes]
    assert not found_in(logs, *secrets), [line for line in logs.splitlines() if found_in(line, *secrets)]
    if "RELAIS_TEST_SUPERUSER_URL" not in os.environ:
        said = (server.home / "postgres.log").read_text(encoding="utf-8")
        assert "statistics.noon" in said  # the fault was heard there
        assert not found_in(said, *secrets), [line for line in said.splitlines() if found_in(line, *secrets)]

    # The backup.
    file = tmp_path / "dump.sql"
    url = urlsplit(town.superuser_url)._replace(path=f"/{database}").geturl()
    process = await asyncio.create_subprocess_exec(
        str(server.binary("pg_dump")), "--dbname", url, "--file", str(file), stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    dump = file.read_text(encoding="utf-8")
    assert not found_in(dump, *shapes)
    for table in ("tally", "publication", "change"):
        block = re.search(rf"^COPY statistics\.{table} .*?^\\\.$", dump, re.MULTILINE | re.DOTALL)
        assert block is not None and not found_in(block[0], DRAFTED, TOLD, *WORDS), table
