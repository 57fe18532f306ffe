"""The controlled vocabularies of data·inclusion v1, as published (see `SOURCES.md`): their codes."""

import json
from importlib.resources import files
from typing import Final


def _vocabulary(name: str) -> frozenset[str]:
    file = files(__package__ or "app.data_inclusion").joinpath("vocabularies", f"{name}.json")
    return frozenset(str(each["value"]) for each in json.loads(file.read_text(encoding="utf-8")))


THEMATICS: Final = _vocabulary("thematiques")
"""What a service is about: `category--value`."""

SERVICE_TYPES: Final = _vocabulary("types-de-services")
"""The nature of a service: `accompagnement`, `aide-financiere`…"""

FEES: Final = _vocabulary("frais")
"""`gratuit`, `payant`."""

RECEPTION_MODES: Final = _vocabulary("modes-accueil")
"""`a-distance`, `en-presentiel`."""

REACH_MODES: Final = _vocabulary("modes-mobilisation")
"""How to turn to a service: `telephoner`, `se-presenter`…"""

REACHED_BY: Final = _vocabulary("personnes-mobilisatrices")
"""Who may turn to a service: `usagers`, `professionnels`."""

NETWORKS: Final = _vocabulary("reseaux-porteurs")
"""The networks that carry a structure: `ccas-cias`, `siao`…"""

PUBLICS: Final = _vocabulary("publics")
"""Who is received: `femmes`, `familles`, `tous-publics`…"""

EVERYONE: Final = "tous-publics"
"""The public that is said alone."""
