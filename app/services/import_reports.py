"""What became of each row of an import, and what is said of a file that could not be read to its end."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import Any, Literal, NamedTuple

from app.data_inclusion.reading import Kind, Unreadable
from app.errors import MOST_ERRORS_SHOWN, FieldError
from app.messages import Language, field_sentence

Happened = Literal["created", "updated", "unchanged", "refused"]


class Outcome(NamedTuple):
    """What became of one row; `source_id` only if it is well formed, `code` and `member` for a refusal."""

    number: int
    kind: Kind
    source_id: str | None
    outcome: Happened
    code: str | None = None
    member: str | None = None
    limits: Mapping[str, Any] = {}

    def detail(self, language: Language) -> str | None:
        """Why it is refused, in one sentence."""
        return field_sentence(self.code, language, self.limits) if self.code else None


TOLD = Outcome._fields[:-1]


@dataclass
class Report:
    """What became of every row."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    ignored_members: int = 0
    """Members that v1 does not know."""
    rows: list[Outcome] = field(default_factory=list)

    def note(self, outcome: Outcome, *, keep: bool) -> None:
        """Count an outcome, and keep it to be told."""
        setattr(self, outcome.outcome, getattr(self, outcome.outcome) + 1)
        if keep:
            self.rows.append(outcome)

    def as_json(self, language: Language) -> bytes:
        """The totals, then the rows in the order of the file, each refusal with its sentence."""
        rows = [{**dict(zip(TOLD, each, strict=False)), "detail": each.detail(language)} for each in self.rows]
        told = {each.name: getattr(self, each.name) for each in fields(self)} | {"rows": rows}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def faults(broken: Unreadable, read: Sequence[Outcome]) -> list[FieldError]:
    """Where the reading stopped, then the rows refused before; a pointer is the number of a row, then a member."""
    refused = (each for each in read if each.code is not None)
    return [
        FieldError(f"/{broken.number}", broken.code),
        *(
            FieldError(f"/{each.number}/{each.member or ''}".rstrip("/"), str(each.code), tuple(each.limits.items()))
            for each in islice(refused, MOST_ERRORS_SHOWN - 1)
        ),
    ]
