import type { AccessAttributes, AccessGraph, AccessUse, ResourceAttributes } from "../../model/access.ts";
import { withName } from "../../model/access-attributes.ts";
import { type Asker, askerOf } from "./askers.ts";
import type { InForce } from "./in-force.ts";
import type { Inference } from "./inferences.ts";

/** What finding an owner's rights depends on. */
export interface OwnerContext {
  readonly inForce: InForce;
  /** Resources that were used in a namespace, `RESOURCE.GROUP`. */
  readonly namespaced: ReadonlySet<string>;
}

/** Resources whose objects are in namespaces, as uses show it: `RESOURCE.GROUP`. */
export function namespacedResources({ uses }: AccessGraph): ReadonlySet<string> {
  // What was refused changes nothing.
  const allowed = uses.filter(({ outcome }) => outcome !== "denied");
  const attributes = allowed.map((use) => use.attributes).filter((one) => one.kind === "resource");
  const inNamespaces = attributes.filter(({ namespace, resource }) => namespace !== "" && resource !== "namespaces");
  return new Set(inNamespaces.map(plainName));
}

/**
 * An object tells the kind of its owner, and neither its resource nor whether it is in a namespace; the API server asks for
 * the owner's name, in the owner's namespace or in none (kubernetes, plugin/pkg/admission/gc). What the state in force gives of
 * all that stands in place of the guess; the guess alone where it gives nothing.
 */
export function ownersInForce(inference: Inference, use: AccessUse, context: OwnerContext): readonly Inference[] {
  const [guess] = inference.anyOf;
  if (inference.because !== "owner-finalizers" || guess?.kind !== "resource") return [inference];
  const asker = askerOf(use.identity);
  const own = heldOf(guess, asker, context);
  const resources = own.length > 0 ? [] : resourcesOfGroup(guess, asker, context);
  const held = [...own, ...resources.flatMap((resource) => heldOf({ ...guess, resource }, asker, context))];
  return held.length === 0 ? [inference] : held.map((one) => ({ ...inference, anyOf: [one] }));
}

/** Groups of Kubernetes with nothing in them that is in no namespace. */
const WORKLOADS: ReadonlySet<string> = new Set(["apps", "batch"]);

/** What is in force of the finalizers of a resource: everywhere unless it is known to be in namespaces, any name or some. */
function heldOf(finalizers: ResourceAttributes, asker: Asker, context: OwnerContext): readonly AccessAttributes[] {
  const { inForce, namespaced } = context;
  const here = finalizers.namespace;
  const isInNamespace = WORKLOADS.has(finalizers.apiGroup) || namespaced.has(plainName(finalizers));
  const scopes = isInNamespace ? [here] : ["", here];
  for (const namespace of new Set(scopes)) {
    const any = { ...finalizers, namespace, name: "" };
    const names = inForce.namesFor(asker, any).map((name) => withName(any, name));
    const held = [any, ...names].filter((one) => inForce.allows(asker, one) === "yes");
    // Any name holds all others.
    if (held.length > 0) return held.includes(any) ? [any] : held;
  }
  return [];
}

/** The resources of a group whose finalizers rules name, whatever the owner's kind is called in the plural. */
function resourcesOfGroup(guess: ResourceAttributes, asker: Asker, { inForce }: OwnerContext): readonly string[] {
  const rules = inForce.heldBy(asker).flatMap((reached) => reached.rules ?? []);
  const ofGroup = rules.filter(({ apiGroups = [] }) => apiGroups.includes(guess.apiGroup));
  const named = ofGroup.flatMap(({ resources = [] }) => resources);
  const suffix = `/${guess.subresource}`;
  const found = named.filter((text) => text.endsWith(suffix)).map((text) => text.slice(0, -suffix.length));
  return [...new Set(found)].filter((resource) => resource !== "*").toSorted();
}

function plainName({ resource, apiGroup }: ResourceAttributes): string {
  return `${resource}.${apiGroup}`;
}
