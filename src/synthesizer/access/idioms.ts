import type { AccessAttributes, ResourceAttributes } from "../../model/access.ts";
import { withName } from "../../model/access-attributes.ts";

/** Why a role holds what clients like these do sooner or later: `origin.because` of idiom lines, and what to tell people. */
export const IDIOMS = {
  "watch-needs-list": "whoever watches lists first, perhaps before the log begins",
  "lease-holder": "whoever keeps a lease gets, creates and updates it",
  "event-writer": "whoever writes events creates them and patches them when they repeat, in either group",
} as const;

/** What such a client does too. */
export interface Idiom {
  readonly attributes: AccessAttributes;
  readonly because: keyof typeof IDIOMS;
}

/** What somebody who did all this does sooner or later (rule 28). */
export function idiomsOf(used: readonly AccessAttributes[]): Idiom[] {
  const resources = used.filter((one) => one.kind === "resource");
  return [...watches(resources), ...leases(resources), ...events(resources)];
}

function watches(used: readonly ResourceAttributes[]): Idiom[] {
  return used
    .filter(({ verb }) => verb === "watch")
    .map((one) => ({ attributes: { ...one, verb: "list" }, because: "watch-needs-list" }));
}

const KEEPING = ["get", "create", "update"];

function leases(used: readonly ResourceAttributes[]): Idiom[] {
  const kept = used.filter(
    ({ apiGroup, resource, subresource, verb }) =>
      apiGroup === "coordination.k8s.io" && resource === "leases" && subresource === "" && KEEPING.includes(verb),
  );
  const named = new Set(kept.filter(({ name }) => name !== "").map(({ namespace }) => namespace));
  return kept
    .filter(({ name, namespace }) => name !== "" || !named.has(namespace))
    .flatMap((one) =>
      KEEPING.map((verb) => ({
        attributes: withName({ ...one, verb }, verb === "create" ? "" : one.name),
        because: "lease-holder" as const,
      })),
    );
}

function events(used: readonly ResourceAttributes[]): Idiom[] {
  const written = used.filter(
    ({ apiGroup, resource, subresource, verb }) =>
      ["", "events.k8s.io"].includes(apiGroup) &&
      resource === "events" &&
      subresource === "" &&
      ["create", "patch"].includes(verb),
  );
  const scopes = new Map(written.map((one) => [one.namespace, one]));
  return [...scopes.values()].flatMap((one) =>
    ["", "events.k8s.io"].flatMap((apiGroup) =>
      ["create", "patch"].map((verb) => ({
        attributes: { ...one, apiGroup, verb, name: "" },
        because: "event-writer" as const,
      })),
    ),
  );
}
