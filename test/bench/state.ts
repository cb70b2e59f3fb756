import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { cellsOf } from "../../src/graph/cells.ts";
import { Learner } from "../../src/graph/learner.ts";
import { mergeCells } from "../../src/graph/merge-cells.ts";
import type { StateStore } from "../../src/model/state.ts";
import { openState } from "../../src/store/open.ts";
import { HOUR, MONDAY, pod, record } from "../support/flow-record.ts";
import { startPostgres } from "../testbed/postgres.ts";
import { postgresPrograms } from "../testbed/postgres-programs.ts";
import { measured, median, ROOT } from "./measured-process.ts";

/**
 * Measures a state of a million edges: folding in ten thousand changed ones, loading it, and `netlearn suggest --state`;
 * SQLite beside PostgreSQL, and the fold beside one into a state with no more edges than it brings.
 */
const { values } = parseArgs({
  options: {
    edges: { type: "string", default: "1000000" },
    workloads: { type: "string", default: "5000" },
    changed: { type: "string", default: "10000" },
    rounds: { type: "string", default: "5" },
  },
});
const [EDGES, WORKLOADS, CHANGED] = [Number(values.edges), Number(values.workloads), Number(values.changed)];
const PIECE = 50_000;

const ENDPOINTS = Array.from({ length: WORKLOADS }, (_, at) => {
  return pod(`team-${at % 100}/service${at}-5d69f8c7b4-x7k2p`);
});

const folder = path.join(ROOT, ".cache/bench");
mkdirSync(folder, { recursive: true });
const postgres = await startPostgres(
  await postgresPrograms({ say: (line) => console.error(line), environment: process.env }),
);
try {
  console.log(
    `${EDGES} edges between ${WORKLOADS} workloads; medians of ${values.rounds} folds of ${CHANGED} changed edges`,
  );
  await measure("SQLite", async (name) => freshFile(`${name}.db`));
  await measure("PostgreSQL", async (name) => await postgres.createDatabase(name));
} finally {
  await postgres.stop();
}

async function measure(title: string, place: (name: string) => Promise<string>): Promise<void> {
  const large = await place("large");
  const small = await place("small");
  const filling = performance.now();
  await fill(large, EDGES);
  await fill(small, CHANGED);
  const filled = (performance.now() - filling) / 1000;
  const folds = { large: [] as number[], small: [] as number[] };
  for (let round = 1; round <= Number(values.rounds); round++) {
    folds.large.push(await foldChanged(large, EDGES, round));
    folds.small.push(await foldChanged(small, CHANGED, round));
  }
  const [slow, quick] = [median(folds.large), median(folds.small)];
  console.log(`${title}: filled in ${filled.toFixed(1)} s`);
  console.log(
    `  fold of ${CHANGED} changed edges: ${slow.toFixed(2)} s; into a state of ${CHANGED} edges ${quick.toFixed(2)} s (${(slow / quick).toFixed(2)} x)`,
  );
  const netlearn = path.join(ROOT, "bin/netlearn.js");
  const shown = await measured([netlearn, "graph", "--state", large, "--quiet", "--format", "dot"]);
  console.log(`  graph --state: ${shown.seconds.toFixed(1)} s, ${Math.round(shown.peakMib)} MiB at the most`);
  const output = path.join(folder, "policies");
  rmSync(output, { recursive: true, force: true });
  const suggested = await measured([netlearn, "suggest", "--state", large, "--quiet", "--output", output]);
  console.log(`  suggest --state: ${suggested.seconds.toFixed(1)} s, ${Math.round(suggested.peakMib)} MiB at the most`);
  rmSync(output, { recursive: true, force: true });
}

function freshFile(name: string): string {
  const file = path.join(folder, name);
  for (const end of ["", "-wal", "-shm", "-lock"]) rmSync(`${file}${end}`, { force: true });
  return file;
}

async function fill(location: string, edges: number): Promise<void> {
  const store = await openState(location, { mode: "write", mergeCells });
  for (let from = 0; from < edges; from += PIECE) {
    await store.fold(cellsOf(learned(from, Math.min(edges, from + PIECE), 0)), []);
  }
  await store.close();
}

/** Seconds for connections that are new, of edges that lie all over the state. */
async function foldChanged(location: string, edges: number, round: number): Promise<number> {
  const store: StateStore = await openState(location, { mode: "write", mergeCells });
  const step = Math.floor(edges / CHANGED);
  const learner = new Learner();
  for (let at = 0; at < CHANGED; at++) learnEdge(learner, at * step + (round % step), round);
  const started = performance.now();
  await store.fold(cellsOf(learner), []);
  const seconds = (performance.now() - started) / 1000;
  await store.close();
  return seconds;
}

function learned(from: number, to: number, round: number): Learner {
  const learner = new Learner();
  for (let edge = from; edge < to; edge++) learnEdge(learner, edge, round);
  return learner;
}

/** Four connections of one edge, in four hours. */
function learnEdge(learner: Learner, edge: number, round: number): void {
  const client = edge % WORKLOADS;
  const server = (client + 1 + Math.floor(edge / WORKLOADS)) % WORKLOADS;
  for (let connection = 0; connection < 4; connection++) {
    learner.flow(
      record({
        source: endpoint(client),
        sourceIp: address(client),
        destination: endpoint(server),
        destinationIp: address(server),
        sourcePort: 32_768 + ((edge * 7 + connection * 101 + round * 1009) % 28_000),
        destinationPort: 8080,
        time: MONDAY + connection * HOUR + round * 60_000,
      }),
    );
  }
}

function endpoint(at: number): ReturnType<typeof pod> {
  return ENDPOINTS[at] ?? pod("none/none");
}

function address(at: number): string {
  return `10.${Math.floor(at / 62_500)}.${Math.floor(at / 250) % 250}.${1 + (at % 250)}`;
}
