"""The archive that answers a requisition: exactly the fields handed over, and a manifest, under AES-256.

A ZIP that 7-Zip opens (AE-2: no checksum of the plain text stands beside it). Its passphrase is drawn here, shown
once, and travels by another way than the archive.
"""

from __future__ import annotations

import hashlib
import io
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pyzipper  # type: ignore[import-untyped]
from pyzipper.zipfile_aes import WZ_AES_V2  # type: ignore[import-untyped]

from app.nomenclature.terms import term
from app.services.clock import PARIS

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""32 signs, five bits each, none of which is taken for another when it is copied by hand."""
GROUPS, SIGNS_OF_A_GROUP = 7, 4

UNKNOWN = "non connu"
# The list whose labels tell the value of a field; the other fields are told as they are.
LISTS_OF_FIELDS: Mapping[str, str] = {
    **{
        name: name
        for name in (
            "sex", "household_type", "housing_status", "employment_status", "person_status",
            "known_to_social_services", "urgency",
        )
    },
    "main_problem": "problem_type",
    "needs": "need_type",
}  # fmt: skip
SAFE_CONTACT: Mapping[str, str] = {
    "phone": "téléphone", "address": "adresse", "safe_hours": "heures sûres", "precautions": "précautions",
}  # fmt: skip


@dataclass(frozen=True)
class SealedArchive:
    """The archive, the SHA-256 by which it is known, and the passphrase that opens it."""

    content: bytes = field(repr=False)
    sha256: str
    passphrase: str = field(repr=False)


def sealed_archive(facts: Mapping[str, Any], said: Mapping[str, Any]) -> SealedArchive:
    """Seal ``said`` (value by field) with a manifest: ``facts``, the fields, and the SHA-256 of each file."""
    files = {
        "contenu.json": json.dumps(said, ensure_ascii=False, indent=1).encode(),
        "contenu.txt": as_read(said).encode(),
    }
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest = json.dumps({**facts, "fields": list(said), "sha256": sums}, ensure_ascii=False, indent=1)
    passphrase = new_passphrase()
    archive = io.BytesIO()
    with pyzipper.AESZipFile(archive, "w", compression=pyzipper.ZIP_DEFLATED) as written:
        written.setpassword(passphrase.encode())
        written.setencryption(pyzipper.WZ_AES, nbits=256, force_wz_aes_version=WZ_AES_V2)
        for name, content in {"manifeste.json": manifest.encode(), **files}.items():
            written.writestr(name, content)
    content = archive.getvalue()
    return SealedArchive(content, hashlib.sha256(content).hexdigest(), passphrase)


def new_passphrase() -> str:
    """28 random signs in groups of four: 140 bits."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(SIGNS_OF_A_GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def as_read(said: Mapping[str, Any]) -> str:
    """The content as a person reads it, in French: one field a line, under the labels of the official lists."""
    lines = (f"{term('transmissible_field', name).label} : {_read(name, value)}" for name, value in said.items())
    return "\n".join(lines) + "\n"


def _read(name: str, value: Any) -> str:
    if value is None:
        return UNKNOWN
    if name in LISTS_OF_FIELDS:
        codes = value if isinstance(value, list) else [value]
        return ", ".join(term(LISTS_OF_FIELDS[name], code).label for code in codes) or UNKNOWN
    reader = {"birth_date": _birth, "safe_contact": _safe_contact, "interventions": _interventions}.get(name)
    return str(value) if reader is None else reader(value)


def _birth(value: Any) -> str:
    day = date.fromisoformat(value["date"])
    return f"{day:%d/%m/%Y} ({term('birth_date_precision', value['precision']).label})"


def _safe_contact(value: Any) -> str:
    return " ; ".join(f"{label} : {value[name] or UNKNOWN}" for name, label in SAFE_CONTACT.items())


def _interventions(value: Any) -> str:
    return "".join(f"\n  {_intervention(each)}" for each in value) or "aucune"


def _intervention(value: Any) -> str:
    at = datetime.fromisoformat(value["occurred_at"]).astimezone(PARIS)
    kind, outcome = (
        term("intervention_type", value["intervention_type"]),
        term("intervention_outcome", value["outcome"]),
    )
    return f"{at:%d/%m/%Y, %H:%M} : {kind.label} ({outcome.label})"
