"""Telephone numbers that are given to people, checked by a library."""

import phonenumbers


class WrongPhone(ValueError):  # noqa: N818 — read as a sentence where it is raised
    """This is no telephone number. It is never repeated: it came from outside."""

    def __str__(self) -> str:
        return "Ce numéro de téléphone n'est pas bien formé."


def checked_phone(text: str) -> str:
    """A French or international number in E.164; or a short number of France (115, 3919) as it is dialled: those are
    the first that this trade hands out, and E.164 has no form for them. Raises WrongPhone.
    """
    try:
        number = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        raise WrongPhone from None
    if phonenumbers.is_valid_short_number_for_region(number, "FR"):
        return str(number.national_number)
    # "Possible", not "valid": numbers kept for fiction are possible only.
    if number.extension or not phonenumbers.is_possible_number(number):
        raise WrongPhone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
