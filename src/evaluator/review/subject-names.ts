import type { WorkloadName } from "../../model/inferred.ts";
import type { Subject } from "./world.ts";

/** Finds the pods that stand for a workload: those of its template, and single pods that it owns. */
export class SubjectNames {
  readonly #byName: ReadonlyMap<string, readonly Subject[]>;

  constructor(subjects: readonly Subject[]) {
    this.#byName = Map.groupBy(subjects, ({ manifest }) => manifest?.owner ?? "");
  }

  /** Those that policies concern; none where nothing is known of it. */
  of({ namespace, kind, name }: WorkloadName): readonly Subject[] {
    const named = this.#byName.get(`${namespace}/${name}`) ?? [];
    return named.filter(({ manifest, hostNetwork }) => {
      const isOfKind = manifest !== undefined && (manifest.kind === kind || manifest.kind === "Pod");
      return isOfKind && !hostNetwork;
    });
  }
}
