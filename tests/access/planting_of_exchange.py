"""What leaves the post on that day: to two partners, to the CRIP, to a judge; and the persons whom partners send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.access.walking import REFERRAL, REPORT, REQUISITION
from tests.house_for_tests import House

if TYPE_CHECKING:
    from tests.access.planting import Planted

SENT = {"last_name": "Kerlouégan", "first_name": "Enora"}
MESSAGES = {"ccas": "Relogement, venelle du Stangala.", "association": "Groupe de parole, quai Neuf de Roscanvel."}
SENT_BY = {"ccas": ("partner", "Guimarc'h"), "association": ("partner_elsewhere", "Lozac'hmeur")}
NARRATIVE, CRIP = "L'enfant se cache au lavoir de Trégarantec.", "CRIP de Plougasnou"
JUDGE, SCOPE = "OPJ Le Moullec", "Les dates des entretiens, pièce 7 de Guerlesquin"
REDIRECTED = "Vers la MSA de Plouzévédé"


async def plant_exchange(house: House, planted: Planted) -> None:
    """All of it by the worker, on her post; both partners answer."""
    worker = await house("worker")

    async def made(path: str, draft: Any, by: str = "worker") -> Any:
        answer = await (await house(by)).post(path, json=draft)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    joined = {"person": SENT | {"sex": "female"}, "person_status": "victim", "contact_consent": "given_to_iscg"}
    situation = await house.situation(participations=[joined])
    participation = planted.name("participation_id", situation["participations"][0]["id"], "social_ids")
    for body, (by, name) in SENT_BY.items():
        planted.name("partner_id", str(house.ids[body]))
        planted.name("service_id", planted.name("id", str(house.ids[f"{body}_service"])))
        proposed = await house.orientation(
            participation_id=participation, service_id=str(house.ids[f"{body}_service"]), agreed=["message", *SENT]
        )
        draft = {
            "legal_basis": "person_agreement", "fields": ["message", *SENT], "message": MESSAGES[body],
            "person_informed": "informed_before",
        }  # fmt: skip
        path = f"/v1/orientations/{planted.name('orientation_id', proposed['id'], f'{body}_ids')}"
        sent = await made(f"{path}/transmit", draft)
        planted.name("transmission_id", sent["transmission_id"], "social_ids")
        planted.put(f"sent_to_{body}", MESSAGES[body], sent["reference"])
        link = await made(f"{path}/answer-links", {})
        planted.name("link_id", link["id"], "link_ids")
        planted.put("link_tokens", link["path"].rpartition("/")[2])
        await made(f"{path}/acknowledge", None, by)
        typed = {key: said for key, said in REFERRAL.items() if key != "document_type"}
        typed |= {"last_name": name, "facts": f"Adressée par {name}.", "post_id": str(house.ids["shared_post"])}
        referral = planted.name("referral_id", (await made("/v1/referrals", typed, by))["id"], f"{body}_referral_ids")
        planted.put(f"{body}_referral", name)
        handled = await made(f"/v1/referrals/{referral}/redirect", {"redirected_to": REDIRECTED})
        planted.put("handling_of_partners", REDIRECTED, handled["received_at"], handled["decided_at"])
    planted.put("sent_identity", *SENT.values())
    proposed = await house.orientation(participation_id=participation)
    planted.name("orientation_id", proposed["id"], "social_ids")
    report = REPORT | {"participation_id": participation, "narrative": NARRATIVE, "recipient": CRIP, "fields": []}
    planted.name("transmission_id", (await made("/v1/transmissions", report))["id"], "social_ids")
    planted.put("report", NARRATIVE, CRIP)
    asked = REQUISITION | {"requested_by": JUDGE, "requested_scope": SCOPE}
    entered = await made("/v1/requisitions", asked)
    planted.name("requisition_id", entered["id"], "requisition_ids")
    planted.put("requisition", SCOPE)
    planted.name("token", "A" * 43)
    assert (await worker.get(f"/v1/orientations/{planted.ids['orientation_id'][0]}")).json()["status"] == "acknowledged"
