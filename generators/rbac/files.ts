import { safeName } from "../../src/lib/safe-name.ts";
import { by } from "../../src/lib/sort.ts";
import type { AccessPolicySet } from "../../src/model/access-policy.ts";
import type { BindingManifest, RbacManifest, RbacSubject } from "../../src/model/rbac.ts";
import { rbacManifests } from "./rbac.ts";

/** The objects that are written into one file: those of one subject in one namespace, or in the whole cluster. */
export interface RbacFile {
  /** `NAMESPACE/rbac-NAME.yaml`, or `cluster/cluster-rbac-NAME.yaml`, below the output directory. */
  readonly path: string;
  readonly manifests: readonly RbacManifest[];
}

/** A policy set as files, sorted by path; each object once. */
export function rbacFiles(set: AccessPolicySet): RbacFile[] {
  const manifests = rbacManifests(set);
  const subjects = subjectsOfRoles(manifests);
  const files = Map.groupBy(manifests, (manifest) => pathOf(manifest, subjects));
  return [...files].map(([path, all]) => ({ path, manifests: all })).toSorted(by(({ path }) => path));
}

/** Whom each role is for, as the bindings to it tell. */
function subjectsOfRoles(manifests: readonly RbacManifest[]): ReadonlyMap<string, RbacSubject> {
  const bindings = manifests.filter((manifest) => "roleRef" in manifest);
  return new Map(
    bindings.flatMap((binding) => {
      const [subject] = binding.subjects;
      return subject === undefined ? [] : [[roleKey(binding), subject] as const];
    }),
  );
}

function pathOf(manifest: RbacManifest, subjects: ReadonlyMap<string, RbacSubject>): string {
  const namespace = manifest.metadata.namespace ?? "";
  const key = JSON.stringify([manifest.kind, namespace, manifest.metadata.name]);
  const subject = "roleRef" in manifest ? manifest.subjects[0] : subjects.get(key);
  const name = subject === undefined ? safeName(manifest.metadata.name) : fileName(subject, namespace);
  // A namespace may be called cluster: the files of neither are ever called like the other's.
  return namespace === "" ? `cluster/cluster-rbac-${name}.yaml` : `${namespace}/rbac-${name}.yaml`;
}

/** `_` stands in no name of an account or namespace, so that no two subjects share a file. */
function fileName(subject: RbacSubject, namespace: string): string {
  if (subject.kind !== "ServiceAccount") return `group__${safeName(subject.name)}`;
  const own = subject.namespace ?? "";
  return namespace === own ? safeName(subject.name) : `${own}_${safeName(subject.name)}`;
}

function roleKey({ metadata, roleRef }: BindingManifest): string {
  return JSON.stringify([roleRef.kind, roleRef.kind === "Role" ? (metadata.namespace ?? "") : "", roleRef.name]);
}
