"""What a command says when it cannot do what was asked."""


class CannotRun(RuntimeError):  # noqa: N818 — read as a sentence
    """What was asked cannot be done here; the message, in French, is for the person at the keyboard."""
