import type { Labels } from "../../model/graph.ts";
import type { Profile } from "../network/profile.ts";
import type { LabelMap } from "../network/selector.ts";
import type { ContainerPort } from "../network/world.ts";
import { type AddressNumber, type AddressSpace, atomOf } from "./address-space.ts";
import type { ReadPod } from "./read-world.ts";
import { ROOT, sequenceTree } from "./sequence-tree.ts";
import { namedPortsOf, pairsOf, portNameKey, type Vocabulary } from "./vocabulary.ts";

/** Ends of connections that no policy tells apart. */
export interface IdentityClass {
  /** `pod` in the pod network, `host` a hostNetwork pod, `node` a node's address, `shared` an address of several pods. */
  readonly kind: "pod" | "host" | "node" | "shared";
  /** Place in {@link ClassTable.namespaces}; -1 for kinds without. */
  readonly namespace: number;
  /** Of the first member; policies see no difference to the others'. */
  readonly labels: Labels;
  readonly pairs: readonly number[];
  /** Those that rules call by name. */
  readonly ports: readonly ContainerPort[];
  /** Atoms of its addresses; empty where no block can match it whatever its address. */
  readonly atoms: readonly number[];
}

/** A namespace with its labels; one name stands here twice when policies tell two worlds' labels apart. */
export interface ClassNamespace {
  readonly name: string;
  readonly labels: LabelMap;
  /** Its classes are those from `first` to before `end`. */
  readonly first: number;
  readonly end: number;
}

/** All classes. Those with pods come first, namespace by namespace, so that a whole namespace is one range. */
export interface ClassTable {
  readonly classes: readonly IdentityClass[];
  readonly namespaces: readonly ClassNamespace[];
  /** How many have pods. */
  readonly podClasses: number;
}

/** Sorts ends into classes; `finish` gives the table and the final number of each provisional one. */
export interface Classifier {
  namespace(name: string, labels: LabelMap): number;
  /** The class of a pod seen at `addresses`: all of its own, or the one a connection names. */
  pod(read: ReadPod, namespace: number, addresses: readonly AddressNumber[]): number;
  address(kind: "node" | "shared", address: AddressNumber): number;
  finish(): { readonly table: ClassTable; readonly numbers: readonly number[] };
}

/** Makes a classifier for one vocabulary; the addresses must be cut at the same vocabulary's blocks. */
export function classifier(vocabulary: Vocabulary, space: AddressSpace, profile: Profile): Classifier {
  const classes = classInterner();
  const namespaces = namespaceInterner(vocabulary);
  const hasBlocks = vocabulary.blocks.length > 0;
  const atomsOf = (addresses: readonly AddressNumber[], answer: string): readonly number[] =>
    hasBlocks && answer !== "no"
      ? [...new Set(addresses.map((address) => atomOf(space, address)))].toSorted((a, b) => a - b)
      : NONE;
  return {
    namespace: (name, labels) => namespaces.intern(name, labels),
    pod({ pod }, namespace, addresses) {
      const { labels, hostNetwork } = pod;
      const atoms = atomsOf(addresses, hostNetwork ? profile.blocksMatchNodes : profile.blocksMatchPods);
      const [pairs, ports] = [pairsOf(vocabulary, labels), namedPortsOf(vocabulary, pod.ports)];
      return classes.intern({ kind: hostNetwork ? "host" : "pod", namespace, labels, pairs, ports, atoms });
    },
    address(kind, address) {
      const atoms = atomsOf([address], kind === "node" ? profile.blocksMatchNodes : profile.blocksMatchPods);
      return classes.intern({ kind, namespace: -1, labels: {}, pairs: NONE, ports: [], atoms });
    },
    finish: () => ordered(classes.all, namespaces.all),
  };
}

const NONE: readonly number[] = [];

const KINDS: readonly IdentityClass["kind"][] = ["pod", "host", "node", "shared"];

/** Numbers classes by what they are made of: kind and namespace, then pairs, atoms and ports, told apart by the rest. */
function classInterner(): { intern(found: IdentityClass): number; readonly all: readonly IdentityClass[] } {
  const tree = sequenceTree();
  const ports = new Map<string, number>();
  const numbers: number[] = [];
  const all: IdentityClass[] = [];
  const portNumber = ({ protocol, name = "", port }: ContainerPort): number => {
    const key = `${portNameKey(protocol, name)} ${port}`;
    const found = ports.get(key) ?? ports.size;
    ports.set(key, found);
    return found;
  };
  return {
    all,
    intern(found) {
      let place = tree.next(ROOT, KINDS.length * (found.namespace + 1) + KINDS.indexOf(found.kind));
      for (const pair of found.pairs) place = tree.next(place, 3 * pair);
      for (const atom of found.atoms) place = tree.next(place, 3 * atom + 1);
      for (const port of found.ports) place = tree.next(place, 3 * portNumber(port) + 2);
      const known = numbers[place];
      if (known !== undefined) {
        return known;
      }
      numbers[place] = all.push(found) - 1;
      return all.length - 1;
    },
  };
}

function namespaceInterner({ namespaceKeys }: Vocabulary): {
  intern(name: string, labels: LabelMap): number;
  readonly all: readonly { readonly name: string; readonly labels: LabelMap }[];
} {
  const known = new Map<string, number>();
  const all: { readonly name: string; readonly labels: LabelMap }[] = [];
  return {
    all,
    intern(name, labels) {
      const told = [...labels].filter(([key]) => namespaceKeys.has(key));
      const key = JSON.stringify([name, told.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
      const found = known.get(key) ?? all.push({ name, labels }) - 1;
      known.set(key, found);
      return found;
    },
  };
}

function ordered(
  classes: readonly IdentityClass[],
  namespaces: readonly { readonly name: string; readonly labels: LabelMap }[],
): { readonly table: ClassTable; readonly numbers: readonly number[] } {
  const place = ({ namespace }: IdentityClass): number => (namespace < 0 ? namespaces.length : namespace);
  const order = [...classes.entries()].toSorted(([a, one], [b, other]) => place(one) - place(other) || a - b);
  const numbers: number[] = Array.from({ length: classes.length });
  const counts: number[] = namespaces.map(() => 0);
  for (const [number, [provisional, { namespace }]] of order.entries()) {
    numbers[provisional] = number;
    if (namespace >= 0) {
      counts[namespace] = (counts[namespace] ?? 0) + 1;
    }
  }
  let podClasses = 0;
  const ranged = namespaces.map(({ name, labels }, index) => {
    const first = podClasses;
    podClasses += counts[index] ?? 0;
    return { name, labels, first, end: podClasses };
  });
  return { table: { classes: order.map(([, found]) => found), namespaces: ranged, podClasses }, numbers };
}
