import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** What anyone would write first: read lines, parse, count who did what. The yardstick of the access benchmark. */
const [file = ""] = process.argv.slice(2);
const uses = new Map<string, number>();
let events = 0;
for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
  const { user, verb, objectRef } = JSON.parse(line);
  events++;
  const key = `${user?.username} ${verb} ${objectRef?.namespace}/${objectRef?.resource}/${objectRef?.name}`;
  uses.set(key, (uses.get(key) ?? 0) + 1);
}
process.stdout.write(`${events} events, ${uses.size} keys\n`);
