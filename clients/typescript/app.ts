// The page of index.html: sign in, say who I am, list referrals page after page, send one (kept until it has gone).
// Nothing is stored: closing the tab is signing out, as far as this page goes.

import { Outbox, type Waiting } from "./outbox.js";
import { Lost, Refused, signIn, type Schemas, type Session } from "./session.js";

const SERVER = "http://127.0.0.1:8000"; // the one that the page's Content-Security-Policy names

/** Where the sample keeps its queue: in memory. See `Store` for what an application does. */
function inMemory(): { load(): Promise<Waiting[]>; save(waiting: Waiting[]): Promise<void> } {
  let kept: Waiting[] = [];
  return { load: async () => kept, save: async (waiting) => void (kept = waiting) };
}

function element<Kind extends HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`la page n'a pas de « ${id} »`);
  return found as Kind;
}

let session: Session | null = null;
let lines: AsyncGenerator<Schemas["ReferralShownToUnit"]> | null = null;
const outbox = new Outbox(inMemory(), () => told("La saisine est partie."));

/** What people are told. As text, never as HTML: what was typed elsewhere is not to be run here. */
function told(sentence: string): void {
  element("told").textContent = sentence;
}

/** Do what was asked; a refusal has its own sentence for the person, in her language. */
async function attempted(act: () => Promise<void>): Promise<void> {
  told("");
  try {
    await act();
  } catch (error) {
    if (error instanceof Refused) told(error.problem.detail);
    else if (error instanceof Lost) told("Pas de réponse : recommencez dans un moment.");
    else throw error;
  }
}

async function enter(form: HTMLFormElement): Promise<void> {
  const said = new FormData(form);
  form.reset();
  const field = (name: string): string => String(said.get(name) ?? "");
  const opened = await signIn(SERVER, field("email"), field("password"), async () => field("code"));
  const me = (await opened.read<Schemas["MeShown"]>("/v1/me")).shown;
  opened.prove = async () => ({ code: window.prompt("Code à six chiffres, pour continuer") });
  session = opened;
  element("who").textContent = `${me.name} : ${me.i_may.join(" ; ")}`;
  element("refer").hidden = !me.scopes.includes("referral:add");
  element("sign-in").hidden = true;
  element("inside").hidden = false;
  await begin();
}

async function begin(): Promise<void> {
  element("referrals").replaceChildren();
  lines = session?.lines("/v1/referrals?limit=10") ?? null;
  await more();
}

async function more(): Promise<void> {
  for (let shown = 0; lines !== null && shown < 10; shown++) {
    const { value, done } = await lines.next();
    element("more").hidden = done === true;
    if (done) return;
    const line = document.createElement("li");
    line.textContent = [value.last_name, value.first_name, value.urgency, value.feedback_code].filter(Boolean).join(", ");
    element("referrals").append(line);
  }
}

async function refer(form: HTMLFormElement): Promise<void> {
  const said = new FormData(form);
  const draft: Schemas["ReferralDraft"] = {
    last_name: String(said.get("last_name")), first_name: String(said.get("first_name")) || null,
    person_status: "victim", document_type: "complaint", urgency: "urgent", contact_consent: "given_to_officer",
  };
  await outbox.add("/v1/referrals", draft);
  form.reset();
  await flush();
}

async function flush(): Promise<void> {
  if (session === null) return;
  const waiting = await outbox.send(session);
  if (waiting > 0) told(`${waiting} saisine(s) à envoyer au retour du réseau, ou à corriger.`);
  else await begin();
}

async function leave(): Promise<void> {
  const closing = session?.close();
  session = lines = null;
  element("referrals").replaceChildren();
  element("inside").hidden = true;
  element("sign-in").hidden = false;
  await closing;
}

function onSubmit(id: string, act: (form: HTMLFormElement) => Promise<void>): void {
  const form = element<HTMLFormElement>(id);
  form.addEventListener("submit", (event) => {
    event.preventDefault(); // nothing goes into the address
    void attempted(() => act(form));
  });
}

onSubmit("sign-in", enter);
onSubmit("refer", refer);
element("more").addEventListener("click", () => void attempted(more));
element("sign-out").addEventListener("click", () => void attempted(leave));
window.addEventListener("online", () => void attempted(flush));
