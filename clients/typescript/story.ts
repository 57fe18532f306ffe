// One person, from the referral to a partner taking her in charge: three people, who see three different things.
// The same in a page and in Node (tell.mjs).

import { newId, Refused, signIn, type Schemas, type Session } from "./session.js";

/** As `.relais/demo-accounts.json` lists them. */
export interface Account {
  role: string;
  email: string;
  password: string;
  units: string[];
  partner?: string;
}

/** A chapter begins; or a promise is kept, or broken. */
export type Say = (sentence: string, kept?: boolean) => void;

const CONFIDED = "Elle me confie ne plus dormir chez elle.";
const TOLD = ["last_name", "first_name", "message"];
const ROSE: Schemas["ReferralDraft"] = {
  last_name: "Exemplaire", first_name: "Rose", person_status: "victim", document_type: "complaint", urgency: "urgent",
  contact_consent: "given_to_officer",
};

/** Tell the story; how many promises were broken. */
export async function tell(
  server: string, accounts: Account[], ask: (email: string) => Promise<string>, say: Say,
): Promise<number> {
  let broken = 0;
  const enter = (each: Account): Promise<Session> => signIn(server, each.email, each.password, () => ask(each.email));
  const told: Say = (sentence, kept) => {
    say(sentence, kept);
    if (kept === false) broken++;
  };

  told("1. L'unité et l'intervenante sociale se connectent, chacune avec ses preuves.");
  const unit = found(accounts, (each) => each.role === "police_officer");
  const serving = (each: Account): boolean => each.units.some((name) => unit.units.includes(name));
  const officer = await enter(unit);
  const worker = await enter(found(accounts, (each) => each.role === "social_worker" && serving(each)));

  const referral = await refer(officer, told);
  const { situation, person, note } = await takeIn(worker, referral, told);
  await cannotRead(officer, { situations: situation, notes: note }, told);
  await correct(worker, `/v1/situations/${situation}`, told);
  const { one, desk } = await direct(worker, person, accounts, told);
  const partner = await enter(desk);
  await takeUp(partner, one, told);
  await answer(officer, worker, `/v1/referrals/${referral}`, told);
  await lookBack(worker, person, note, told);
  await Promise.all([officer.close(), worker.close(), partner.close()]);
  told("Déconnectée, elle ne lit plus rien.", (await refusal(worker.read(`/v1/notes/${note}`))).startsWith("401 "));
  return broken;
}

async function refer(officer: Session, told: Say): Promise<string> {
  told("2. L'unité saisit ; la réponse se perd, la demande est renvoyée : une seule saisine.");
  const key = newId();
  const send = (draft: Schemas["ReferralDraft"], how: { key?: string; trial?: boolean }) =>
    officer.write<Schemas["ReferralShownToUnit"]>("/v1/referrals", draft, how);
  const first = await send(ROSE, { key });
  const again = await send(ROSE, { key });
  told("La même clé rend la même saisine, et le dit.", again.shown.id === first.shown.id && again.replayed);
  const reused = await refusal(send({ ...ROSE, last_name: "Autre" }, { key }));
  told("Une autre demande n'a pas droit à cette clé.", reused === "422 idempotency_key_reused");
  const tried = await send(ROSE, { trial: true });
  const unknown = await refusal(officer.read(`/v1/referrals/${tried.shown.id}`));
  told("Un essai répond, et n'écrit rien.", unknown === "404 not_found");
  return first.shown.id;
}

async function takeIn(
  worker: Session, referral: string, told: Say,
): Promise<{ situation: string; person: string; note: string }> {
  told("3. L'intervenante sociale accepte : la situation s'ouvre. Elle écrit une note.");
  const opened = await worker.write<Schemas["SituationShown"]>(`/v1/referrals/${referral}/accept`);
  const person = found(opened.shown.participations, () => true).id;
  const note = await write(worker, person, CONFIDED);
  const read = await worker.read<Schemas["NoteShown"]>(`/v1/notes/${note}`);
  told("Elle relit sa note.", read.shown.text === CONFIDED);
  return { situation: opened.shown.id, person, note };
}

async function write(worker: Session, person: string, text: string): Promise<string> {
  const draft: Schemas["NoteDraft"] = { text };
  return (await worker.write<Schemas["NoteShown"]>(`/v1/participations/${person}/notes`, draft)).shown.id;
}

