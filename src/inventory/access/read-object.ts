import type { ManifestObject } from "../../model/manifest-object.ts";
import type { KnownBinding, RbacMetadata } from "../../model/rbac.ts";
import { type FieldProblem, textProblems } from "../manifests/text-fields.ts";
import { fieldOf, groupOf, textOf, timeOf } from "../objects/fields.ts";
import { readLabels } from "../objects/object-labels.ts";
import { type ReadRole, readSelectors } from "./aggregation.ts";
import { FieldReader } from "./field-reader.ts";
import { keeperOf } from "./keeper.ts";
import { nameProblem, readRoleRef, readSubjects } from "./read-binding.ts";
import { readRules } from "./read-rules.ts";

const GROUP = "rbac.authorization.k8s.io";
const VERSION = `${GROUP}/v1`;

/** The kinds of RBAC. */
export const RBAC_KINDS = ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"] as const;
export type RbacKind = (typeof RBAC_KINDS)[number];

/** What an object turned out to be. */
export type ReadObject =
  | { readonly kind: "role"; readonly read: ReadRole }
  | { readonly kind: "binding"; readonly binding: KnownBinding }
  | { readonly kind: "refused"; readonly problems: readonly FieldProblem[] };

/** What the object does not say of itself. */
export interface ObjectContext {
  readonly place: string;
  /** True where a manifest holds it too. */
  readonly isWritten: boolean;
}

/** The kind of an object of RBAC in any version; undefined for every other object. */
export function rbacKindOf({ apiVersion, kind }: Pick<ManifestObject, "apiVersion" | "kind">): RbacKind | undefined {
  return groupOf(apiVersion) === GROUP ? RBAC_KINDS.find((one) => one === kind) : undefined;
}

/** True for what an API server showed: it was taken. */
export function isLive({ value }: Pick<ManifestObject, "value">): boolean {
  return textOf(fieldOf(value, "metadata"), "uid") !== undefined;
}

/** Reads a Role, ClusterRole or binding, and checks it as the API server would. */
export function readObject(object: ManifestObject, kind: RbacKind, context: ObjectContext): ReadObject {
  const fields = new FieldReader(object.value);
  const isNamespaced = kind === "Role" || kind === "RoleBinding";
  const metadata = readMetadata(object, fields, isNamespaced);
  const known = {
    createdAt: timeOf(fieldOf(object.value, "metadata"), "creationTimestamp"),
    keeper: keeperOf(object.value, context.isWritten),
    place: context.place,
  };
  const read = kind === "Role" || kind === "ClusterRole" ? readRole(object, fields, kind) : readBinding(fields, kind);
  const problems = [...textProblems(object, undefined), ...fields.problems];
  if (problems.length > 0) return { kind: "refused", problems };
  if ("role" in read) {
    const role = { apiVersion: VERSION, metadata, ...read.role, ...known } as const;
    return { kind: "role", read: { role, selectors: read.selectors } };
  }
  return { kind: "binding", binding: { apiVersion: VERSION, metadata, ...read, ...known } };
}

function readRole({ value }: ManifestObject, fields: FieldReader, kind: "Role" | "ClusterRole") {
  const selectors = kind === "ClusterRole" ? readSelectors(fields) : undefined;
  const written = readRules(fields, kind === "Role");
  const isAggregated = selectors !== undefined;
  // What a manifest says there is overwritten by the controller.
  return { role: { kind, rules: isAggregated && !isLive({ value }) ? [] : written, isAggregated }, selectors };
}

function readBinding(fields: FieldReader, kind: "RoleBinding" | "ClusterRoleBinding") {
  const isNamespaced = kind === "RoleBinding";
  return { kind, roleRef: readRoleRef(fields, isNamespaced), subjects: readSubjects(fields, isNamespaced) };
}

function readMetadata(object: ManifestObject, fields: FieldReader, isNamespaced: boolean): RbacMetadata {
  const { name = "", namespace, value } = object;
  const metadata = fieldOf(value, "metadata");
  refuseHead(object, fields);
  const labels = readLabels(fieldOf(metadata, "labels")) ?? {};
  const annotations = readLabels(fieldOf(metadata, "annotations")) ?? {};
  return {
    name,
    ...(isNamespaced ? { namespace } : {}),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  };
}

function refuseHead(object: ManifestObject, fields: FieldReader): void {
  const { apiVersion, name } = object;
  if (apiVersion !== VERSION && !isLive(object)) {
    fields.refuse(["apiVersion"], `${apiVersion} is served by no supported version; write ${VERSION}`);
  }
  // What is there and no text is said with all other texts.
  const isNoText = name === undefined && fields.has(["metadata", "name"]);
  const problem = isNoText ? undefined : nameProblem(name ?? "");
  if (problem !== undefined) fields.refuse(["metadata", "name"], problem);
}
