"""Institutions that sign people in."""

from app.schemas.base import Shown


class InstitutionShown(Shown):
    """One institution to choose: ``name`` for the address, ``label`` for people."""

    name: str
    label: str


class Institutions(Shown):
    """Every institution that this installation knows."""

    items: list[InstitutionShown]
