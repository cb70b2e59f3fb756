import { isSameData } from "../../lib/equal.ts";
import type { NetworkPolicy } from "../../model/manifest.ts";
import { type ReadPolicy, readPolicy } from "../network/compile.ts";
import type { NetworkWorld } from "../network/world.ts";
import { type Inventory, type ReadWorld, readInventory, readWorld } from "./read-world.ts";

/** Two worlds, read. What both have is read once and is the same object in both. */
export interface TwoReadWorlds {
  readonly base: ReadWorld;
  readonly head: ReadWorld;
  /** Whether pods, nodes and namespaces are the same, so that every end is what it was. */
  readonly hasSameEnds: boolean;
}

/** Reads two worlds that have nearly everything in common, even if each was parsed from files of its own. */
export function readTwoWorlds(base: NetworkWorld, head: NetworkWorld): TwoReadWorlds {
  const read = policyReaders();
  const inventory = readInventory(base);
  const hasSamePods = isSameData(base.pods, head.pods) && isSameData(base.nodes ?? [], head.nodes ?? []);
  const headInventory: Inventory = hasSamePods ? inventory : readInventory(head);
  return {
    base: readWorld(base, inventory, read.first),
    head: readWorld(head, headInventory, read.second),
    hasSameEnds: hasSamePods && isSameData(base.namespaces, head.namespaces),
  };
}

/**
 * Reads the policies of one world and then of another: one of the second that holds the same data as the last of its name
 * in the first, which is the one that stands there, is what that one was read as.
 */
function policyReaders(): {
  readonly first: (written: NetworkPolicy) => ReadPolicy;
  readonly second: (written: NetworkPolicy) => ReadPolicy;
} {
  const known = new Map<string, { readonly written: NetworkPolicy; readonly read: ReadPolicy }>();
  return {
    first(written) {
      const read = readPolicy(written);
      known.set(writtenName(written), { written, read });
      return read;
    },
    second(written) {
      const before = known.get(writtenName(written));
      return before !== undefined && isSameData(before.written, written) ? before.read : readPolicy(written);
    },
  };
}

/** A text under which the policy is looked up; what is in its place may be anything. */
function writtenName(written: NetworkPolicy | null | undefined): string {
  const { name, namespace }: { readonly name?: unknown; readonly namespace?: unknown } = written?.metadata ?? {};
  return `${typeof namespace === "string" ? namespace : ""}/${typeof name === "string" ? name : ""}`;
}