async function cannotRead(officer: Session, hidden: Record<string, string>, told: Say): Promise<void> {
  told("4. L'unité ne lit ni la situation, ni la note.");
  for (const [place, one] of Object.entries(hidden)) {
    const met = await Promise.all([one, newId()].map((id) => refusal(officer.read(`/v1/${place}/${id}`))));
    told(`/v1/${place} : refusé, que cela existe ou non.`, met.every((each) => each === "403 forbidden"));
  }
}

async function correct(worker: Session, path: string, told: Say): Promise<void> {
  told("5. Corriger demande la version lue.");
  const version = async (): Promise<string> => (await worker.read(path)).version ?? "";
  const say = (urgency: string, seen: string) =>
    worker.correct<Schemas["SituationShown"]>(path, seen, { urgency } satisfies Schemas["SituationPatch"]);
  const seen = await version();
  await say("immediate", seen);
  told("Une version périmée est refusée.", (await refusal(say("standard", seen))) === "412 precondition_failed");
  told("Relue, elle se corrige.", (await say("standard", await version())).shown.urgency === "standard");
}

async function direct(
  worker: Session, person: string, accounts: Account[], told: Say,
): Promise<{ one: string; desk: Account }> {
  told("6. Qui peut aider ? Une orientation, avec l'accord de la personne, et ses seuls éléments.");
  const asked = await worker.read<Schemas["PartnerServicesFound"]>("/v1/partner-services?need=housing&commune=28085");
  const desks = new Map(accounts.map((each) => [each.partner, each]));
  const service = found(asked.shown.items, (each) => desks.has(each.partner_name));
  const proposal: Schemas["OrientationDraft"] = { service_id: service.id, need_type: "housing" };
  const path = `/v1/participations/${person}/orientations`;
  const one = `/v1/orientations/${(await worker.write<Schemas["OrientationShown"]>(path, proposal)).shown.id}`;
  await worker.write(`${one}/agree`, { agreed_fields: TOLD } satisfies Schemas["AgreementDraft"]);
  await worker.write(`${one}/transmit`, {
    legal_basis: "person_agreement", fields: TOLD, message: "Relogement à prévoir.", person_informed: "informed_before",
  } satisfies Schemas["OrientationTransmissionDraft"]);
  return { one, desk: found(accounts, (each) => each === desks.get(service.partner_name)) };
}

async function takeUp(partner: Session, one: string, told: Say): Promise<void> {
  told("7. Le partenaire lit ce qui lui est transmis, confirme, prend en charge.");
  const read = await partner.read<Schemas["OrientationReadByPartner"]>(one);
  const content = Object.keys(read.shown.content ?? {});
  told("Il lit ces éléments, et eux seuls.", content.sort().join() === [...TOLD].sort().join());
  await partner.write(`${one}/acknowledge`);
  const taken = await partner.write<Schemas["OrientationShownToPartner"]>(`${one}/take-up`);
  told("La personne est prise en charge.", taken.shown.status === "taken_up");
}

async function answer(officer: Session, worker: Session, path: string, told: Say): Promise<void> {
  told("8. L'unité apprend un code, rien d'autre.");
  await worker.write(`${path}/feedback`, { feedback_code: "contact_made" } satisfies Schemas["FeedbackDraft"]);
  const known = await officer.read<Schemas["ReferralShownToUnit"]>(path);
  told("Contact établi.", known.shown.feedback_code === "contact_made");
}

async function lookBack(worker: Session, person: string, note: string, told: Say): Promise<void> {
  told("9. Elle relit ses notes, page après page, renouvelle son jeton, se déconnecte.");
  for (const text of ["Sa sœur peut l'héberger.", "Elle veut y réfléchir."]) await write(worker, person, text);
  const seen = new Set<string>();
  const list = worker.lines<Schemas["NoteShown"]>(`/v1/participations/${person}/notes?limit=2`);
  for await (const each of list) seen.add(each.id);
  told("Trois notes en deux pages.", seen.size === 3 && seen.has(note));
  await Promise.all([worker.renew(), worker.renew()]);
  const again = await worker.read<Schemas["NoteShown"]>(`/v1/notes/${note}`);
  told("Le jeton renouvelé sert.", again.shown.text === CONFIDED);
}

/** The status and the code of the problem that an act meets. */
async function refusal(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return "aucun refus";
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

function found<Line>(lines: Line[], wanted: (line: Line) => boolean): Line {
  const line = lines.find(wanted);
  if (line === undefined) throw new Error("rien de tel dans cette démonstration");
  return line;
}
