import { byText } from "../../lib/sort.ts";
import type { Finding } from "../../model/finding.ts";
import type { ListRefusal } from "../../model/kubernetes-api.ts";
import { type ListedKind, resourceName } from "./listed-kinds.ts";
import type { UnreadOwner } from "./owners.ts";
import type { TypeReading } from "./read-kind.ts";

/** What came of reading one kind. */
export interface KindReading {
  readonly kind: ListedKind;
  /** The group that has it. */
  readonly group: string;
  /** Undefined when the cluster has no such kind. */
  readonly reading: TypeReading | undefined;
}

/**
 * What a person should know about what was not read: one notice a kind, what is not installed in one for all.
 *
 * @param cluster its name, for the notices
 */
export function noticesOf(
  cluster: string,
  kinds: readonly KindReading[],
  unread: readonly UnreadOwner[],
): readonly Finding[] {
  return [
    ...kinds.flatMap((kind) => kindNotices(cluster, kind)),
    ...onlyInNotice(cluster, kinds),
    ...notInstalledNotice(cluster, kinds),
    ...unread.map((owner) => ownerNotice(cluster, owner)),
  ];
}

function kindNotices(cluster: string, { kind, group, reading }: KindReading): readonly Finding[] {
  const name = resourceName(group, kind.resource);
  const malformed = reading === undefined ? 0 : reading.malformed;
  const notices = malformed === 0 ? [] : [malformedNotice(cluster, name, malformed)];
  const refusal = refusalOf(kind, reading);
  return refusal === undefined ? notices : [...notices, refusalNotice(cluster, { kind, group, reading, refusal })];
}

/** A kind that only comes with something else may be absent without further words. */
function refusalOf(kind: ListedKind, reading: TypeReading | undefined): ListRefusal | undefined {
  const refusal = reading === undefined ? ({ kind: "absent", message: "" } as const) : reading.refusal;
  return refusal?.kind === "absent" && !kind.builtIn ? undefined : refusal;
}

interface Refused extends KindReading {
  readonly refusal: ListRefusal;
}

function refusalNotice(about: string, { kind, group, reading, refusal }: Refused): Finding {
  const name = resourceName(group, kind.resource);
  const read = reading?.objects.length ?? 0;
  // What was read of a list that broke off still counts, and nobody should take it for the whole.
  const part = read === 0 ? "" : ` after ${read} of them`;
  const where = reading?.onlyIn === undefined ? "" : " in some of the namespaces";
  switch (refusal.kind) {
    case "forbidden":
      return {
        code: "cluster-kind-forbidden",
        severity: "warning",
        about,
        message: `${name}: forbidden${where}: ${kind.lost}`,
        choice: grant(refusal, group, kind.resource),
      };
    case "absent":
      return {
        code: "cluster-kind-absent",
        severity: "warning",
        about,
        message: `${name}: this cluster has no such kind: ${kind.lost}`,
        choice: "Every cluster of a supported version has it: look whether this is the right server.",
      };
    case "failed":
      return {
        code: "cluster-kind-unread",
        severity: "error",
        about,
        message: `${name}: reading them failed${part} (${refusal.message}): ${kind.lost}`,
        choice: "Try again; if it stays, look at the API server's log.",
      };
  }
}

/** The RBAC rule that would mend it, for whom the server says was refused. */
function grant({ message }: ListRefusal, group: string, resource: string): string {
  const who = /User "([^"]{1,300})"/u.exec(message)?.[1] ?? "the user";
  const rule = `{apiGroups: [${JSON.stringify(group)}], resources: [${JSON.stringify(resource)}], verbs: ["list"]}`;
  return `Grant ${who} the rule ${rule}; docs/cluster-rights.md has all of them.`;
}

function malformedNotice(about: string, name: string, count: number): Finding {
  return {
    code: "cluster-object-malformed",
    severity: "warning",
    about,
    message: `${name}: ${count} entries of the list are no objects and were left out`,
    choice: "Look at what serves this kind: an API server of Kubernetes sends none.",
  };
}

function onlyInNotice(about: string, kinds: readonly KindReading[]): readonly Finding[] {
  const limited = kinds.flatMap(({ kind, group, reading }) =>
    reading?.onlyIn === undefined ? [] : [{ name: resourceName(group, kind.resource), namespaces: reading.onlyIn }],
  );
  const [first] = limited;
  if (first === undefined) return [];
  const names = limited.map(({ name }) => name).toSorted(byText);
  const namespaces = [...new Set(limited.flatMap((one) => one.namespaces))].toSorted(byText);
  return [
    {
      code: "cluster-namespaces-only",
      severity: "warning",
      about,
      message: `read only in ${namespaces.join(", ")}: ${names.join(", ")}; of what other namespaces hold nothing was read`,
      choice: "Grant the ClusterRole of docs/cluster-rights.md to have all of it.",
    },
  ];
}

function notInstalledNotice(about: string, kinds: readonly KindReading[]): readonly Finding[] {
  const names = kinds
    .filter(({ kind, reading }) => !kind.builtIn && (reading === undefined || reading.refusal?.kind === "absent"))
    .map(({ kind, group }) => resourceName(group, kind.resource));
  if (names.length === 0) return [];
  return [
    {
      code: "cluster-kinds-not-installed",
      severity: "info",
      about,
      message: `not installed, so nothing was read of: ${names.toSorted(byText).join(", ")}`,
      choice: undefined,
    },
  ];
}

function ownerNotice(about: string, { group, kind, type, reason }: UnreadOwner): Finding {
  const what = reason.kind === "forbidden" ? "forbidden" : reason.message;
  return {
    code: "cluster-owner-unread",
    severity: "info",
    about,
    message: `${resourceName(group, kind)} owns pods and was not read (${what}): such workloads are known by their pods alone`,
    choice:
      type !== undefined && reason.kind === "forbidden"
        ? grant(reason, type.group, type.resource)
        : "Nothing need be done unless their policies lack something.",
  };
}
