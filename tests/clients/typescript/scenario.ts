// The whole story through `openapi-fetch` and the types that `openapi-typescript` makes from the committed document.
// Each promise is written once, by name; the test reads them all.

import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./relais.js";

type Schemas = components["schemas"];
type Relais = Client<paths>;

export interface Said {
  server: string;
  people: { email: string; password: string; code: string }[];
  software: { client_id: string; client_secret: string };
}

const CONFIDED = "Elle me confie ne plus dormir chez elle.";
const TOLD = ["last_name", "first_name", "message"];

/** What was granted; every refusal is typed as a problem, and thrown with its code. */
function granted<Shown>(answer: { data?: Shown; error?: Schemas["Problem"]; response: Response }): Shown {
  if (answer.error !== undefined) throw new Error(`${answer.error.status} ${answer.error.code}`);
  return answer.data as Shown;
}

function form(body: Record<string, unknown>): URLSearchParams {
  return new URLSearchParams(body as Record<string, string>);
}

async function enter(server: string, person: Said["people"][number]): Promise<{ as: Relais; tokens: Schemas["TokensShown"] }> {
  const door = createClient<paths>({ baseUrl: server });
  const { email, password, code } = person;
  const said = { email, password, client_id: "essai", shared_workstation: false };
  const found = granted(await door.POST("/v1/auth/login", { body: said }));
  if (!("challenge" in found)) throw new Error("un mot de passe seul ne doit ouvrir aucune session");
  const tokens = granted(await door.POST("/v1/auth/mfa", { body: { challenge: found.challenge, code } }));
  return { as: bearing(server, tokens.access_token), tokens };
}

function bearing(server: string, token: string): Relais {
  return createClient<paths>({ baseUrl: server, headers: { Authorization: `Bearer ${token}` } });
}

