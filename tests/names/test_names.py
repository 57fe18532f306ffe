"""Two spellings of one name are found together; two names are not taken for one another."""

import unicodedata
from typing import Any

import pytest

# A spelling that an officer may type, and the one on the identity card.
SAME_SOUND = [
    ("Beaulieux", "Bolieu"), ("Kévin", "kevin"), ("Lefèvre", "Lefebvre"), ("Lefèvre", "Lefeuvre"),
    ("Dupond", "Dupont"), ("Thibault", "Thibaud"), ("Thibaud", "Tibo"), ("Gauthier", "Gautier"),
    ("Gautier", "Gotier"), ("Philippe", "Filip"), ("Mohamed", "Mohammed"), ("Schmitt", "Schmidt"),
    ("Le Goff", "Legoff"), ("Moreau", "Moro"), ("Renault", "Reno"), ("Renault", "Raynaud"),
    ("Bourgeois", "Bourgoi"), ("Bourgeois", "Bourjois"), ("Benoît", "Benoit"), ("Hélène", "Elène"),
    ("Yves", "Ives"), ("Catherine", "Katrine"), ("Christelle", "Kristel"), ("Michaël", "Mickael"),
    ("Georges", "Jorge"), ("Gérard", "Jérard"), ("François", "Fransois"), ("Baptiste", "Batiste"),
    ("Elizabeth", "Elisabeth"), ("Alexandra", "Aleksandra"), ("Lopez", "Lopes"), ("Rachid", "Rashid"),
    ("Khaled", "Kaled"), ("Djamel", "Jamel"), ("Aïcha", "Aisha"), ("Leïla", "Layla"), ("Mourad", "Murad"),
    ("Lucie", "Lucy"), ("Nicolas", "Nikola"), ("Leroy", "Leroi"), ("Lacroix", "Lacroi"), ("Boyer", "Boier"),
    ("Maillard", "Mayard"), ("Mireille", "Mireil"), ("Laurent", "Lorent"), ("Quentin", "Kentin"),
    ("Hugues", "Hugue"), ("Wagner", "Vagner"), ("Leblanc", "Leblan"), ("Jeannine", "Janine"),
    ("Œuvrard", "Euvrard"), ("Strauß", "Strauss"), ("Jean-Pierre", "Jeanpierre"), ("d'Almeida", "Dalmeida"),
    ("De la Tour", "Delatour"), ("Ben Ali", "Benali"), ("Abd El Kader", "Abdelkader"),
    ("St-Martin", "Saint Martin"), ("O’Brien", "OBRIEN"),
]  # fmt: skip

TWO_NAMES = [
    ("Martin", "Marin"), ("Bernard", "Renard"), ("Durand", "Dupont"), ("Petit", "Petiot"),
    ("Moreau", "Morel"), ("Girard", "Gérard"), ("Simon", "Simone"), ("Marine", "Marina"),
    ("Fournier", "Fourier"), ("Émilie", "Amélie"), ("Hubert", "Humbert"), ("Leroy", "Leroux"),
    ("Roussel", "Rousseau"), ("Charlotte", "Charlot"), ("Michel", "Michaël"), ("Blanc", "Blanchard"),
    ("Robin", "Robert"), ("Louis", "Louise"), ("Haroun", "Harin"), ("Max", "Ma"), ("Noël", "Nelly"),
    ("Garnier", "Granier"), ("Boucher", "Boulanger"), ("Lambert", "Albert"),
]  # fmt: skip

NAMES = sorted({name for pair in SAME_SOUND + TWO_NAMES for name in pair})

FOLDED = [
    ("Jean-Pierre", "jean pierre"), ("d'Almeida", "d almeida"), ("D’ALMEIDA", "d almeida"),
    ("  Le   Goff ", "le goff"), ("Œuvrard", "oeuvrard"), ("LÆTITIA", "laetitia"), ("Strauß", "strauss"),
    ("Łukasz Ñuñez", "lukasz nunez"), ("N'Guyễn", "n guyen"), ("e\u0301lodie", "elodie"),
    ("Martin, dit « Tintin »", "martin dit tintin"), ("Saint–Éloi\u00a0(de)", "saint eloi de"),
    ("İbrahim Yıldız", "ibrahim yildiz"), ("2e étage", "2e etage"), ("-'’ . ", ""), ("", ""),
]  # fmt: skip

