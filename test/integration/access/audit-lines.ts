/** One event of the log, as far as these tests look at it. */
export interface AuditEvent {
  readonly auditID: string;
  readonly stage: string;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: { readonly username?: string };
  readonly impersonatedUser?: object;
  readonly responseStatus?: { readonly code?: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The lines of a log, each with what it says. */
export function eventsOf(log: string): readonly (readonly [line: string, event: AuditEvent])[] {
  return log
    .trimEnd()
    .split("\n")
    .map((line) => [line, JSON.parse(line)]);
}

/** What the log would be for servers, policies and pipelines that are otherwise: nothing of it tells more or less of what was used. */
export const OTHERWISE: readonly (readonly [what: string, of: (log: string) => string])[] = [
  ["without the requests that were refused", (log) => keep(log, (event) => !isRefused(event))],
  ["without the first stage, as most policies have it", (log) => keep(log, ({ stage }) => stage !== "RequestReceived")],
  ["with every line twice", (log) => `${log}${log}`],
  ["backwards", (log) => joined(log.trimEnd().split("\n").toReversed())],
  ["with its lines in the order of their text", (log) => joined(log.trimEnd().split("\n").toSorted())],
];

function isRefused({ stage, annotations, responseStatus }: AuditEvent): boolean {
  const decision = annotations?.["authorization.k8s.io/decision"];
  return (
    stage !== "RequestReceived" && (decision === "forbid" || (decision === undefined && responseStatus?.code === 403))
  );
}

function keep(log: string, isKept: (event: AuditEvent) => boolean): string {
  return joined(eventsOf(log).flatMap(([line, event]) => (isKept(event) ? [line] : [])));
}

function joined(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
