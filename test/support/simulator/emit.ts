import { Agents, type Draft } from "./agents.ts";
import { recordConnection } from "./datapath.ts";
import { aggregate } from "./exporter-aggregation.ts";
import { plainTime, recordNoise } from "./noise.ts";
import { type Connection, planConnections } from "./plan.ts";
import { type Population, populate } from "./pods.ts";
import { DEFAULT_PROFILE, type Profile } from "./profile.ts";
import { createRandom } from "./random.ts";
import { applyMask, type FlowJson, goJson } from "./record.ts";
import { type Truth, truthOf } from "./truth.ts";
import type { World } from "./world.ts";

export interface EmitOptions extends Partial<Profile> {
  readonly seed: string | number;
  /** RFC 3339; a Wednesday morning unless said otherwise. */
  readonly start?: string;
  /** Length of the window. */
  readonly hours?: number;
}

/** A window of a world: what took place in it and what its agents wrote. */
export interface Simulation {
  /** JSON lines without line breaks, in the order of delivery. */
  readonly lines: readonly string[];
  readonly truth: Truth;
  /** Every connection that took place (denied ones too), in the order of time. */
  readonly connections: readonly Connection[];
  /** The pods that lived, by `namespace/name` of their workload. */
  readonly population: Population;
  readonly profile: Profile;
}

/** When windows start by default: a Wednesday. */
export const DEFAULT_START = "2026-03-04T06:00:00Z";

function lineOf(draft: Draft, profile: Profile): string {
  if (draft.kind !== "flow")
    return goJson({ [draft.kind]: draft.body, node_name: draft.node, time: plainTime(draft.time) });
  const flow = draft.body as FlowJson;
  const kept = profile.fieldMask === undefined ? flow : applyMask(flow, profile.fieldMask);
  return goJson(profile.shape === "bare" ? kept : { flow: kept, node_name: draft.node, time: flow.time });
}

/** Simulates a window: same world and options, same result. */
export function simulate(world: World, options: EmitOptions): Simulation {
  const { seed, start = DEFAULT_START, hours = 2, ...special } = options;
  const profile: Profile = { ...DEFAULT_PROFILE, ...special };
  const from = Date.parse(start) * 1000;
  const window = { start: from, end: from + hours * 3_600_000_000 };
  const name = String(seed);
  const population = populate(world, window, { seed: name, restarts: profile.restarts, reuseIps: profile.reuseIps });
  const planned = planConnections({ world, population, window, seed: name, overlay: profile.datapath === "overlay" });
  const connections = planned.filter((one) => one.denied === undefined || profile.policies !== "absent");
  const agents = new Agents(world, profile, createRandom(`${name}/agents`));
  for (const connection of connections) recordConnection(agents, connection);
  recordNoise(agents, connections, window);
  return {
    lines: deliver(heardOf(agents), profile, name),
    truth: truthOf(connections, profile, world),
    connections,
    population,
    profile,
  };
}

/** What arrives from the nodes that are not silent. */
function heardOf(agents: Agents): Draft[] {
  const { nodes } = agents.world;
  const silent = nodes.slice(nodes.length - agents.profile.silentNodes).map((node) => agents.nodeName(node));
  return agents.drafts.filter((draft) => !silent.includes(draft.node));
}

/** The lines in the order in which they arrive: nearly that of time, some of them twice. */
function deliver(drafts: readonly Draft[], profile: Profile, seed: string): string[] {
  const random = createRandom(`${seed}/delivery`);
  const merged = profile.exporterAggregation === undefined ? drafts : aggregate(drafts, profile.exporterAggregation);
  const arrivals = merged.flatMap((draft) => {
    const line = lineOf(draft, profile);
    const once = { line, at: draft.time + random.integer(0, profile.jitter) };
    if (!random.chance(profile.redelivered)) return [once];
    return [once, { line, at: once.at + random.integer(0, 60_000_000) }];
  });
  return arrivals.toSorted((a, b) => a.at - b.at).map((arrival) => arrival.line);
}

/** Only the lines of {@link simulate}, one at a time. */
export function* emit(world: World, options: EmitOptions): Generator<string> {
  yield* simulate(world, options).lines;
}
