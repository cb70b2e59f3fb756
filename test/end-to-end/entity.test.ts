import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { ENTITY_CHOICE_NAMES } from "../../src/config/settings.ts";
import type { NetworkPolicy } from "../../src/model/manifest.ts";
import { run } from "../cli/world.ts";
import { CART, type Json, jsonLines, REDIS, wrapped } from "../collectors/support/flows.ts";

/** Flows that show cart with what no rule can say, beside one to redis that a rule can; as client, or as server. */
interface Case {
  readonly name: (typeof ENTITY_CHOICE_NAMES)[number];
  readonly direction: "egress" | "ingress";
  readonly flows: string;
}

const HERE = { ...CART, cluster_name: "east" };
const IPS = { source: "10.244.0.177", destination: "10.244.0.110" };
const TCP = { TCP: { source_port: 41_000, destination_port: 9090, flags: { SYN: true } } };
const PING = { ICMPv4: { type: 8 } };
const OTHERS: Readonly<Record<Case["name"], Json>> = {
  host: { identity: 1, labels: ["reserved:host"] },
  "remote-node": { identity: 6, labels: ["reserved:remote-node"] },
  "kube-apiserver": { identity: 7, labels: ["reserved:kube-apiserver", "reserved:world"] },
  ingress: { identity: 8, labels: ["reserved:ingress"] },
  unmanaged: { identity: 3, labels: ["reserved:unmanaged"] },
  "other-cluster": { ...REDIS, cluster_name: "west" },
  icmp: REDIS,
};

function caseOf(name: Case["name"], direction: Case["direction"]): Case {
  const other = OTHERS[name];
  const l4 = name === "icmp" ? PING : TCP;
  const away = { source: HERE, destination: other, IP: IPS };
  const back = { source: other, destination: HERE, IP: { source: IPS.destination, destination: IPS.source } };
  const sayable = { source: HERE, destination: REDIS, IP: { ...IPS, destination: "10.244.0.99" } };
  const turned = { source: REDIS, destination: HERE, IP: { source: "10.244.0.99", destination: IPS.source } };
  const point = { traffic_direction: "INGRESS", trace_observation_point: "TO_ENDPOINT" };
  const flows =
    direction === "egress"
      ? [wrapped({ ...away, l4 }), wrapped(sayable)]
      : [wrapped({ ...back, ...point, l4 }), wrapped({ ...turned, ...point })];
  return { name, direction, flows: jsonLines(flows) };
}

const CASES = ENTITY_CHOICE_NAMES.flatMap((name) => [caseOf(name, "egress"), caseOf(name, "ingress")]).filter(
  // A pod's own node reaches it whatever policies say, so there is nothing to choose.
  ({ name, direction }) => name !== "host" || direction === "egress",
);

interface Suggested {
  readonly code: number;
  /** The direction of cart: undefined when it is left open, else what its rules let through. */
  readonly allowed: readonly string[] | undefined;
  readonly findings: readonly string[];
  readonly proof: { readonly checked: number; readonly allowed: number } | undefined;
}

async function suggest({ direction, flows }: Case, ...flags: readonly string[]): Promise<Suggested> {
  const stdin = new PassThrough();
  stdin.end(flows);
  const loadPipeline = async () => await import("../../src/pipeline.ts");
  const argv = ["suggest", "-", "-n", "shop", "--log-format", "json", ...flags];
  const { code, stdout, stderr } = await run(argv, { io: { stdin, loadPipeline } });
  const policies = parseAllDocuments(stdout).map((document): NetworkPolicy => document.toJS());
  const spec = policies.find(({ spec: { podSelector } }) => podSelector?.matchLabels?.["app"] === "cart")?.spec;
  const type = direction === "egress" ? "Egress" : "Ingress";
  const rules = (direction === "egress" ? spec?.egress : spec?.ingress) ?? [];
  const peers = rules.map((rule) => JSON.stringify("to" in rule ? rule.to : "from" in rule ? rule.from : "anybody"));
  const events = stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  return {
    code,
    allowed: spec?.policyTypes?.includes(type) === true ? peers : undefined,
    findings: events.filter(({ event, about }) => event === "finding" && about === "shop/cart").map((one) => one.code),
    proof: events.find(({ event }) => event === "proof"),
  };
}

const REDIS_PODS = expect.stringContaining('"app":"redis"');

describe("what --entity says about traffic that a NetworkPolicy has no word for", () => {
  it.each(CASES)("$name, $direction: nothing said leaves the direction open, and says so", async (one) => {
    const unsaid = await suggest(one);
    expect(unsaid).toMatchObject({ code: 0, allowed: undefined });
    expect(unsaid.findings).toContain("direction-left-open");
    expect(await suggest(one, "--entity", `${one.name}=open`)).toEqual(unsaid);
  });

  it.each(CASES)("$name, $direction: omit closes it, and the proof does not call that a cut", async (one) => {
    const { code, allowed, findings, proof } = await suggest(one, "--entity", `${one.name}=omit`);
    expect({ code, allowed }).toEqual({ code: 0, allowed: [REDIS_PODS] });
    expect(findings).toContain("cut-by-choice");
    expect(findings).not.toContain("direction-left-open");
    expect(proof?.allowed).toBe(proof?.checked);
  });

  it.each(CASES.filter(({ name }) => name !== "icmp" && name !== "other-cluster"))(
    "$name, $direction: address names the address that was seen",
    async (one) => {
      const { code, allowed, findings, proof } = await suggest(one, "--entity", `${one.name}=address`);
      expect(code).toBe(0);
      expect(allowed).toHaveLength(2);
      expect(allowed).toContainEqual(expect.stringContaining(`"cidr":"${IPS.destination}/32"`));
      expect(findings).toContain("peer-by-address");
      expect(proof).toMatchObject({ checked: 2, allowed: 2 });
    },
  );

  it.each(CASES)("$name, $direction: a choice for something else changes nothing", async (one) => {
    const others = ENTITY_CHOICE_NAMES.filter((name) => name !== one.name).flatMap((name) => [
      "--entity",
      `${name}=omit`,
    ]);
    expect(await suggest(one, ...others)).toEqual(await suggest(one));
  });

  it("ICMP can't be named by address, and the error says what it can be", async () => {
    const { code, stderr } = await run(["suggest", "-", "--entity", "icmp=address"]);
    expect(code).toBe(2);
    expect(stderr.replaceAll(/\s+/gu, " ")).toContain("open or omit");
  });
});
