import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { keepHeapForObjects, keepHeapSmall } from "../../src/cli/heap.ts";
import { readDirectory } from "../../src/inventory/directory/directory.ts";
import { prunedValue } from "../../src/inventory/prune.ts";
import type { Directory } from "../../src/model/directory.ts";
import type { ManifestObject } from "../../src/model/manifest-object.ts";
import { readPodName } from "../../src/model/pod-name.ts";
import { type ClusterSize, podAddress, writeClusterPages } from "./cluster-pages.ts";

/**
 * Measures reading the pages of a large cluster and indexing what is in them, in processes of their own, and prints
 * medians; then lookups of addresses, pods and Services.
 */
const { values } = parseArgs({
  options: {
    pods: { type: "string", default: "50000" },
    workloads: { type: "string", default: "3000" },
    services: { type: "string", default: "2000" },
    rounds: { type: "string", default: "3" },
    read: { type: "string" },
  },
});
const size: ClusterSize = {
  pods: Number(values.pods),
  workloads: Number(values.workloads),
  services: Number(values.services),
};
const LOOKUPS = 1_000_000;

interface Measured {
  readonly parse: number;
  readonly index: number;
  readonly peakMib: number;
  readonly heapMib: number;
  readonly addresses: number;
  readonly pods: number;
  readonly services: number;
}

function objectsOf(page: string): ManifestObject[] {
  const list = JSON.parse(page) as { apiVersion: string; kind: string; items: Readonly<Record<string, unknown>>[] };
  const kind = list.kind.slice(0, -"List".length);
  const { apiVersion } = list;
  return list.items.map((item) => {
    const value = prunedValue({ apiVersion, kind, ...item });
    const { name, namespace } = value["metadata"] as { name: string; namespace?: string };
    const place = {
      file: "cluster",
      document: 0,
      lineOf: () => 1,
      misreadAt: () => ({ key: undefined, value: undefined }),
    };
    return { apiVersion, kind, name, namespace: namespace ?? "default", value, ...place };
  });
}

/** Processor time of this process and not the clock: the machine may be busy with something else. */
function seconds(run: () => void): number {
  const started = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1e6;
}

function lookups(directory: Directory): Pick<Measured, "addresses" | "pods" | "services"> {
  const time = Date.parse("2026-01-05T10:00:00Z");
  const seen = { first: time, last: time };
  const addresses = Array.from({ length: 10_007 }, (_, at) => podAddress((at * 7919) % size.pods));
  const clues = Array.from({ length: 10_007 }, (_, at) => {
    const workload = (at * 7919) % size.workloads;
    const pod = readPodName(`workload-${workload}-5d69f8c7b4-bcdfg`);
    return {
      namespace: `ns-${Math.floor(workload / 60)}`,
      pod,
      owner: undefined,
      labels: {},
      serviceAccount: undefined,
    };
  });
  let found = 0;
  const perSecond = (ask: (at: number) => unknown): number =>
    LOOKUPS /
    seconds(() => {
      for (let at = 0; at < LOOKUPS; at++) if (ask(at) !== undefined) found++;
    });
  const rates = {
    addresses: perSecond((at) => directory.holderOf(addresses[at % addresses.length] ?? "", seen)),
    pods: perSecond((at) => directory.workloadOf(clues[at % clues.length]!)),
    services: perSecond((at) =>
      directory.serviceAt(`172.20.${(at % size.services) >> 8}.${(at % size.services) & 255}`),
    ),
  };
  if (found !== 3 * LOOKUPS) throw new Error(`${3 * LOOKUPS - found} lookups found nothing`);
  return rates;
}

/** Reads and indexes in this process, which does nothing else, and prints what it took. */
function measure(folder: string): void {
  keepHeapSmall();
  keepHeapForObjects();
  let objects: ManifestObject[] = [];
  const parse = seconds(() => {
    for (const file of readdirSync(folder)) {
      for (const object of objectsOf(readFileSync(path.join(folder, file), "utf8"))) objects.push(object);
    }
  });
  let directory: Directory | undefined;
  const index = seconds(() => {
    ({ directory } = readDirectory(objects));
  });
  const peakMib = process.resourceUsage().maxRSS / 1024;
  objects = [];
  if (directory?.workloads.length !== size.workloads) throw new Error(`${directory?.workloads.length} workloads`);
  globalThis.gc?.();
  const heapMib = process.memoryUsage().heapUsed / 2 ** 20;
  const measured: Measured = { parse, index, peakMib, heapMib, ...lookups(directory) };
  console.log(JSON.stringify(measured));
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function compare(): void {
  const folder = path.resolve(import.meta.dirname, "../../.cache/bench/cluster");
  writeClusterPages(folder, size);
  const files = readdirSync(folder);
  const bytes = files.reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0);
  const args = Object.entries(size).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const rounds = Array.from({ length: Number(values.rounds) }, (): Measured => {
    const own = ["--expose-gc", import.meta.filename, "--read", folder, ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, own, { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Measured;
  });
  const of = (key: keyof Measured): number => median(rounds.map((round) => round[key]));
  const million = (key: keyof Measured): string => `${(of(key) / 1e6).toFixed(2)} million`;
  console.log(
    `${size.pods} pods, ${size.workloads} workloads, ${size.services} Services: ${files.length} pages, ${Math.round(bytes / 1e6)} MB; medians of ${rounds.length} runs`,
  );
  console.log(`read and pruned in ${of("parse").toFixed(2)} s, indexed in ${of("index").toFixed(2)} s`);
  console.log(`${Math.round(of("peakMib"))} MiB at the most, ${Math.round(of("heapMib"))} MiB for the directory alone`);
  console.log(`lookups/s: ${million("addresses")} addresses, ${million("pods")} pods, ${million("services")} Services`);
  rmSync(folder, { recursive: true });
}

if (values.read === undefined) compare();
else measure(values.read);
