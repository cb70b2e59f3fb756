import type { Answer } from "../network/answer.ts";
import type { JointWorlds } from "../network-index/joint-worlds.ts";
import { ADDRESS } from "../network-index/peer-space.ts";
import { nodeExemption } from "../network-index/verdict-of.ts";
import type { DifferenceRow } from "./difference.ts";
import { memberOf, type Unit, type UnitTable } from "./units.ts";

/** Which pairs of a pod and a node are meant, and what the profile says of them in each world. */
export interface Exemption {
  readonly nodes: DifferenceRow["nodes"];
  /** Whether traffic between a pod and its own node is exempt from policies. */
  readonly base: Answer;
  readonly head: Answer;
  /** Whether the two are such a pair. */
  readonly isOwn: Answer;
}

/** Traffic for which nodes do not matter. */
export const NO_EXEMPTION: Exemption = { nodes: undefined, base: "no", head: "no", isOwn: "no" };

/** The two ends of a connection. */
export interface Pair {
  readonly client: Unit;
  readonly server: Unit;
}

/** What nodes have to do with pairs of units. */
export interface NodeRelations {
  /** Whether it matters in either world on which nodes the two are. */
  matter(pair: Pair): boolean;
  /** One exemption for each relation there is among the members of two units; equal ones are one object. */
  among(pair: Pair): readonly Exemption[];
  /** The exemption for two members, by their nodes. */
  between(pair: Pair, one: string | undefined, other: string | undefined): Exemption;
}

const NOWHERE: readonly Exemption[] = [NO_EXEMPTION];

/** What the nodes of two worlds have to do with their units. */
export function nodeRelations(worlds: JointWorlds, table: UnitTable): NodeRelations {
  const exemptionFor = exemptions(worlds);
  const nodesOf = unitNodes(worlds, table);
  return {
    matter: (pair) => exemptionFor(pair) !== undefined,
    among(pair) {
      const exemption = exemptionFor(pair);
      return exemption === undefined
        ? NOWHERE
        : relationsAmong(nodesOf(pair.client), nodesOf(pair.server)).map((relation) => exemption[relation]);
    },
    between: (pair, one, other) => exemptionFor(pair)?.[relationOf(one, other)] ?? NO_EXEMPTION,
  };
}

type Relation = NonNullable<DifferenceRow["nodes"]>;

type Exemptions = Readonly<Record<Relation, Exemption>>;

/** What the profile says of two units, by relation; undefined where it does not matter on which nodes they are. */
function exemptions({ profile, peers: { kinds } }: JointWorlds): (pair: Pair) => Exemptions | undefined {
  const known = new Map<string, Exemptions>();
  const exempt = (client: number, server: number): Answer =>
    nodeExemption(profile, kinds[client] ?? ADDRESS, kinds[server] ?? ADDRESS);
  return ({ client, server }) => {
    const base = exempt(client.base, server.base);
    const head = exempt(client.head, server.head);
    if (base === "no" && head === "no") {
      return undefined;
    }
    const key = `${base} ${head}`;
    const found = known.get(key) ?? {
      own: { nodes: "own", base, head, isOwn: "yes" },
      other: { nodes: "other", base, head, isOwn: "no" },
      unknown: { nodes: "unknown", base, head, isOwn: "unknown" },
    };
    known.set(key, found);
    return found;
  };
}

/** Where the members of a unit are. */
interface Nodes {
  readonly names: ReadonlySet<string>;
  /** Of one of them at least nobody said. */
  readonly isUnknown: boolean;
}

function unitNodes(worlds: JointWorlds, table: UnitTable): (unit: Unit) => Nodes {
  const known = new Map<Unit, Nodes>();
  return (unit) => {
    let found = known.get(unit);
    if (found === undefined) {
      const nodes = unit.members.map((member) => memberOf(worlds, table, unit, member).node);
      found = { names: new Set(nodes.filter((node) => node !== undefined)), isUnknown: nodes.includes(undefined) };
      known.set(unit, found);
    }
    return found;
  };
}

function relationsAmong(some: Nodes, others: Nodes): readonly Relation[] {
  const relations: Relation[] = [];
  let shared = 0;
  for (const node of some.names) {
    shared += others.names.has(node) ? 1 : 0;
  }
  if (shared > 0) relations.push("own");
  // Of all pairs of a name here and a name there, so many are of one and the same node.
  if (some.names.size * others.names.size > shared) relations.push("other");
  if (some.isUnknown || others.isUnknown) relations.push("unknown");
  return relations;
}

function relationOf(one: string | undefined, other: string | undefined): Relation {
  if (one === undefined || other === undefined) {
    return "unknown";
  }
  return one === other ? "own" : "other";
}
