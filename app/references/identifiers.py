"""Identifiers given by the State, checked by a library."""

from typing import Final

from stdnum.fr import siret

LONGEST_TYPED: Final = 40  # fourteen digits and generous spacing


class WrongSiret(ValueError):  # noqa: N818 — read as a sentence where it is raised
    """This is no SIRET. It is never repeated: it came from outside."""

    def __str__(self) -> str:
        return "Ce SIRET n'est pas valable : quatorze chiffres, dont une clé de contrôle."


def checked_siret(text: str) -> str:
    """The fourteen digits of a SIRET, spaces and dots removed; its key is checked (La Poste has its own).

    Fourteen zeros pass the key and name nobody: refused. Whether the establishment exists is not known here.
    Raises WrongSiret.
    """
    if len(text) > LONGEST_TYPED or not siret.is_valid(text) or not siret.compact(text).strip("0"):
        raise WrongSiret
    return siret.compact(text)
