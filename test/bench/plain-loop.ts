import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** What anyone would write first: read lines, parse, count edges in a Map. The yardstick of the benchmark. */
const [file = ""] = process.argv.slice(2);
const edges = new Map<string, number>();
let records = 0;
for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
  const { flow } = JSON.parse(line);
  if (flow === undefined) continue;
  records++;
  const port = flow.l4?.TCP?.destination_port ?? flow.l4?.UDP?.destination_port;
  const key = `${flow.source?.namespace}/${flow.source?.pod_name} ${flow.destination?.namespace}/${flow.destination?.pod_name} ${port}`;
  edges.set(key, (edges.get(key) ?? 0) + 1);
}
process.stdout.write(`${records} records, ${edges.size} keys\n`);
