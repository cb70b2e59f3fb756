import { earlier } from "../../lib/sort.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { type PodObject, readPod } from "../objects/pod.ts";

/** One pod from its beginning to its end, however many dumps show it. */
export interface PodLife {
  /** As the newest dump shows it, with the addresses that any shows. */
  readonly pod: PodObject;
  readonly start: number | undefined;
  /** Undefined when it is not known to have ended. */
  readonly end: number | undefined;
}

/**
 * Brings the pods of several dumps together: one uid is one pod, and without uids one name is. Of two pods with one
 * name the first had ended when the second began.
 *
 * @param objects pods only, in order
 */
export function* podLives(objects: readonly ManifestObject[]): Generator<PodLife> {
  let sameName: PodObject[] = [];
  for (const object of objects) {
    const pod = readPod(object);
    if (pod === undefined) continue;
    const [first] = sameName;
    if (first !== undefined && (first.name !== pod.name || first.namespace !== pod.namespace)) {
      yield* livesOf(sameName);
      sameName = [];
    }
    sameName.push(pod);
  }
  yield* livesOf(sameName);
}

function livesOf(pods: readonly PodObject[]): readonly PodLife[] {
  const [first] = pods;
  if (first === undefined) return [];
  if (pods.length === 1) return [{ pod: first, start: first.start, end: first.end }];
  const newestUid = pods.findLast(({ uid }) => uid !== undefined)?.uid;
  const lives = new Map<string | undefined, PodLife>();
  for (const pod of pods) {
    const key = pod.uid ?? newestUid;
    const life = lives.get(key);
    lives.set(key, life === undefined ? { pod, start: pod.start, end: pod.end } : joined(life, pod));
  }
  const ordered = [...lives.values()].toSorted((a, b) => (a.start ?? 0) - (b.start ?? 0));
  return ordered.map((life, at) => {
    const next = ordered.slice(at + 1).find(({ start }) => start !== undefined && start > (life.start ?? start))?.start;
    return { ...life, end: earlier(life.end, next) };
  });
}

function joined(life: PodLife, pod: PodObject): PodLife {
  const addresses = [...new Set([...life.pod.addresses, ...pod.addresses])];
  const hostAddresses = [...new Set([...life.pod.hostAddresses, ...pod.hostAddresses])];
  // What a later dump does not tell (a pod without its node, a manifest beside its pod) an earlier one may.
  const merged = {
    ...pod,
    addresses,
    hostAddresses,
    owner: pod.owner ?? life.pod.owner,
    node: pod.node ?? life.pod.node,
  };
  return { pod: merged, start: earlier(life.start, pod.start), end: earlier(life.end, pod.end) };
}
