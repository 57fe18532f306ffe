// The story of story.ts, told in Node (20 or later) instead of a page:
//   node clients/typescript/tell.mjs [adresse du serveur] [fichier des comptes]

import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

import { tell } from "./built/story.js";

const [server = "http://127.0.0.1:8000", path = ".relais/demo-accounts.json"] = process.argv.slice(2);
const accounts = JSON.parse(await readFile(path, "utf8"));
const typed = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function ask(email) {
  console.log(`Code de ${email} :`);
  return (await typed.next()).value.trim();
}

const broken = await tell(server, accounts, ask, (sentence, kept) => {
  console.log(kept === undefined ? sentence : `  ${kept ? "✓" : "✗"} ${sentence}`);
});
console.log(broken ? `${broken} promesse(s) non tenue(s).` : "Toutes les promesses sont tenues.");
process.exit(broken ? 1 : 0);
