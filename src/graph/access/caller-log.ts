import { byText } from "../../lib/sort.ts";
import type { AccessRecord, Caller } from "../../model/access.ts";
import { Kept } from "./kept.ts";

type Pod = Caller["pods"][number];

const PODS_KEPT = 64;

/** Where the requests of somebody came from: a bounded number of pods, the same ones whatever the order. */
export class CallerLog {
  readonly pods: Kept<Pod> = new Kept(PODS_KEPT);
  hasMorePods = false;
  usesLegacyToken = false;
  usesStaleToken = false;
  #latest: Pod | undefined;

  add({ pod, token }: AccessRecord): void {
    if (pod !== undefined) this.addPod(pod);
    if (token === "legacy") this.usesLegacyToken = true;
    else if (token === "stale") this.usesStaleToken = true;
  }

  addPod(pod: Pod): void {
    const latest = this.#latest;
    // Most requests of somebody come from one pod.
    if (latest !== undefined && latest.name === pod.name && latest.namespace === pod.namespace) return;
    this.#latest = pod;
    const key = `${pod.namespace}/${pod.name}`;
    if (this.pods.get(key) !== undefined) return;
    if (!this.pods.admits(key)) this.hasMorePods = true;
    else if (this.pods.put(key, { namespace: pod.namespace, name: pod.name }) !== undefined) this.hasMorePods = true;
  }

  /** Adds what another log says of the same caller. */
  merge({ pods, hasMorePods, usesLegacyToken, usesStaleToken }: Omit<Caller, "username">): void {
    for (const pod of pods) this.addPod(pod);
    this.hasMorePods ||= hasMorePods;
    this.usesLegacyToken ||= usesLegacyToken;
    this.usesStaleToken ||= usesStaleToken;
  }

  /** As people and reports see it; pods in the order of their names. */
  caller(username: string): Caller {
    return {
      username,
      pods: this.pods.values().toSorted((a, b) => byText(a.namespace, b.namespace) || byText(a.name, b.name)),
      hasMorePods: this.hasMorePods,
      usesLegacyToken: this.usesLegacyToken,
      usesStaleToken: this.usesStaleToken,
    };
  }
}
