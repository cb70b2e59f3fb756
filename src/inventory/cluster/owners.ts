import { inParallel } from "../../lib/in-parallel.ts";
import { by } from "../../lib/sort.ts";
import type { JsonObject, ListRefusal, ResourceType } from "../../model/kubernetes-api.ts";
import { LISTED_KINDS } from "./listed-kinds.ts";
import { controllerOf, type GroupKind, groupAndKind } from "./live-object.ts";
import { type Reader, readType } from "./read-kind.ts";

/** Owners of pods that no table foresees. */
export interface FurtherOwners {
  readonly objects: readonly JsonObject[];
  /** Kinds that were not read, or not everywhere; sorted. */
  readonly unread: readonly UnreadOwner[];
}

/** A kind of owner that was not read. */
export interface UnreadOwner extends GroupKind {
  /** Undefined when the server does not say how the kind is listed. */
  readonly type: ResourceType | undefined;
  readonly reason: ListRefusal;
}

/** Kinds whose owner can be another workload (model/directory.ts: the last owner counts). */
const OWNED: ReadonlySet<string> = new Set([
  "CronJob",
  "DaemonSet",
  "Deployment",
  "Job",
  "Pod",
  "ReplicaSet",
  "ReplicationController",
  "StatefulSet",
]);

/** An operator has a kind or two; more than this is a cluster that uses owners for something else. */
const MOST_KINDS = 12;
const MOST_OBJECTS = 2000;
/** A pod's owner, the owner of that, and so on. */
const MOST_STEPS = 4;

/**
 * Reads the kinds that own what makes pods and were not listed, as long as they are few, then their owners in turn.
 *
 * @param known what was listed
 * @param atOnce lists under way at one time
 */
export async function readOwners(known: readonly JsonObject[], reader: Reader, atOnce: number): Promise<FurtherOwners> {
  const objects: JsonObject[] = [];
  const unread: UnreadOwner[] = [];
  const done = new Set(LISTED_KINDS.flatMap(({ groups, kind }) => groups.map((group) => keyOf({ group, kind }))));
  const listed = done.size;
  let next = ownersOf(
    known.filter((value) => OWNED.has(groupAndKind(value).kind)),
    done,
  );
  for (let step = 0; step < MOST_STEPS && next.length > 0; step++) {
    const room = MOST_KINDS - (done.size - listed);
    unread.push(...next.slice(room).map(beyond));
    const read = await inParallel(next.slice(0, room), atOnce, async (owner) => await readOwner(owner, reader));
    const found = read.flatMap((one) => one.objects);
    unread.push(...read.flatMap((one) => one.unread));
    for (const owner of next) done.add(keyOf(owner));
    objects.push(...found);
    next = ownersOf(found, done);
  }
  return { objects, unread: unread.toSorted(by(keyOf)) };
}

/** Kinds that control some objects, those that control most first. */
function ownersOf(values: readonly JsonObject[], done: ReadonlySet<string>): readonly GroupKind[] {
  const counts = new Map<string, { readonly owner: GroupKind; count: number }>();
  for (const value of values) {
    const owner = controllerOf(value);
    if (owner === undefined || done.has(keyOf(owner))) continue;
    const entry = counts.get(keyOf(owner)) ?? { owner, count: 0 };
    entry.count += 1;
    counts.set(keyOf(owner), entry);
  }
  const sorted = [...counts.values()].toSorted(by(({ owner }) => keyOf(owner)));
  return sorted.toSorted((a, b) => b.count - a.count).map(({ owner }) => owner);
}

async function readOwner(owner: GroupKind, reader: Reader): Promise<FurtherOwners> {
  const answer = await reader.api.typesIn(owner.group, reader.signal);
  const type = answer.kind === "untold" ? undefined : answer.types.find(({ kind }) => kind === owner.kind);
  if (type === undefined) {
    const message = answer.kind === "untold" ? answer.message : "no such kind is served";
    return { objects: [], unread: [{ ...owner, type, reason: { kind: "absent", message } }] };
  }
  const { objects, refusal } = await readType(type, reader, MOST_OBJECTS);
  return { objects, unread: refusal === undefined ? [] : [{ ...owner, type, reason: refusal }] };
}

function beyond(owner: GroupKind): UnreadOwner {
  return { ...owner, type: undefined, reason: { kind: "failed", message: `more than ${MOST_KINDS} kinds own pods` } };
}

function keyOf({ group, kind }: GroupKind): string {
  return `${group}/${kind}`;
}
