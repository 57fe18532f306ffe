"""Which lists and which definitions a figure was counted by: one short print of them all."""

import hashlib
from functools import cache

from app.indicators.render import render_document, render_sql
from app.nomenclature.terms import LISTS


@cache
def nomenclature_version() -> str:
    """Twelve hexadecimal digits; they change when an official list, or the definition of a figure, does."""
    said = hashlib.sha256(render_sql().encode() + render_document().encode())
    for name, listed in sorted(LISTS.items()):
        for term in listed.terms:
            said.update(repr((name, term.code, term.label, term.parent_code, sorted(term.facts.items()))).encode())
    return said.hexdigest()[:12]
