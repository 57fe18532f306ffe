"""Une situation, de la saisine à la prise en charge par un partenaire, par le client produit depuis le contrat.

    .venv/bin/python clients/python/story.py

Contre la démonstration de « make run », une fois le client produit : voir clients/README.md.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from relais_client.api.notes import list_notes, read_note, write_note
from relais_client.api.orientations import (
    acknowledge_orientation,
    agree_orientation,
    propose_orientation,
    read_orientation,
    take_up_orientation,
    transmit_orientation,
)
from relais_client.api.partners import find_partner_services
from relais_client.api.referrals import accept_referral, answer_referral, read_referral, send_referral
from relais_client.api.situations import correct_situation, read_situation
from relais_client.models import (
    AcceptanceDraft,
    AgreementDraft,
    FeedbackDraft,
    NoteDraft,
    NotePage,
    NoteShown,
    Nothing,
    OrientationDraft,
    OrientationReadByPartner,
    OrientationShown,
    OrientationShownToPartner,
    OrientationTransmissionDraft,
    PartnerServiceFound,
    PartnerServicesFound,
    ReferralDraft,
    ReferralShown,
    ReferralShownToUnit,
    SituationPatch,
    SituationShown,
)
from relais_session import Refused, Session, granted, new_id

CONFIDED = "Elle me confie ne plus dormir chez elle."
TOLD = ["last_name", "first_name", "message"]
Account = dict[str, Any]


def referral_of(last_name: str) -> ReferralDraft:
    """What an officer fills in two minutes."""
    return ReferralDraft(
        last_name=last_name,
        first_name="Rose",
        person_status="victim",
        document_type="complaint",
        urgency="urgent",
        contact_consent="given_to_officer",
    )


def refusal(act: Callable[[], object]) -> tuple[int, str]:
    """The status and the code of the problem that an act meets; ``(0, "")`` when it meets none."""
    try:
        act()
    except Refused as refused:
        return refused.problem.status, refused.problem.code
    return 0, ""


class Story:
    """Three people see three different things of one person."""

    def __init__(self, server: str, accounts: list[Account], ask: Callable[[str], str]) -> None:
        self.broken = 0
        self._server, self._accounts, self._ask = server, accounts, ask
        print("1. L'unité et l'intervenante sociale se connectent, chacune avec ses preuves.")
        unit = next(each for each in accounts if each["role"] == "police_officer")
        serving = (
            each for each in accounts if each["role"] == "social_worker" and set(each["units"]) & set(unit["units"])
        )
        self.officer, self.worker = self._session(unit), self._session(next(serving))

    def _session(self, account: Account) -> Session:
        email, password = account["email"], account["password"]
        return Session.opened(self._server, email=email, password=password, code=lambda: self._ask(email))

    def promise(self, sentence: str, kept: bool) -> None:
        """Say a promise, kept or not."""
        print("  ✓" if kept else "  ✗", sentence)
        self.broken += not kept

    def refer(self) -> None:
        """The same request, sent twice, is done once."""
        print("2. L'unité saisit ; la réponse se perd, la demande est renvoyée : une seule saisine.")
        key, rose = str(new_id()), referral_of("Exemplaire")

        def send(draft: ReferralDraft, **headers: str) -> ReferralShownToUnit:
            return self.officer.write(send_referral, body=draft, shown=ReferralShownToUnit, **headers)

        self.referral = send(rose, Idempotency_Key=key).id
        again = send_referral.sync_detailed(client=self.officer.client(Idempotency_Key=key), body=rose)
        self.promise("La même clé rend la même saisine.", granted(again, ReferralShownToUnit).id == self.referral)
        self.promise("Et la réponse le dit.", again.headers.get("Idempotency-Replayed") == "true")
        reused = refusal(lambda: send(referral_of("Autre"), Idempotency_Key=key))
        self.promise("Une autre demande n'a pas droit à cette clé.", reused == (422, "idempotency_key_reused"))
        tried = send(rose, Prefer="handling=strict, dry-run").id
        self.promise(
            "Un essai répond, et n'écrit rien.", refusal(lambda: self.read_by_unit(tried)) == (404, "not_found")
        )

    def read_by_unit(self, referral: Any) -> ReferralShownToUnit:
        """The referral, as its unit sees it."""
        return granted(read_referral.sync_detailed(referral, client=self.officer.client()), ReferralShownToUnit)

    def take_in(self) -> None:
        """The situation opens; what is confided is written."""
        print("3. L'intervenante sociale accepte : la situation s'ouvre. Elle écrit une note.")
        opened = self.worker.write(accept_referral, self.referral, body=AcceptanceDraft(), shown=SituationShown)
        self.situation, self.person = opened.id, opened.participations[0].id
        self.note = self.worker.write(write_note, self.person, body=NoteDraft(text=CONFIDED), shown=NoteShown).id
        self.promise("Elle relit sa note.", self.read_note(self.worker).text == CONFIDED)

    def read_note(self, session: Session) -> NoteShown:
        """The note, if this person may."""
        return granted(read_note.sync_detailed(self.note, client=session.client()), NoteShown)

    def cannot_read(self) -> None:
        """A refusal says nothing: the same for what exists and for what does not."""
        print("4. L'unité ne lit ni la situation, ni la note.")
        for what, act, one in (("La situation", read_situation, self.situation), ("La note", read_note, self.note)):
            met = {
                refusal(lambda: granted(act.sync_detailed(wanted, client=self.officer.client()), object))  # noqa: B023
                for wanted in (one, new_id())
            }
            self.promise(f"{what} : refusée, qu'elle existe ou non.", met == {(403, "forbidden")})

    def correct(self) -> None:
        """A correction names the version that was read."""
        print("5. Corriger demande la version lue.")
        seen = self._version()

        def said(urgency: str, version: str) -> SituationShown:
            body = SituationPatch(urgency=urgency)
            client = self.worker.client()
            answer = correct_situation.sync_detailed(self.situation, client=client, body=body, if_match=version)
            return granted(answer, SituationShown)

        said("immediate", seen)
        stale = refusal(lambda: said("standard", seen))
        self.promise("Une version périmée est refusée.", stale == (412, "precondition_failed"))
        self.promise("Relue, elle se corrige.", said("standard", self._version()).urgency == "standard")

    def _version(self) -> str:
        return read_situation.sync_detailed(self.situation, client=self.worker.client()).headers["ETag"]

    def direct(self) -> None:
        """Only what the person agreed to leaves."""
        print("6. Qui peut aider ? Une orientation, avec l'accord de la personne, et ses seuls éléments.")
        service, desk = self._who_can_help()
        draft = OrientationDraft(service_id=service.id, need_type="housing")
        one = self.worker.write(propose_orientation, self.person, body=draft, shown=OrientationShown).id
        self.worker.write(agree_orientation, one, body=AgreementDraft(agreed_fields=TOLD), shown=OrientationShown)
        sent = OrientationTransmissionDraft(
            legal_basis="person_agreement",
            fields=TOLD,
            message="Relogement à prévoir.",
            person_informed="informed_before",
        )
        self.worker.write(transmit_orientation, one, body=sent, shown=OrientationShown)

        print("7. Le partenaire lit ce qui lui est transmis, confirme, prend en charge.")
        self.partner = self._session(desk)
        read = read_orientation.sync_detailed(one, client=self.partner.client())
        content = granted(read, OrientationReadByPartner).content
        self.promise("Il lit ces éléments, et eux seuls.", content is not None and {*content.to_dict()} == {*TOLD})
        self.partner.write(acknowledge_orientation, one, body=Nothing(), shown=OrientationShownToPartner)
        taken = self.partner.write(take_up_orientation, one, body=Nothing(), shown=OrientationShownToPartner)
        self.promise("La personne est prise en charge.", taken.status == "taken_up")

    def _who_can_help(self) -> tuple[PartnerServiceFound, Account]:
        asked = find_partner_services.sync_detailed(client=self.worker.client(), need="housing", commune="28085")
        desks = {each["partner"]: each for each in self._accounts if each["role"] == "partner"}
        found = next(each for each in granted(asked, PartnerServicesFound).items if each.partner_name in desks)
        return found, desks[found.partner_name]

    def answer(self) -> None:
        """A code is the only thing that passes from the social side to the unit."""
        print("8. L'unité apprend un code, rien d'autre.")
        said = FeedbackDraft(feedback_code="contact_made")
        self.worker.write(answer_referral, self.referral, body=said, shown=ReferralShown)
        self.promise("Contact établi.", self.read_by_unit(self.referral).feedback_code == "contact_made")

    def look_back(self) -> None:
        """Pages follow their cursor; a session that is closed is over."""
        print("9. Elle relit ses notes, page après page, renouvelle son jeton, se déconnecte.")
        for text in ("Sa sœur peut l'héberger.", "Elle veut y réfléchir."):
            self.worker.write(write_note, self.person, body=NoteDraft(text=text), shown=NoteShown)
        pages = self.worker.pages(list_notes.sync_detailed, self.person, page=NotePage, limit=2)
        seen = [[note.id for note in page.items] for page in pages]
        self.promise("Deux pages, trois notes, aucun doublon.", [*map(len, seen)] == [2, 1] and self.note == seen[1][0])
        self.worker.renew()
        self.promise("Le jeton renouvelé sert.", self.read_note(self.worker).text == CONFIDED)
        for session in (self.officer, self.worker, self.partner):
            session.close()
        self.promise("Déconnectée, elle ne lit plus rien.", refusal(lambda: self.read_note(self.worker))[0] == 401)


def code_of(email: str) -> str:
    """What the person reads on her telephone."""
    print(f"Code de {email} :", file=sys.stderr, flush=True)
    return getpass.getpass("") if sys.stdin.isatty() else sys.stdin.readline().strip()


def main() -> int:
    """Tell the story to the server named on the command line; 1 when a promise is not kept."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--server", default="http://127.0.0.1:8000")
    asked.add_argument("--accounts", type=Path, default=Path(".relais/demo-accounts.json"))
    said = asked.parse_args()
    story = Story(said.server, json.loads(said.accounts.read_text("utf-8")), code_of)
    for chapter in (story.refer, story.take_in, story.cannot_read, story.correct, story.direct, story.answer):
        chapter()
    story.look_back()
    print(f"{story.broken} promesse(s) non tenue(s)." if story.broken else "Toutes les promesses sont tenues.")
    return 1 if story.broken else 0


if __name__ == "__main__":
    sys.exit(main())
