"""What the code of a problem means."""

from app.schemas.base import Shown


class ProblemExplained(Shown):
    """The sentences of one code, in both languages; ``{max_length}`` and the like stand for a limit of the contract."""

    code: str
    fr: str
    en: str
