// Writes made without a network, then with one that loses the answers, then with a good one.
// Prints what the queue said at each step; the test counts what the server has.

import { text } from "node:stream/consumers";

import { Outbox } from "./built/outbox.js";
import { Session } from "./built/session.js";

const { server, tokens, drafts } = JSON.parse(await text(process.stdin));
const network = globalThis.fetch;
let disk = "[]"; // as an application would keep it, from one start to the next
const store = { load: async () => JSON.parse(disk), save: async (waiting) => void (disk = JSON.stringify(waiting)) };

const done = [];
const start = () => new Outbox(store, (one, answer) => done.push({ id: answer.shown.id, replayed: answer.replayed }));
const said = {};

globalThis.fetch = async () => {
  throw new TypeError("no network");
};
const first = start();
for (const draft of drafts) await first.add("/v1/referrals", draft);
said.without_a_network = await first.send(new Session(server, tokens));

let lost = 0;
globalThis.fetch = async (...request) => {
  await network(...request); // it was done, and nobody here knows
  lost++;
  throw new TypeError("connection reset");
};
said.while_answers_are_lost = await start().send(new Session(server, tokens));
said.lost = lost;

globalThis.fetch = network;
// The application was closed and opened again: only the disk remembers. Two sendings at once are one.
const last = start();
const session = new Session(server, tokens);
[said.at_last] = await Promise.all([last.send(session), last.send(session)]);
said.done = done;
said.kept = (await store.load()).map((each) => each.problem?.code);
console.log(JSON.stringify(said));
process.exit(0);
