// What must not compile. Each line that is wrong says which error the compiler owes it; no other line has one.

import createClient from "openapi-fetch";
import type { components as OfPolice, paths as PathsOfPolice } from "./police.js";
import type { components, paths } from "./relais.js";

const police = createClient<PathsOfPolice>({ baseUrl: "" });
const everyone = createClient<paths>({ baseUrl: "" });
const note = { params: { path: { note_id: "" } } };
const referral = { params: { path: { referral_id: "" } } };
const situation = { path: { situation_id: "" } };

// A police client knows of no note, no situation, no person: they are not in its document.
await police.GET("/v1/notes/{note_id}", note); // TS2345
await police.GET("/v1/situations/{situation_id}", { params: situation }); // TS2345
await police.GET("/v1/persons", {}); // TS2345
export type NoteOfPolice = OfPolice["schemas"]["NoteShown"]; // TS2339
const seen = await police.GET("/v1/referrals/{referral_id}", referral);
export const text = seen.data?.text; // TS2339
export const situationOf = seen.data?.situation_id; // TS2339

// Nor does the shape that a unit is shown, whoever reads it, hold what is not the unit's.
export const decision = (shown: components["schemas"]["ReferralShownToUnit"]) => shown.decision; // TS2339

// Wrong words, wrong kinds, missing ones.
const draft: components["schemas"]["ReferralDraft"] = {
  last_name: "Exemplaire", person_status: "victim", document_type: "complaint", urgency: "urgent",
  contact_consent: "given_to_officer",
};
export const misspelt: components["schemas"]["ReferralDraft"] = { ...draft, lastname: "Exemplaire" }; // TS2561
await everyone.POST("/v1/referrals", { body: { ...draft, danger_grid_positive: "oui" } }); // TS2322
export const incomplete: components["schemas"]["ReferralDraft"] = { last_name: "Exemplaire" }; // TS2739

// A correction names its version; an answer may be a refusal.
await everyone.PATCH("/v1/situations/{situation_id}", { params: situation, body: {} }); // TS2741
export const read = (await everyone.GET("/v1/notes/{note_id}", note)).data.text; // TS2532
export const code = (await everyone.GET("/v1/notes/{note_id}", note)).error?.reason; // TS2339
