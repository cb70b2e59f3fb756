import { isSameData } from "../../lib/equal.ts";
import { by } from "../../lib/sort.ts";
import type { AuditStage } from "../../model/access.ts";
import type { Finding } from "../../model/finding.ts";
import type { ManifestObject, ManifestPath } from "../../model/manifest-object.ts";
import type { AuditPolicy, AuditRule } from "../../model/rbac.ts";
import type { FieldProblem } from "../manifests/text-fields.ts";
import { groupOf } from "../objects/fields.ts";
import { FieldReader } from "./field-reader.ts";

const GROUP = "audit.k8s.io";
const LEVELS = ["None", "Metadata", "Request", "RequestResponse"] as const;
const STAGES: readonly AuditStage[] = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"];
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/u;

/** True for the audit Policy of an API server, of any version. */
export function isAuditPolicy({ apiVersion, kind }: Pick<ManifestObject, "apiVersion" | "kind">): boolean {
  return kind === "Policy" && groupOf(apiVersion) === GROUP;
}

/** The one audit Policy among objects; undefined where there is none, or not one that counts. */
export function readAuditPolicies(objects: readonly ManifestObject[]): {
  readonly policy: AuditPolicy | undefined;
  readonly findings: readonly Finding[];
} {
  const read = objects.filter(isAuditPolicy).map((object) => ({ object, ...readAuditPolicy(object) }));
  const findings = read
    .flatMap(({ object, problems }) => problems.map((problem) => refusedFinding(object, problem)))
    .toSorted(by(({ message }) => message));
  const good = read.filter(({ problems }) => problems.length === 0);
  const [first] = good;
  if (first === undefined) return { policy: undefined, findings };
  if (good.every(({ policy }) => isSameData(policy, first.policy))) return { policy: first.policy, findings };
  return { policy: undefined, findings: [...findings, severalFinding(good.map(({ object }) => object))] };
}

/** Checked as the API server does before it starts (k8s.io/apiserver, pkg/apis/audit/validation, pkg/audit/policy). */
function readAuditPolicy(object: ManifestObject): {
  readonly policy: AuditPolicy;
  readonly problems: readonly FieldProblem[];
} {
  const fields = new FieldReader(object.value);
  if (object.apiVersion !== `${GROUP}/v1`) {
    fields.refuse(["apiVersion"], `${object.apiVersion} is read by no supported version; write ${GROUP}/v1`);
  }
  const everywhere = readStages(fields, ["omitStages"]);
  const rules = fields.mappings(["rules"]).map((path) => readRule(fields, path, everywhere));
  if (rules.length === 0) fields.refuse(["rules"], "must contain at least one rule");
  return { policy: { rules }, problems: fields.problems };
}

function readRule(fields: FieldReader, path: ManifestPath, everywhere: readonly AuditStage[]): AuditRule {
  const level = fields.text([...path, "level"]);
  const known = LEVELS.find((one) => one === level);
  if (known === undefined) {
    fields.refuse(
      [...path, "level"],
      `${JSON.stringify(level)} must be ${LEVELS.slice(0, -1).join(", ")} or RequestResponse`,
    );
  }
  const texts = (key: string): readonly string[] | undefined => some(fields.texts([...path, key]));
  const rule = {
    users: texts("users"),
    userGroups: texts("userGroups"),
    verbs: texts("verbs"),
    resources: some(fields.mappings([...path, "resources"]).map((at) => readResources(fields, at))),
    namespaces: texts("namespaces"),
    nonResourceURLs: texts("nonResourceURLs"),
    omitStages: some([...new Set([...everywhere, ...readStages(fields, [...path, "omitStages"])])]),
  };
  refuseUrls(fields, [...path, "nonResourceURLs"], rule.nonResourceURLs ?? []);
  if (rule.nonResourceURLs !== undefined && (rule.resources !== undefined || rule.namespaces !== undefined)) {
    fields.refuse([...path, "nonResourceURLs"], "a rule is about resources or about paths, never about both");
  }
  return withoutAbsent({ level: known ?? "None", ...rule });
}

type Written<T> = { readonly [Key in keyof T]: T[Key] | undefined };

/** Absent lists match everything, and so do empty ones. */
function some<Item>(list: readonly Item[]): readonly Item[] | undefined {
  return list.length === 0 ? undefined : list;
}

function withoutAbsent({
  level,
  ...lists
}: { readonly level: AuditRule["level"] } & Written<Omit<AuditRule, "level">>): AuditRule {
  return { level, ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list !== undefined)) };
}

function readResources(fields: FieldReader, path: ManifestPath): NonNullable<AuditRule["resources"]>[number] {
  const group = fields.text([...path, "group"]);
  if (group !== "" && group !== "*" && !SUBDOMAIN.test(group)) {
    fields.refuse([...path, "group"], `${JSON.stringify(group)} is no API group; a version does not belong there`);
  }
  const resources = fields.texts([...path, "resources"]);
  const resourceNames = fields.texts([...path, "resourceNames"]);
  if (resourceNames.length > 0 && resources.length === 0) {
    fields.refuse([...path, "resourceNames"], "names need at least one resource");
  }
  return { group, resources, resourceNames };
}

function readStages(fields: FieldReader, path: ManifestPath): readonly AuditStage[] {
  return fields.items(path).flatMap((item) => {
    const written = fields.text(item);
    const stage = STAGES.find((one) => one === written);
    if (stage === undefined) fields.refuse(item, `${JSON.stringify(written)} must be one of ${STAGES.join(", ")}`);
    return stage ?? [];
  });
}

function refuseUrls(fields: FieldReader, path: ManifestPath, urls: readonly string[]): void {
  for (const [index, url] of urls.entries()) {
    if (url === "*") continue;
    if (!url.startsWith("/")) fields.refuse([...path, index], `${JSON.stringify(url)} must begin with "/"`);
    if (url.slice(0, -1).includes("*"))
      fields.refuse([...path, index], `${JSON.stringify(url)} may have "*" only at its end`);
  }
}

function refusedFinding(object: ManifestObject, { path, problem }: FieldProblem): Finding {
  return {
    code: "audit-policy-refused",
    severity: "warning",
    about: undefined,
    message: `${object.file}:${object.lineOf(path)}: audit Policy: ${problem}. No API server starts with it, so it is left out.`,
    choice: "Give the Policy that the API server runs with (--audit-policy-file).",
  };
}

function severalFinding(objects: readonly ManifestObject[]): Finding {
  const places = objects.map((object) => `${object.file}:${object.lineOf([])}`).toSorted();
  return {
    code: "audit-policies-differ",
    severity: "warning",
    about: undefined,
    message: `There are several audit Policies, and they differ: ${places.join(", ")}. Which one counts is not known, so none does.`,
    choice: "Give only the one that the API server runs with.",
  };
}
