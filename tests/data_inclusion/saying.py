"""Rows of data·inclusion v1, all invented, and the published schemas where they can be found."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).resolve().parents[3] / "shared" / "reference" / "schemas" / "data-inclusion-v1"


def structure(number: int | str = 1, **said: Any) -> dict[str, Any]:
    """A structure that says nearly everything."""
    return {
        "source": "exemple", "id": f"exemple--{number}", "nom": f"CCAS des Essais {number}", "date_maj": "2026-01-31",
        "description": "Aides et accompagnement des habitants.", "lien_source": "https://exemple.test/ccas",
        "siret": "13003013300016", "commune": "Rennes", "code_postal": "35000", "code_insee": "35238",
        "adresse": "1 rue des Essais", "complement_adresse": "Bâtiment B", "longitude": -1.68, "latitude": 48.11,
        "telephone": "02 99 00 00 01", "courriel": "accueil@exemple.test", "site_web": "https://exemple.test/",
        "horaires_accueil": "Mo-Fr 09:00-12:00; PH closed", "accessibilite_lieu": "https://acceslibre.test/1",
        "reseaux_porteurs": ["ccas-cias"], **said,
    }  # fmt: skip


def service(number: int | str = 1, of: int | str = 1, **said: Any) -> dict[str, Any]:
    """A service that says nearly everything."""
    return {
        "source": "exemple", "id": f"exemple--s{number}", "structure_id": f"exemple--{of}", "nom": f"Accueil {number}",
        "description": "Écoute, soutien et aide aux démarches.", "date_maj": "2026-01-31", "type": "accompagnement",
        "thematiques": ["famille--surmonter-conflits-separation-violence"], "frais": "gratuit",
        "frais_precisions": "Sans condition.", "publics": ["femmes", "familles"], "publics_precisions": "Adultes.",
        "conditions_acces": "Sur rendez-vous.", "code_insee": "35238", "telephone": "3919",
        "modes_accueil": ["en-presentiel"], "zone_eligibilite": ["35238", "243500139", "35", "france"],
        "contact_nom_prenom": "Mme Exemple", "lien_mobilisation": "https://exemple.test/rdv",
        "modes_mobilisation": ["telephoner"], "mobilisable_par": ["usagers", "professionnels"],
        "mobilisation_precisions": "Appeler le matin.", "volume_horaire_hebdomadaire": 2.5, "nombre_semaines": 4,
        **said,
    }  # fmt: skip


def published(name: str) -> Draft202012Validator:
    """The published schema of a ``structure`` or of a ``service``; the test is skipped where it is not at hand."""
    path = SCHEMAS / f"{name}.json"
    if not path.exists():
        pytest.skip("les schémas publiés de data·inclusion ne sont pas à côté du projet")
    return Draft202012Validator(json.loads(path.read_text()), format_checker=Draft202012Validator.FORMAT_CHECKER)
