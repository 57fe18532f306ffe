"""What became of an import, row by row; and the export, in the shapes that data·inclusion publishes."""

from typing import Annotated, Any, Literal

from pydantic import Field

from app.schemas.base import Shown


class ImportedRow(Shown):
    """What became of one row of the file."""

    number: Annotated[int, Field(description="Rang de la fiche dans le fichier, à partir de 1.")]
    kind: Literal["structure", "service"]
    source_id: Annotated[str | None, Field(description="Identifiant de la fiche, s'il est bien formé.")]
    outcome: Literal["created", "updated", "unchanged", "refused"]
    code: Annotated[str | None, Field(description="Pourquoi elle est refusée.")]
    member: Annotated[str | None, Field(description="Le champ en cause.")]
    detail: Annotated[str | None, Field(description="La même raison, en une phrase.")]


class ImportReport(Shown):
    """What became of an import: totals, then every row in the order of the file."""

    created: int
    updated: int
    unchanged: int
    refused: int
    ignored_members: Annotated[int, Field(description="Champs absents du schéma v1, laissés de côté.")]
    rows: list[ImportedRow]


class ExportShown(Shown):
    """The directory as data·inclusion v1: the published schemas of a structure and of a service tell the members."""

    structures: list[dict[str, Any]]
    services: list[dict[str, Any]]
