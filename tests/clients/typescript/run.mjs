// Runs the scenario on what it is told on its standard input, and prints which promises were kept.

import { text } from "node:stream/consumers";

import { tell } from "./built/scenario.js";

console.log(JSON.stringify(await tell(JSON.parse(await text(process.stdin)))));
