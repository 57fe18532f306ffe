"""T10, orientations: how far each went. The other content that the job description names."""

from app.indicators.definitions import Count, CrossTable, Part, Told, total
from app.indicators.facts import CATEGORY, ORIENTATIONS


def _stage(code: str, label: str, sentence: str, keeping: str | None = None) -> Count:
    return Count(f"T10.{code}", label, ORIENTATIONS, sentence, by=(CATEGORY,), keeping=keeping)


PROPOSED = _stage("proposed", "Proposées", "Orientations proposées dans la période.")
AGREED = _stage("agreed", "Acceptées", "Celles que la personne a acceptées, ou dont elle s’est chargée.", "agreed")
DECLINED = _stage("declined", "Déclinées", "Celles que la personne a déclinées.", "declined")
ALONE = _stage("alone", "Faites seule", "Celles dont la personne s’est chargée elle-même.", "alone")
TRANSMITTED = _stage("transmitted", "Transmises", "Celles qui ont été transmises au partenaire.", "transmitted")
TAKEN_UP = _stage("taken_up", "Prises en charge", "Celles que le partenaire a prises en charge.", "taken_up")
REFUSED = _stage("refused", "Refusées", "Celles que le partenaire a refusées.", "refused")
NO_FEEDBACK = _stage(
    "no_feedback",
    "Sans retour",
    "Celles transmises, même reçues, que le partenaire n’a ni prises en charge ni refusées.",
    "unanswered",
)

STAGES = (PROPOSED, AGREED, DECLINED, ALONE, TRANSMITTED, TAKEN_UP, REFUSED, NO_FEEDBACK)

TABLE = CrossTable(
    "T10",
    "Orientations",
    "orientations",
    "Orientations proposées dans la période, et jusqu’où chacune est allée à ce jour. Une orientation "
    "compte à chaque étape "
    "qu’elle a franchie.",
    CATEGORY,
    (
        *(Told(stage.code.removeprefix("T10."), stage.label, stage) for stage in STAGES),
        Part("share", "Part", total(PROPOSED)),
    ),
)