export async function tell(said: Said): Promise<Record<string, boolean>> {
  const kept: Record<string, boolean> = {};
  const [first, second] = said.people;
  if (first === undefined || second === undefined) throw new Error("deux personnes attendues");
  const [{ as: officer }, { as: worker, tokens }] = await Promise.all([enter(said.server, first), enter(said.server, second)]);

  // The referral, sent twice, done once; and a referral that is only tried.
  const rose: Schemas["ReferralDraft"] = {
    last_name: "Exemplaire", first_name: "Rose", person_status: "victim", document_type: "complaint",
    urgency: "urgent", contact_consent: "given_to_officer",
  };
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const sent = granted(await officer.POST("/v1/referrals", { body: rose, headers }));
  const again = await officer.POST("/v1/referrals", { body: rose, headers });
  kept["same key, same referral"] = again.data?.id === sent.id && again.response.headers.get("Idempotency-Replayed") === "true";
  const reused = await officer.POST("/v1/referrals", { body: { ...rose, last_name: "Autre" }, headers });
  kept["another request under that key is a typed problem"] = reused.error?.code === "idempotency_key_reused";
  const dry = await officer.POST("/v1/referrals", { body: rose, headers: { Prefer: "handling=strict, dry-run" } });
  const tried = { params: { path: { referral_id: granted(dry).id } } };
  kept["a trial writes nothing"] = (await officer.GET("/v1/referrals/{referral_id}", tried)).error?.code === "not_found";

  // Intake, and a note.
  const referral = { params: { path: { referral_id: sent.id } } };
  const situation = granted(await worker.POST("/v1/referrals/{referral_id}/accept", { ...referral, body: {} }));
  const participation_id = situation.participations[0]?.id ?? "";
  const of = { params: { path: { participation_id } } };
  const notes = "/v1/participations/{participation_id}/notes";
  const note = granted(await worker.POST(notes, { ...of, body: { text: CONFIDED } }));
  kept["its author reads the note"] = granted(await worker.GET("/v1/notes/{note_id}", at({ note_id: note.id }))).text === CONFIDED;

  // What the unit may not read: a problem, the same whether it exists or not.
  for (const note_id of [note.id, crypto.randomUUID()]) {
    const refused = await officer.GET("/v1/notes/{note_id}", at({ note_id }));
    kept[`the unit does not read ${note_id === note.id ? "the" : "any"} note`] =
      refused.data === undefined && refused.error?.status === 403 && refused.error.code === "forbidden";
  }
  const one = { situation_id: situation.id };
  const hidden = await officer.GET("/v1/situations/{situation_id}", at(one));
  kept["the unit does not read the situation"] = hidden.error?.code === "forbidden";

  // A correction names the version that was read.
  const version = (await worker.GET("/v1/situations/{situation_id}", at(one))).response.headers.get("ETag") ?? "";
  const correct = (urgency: string) =>
    worker.PATCH("/v1/situations/{situation_id}", {
      params: { path: one, header: { "If-Match": version } }, body: { urgency },
      headers: { "Content-Type": "application/merge-patch+json" },
    });
  kept["a correction is done"] = granted(await correct("immediate")).urgency === "immediate";
  const stale = await correct("standard");
  kept["a stale version is a typed problem"] = stale.error?.status === 412 && stale.error.code === "precondition_failed";

  // An orientation; the software of the partner takes it up.
  const asked = await worker.GET("/v1/partner-services", { params: { query: { need: "housing", commune: "28085" } } });
  const service_id = granted(asked).items.find((each) => each.partner_name === "ccas")?.id ?? null;
  const proposal = { body: { service_id, need_type: "housing" } };
  const proposed = granted(await worker.POST("/v1/participations/{participation_id}/orientations", { ...of, ...proposal }));
  const orientation = at({ orientation_id: proposed.id });
  granted(await worker.POST("/v1/orientations/{orientation_id}/agree", { ...orientation, body: { agreed_fields: TOLD } }));
  const transmission = {
    legal_basis: "person_agreement", fields: TOLD, message: "Relogement à prévoir.", person_informed: "informed_before",
  };
  granted(await worker.POST("/v1/orientations/{orientation_id}/transmit", { ...orientation, body: transmission }));
  const let_in = await createClient<paths>({ baseUrl: said.server }).POST("/v1/auth/token", {
    body: { grant_type: "client_credentials", ...said.software }, bodySerializer: form,
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });
  const partner = bearing(said.server, granted(let_in).access_token);
  const read = granted(await partner.GET("/v1/orientations/{orientation_id}", orientation));
  const content = "content" in read ? Object.keys(read.content ?? {}) : [];
  kept["the partner reads those fields alone"] = content.sort().join() === [...TOLD].sort().join();
  granted(await partner.POST("/v1/orientations/{orientation_id}/acknowledge", { ...orientation, body: {} }));
  const taken = granted(await partner.POST("/v1/orientations/{orientation_id}/take-up", { ...orientation, body: {} }));
  kept["the partner takes her up"] = taken.status === "taken_up";
  kept["the partner does not read the situation"] =
    (await partner.GET("/v1/situations/{situation_id}", at(one))).error?.code === "forbidden";

  // The unit learns a code.
  const code = { ...referral, body: { feedback_code: "contact_made" } };
  granted(await worker.POST("/v1/referrals/{referral_id}/feedback", code));
  const known = granted(await officer.GET("/v1/referrals/{referral_id}", referral));
  kept["the unit learns a code"] = known.feedback_code === "contact_made";

  // Pages, renewal, the end.
  for (const text of ["Sa sœur peut l'héberger.", "Elle veut y réfléchir."]) granted(await worker.POST(notes, { ...of, body: { text } }));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = cursor === null ? { limit: 2 } : { limit: 2, cursor };
    const page: Schemas["NotePage"] = granted(await worker.GET(notes, { params: { path: { participation_id }, query } }));
    seen.push(...page.items.map((each) => each.id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  kept["three notes in pages of two"] = seen.length === 3 && new Set(seen).size === 3;
  const renewed = await worker.POST("/v1/auth/token", {
    body: { grant_type: "refresh_token", refresh_token: tokens.refresh_token }, bodySerializer: form,
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });
  const later = bearing(said.server, granted(renewed).access_token);
  kept["a renewed token serves"] = (await later.GET("/v1/me")).data?.role === "social_worker";
  return kept;
}

function at<Path>(path: Path): { params: { path: Path } } {
  return { params: { path } };
}
