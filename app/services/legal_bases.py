"""On what a transmission may rest: the closed list, narrowed to its kind, to the employer and to the worker.

Points 2° and 3° of article 226-14 of the criminal code are for health professionals: they are in no list.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Uuid, select

from app.errors import Invalid
from app.models.organisation import Employer, Post
from app.nomenclature.terms import LISTS, Term, term
from app.services.me import MY_ACCOUNT
from app.services.posts_in_charge import post_in_charge
from app.statements import columns, given
from app.transactions import Reading

EMPLOYER = columns(Employer)
POST = columns(Post)

EMPLOYER_OF_POST = (
    select(EMPLOYER.id, EMPLOYER.employer_type, EMPLOYER.departement_code)
    .join(Post, POST.employer_id == EMPLOYER.id)
    .where(POST.id == given("post_id", Uuid))
)


async def offered(reading: Reading, *, transmission_kind: str, post_id: UUID) -> list[Term]:
    """The legal bases that this worker, in this post, may give to a transmission of this kind.

    Article 40 al. 2 binds the agents of public employers only; article L. 411-3 speaks of those bound to secrecy by
    their profession (``disclosure.md`` sections 1 to 4).
    """
    employer_type = (await reading.row(EMPLOYER_OF_POST, post_id=post_id))["employer_type"]
    secrecy_basis = (await reading.row(MY_ACCOUNT))["secrecy_basis"]
    public = term("employer_type", employer_type).says("employs_public_agents")
    bound = secrecy_basis is not None and term("secrecy_basis", secrecy_basis).says("rests_on_profession")
    return [
        basis
        for basis in LISTS["sharing_legal_basis"].terms
        if basis.says(f"serves_{transmission_kind}")
        and (public or not basis.says("needs_public_employer"))
        and (bound or not basis.says("needs_secrecy_by_profession"))
    ]


async def list_offered(reading: Reading, *, transmission_kind: str, post_id: UUID | None) -> list[Term]:
    """The bases offered to the post that acts (the only one held, or the one named)."""
    post = await post_in_charge(reading, post_id=post_id)
    return await offered(reading, transmission_kind=transmission_kind, post_id=post)


async def check(
    reading: Reading, legal_basis: str, *, transmission_kind: str, post_id: UUID, person_informed: str
) -> Term:
    """The basis, as a term; ``Invalid`` when it is not offered for this kind, in this post.

    An agreement supposes that the person was told before.
    """
    for basis in await offered(reading, transmission_kind=transmission_kind, post_id=post_id):
        if basis.code == legal_basis:
            if basis.says("rests_on_agreement") and not term("person_informed", person_informed).says("told_before"):
                raise Invalid("agreement_is_informed", "/person_informed")
            return basis
    raise Invalid("legal_basis_not_offered", "/legal_basis")
