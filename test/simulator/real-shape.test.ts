import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { PROFILES, QUIET, shop, simulate } from "../support/simulator/index.ts";
import { type Flow, flowsOf } from "./read-flows.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CAPTURES = path.join(process.env["NETLEARN_SHARED_DATA"] ?? path.resolve(ROOT, "../shared/data"), "hubble");
const PRESENT = existsSync(CAPTURES);
if (!PRESENT)
  console.warn(`SKIPPED: no real captures in ${CAPTURES}; set NETLEARN_SHARED_DATA to compare shapes with them`);

/** The captures of Cilium 1.10.5; the older and the L7-only ones differ. */
function realFlows(): Flow[] {
  return readdirSync(CAPTURES).flatMap((name) => {
    const lines = readFileSync(path.join(CAPTURES, name), "utf8")
      .split("\n")
      .filter((line) => line.includes('"time":"2021-11-10'));
    return flowsOf({ lines });
  });
}

/** Which keys a record has in which order, and its ends', for each kind of event. `interface` is not always known. */
function shapesOf(flows: readonly Flow[]): Set<string> {
  return new Set(
    flows.map((flow) => {
      const keys = Object.keys(flow).filter((key) => key !== "interface");
      const kind = [flow.event_type?.type, flow.trace_observation_point, Object.keys(flow.l4 ?? {})[0]].join(" ");
      return `${kind}: ${keys.join(",")}`;
    }),
  );
}

/** The ends of records: which keys, in which order. */
function endsOf(flows: readonly Flow[]): Set<string> {
  return new Set(
    flows.flatMap((flow) => [flow.source, flow.destination]).map((side) => Object.keys(side ?? {}).join(",")),
  );
}

describe.skipIf(!PRESENT)("simulated Cilium 1.10 beside real captures of it", () => {
  const simulated = flowsOf(
    simulate(shop({ scale: 4 }), {
      ...QUIET,
      ...PROFILES["cilium 1.10, DNS and HTTP proxied"],
      seed: 1,
      hours: 6,
      healthPerHour: 10,
      nameless: 0.04,
      mislabelled: 0.12,
    }),
  );

  it("has every shape of record that is there", () => {
    const known = shapesOf(simulated);
    expect([...shapesOf(realFlows())].filter((shape) => !known.has(shape))).toEqual([]);
  });

  it("has every shape of an endpoint that is there", () => {
    const known = endsOf(simulated);
    expect([...endsOf(realFlows())].filter((shape) => !known.has(shape))).toEqual([]);
  });
});
