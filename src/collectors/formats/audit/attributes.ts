import type { AccessAttributes, ResourceAttributes } from "../../../model/access.ts";
import type { Faults } from "../faults.ts";
import type { Fields } from "../json.ts";
import { preview } from "../json.ts";
import { selectedName } from "./field-selector.ts";
import { text } from "./fields.ts";
import type { UriRequest, UriTarget } from "./request-uri.ts";
import { readUri } from "./request-uri.ts";

/** What an event says about what was asked for. */
export interface Asked {
  readonly verb: string;
  /** `requestURI`; empty where the source does not tell. */
  readonly uri: string;
  readonly objectRef: Fields | undefined;
}

/** What the authorizer was asked, and the query beside it. */
export interface Request {
  readonly attributes: AccessAttributes;
  readonly query: string;
}

type Target = Omit<UriTarget, "prefix">;

/**
 * What the authorizer was asked. The URI tells, since an event's `objectRef` is filled up from the body afterwards; the two
 * have to agree in all the rest, else the event is broken or was edited. Without a URI `objectRef` alone tells.
 *
 * @param faults hears of a contradiction, with what both say; then what is given back means nothing
 */
export function requestOf({ verb, uri, objectRef }: Asked, faults: Faults): Request {
  const reference = objectRef === undefined ? undefined : readReference(objectRef, faults);
  if (uri === "") {
    return { attributes: byReference(verb, reference, faults), query: "" };
  }
  const request = readUri(uri);
  const { path, query, target } = request;
  if (target === undefined) {
    if (reference !== undefined) {
      faults.add("objectRef.resource", reference.resource, `absent: requestURI ${preview(uri)} names no resource`);
    }
    return { attributes: { kind: "non-resource", verb: verb.toLowerCase(), path }, query };
  }
  if (reference === undefined) {
    faults.add("objectRef", objectRef, `the resource that requestURI ${preview(uri)} names`);
    return { attributes: resourceAttributes(verb, target), query };
  }
  const asked = verb === "head" || verb === "HEAD" ? verbOfHead(target, query) : verb;
  checkVerb(asked, target, faults);
  return { attributes: byBoth(asked, request, target, { reference, uri, faults }), query };
}

/** Undefined where it names nothing: some writers leave an empty object. */
function readReference(objectRef: Fields, faults: Faults): Target | undefined {
  const resource = text(objectRef["resource"], "objectRef.resource", faults);
  const target = {
    apiGroup: text(objectRef["apiGroup"], "objectRef.apiGroup", faults),
    resource,
    subresource: text(objectRef["subresource"], "objectRef.subresource", faults),
    namespace: text(objectRef["namespace"], "objectRef.namespace", faults),
    name: text(objectRef["name"], "objectRef.name", faults),
  };
  return resource === "" ? undefined : target;
}

function byReference(verb: string, reference: Target | undefined, faults: Faults): AccessAttributes {
  if (reference === undefined) {
    faults.add("requestURI", undefined, "the path that was asked for, and there is no objectRef either");
    return { kind: "non-resource", verb, path: "" };
  }
  const isNamespace = reference.resource === "namespaces" && reference.apiGroup === "";
  const namespace = isReading(verb) ? "" : reference.name;
  return resourceAttributes(verb, isNamespace ? { ...reference, namespace } : reference);
}

/** A body can be read after the authorizer was asked, so it may have filled what the path left empty. */
const VERBS_WITH_BODY: ReadonlySet<string> = new Set(["create", "update", "patch"]);

interface Agreement {
  readonly reference: Target;
  readonly uri: string;
  readonly faults: Faults;
}

function byBoth(verb: string, request: UriRequest, target: UriTarget, agreement: Agreement): ResourceAttributes {
  agree("apiGroup", target.apiGroup, agreement);
  agree("resource", target.resource, agreement);
  agree("subresource", target.subresource, agreement);
  const mayBeFilled = VERBS_WITH_BODY.has(verb);
  if (target.namespace !== "" || !mayBeFilled) {
    agree("namespace", target.namespace, agreement);
  }
  const { reference } = agreement;
  if (target.name === "" && isReading(verb) && target.prefix === "") {
    // The server looks for a name in the selector, and for none when it can't read the rest of the query.
    const selected = reference.name === "" ? "" : selectedName(request.query);
    agree("name", selected, agreement);
    return resourceAttributes(verb, selected === "" ? target : { ...target, name: selected });
  }
  if (target.name !== "" || !mayBeFilled) {
    agree("name", target.name, agreement);
  }
  return resourceAttributes(verb, target);
}

function agree(name: keyof Target, expected: string, { reference, uri, faults }: Agreement): void {
  if (reference[name] !== expected) {
    faults.add(`objectRef.${name}`, reference[name], `${preview(expected)}, as requestURI ${preview(uri)} says`);
  }
}

/** What is made, or deleted with others, has no name yet, or none any more; and namespaces are made in none. */
function resourceAttributes(verb: string, target: Target): ResourceAttributes {
  const { apiGroup, resource, subresource } = target;
  const isNameless = verb === "deletecollection" || (verb === "create" && subresource === "");
  const name = isNameless ? "" : target.name;
  const isNamespace = resource === "namespaces" && apiGroup === "";
  const namespace = isNamespace && isNameless ? "" : target.namespace;
  return { kind: "resource", verb, apiGroup, resource, subresource, namespace, name };
}

function isReading(verb: string): boolean {
  return verb === "list" || verb === "watch";
}

function verbOfHead(target: UriTarget, query: string): string {
  if (target.prefix !== "" || target.name !== "") {
    return target.prefix === "" ? "get" : target.prefix;
  }
  return /(?:^|&)watch=(?!0(?:&|$)|false(?:&|$))/i.test(query) ? "watch" : "list";
}

const VERBS_OF_ONE: ReadonlySet<string> = new Set(["get", "delete"]);
const VERBS_OF_MANY: ReadonlySet<string> = new Set(["list", "watch", "deletecollection"]);

/** A verb and whether a name stands in the path follow from each other; other verbs may go either way. */
function checkVerb(verb: string, { prefix, name }: UriTarget, faults: Faults): void {
  if (prefix !== "") {
    if (verb !== prefix) {
      faults.add("verb", verb, `${prefix}, as requestURI says`);
    }
  } else if (VERBS_OF_ONE.has(verb) && name === "") {
    faults.add("verb", verb, "one for many objects, which requestURI asks for");
  } else if (VERBS_OF_MANY.has(verb) && name !== "") {
    faults.add("verb", verb, `one for a single object, such as ${preview(name)} in requestURI`);
  }
}
