"""Rebuild `communes.csv`, `epcis.csv` and `departements.csv` from the npm package `@etalab/decoupage-administratif`.

    python -m app.references.build_communes <folder of the unpacked package>

Once a year, after the COG of the 1st of January is published; then write the version in `SOURCES.md`.
"""

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
COMMUNES: Final = ("code", "name", "departement_code", "epci_code", "parent_code")
NAMED: Final = ("code", "name")

Entry = dict[str, Any]
Row = tuple[str, ...]


def communes(entries: Sequence[Entry], epcis: Sequence[Entry]) -> list[Row]:
    """The rows of `communes.csv`: current communes, municipal arrondissements, then codes that are no longer used.

    A code no longer used has neither name nor area: only the current commune that holds its land. A commune
    that gives its code to one of its own delegated communes stays a current one. Raises ValueError if a code
    leads nowhere.
    """
    epci_of = {member["code"]: epci["code"] for epci in epcis for member in epci["membres"]}
    current = {each["code"]: each for each in entries if each["type"] == "commune-actuelle"}
    rows = {code: (code, _name(each), each["departement"], epci_of.get(code, ""), "") for code, each in current.items()}
    for each in entries:
        if each["type"] == "arrondissement-municipal":
            code, parent = each["code"], each["commune"]
            rows[code] = (code, _name(each), each["departement"], epci_of.get(parent, ""), parent)
    for code, heir in _former_codes(entries):
        rows.setdefault(code, (code, "", "", "", heir))
    if orphans := [row[0] for row in rows.values() if row[4] and row[4] not in current]:
        raise ValueError(f"codes sans commune actuelle : {', '.join(sorted(orphans))}")
    return sorted(rows.values())


def named(entries: Iterable[Entry]) -> list[Row]:
    """The rows of `epcis.csv` and `departements.csv`."""
    return sorted((each["code"], _name(each)) for each in entries)


def _former_codes(entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """Old code, current code. What the COG says of a delegated or associated commune comes first: it is of today."""
    for each in entries:
        if each["type"] in {"commune-deleguee", "commune-associee"}:
            yield each["code"], each["chefLieu"]
    for each in entries:
        for code in each.get("anciensCodes", ()):
            yield code, each["code"]


def _name(entry: Entry) -> str:
    return " ".join(entry["nom"].split())


def _write(name: str, header: Row, rows: Sequence[Row]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    sys.stdout.write(f"{name} : {len(rows)} lignes\n")


def main(package: Path) -> None:
    """Read the package and write the three files beside this module."""

    def read(name: str) -> list[Entry]:
        entries: list[Entry] = json.loads((package / "data" / name).read_text(encoding="utf-8"))
        return entries

    epcis = read("epci.json")
    _write("communes.csv", COMMUNES, communes(read("communes.json"), epcis))
    _write("epcis.csv", NAMED, named(epcis))
    _write("departements.csv", NAMED, named(read("departements.json")))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage : python -m app.references.build_communes <dossier du paquet décompressé>")
    main(Path(sys.argv[1]))