ODD = [
    "محمد", "Иванов", "李小龍", "Ωμέγα", "😀 Zoé 😀", "\u200bLéa\u200f", "\ufeffAli", "\u0301", "ﬁ", "½",
    "١٢٣", "\x01\x02", "\U0010ffff", "\ufffd", "%_\\", "'; drop table", "(.*)+$", "\\1\\M", "e" * 5000,
    "é'" * 5000, "0", "H", "X", "St ", "le", "\t\n", "z\u0335\u0336\u0337algo", "ǅ", "ß" * 300,
]  # fmt: skip

# Every letter of the Latin alphabets that identity cards of Europe and Vietnam print.
BLOCKS = [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x1E00, 0x1E9A), *range(0x1EA0, 0x1EFA)]
LATIN = "".join(
    character
    for character in map(chr, BLOCKS)
    if unicodedata.category(character)[0] != "L" or "LATIN" in unicodedata.name(character)
)


async def sound(superuser: Any, name: str) -> str:
    return await superuser.fetchval("select social.sounding($1)", name)


async def fold(superuser: Any, name: str) -> str:
    return await superuser.fetchval("select social.folded($1)", name)


@pytest.mark.parametrize(("typed", "official"), SAME_SOUND)
async def test_two_spellings_of_a_name_sound_the_same(superuser: Any, typed: str, official: str) -> None:
    assert await sound(superuser, typed) == await sound(superuser, official) != ""


@pytest.mark.parametrize(("one", "other"), TWO_NAMES)
async def test_two_different_names_sound_different(superuser: Any, one: str, other: str) -> None:
    assert await sound(superuser, one) != await sound(superuser, other)


@pytest.mark.parametrize(("typed", "folded"), FOLDED)
async def test_a_folded_name_has_neither_case_nor_accent_nor_punctuation(
    superuser: Any, typed: str, folded: str
) -> None:
    assert await fold(superuser, typed) == folded


async def test_case_and_the_way_accents_are_typed_change_nothing(superuser: Any) -> None:
    for name in NAMES:
        variants = [name.upper(), name.lower(), name.swapcase(), unicodedata.normalize("NFD", name)]

        assert {await fold(superuser, each) for each in variants} == {await fold(superuser, name)}
        assert {await sound(superuser, each) for each in variants} == {await sound(superuser, name)}


async def test_a_name_already_folded_sounds_as_before(superuser: Any) -> None:
    for name in NAMES:
        assert await sound(superuser, await fold(superuser, name)) == await sound(superuser, name), name


@pytest.mark.parametrize("text", ODD)
async def test_no_writing_however_odd_is_an_error(superuser: Any, text: str) -> None:
    folded, key = await fold(superuser, text), await sound(superuser, text)

    assert folded == await fold(superuser, folded) == folded.strip()
    assert set(key) <= set("abcdefghijklmnopqrstuvwxyz123458")


async def test_folding_twice_is_folding_once_for_every_common_character(superuser: Any) -> None:
    changed = await superuser.fetch(
        """
        with once as (select i, social.folded('a' || chr(i) || 'B' || chr(i)) as folded
                        from generate_series(1, 65535) i where i not between 55296 and 57343)
        select i, folded from once where social.folded(folded) <> folded
        """
    )

    assert changed == []


async def test_latin_letters_fold_to_plain_letters_digits_and_single_spaces(superuser: Any) -> None:
    for character in LATIN:
        folded = await fold(superuser, f"a{character}{character} z")

        assert set(folded) <= set("abcdefghijklmnopqrstuvwxyz0123456789 "), character
        assert "  " not in folded, character


@pytest.mark.parametrize("text", ["", " ", "123", "-'’", "محمد", "李小龍"])
async def test_what_has_no_latin_letter_has_no_sound(superuser: Any, text: str) -> None:
    assert await sound(superuser, text) == ""


async def test_an_absent_name_stays_absent(superuser: Any) -> None:
    row = await superuser.fetchrow("select social.folded(null) as folded, social.sounding(null) as sound")

    assert dict(row) == {"folded": None, "sound": None}


async def test_a_boundless_text_does_not_hold_the_server(superuser: Any) -> None:
    await superuser.fetchval("select social.sounding(repeat($1, 20000))", "e'eaulll h", timeout=5)


async def test_both_functions_suit_a_generated_column_and_are_closed_to_the_public(superuser: Any) -> None:
    rows = await superuser.fetch(
        """
        select proname, provolatile::text, proisstrict, proparallel::text, prosecdef,
               exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) a
                        where a.grantee = 0) as open_to_all,
               obj_description(oid, 'pg_proc') is not null as explained
          from pg_proc where pronamespace = 'social'::regnamespace and proname in ('folded', 'sounding')
        """
    )

    assert {tuple(row.values()) for row in rows} == {
        ("folded", "i", True, "s", False, False, True),
        ("sounding", "i", True, "s", False, False, True),
    }
