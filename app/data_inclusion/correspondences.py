"""Our codes and those of data·inclusion, term for term: needs and thematics, publics, networks and categories.

Read from the CSV files that stand beside this module and checked once, as the program starts.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from app.data_inclusion import vocabulary
from app.nomenclature.terms import codes

NO_CATEGORY: Final = "other"
"""The category of a structure whose networks tell nothing."""

_WAYS: Final = frozenset({"in", "out", "both"})


class BrokenCorrespondence(ValueError):  # noqa: N818 — read as a sentence where it is raised
    """A CSV file names a term that does not exist, or leaves one without a counterpart."""


def needs_of(thematics: Iterable[str]) -> list[str]:
    """The needs that a service of these thematics meets, in the order of our list."""
    found = {need for each in thematics for need in _NEEDS_OF[each]}
    return [code for code in codes("need_type") if code in found]


def thematics_of(needs: Iterable[str]) -> list[str]:
    """The thematics under which these needs are exported; none for `other`."""
    return list(dict.fromkeys(each for need in needs for each in _THEMATICS_OF.get(need, ())))


def publics_of(publics: Iterable[str]) -> list[str]:
    """Our codes for these publics of data·inclusion."""
    return [_OURS[each] for each in publics]


def published_publics(publics: Iterable[str]) -> list[str]:
    """The publics of data·inclusion for our codes; « everyone » leaves no room for another."""
    found = list(dict.fromkeys(_THEIRS[each] for each in publics if each in _THEIRS))
    return [vocabulary.EVERYONE] if vocabulary.EVERYONE in found else found


def tells_a_category(networks: Iterable[str]) -> bool:
    """Does one of these networks tell the category of a partner?"""
    return not _CATEGORIES.keys().isdisjoint(networks)


def category_of(networks: Iterable[str]) -> str:
    """The partner category that these networks tell, the first of the file that fits; `other` when none does."""
    said = frozenset(networks)
    return next((category for network, category in _CATEGORIES.items() if network in said), NO_CATEGORY)


def _rows(name: str, columns: Sequence[str]) -> list[dict[str, str]]:
    text = files(__package__ or "app.data_inclusion").joinpath(name).read_text(encoding="utf-8")
    reader = csv.DictReader(text.splitlines(), strict=True)
    rows = list(reader)
    if reader.fieldnames != list(columns) or len({tuple(row.items()) for row in rows}) != len(rows):
        raise BrokenCorrespondence(f"{name} : colonnes inattendues ou ligne en double")
    return rows


def _refuse_strangers(name: str, said: Iterable[str], known: Iterable[str], *, whole: bool = False) -> None:
    """Every term of a column exists; with ``whole``, every term that exists is there."""
    written, existing = frozenset(said), frozenset(known)
    if strays := (written ^ existing if whole else written - existing):
        raise BrokenCorrespondence(f"{name} : {', '.join(sorted(strays))}")


def _load_needs() -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
    rows = _rows("needs.csv", ("need_type", "thematic", "way"))
    _refuse_strangers("needs.csv, way", (row["way"] for row in rows), _WAYS)
    _refuse_strangers("needs.csv, need_type", (row["need_type"] for row in rows), codes("need_type"), whole=True)
    read = [row for row in rows if row["way"] != "out"]
    # A service whose thematics gave no need would be found by nobody.
    _refuse_strangers("needs.csv, thematic", (row["thematic"] for row in read), vocabulary.THEMATICS, whole=True)
    _refuse_strangers("needs.csv, thematic", (row["thematic"] for row in rows), vocabulary.THEMATICS)
    needs: dict[str, tuple[str, ...]] = {}
    thematics: dict[str, tuple[str, ...]] = {}
    for row in read:
        needs[row["thematic"]] = (*needs.get(row["thematic"], ()), row["need_type"])
    for row in rows:
        if row["way"] != "in":
            thematics[row["need_type"]] = (*thematics.get(row["need_type"], ()), row["thematic"])
    return MappingProxyType(needs), MappingProxyType(thematics)


def _load_publics() -> Mapping[str, str]:
    rows = _rows("publics.csv", ("partner_public", "public"))
    ours = {row["public"]: row["partner_public"] for row in rows}
    _refuse_strangers("publics.csv, public", ours, vocabulary.PUBLICS, whole=True)
    _refuse_strangers("publics.csv, partner_public", ours.values(), codes("partner_public"), whole=True)
    return MappingProxyType(ours)


def _load_categories() -> Mapping[str, str]:
    rows = _rows("networks.csv", ("network", "partner_category"))
    categories = {row["network"]: row["partner_category"] for row in rows}
    _refuse_strangers("networks.csv, network", categories, vocabulary.NETWORKS)
    _refuse_strangers("networks.csv, partner_category", categories.values(), codes("partner_category"))
    return MappingProxyType(categories)


_NEEDS_OF, _THEMATICS_OF = _load_needs()
_OURS = _load_publics()
_THEIRS = MappingProxyType({ours: theirs for theirs, ours in _OURS.items()})
_CATEGORIES = _load_categories()
