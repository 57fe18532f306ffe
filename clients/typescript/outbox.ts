// Writes made without a network: kept in order, each under a key chosen here, sent until Relais has answered.
// Whether the answer is the first or the same one again, the write is done, and done once.

import { Lost, newId, Refused, type Answer, type Problem, type Session } from "./session.js";

export interface Waiting {
  key: string;
  path: string;
  body: unknown;
  /** Why Relais refuses it: the person must correct it, or give it up. */
  problem?: Problem;
}

/**
 * Where the queue is kept from one start to the next. What it holds is about people: encrypted, under a key of the
 * system (Keychain, Android Keystore) that locking the device takes away. Never `localStorage`.
 */
export interface Store {
  load(): Promise<Waiting[]>;
  save(waiting: Waiting[]): Promise<void>;
}

export class Outbox {
  #sending: Promise<number> | null = null;

  constructor(private readonly store: Store, private readonly done: (one: Waiting, answer: Answer<unknown>) => void) {}

  /** Keep a write, before anything is sent, under the key by which it will be known: its own `id`, if it has one. */
  async add(path: string, body: { id?: string | null } & object, key: string = body.id ?? newId()): Promise<string> {
    await this.store.save([...(await this.store.load()), { key, path, body }]);
    return key;
  }

  /** Send what waits, in order, one at a time; how many are still there. */
  async send(session: Session): Promise<number> {
    this.#sending ??= this.#sent(session).finally(() => (this.#sending = null));
    return this.#sending;
  }

  async #sent(session: Session): Promise<number> {
    for (;;) {
      const waiting = await this.store.load();
      const one = waiting.find((each) => each.problem === undefined);
      if (one === undefined) return waiting.length;
      try {
        const answer = await session.write(one.path, one.body, { key: one.key, tries: 1 }); // the queue is patient
        this.done(one, answer);
        await this.#replace(one, []);
      } catch (error) {
        if (error instanceof Lost) return waiting.length; // no network: later, with the same key
        if (!(error instanceof Refused)) throw error;
        const { problem } = error;
        if ([401, 429].includes(problem.status) || problem.status >= 500) return waiting.length; // sign in, or wait
        await this.#replace(one, [{ ...one, problem }]);
      }
    }
  }

  async #replace(one: Waiting, by: Waiting[]): Promise<void> {
    const waiting = await this.store.load();
    await this.store.save(waiting.flatMap((each) => (each.key === one.key ? by : [each])));
  }
}
