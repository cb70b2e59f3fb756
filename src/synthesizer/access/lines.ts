import { sortedBy } from "../../lib/sort.ts";
import type { AccessAttributes, ResourceAttributes } from "../../model/access.ts";
import { nameOf, withName } from "../../model/access-attributes.ts";
import type { AccessLine, AccessOrigin } from "../../model/access-policy.ts";
import type { RbacSubject } from "../../model/rbac.ts";
import { askerOfSubject } from "./askers.ts";
import { attributesKey, familyKey } from "./attributes.ts";
import { mergeEvidence } from "./evidence.ts";
import { type InForce } from "./in-force.ts";
import type { Want } from "./ledger.ts";
import type { AccessOptions } from "./options.ts";
import { riskOf } from "./risks.ts";
import { isUrlMatched } from "./rule-matching.ts";
import { isChurned, isFreeText, isStable } from "./stable-names.ts";

/** What deciding on names depends on. */
interface NamingContext {
  readonly inForce: InForce;
  readonly options: AccessOptions;
}

/** What one subject's roles hold, line by line: nothing twice, nothing that a wider line allows; sorted. */
export function linesOf(subject: RbacSubject, wants: readonly Want[], context: NamingContext): AccessLine[] {
  const families = Map.groupBy(wants, ({ attributes }) => familyKey(attributes));
  const lines = [...families.values()].flatMap((family) => linesOfFamily(subject, family, context));
  return sortedBy(dropCovered(lines), ({ attributes }) => attributesKey(attributes));
}

/** Wants that differ in their name alone: one line for any, or one for each name (rules 51 to 53). */
function linesOfFamily(subject: RbacSubject, family: readonly Want[], context: NamingContext): AccessLine[] {
  const names = Map.groupBy(family, ({ attributes }) => nameOf(attributes));
  const [want] = family;
  if (want === undefined) return [];
  const unnamed = family.filter(({ attributes, isMany }) => nameOf(attributes) === "" && !isMany);
  if (unnamed.length > 0) {
    // That names were seen does not make any name seen.
    return [absorb(lineOf(withName(want.attributes, ""), unnamed, undefined), family)];
  }
  const many = family.find(({ isMany }) => isMany);
  const kept = [...names.keys()].filter((name) => name !== "" && name !== "*");
  if (many !== undefined) return [lineOf(many.attributes, family, kept.length)];
  if (want.attributes.kind === "resource") {
    const any = { ...want.attributes, name: "" };
    if (isOwnNamespace(want.attributes) && mayWiden(subject, any, context)) return [lineOf(any, family, undefined)];
    const isFree = isFreeText(any, kept.length) && context.inForce.isKnown;
    if ((isFree || isUnstable(family, kept.length, context.options)) && mayWiden(subject, any, context)) {
      return [lineOf(any, family, kept.length)];
    }
  }
  return [...names].map(([name, ofName]) => lineOf(withName(want.attributes, name), ofName, undefined));
}

/** In a namespace there is one Namespace object, its own: any name is that name (rule 16). */
function isOwnNamespace({ apiGroup, resource, namespace, name }: ResourceAttributes): boolean {
  return apiGroup === "" && resource === "namespaces" && namespace !== "" && namespace === name;
}

/** Names that will not do tomorrow. What is dangerous keeps its names wherever objects keep theirs. */
function isUnstable(family: readonly Want[], count: number, options: AccessOptions): boolean {
  const resources = family.map(({ attributes }) => attributes).filter(({ kind }) => kind === "resource");
  return resources.some((attributes) => {
    if (attributes.kind !== "resource") return false;
    if (riskOf(attributes) !== undefined) return isChurned(attributes) && !isStable(attributes, options.stableNames);
    return count > options.maxNames || !isStable(attributes, options.stableNames);
  });
}

/** Never more than is in force. Where nobody knows the state, names that won't do tomorrow are of no use to anybody. */
function mayWiden(subject: RbacSubject, any: ResourceAttributes, { inForce }: NamingContext): boolean {
  return !inForce.isKnown || inForce.allows(askerOfSubject(subject), any) === "yes";
}

const ORIGINS: readonly AccessOrigin["kind"][] = ["observed", "granted", "inferred", "idiom"];

function lineOf(attributes: AccessAttributes, wants: readonly Want[], widenedFrom: number | undefined): AccessLine {
  const origins = sortedBy(
    wants.map(({ origin }) => origin),
    (origin) => `${ORIGINS.indexOf(origin.kind)} ${origin.kind === "observed" ? "" : origin.because}`,
  );
  return {
    attributes,
    origin: origins[0] ?? { kind: "observed" },
    evidence: mergeEvidence(wants.map(({ evidence }) => evidence)),
    widenedFrom,
    risk: riskOf(attributes),
  };
}

/** Lines that another one of the subject allows too go; what was seen of them counts for the wider one. */
function dropCovered(lines: readonly AccessLine[]): AccessLine[] {
  const byKey = new Map(lines.map((line) => [attributesKey(line.attributes), line]));
  const patterns = lines.filter(
    ({ attributes }) => attributes.kind === "non-resource" && attributes.path.endsWith("*"),
  );
  const covered = Map.groupBy(lines, (line) => coverOf(line, byKey, patterns) ?? line);
  return [...covered].map(([line, all]) => absorb(line, all));
}

/** What was seen of all counts for the line; why it is there does not change. */
function absorb(line: AccessLine, all: readonly Pick<AccessLine, "evidence">[]): AccessLine {
  return { ...line, evidence: mergeEvidence(all.map(({ evidence }) => evidence)) };
}

/** The widest line that allows the same. */
function coverOf(
  { attributes }: AccessLine,
  byKey: ReadonlyMap<string, AccessLine>,
  patterns: readonly AccessLine[],
): AccessLine | undefined {
  if (attributes.kind === "non-resource") {
    const { path, verb } = attributes;
    const wide = patterns.filter((one) => one.attributes.verb === verb && isUrlMatched(nameOf(one.attributes), path));
    return sortedBy(wide, (one) => String(nameOf(one.attributes).length).padStart(6, "0"))[0];
  }
  const wider = [
    { ...attributes, namespace: "", name: "" },
    { ...attributes, namespace: "" },
    { ...attributes, name: "" },
  ];
  return wider.map((one) => byKey.get(attributesKey(one))).find((one) => one !== undefined);
}
