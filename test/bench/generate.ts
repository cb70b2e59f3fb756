import { closeSync, openSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BENCH_PORT, BENCH_TIME, benchRecords, benchWorld } from "../support/simulator/bench-world.ts";
import { createRandom, hash32 } from "../support/simulator/random.ts";
import { type FlowJson, goJson, timestamp } from "../support/simulator/record.ts";
import {
  LineStore,
  type LineTemplate,
  lineTemplate,
  SecondText,
  writeDecimal,
  writePodSuffix,
  writeUuid,
} from "./line-template.ts";

/** Writes flow logs of any size with a fixed number of edges: `--bytes 1GB --out FILE`. */
export interface GenerateOptions {
  readonly bytes: number;
  readonly edges: number;
  readonly pods: number;
  readonly seed: string;
  /** Every connection has pods and addresses of its own, as if all pods lived for one connection. */
  readonly uniqueEndpoints: boolean;
  /** Length of the window the records are spread over, whatever the size. */
  readonly hours: number;
}

export const GENERATE_DEFAULTS: GenerateOptions = {
  bytes: 100_000_000,
  edges: 20_000,
  pods: 3000,
  seed: "bench",
  uniqueEndpoints: false,
  hours: 26,
};

const CHUNK = 8 * 1024 * 1024;

/** A template for each record of each edge's connection. */
function templatesOf(options: GenerateOptions): LineTemplate[][] {
  const world = benchWorld(options);
  const start = timestamp(BENCH_TIME, 1);
  const store = new LineStore();
  return [...benchRecords(world, options.seed)].map(({ drafts }) =>
    drafts.map((draft) => {
      const flow = { ...(draft.body as FlowJson), time: start };
      const wide = options.uniqueEndpoints ? { ...flow, IP: { ...flow.IP, ...wideAddresses(flow.IP) } } : flow;
      const line = goJson({ flow: wide, node_name: draft.node, time: start });
      const after = draft.time - BENCH_TIME;
      return lineTemplate(store, line, { port: BENCH_PORT, after, unique: options.uniqueEndpoints });
    }),
  );
}

/** Addresses with three digits at the end, so that they can be counted up in place. */
function wideAddresses(ip: FlowJson["IP"]): { source: string; destination: string } {
  const wide = (address: string): string => {
    const hash = hash32(address);
    return `10.${100 + (hash % 100)}.${100 + (Math.floor(hash / 100) % 100)}.100`;
  };
  return { source: wide(ip.source), destination: wide(ip.destination) };
}

interface Connection {
  /** Running number. */
  readonly number: number;
  /** Microseconds since the epoch. */
  readonly time: number;
  readonly port: number;
}

/** Copies templates into chunks and patches them. */
class Writer {
  readonly #descriptor: number;
  readonly #chunk: Buffer = Buffer.allocUnsafe(CHUNK);
  readonly #seconds = new SecondText();
  readonly #unique: boolean;
  #used = 0;
  #records = 0;
  written = 0;

  constructor(descriptor: number, unique: boolean) {
    this.#descriptor = descriptor;
    this.#unique = unique;
  }

  line(template: LineTemplate, connection: Connection): void {
    const { bytes } = template;
    if (this.#used + bytes.length > CHUNK) this.flush();
    const chunk = this.#chunk;
    const start = this.#used;
    bytes.copy(chunk, start);
    this.#records += 1;
    this.#patchTimes(template, start, connection.time + template.after);
    for (const place of template.ports) writeDecimal(chunk, start + place, connection.port, 5);
    for (const place of template.uuids) writeUuid(chunk, start + place, this.#records);
    if (this.#unique) this.#patchEnds(template, start, connection.number);
    this.#used += bytes.length;
    this.written += bytes.length;
  }

  #patchTimes(template: LineTemplate, start: number, time: number): void {
    const second = Math.floor(time / 1_000_000);
    const text = this.#seconds.of(second);
    const nanos = (time - second * 1_000_000) * 1000 + 1 + (this.#records % 999);
    for (const place of template.times) {
      text.copy(this.#chunk, start + place);
      writeDecimal(this.#chunk, start + place + 20, nanos, 9);
    }
  }

  #patchEnds(template: LineTemplate, start: number, number: number): void {
    for (const place of template.addresses) writeDecimal(this.#chunk, start + place, 100 + (number % 150), 3);
    for (const place of template.podSuffixes) writePodSuffix(this.#chunk, start + place, number);
  }

  flush(): void {
    let offset = 0;
    while (offset < this.#used) offset += writeSync(this.#descriptor, this.#chunk, offset, this.#used - offset);
    this.#used = 0;
  }
}

function averageConnection(templates: readonly LineTemplate[][]): number {
  const total = templates.flat().reduce((sum, template) => sum + template.bytes.length, 0);
  return total / templates.length;
}

/**
 * Writes at least `bytes` bytes of whole lines to a file; returns how many. Every second connection is of the next
 * edge in turn until each edge was there once; the others choose few edges often and many rarely.
 */
export function generate(options: GenerateOptions, file: string): number {
  const templates = templatesOf(options);
  const random = createRandom(`${options.seed}/order`);
  const expected = Math.max(1, Math.ceil(options.bytes / averageConnection(templates)));
  const step = Math.floor((options.hours * 3_600_000_000) / expected);
  const descriptor = openSync(file, "w");
  try {
    const writer = new Writer(descriptor, options.uniqueEndpoints);
    for (let number = 0; writer.written < options.bytes; number += 1) {
      const turn = number % 2 === 0 ? number / 2 : templates.length;
      const popular = Math.floor(templates.length ** random.next()) - 1;
      const chosen = templates[turn < templates.length ? turn : popular] ?? [];
      const connection = { number, time: BENCH_TIME + number * step, port: random.integer(32_768, 60_999) };
      for (const template of chosen) writer.line(template, connection);
    }
    writer.flush();
    return writer.written;
  } finally {
    closeSync(descriptor);
  }
}

const UNITS: Readonly<Record<string, number>> = { "": 1, KB: 1e3, MB: 1e6, GB: 1e9 };

/** `1GB`, `250MB`, `4000`: bytes, in powers of ten. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMG]B)?$/i.exec(text);
  const unit = UNITS[(match?.[2] ?? "").toUpperCase()];
  if (match === null || unit === undefined) throw new RangeError(`--bytes ${text}: write a number with KB, MB or GB`);
  return Math.round(Number(match[1]) * unit);
}

function main(): void {
  const { values } = parseArgs({
    options: {
      bytes: { type: "string", default: "100MB" },
      out: { type: "string" },
      edges: { type: "string", default: String(GENERATE_DEFAULTS.edges) },
      pods: { type: "string", default: String(GENERATE_DEFAULTS.pods) },
      seed: { type: "string", default: GENERATE_DEFAULTS.seed },
      "unique-endpoints": { type: "boolean", default: false },
    },
  });
  if (values.out === undefined) throw new RangeError("--out FILE is missing: where to write the flow log");
  const options: GenerateOptions = {
    ...GENERATE_DEFAULTS,
    bytes: parseBytes(values.bytes),
    edges: Number(values.edges),
    pods: Number(values.pods),
    seed: values.seed,
    uniqueEndpoints: values["unique-endpoints"],
  };
  const began = performance.now();
  const written = generate(options, values.out);
  const seconds = (performance.now() - began) / 1000;
  console.error(`${written} bytes in ${seconds.toFixed(1)} s`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
