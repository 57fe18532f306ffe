// An act that asks for a fresh proof: refused to whoever cannot give one, done for whoever can.

import { text } from "node:stream/consumers";

import { Refused, Session } from "./built/session.js";

const { server, tokens, path, body, code } = JSON.parse(await text(process.stdin));
const said = {};
const session = new Session(server, tokens);
try {
  await session.write(path, body);
} catch (error) {
  said.without = error instanceof Refused ? error.message : String(error);
}
session.prove = async () => ({ code });
said.with = (await session.write(path, body)).shown.replacement_reason;
console.log(JSON.stringify(said));
