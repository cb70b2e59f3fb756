import type { Labels } from "../../model/graph.ts";
import type { LabelSelector, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../../model/manifest.ts";
import { type Block, parseBlock } from "../network/address.ts";
import type { Direction } from "../network/verdict.ts";
import type { ContainerPort } from "../network/world.ts";

/**
 * What the policies look at. Two pods that agree in all of it are one identity class: a label no selector mentions, a
 * value none lists, a port nobody names tells no pods apart.
 */
export interface Vocabulary {
  /** Numbers of the key-value pairs selectors mention. A value that none lists is `other`: only Exists can tell. */
  readonly pairs: ReadonlyMap<string, { readonly values: ReadonlyMap<string, number>; readonly other: number }>;
  readonly pairCount: number;
  /** Keys of the labels of namespaces that selectors mention. */
  readonly namespaceKeys: ReadonlySet<string>;
  /** `TCP http`: the ports that rules call by name. */
  readonly portNames: ReadonlySet<string>;
  readonly blocks: readonly Block[];
}

/** A rule as both directions have it. */
export interface WrittenRule {
  readonly peers: readonly NetworkPolicyPeer[];
  readonly ports: readonly NetworkPolicyPort[];
}

/** The rules of a policy for a direction, whether or not its policyTypes let them count. */
export function rulesOf({ spec }: NetworkPolicy, direction: Direction): readonly WrittenRule[] {
  return direction === "ingress"
    ? (spec?.ingress ?? []).map(({ from = [], ports = [] }) => ({ peers: from, ports }))
    : (spec?.egress ?? []).map(({ to = [], ports = [] }) => ({ peers: to, ports }));
}

/** Under which a named port is looked up: the same name may stand for another number in another protocol (rule 9). */
export function portNameKey(protocol: string, name: string): string {
  return `${protocol} ${name}`;
}

/** Reads what the policies look at. */
export function vocabularyOf(policies: Iterable<NetworkPolicy>): Vocabulary {
  const labels = labelVocabulary();
  const portNames = new Set<string>();
  const cidrs = new Set<string>();
  const namespaceKeys = new Set<string>();
  const addPeer = ({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer): void => {
    labels.add(podSelector);
    Object.keys(namespaceSelector?.matchLabels ?? {}).forEach((key) => namespaceKeys.add(key));
    namespaceSelector?.matchExpressions?.forEach(({ key }) => namespaceKeys.add(key));
    (ipBlock === undefined ? [] : [ipBlock.cidr, ...(ipBlock.except ?? [])]).forEach((cidr) => cidrs.add(cidr));
  };
  const addPort = ({ protocol = "TCP", port }: NetworkPolicyPort): void => {
    if (typeof port === "string") {
      portNames.add(portNameKey(protocol, port));
    }
  };
  for (const policy of policies) {
    labels.add(policy.spec?.podSelector);
    for (const { peers, ports } of [...rulesOf(policy, "ingress"), ...rulesOf(policy, "egress")]) {
      peers.forEach(addPeer);
      ports.forEach(addPort);
    }
  }
  const blocks = [...cidrs].flatMap((cidr) => parseBlock(cidr) ?? []);
  return { ...labels.finish(), namespaceKeys, portNames, blocks };
}

function labelVocabulary(): {
  add(selector: LabelSelector | undefined): void;
  finish(): Pick<Vocabulary, "pairs" | "pairCount">;
} {
  const pairs = new Map<string, { readonly values: Map<string, number>; readonly other: number }>();
  let pairCount = 0;
  const valuesOf = (key: string): Map<string, number> => {
    let known = pairs.get(key);
    if (known === undefined) {
      known = { values: new Map(), other: pairCount++ };
      pairs.set(key, known);
    }
    return known.values;
  };
  const addValue = (key: string, value: string): void => {
    const values = valuesOf(key);
    if (!values.has(value)) {
      values.set(value, pairCount++);
    }
  };
  return {
    add(selector) {
      const wanted = selector?.matchLabels ?? {};
      for (const key in wanted) {
        addValue(key, wanted[key] ?? "");
      }
      for (const { key, values = [] } of selector?.matchExpressions ?? []) {
        valuesOf(key);
        values.forEach((value) => addValue(key, value));
      }
    },
    finish: () => ({ pairs, pairCount }),
  };
}

/** Numbers of the pairs in these labels that policies look at, ascending. */
export function pairsOf({ pairs }: Vocabulary, labels: Labels): readonly number[] {
  let found = NO_PAIRS;
  for (const key in labels) {
    const known = pairs.get(key);
    if (known !== undefined) {
      const pair = known.values.get(labels[key] ?? "") ?? known.other;
      found = found.length === 0 ? [pair] : [...found, pair];
    }
  }
  return found.length < 2 ? found : found.toSorted((a, b) => a - b);
}

const NO_PAIRS: readonly number[] = [];

/** The declared ports that rules call by name, sorted; equal for pods whose named ports mean the same. */
export function namedPortsOf({ portNames }: Vocabulary, ports: readonly ContainerPort[]): readonly ContainerPort[] {
  if (portNames.size === 0) {
    return [];
  }
  const found = new Map<string, ContainerPort>();
  for (const port of ports) {
    if (port.name !== undefined && portNames.has(portNameKey(port.protocol, port.name))) {
      found.set(`${portNameKey(port.protocol, port.name)} ${port.port}`, port);
    }
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, port]) => port);
}
