// One person who speaks to Relais from a page: `fetch`, and nothing else. Copy it into your own application.
// The types come from the contract; they vanish when this is compiled:
//
//   npx openapi-typescript docs/openapi.json -o clients/typescript/relais.d.ts

import type { components } from "./relais.js";

export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];
export type Tokens = Schemas["TokensShown"];
/** What the person is asked for, when her identity was proved too long ago. */
export type Proof = Schemas["StepUpDraft"];

const TRIES = 5;
const EARLY = 30; // seconds before its end at which a token is renewed

/** What Relais refused, and why: `code` is stable, for programs; `detail` is a sentence, for the person. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.status} ${problem.code}`);
  }
}

/** No answer came: the write may have been done, or not. With the same key, it is safe to ask again. */
export class Lost extends Error {}

/** What was answered, its version (for `If-Match`), and whether it is the first answer to a request sent again. */
export interface Answer<Shown> {
  shown: Shown;
  version: string | null;
  replayed: boolean;
}

export interface Asked {
  body?: unknown;
  /** The key of a write: the same each time that it is sent. */
  key?: string;
  /** The version that was read. */
  version?: string;
  /** Try, answer, and undo. */
  trial?: boolean;
  /** How many times it is sent at most, while no answer comes. */
  tries?: number;
}

/** A UUIDv7: chosen here, before anything is sent, so that a write can be named even when no answer came. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  const instant = Date.now();
  view.setUint32(0, Math.floor(instant / 2 ** 16));
  view.setUint16(4, instant % 2 ** 16);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x70);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Sign in: the password, then the code that the person reads on her telephone. */
export async function signIn(
  server: string, email: string, password: string, code: () => Promise<string>,
): Promise<Session> {
  const said: Schemas["SignInDraft"] = { email, password, client_id: "exemple-typescript", shared_workstation: false };
  let found = await post<Tokens | Schemas["ChallengeShown"]>(`${server}/v1/auth/login`, said);
  if ("challenge" in found) {
    found = await post<Tokens>(`${server}/v1/auth/mfa`, { challenge: found.challenge, code: await code() });
  }
  return new Session(server, found);
}

/** Tokens, in memory and nowhere else: no page that comes after this one finds them. */
export class Session {
  #tokens: Tokens;
  #endsAt: number;
  #renewal: Promise<void> | null = null;

  /** `prove` is asked for a fresh proof when an act needs one. */
  constructor(readonly server: string, tokens: Tokens, public prove: (() => Promise<Proof>) | null = null) {
    this.#tokens = tokens;
    this.#endsAt = endOf(tokens);
  }

  async read<Shown>(path: string): Promise<Answer<Shown>> {
    return this.#ask<Shown>("GET", path, {});
  }

  /** Do a write once, however often it has to be sent. */
  async write<Shown>(path: string, body: unknown = {}, asked: Omit<Asked, "body"> = {}): Promise<Answer<Shown>> {
    return this.#ask<Shown>("POST", path, { key: newId(), ...asked, body });
  }

  /** Correct what was read, in the version that was read. */
  async correct<Shown>(path: string, version: string, body: unknown): Promise<Answer<Shown>> {
    return this.#ask<Shown>("PATCH", path, { version, body });
  }

  /** Every line of a list, page after page. */
  async *lines<Line>(path: string): AsyncGenerator<Line> {
    let next: string | null = path;
    while (next !== null) {
      const page: Answer<{ items: Line[]; next_cursor: string | null }> = await this.read(next);
      yield* page.shown.items;
      const cursor: string | null = page.shown.next_cursor;
      next = cursor && `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}`;
    }
  }

  /** A fresh pair of tokens. A refresh token serves once: whoever asks meanwhile waits for the same renewal. */
  async renew(): Promise<void> {
    this.#renewal ??= this.#renewed().finally(() => (this.#renewal = null));
    await this.#renewal;
  }

  async #renewed(): Promise<void> {
    const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: this.#tokens.refresh_token });
    this.#tokens = await granted<Tokens>(await sent(`${this.server}/v1/auth/token`, { method: "POST", body }));
    this.#endsAt = endOf(this.#tokens);
  }

  /** Sign out: the session is over on the server, at once. */
  async close(): Promise<void> {
    const body = new URLSearchParams({ token: this.#tokens.access_token });
    await sent(`${this.server}/v1/auth/revoke`, { method: "POST", body });
  }

  async #ask<Shown>(method: string, path: string, asked: Asked): Promise<Answer<Shown>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once<Shown>(method, path, asked);
      } catch (error) {
        if (attempt === 1 && this.prove !== null && refusedFor(error, "proof_too_old")) {
          await this.#once("POST", "/v1/auth/step-up", { body: await this.prove() });
        } else if (attempt < (asked.tries ?? TRIES) && method !== "PATCH" && passes(error)) {
          // A correction is not sent again blindly: its version, read again, says whether it was done.
          await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt));
        } else {
          throw error;
        }
      }
    }
  }

  async #once<Shown>(method: string, path: string, asked: Asked): Promise<Answer<Shown>> {
    if (Date.now() > this.#endsAt - EARLY * 1000) await this.renew();
    const headers = new Headers({ Authorization: `Bearer ${this.#tokens.access_token}` });
    const json = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    if (asked.body !== undefined) headers.set("Content-Type", json);
    if (asked.key !== undefined) headers.set("Idempotency-Key", asked.key);
    if (asked.version !== undefined) headers.set("If-Match", asked.version);
    if (asked.trial) headers.set("Prefer", "handling=strict, dry-run");
    const body = asked.body === undefined ? null : JSON.stringify(asked.body);
    const answer = await sent(this.server + path, { method, headers, body });
    return {
      shown: await granted<Shown>(answer),
      version: answer.headers.get("ETag"),
      replayed: answer.headers.get("Idempotency-Replayed") === "true",
    };
  }
}

function endOf(tokens: Tokens): number {
  return Date.now() + tokens.expires_in * 1000;
}

function refusedFor(error: unknown, code: string): boolean {
  return error instanceof Refused && error.problem.code === code;
}

/** Is waiting all there is to do? */
function passes(error: unknown): boolean {
  if (error instanceof Lost || refusedFor(error, "idempotency_in_flight")) return true;
  return error instanceof Refused && [429, 503].includes(error.problem.status);
}

async function post<Shown>(address: string, said: unknown): Promise<Shown> {
  const headers = { "Content-Type": "application/json" };
  return granted<Shown>(await sent(address, { method: "POST", headers, body: JSON.stringify(said) }));
}

/** Nothing of this is for a cache; no cookie goes, and no address of ours is told to anyone. */
async function sent(address: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { ...request, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
  } catch {
    throw new Lost();
  }
}

async function granted<Shown>(answer: Response): Promise<Shown> {
  const text = await answer.text();
  if (answer.ok) return (text ? JSON.parse(text) : undefined) as Shown;
  if (answer.headers.get("Content-Type")?.startsWith("application/problem+json")) {
    throw new Refused(JSON.parse(text) as Problem);
  }
  throw new Lost(); // a proxy on the way, not Relais
}
