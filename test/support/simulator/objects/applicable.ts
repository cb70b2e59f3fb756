import { type KubeObject, type ObjectMeta, withoutUndefined } from "./object.ts";

/** An object without what only a cluster can give it. */
export interface AppliedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Pick<ObjectMeta, "name" | "namespace" | "labels" | "annotations" | "ownerReferences">;
  readonly [field: string]: unknown;
}

/** The API server makes these itself. */
function isItsOwn({ kind, metadata }: KubeObject): boolean {
  const { namespace, name, labels } = metadata;
  if (kind === "Namespace") return ["default", "kube-node-lease", "kube-public", "kube-system"].includes(name);
  if (kind === "APIService") return labels?.["kube-aggregator.kubernetes.io/automanaged"] !== undefined;
  return namespace === "default" && name === "kubernetes";
}

function withoutKeys(record: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}

function inner(record: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  return (record[key] ?? {}) as Readonly<Record<string, unknown>>;
}

/** The API server makes up a Job's selector and the labels it selects, and refuses any others. */
function jobSpec(spec: Readonly<Record<string, unknown>>): object {
  const template = inner(spec, "template");
  const metadata = inner(template, "metadata");
  const labels = withoutKeys(inner(metadata, "labels"), ["controller-uid", "batch.kubernetes.io/controller-uid"]);
  return { ...withoutKeys(spec, ["selector"]), template: { ...template, metadata: { ...metadata, labels } } };
}

function specOf({ kind, ...rest }: KubeObject): object {
  const spec = inner(rest, "spec");
  if (kind === "Job") return { spec: jobSpec(spec) };
  return rest["spec"] === undefined ? {} : { spec };
}

/**
 * Objects of a dump as one can create them in an empty cluster, in their order: without what the API server makes by
 * itself, and without the metadata and status it would not take. A status goes to the `status` subresource afterwards;
 * owner references carry the uids of the dump, which the created owners do not have.
 */
export function applicable(objects: readonly KubeObject[]): AppliedObject[] {
  const wanted = objects.filter((one) => !isItsOwn(one));
  return withoutUndefined(
    wanted.map((one) => {
      const { name, namespace, labels, annotations, ownerReferences } = one.metadata;
      const { apiVersion, kind } = one;
      const metadata = { name, namespace, labels, annotations, ownerReferences };
      return { apiVersion, kind, metadata, ...withoutKeys(one, ["status", "metadata", "spec"]), ...specOf(one) };
    }),
  );
}
