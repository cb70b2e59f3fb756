import type { Cell, CellKind, RewritePass } from "../model/state.ts";
import { isAccess } from "./access/access-cell.ts";
import { AccessPruning } from "./access/prune-access.ts";
import { type CellBodies, type ReadCell, readCell } from "./cell-bodies.ts";
import { ForgottenPods } from "./forgotten-pods.ts";
import { MS_PER_HOUR } from "./hour-set.ts";
import type { EvidenceText } from "./snapshot-schema.ts";

/** What is to be forgotten. */
export interface PruneOptions {
  /** What was last seen before this time goes, milliseconds since the epoch; undefined: nothing for its age. */
  readonly before: number | undefined;
  /** Everything that names pods of these namespaces goes. */
  readonly namespaces: readonly string[];
}

/** What was forgotten. */
export interface PruneReport {
  /** Cells that went, by kind; kinds of which none did are left out. */
  readonly removed: Readonly<Partial<Record<CellKind, number>>>;
  /** Edges, undecided connections and uses of the API that stay with less evidence. */
  readonly trimmed: number;
}

/** A cell about a connection between sightings. */
type Connection = Extract<ReadCell, { kind: "denial" | "edge" | "pending" }>;

/**
 * Forgets what is old, and namespaces.
 *
 * Edges, refused attempts, undecided connections, quarantine, and the times that pods held addresses go when they were last
 * seen before; what has no time stays. With them go sightings and names that nothing needs any more. A tenancy stays while
 * an address it explains is in something that stays, and a refused attempt while packets that left for it are: forgetting
 * never makes a stranger of a pod, nor an edge of an attempt. What stays is not
 * changed, but for its hours of evidence and the beginning of the window. Counters, rejections and facts about sources stay:
 * they say what was read, and nobody counted them by time or namespace. So does quarantine when a namespace is forgotten.
 * Uses of the Kubernetes API go by the same age; see `access/prune-access.ts`.
 *
 * Pruning and then learning what is newer shows the same edges as the other way round, but for what only old records tell of
 * new ones: whose an address is, and that a connection was refused. The window then begins with what came.
 */
export class Pruning implements RewritePass {
  readonly #before: number | undefined;
  readonly #forgotten: ForgottenPods;
  /** Addresses of bare ends, by their sightings. */
  readonly #addresses = new Map<string, string>();
  /** Sightings and addresses that something which stays names. */
  readonly #needed = new Set<string>();
  readonly #neededAddresses = new Set<string>();
  /** The same that something which goes names; only when nothing goes for its age. */
  readonly #lost = new Set<string>();
  readonly #lostAddresses = new Set<string>();
  /** Tenancies: whether they are needed is known only when everything else was heard. */
  readonly #tenancies: CellBodies["tenancy"][] = [];
  /** 5-tuples that were seen to leave and not to arrive. */
  readonly #forwarded = new Set<number>();
  readonly #access: AccessPruning;
  readonly #oldDenials: Denial[] = [];
  /** Connections of bare addresses, which may be those of forgotten pods. */
  readonly #bare: Connection[] = [];
  #isSurveyed = false;
  readonly #removed = new Map<CellKind, number>();
  #trimmed = 0;

  constructor({ before, namespaces }: PruneOptions) {
    this.#before = before;
    this.#forgotten = new ForgottenPods(namespaces);
    this.#access = new AccessPruning(before, namespaces);
  }

  report(): PruneReport {
    const kinds = [...this.#removed].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return { removed: Object.fromEntries(kinds), trimmed: this.#trimmed };
  }

  survey(cell: Cell): void {
    const read = readCell(cell);
    if (read.kind === "sighting") this.#surveySighting(cell.id, read.body);
    else if (isConnection(read)) this.#surveyConnection(read);
    else if (isAccess(read)) this.#access.survey(read);
    else if (read.kind === "tenancy") {
      this.#forgotten.addTenancy(read.body);
      this.#tenancies.push(read.body);
    }
  }

  decide(cell: Cell): string | undefined {
    if (!this.#isSurveyed) this.#finishSurvey();
    const body = this.#decide(cell);
    if (body === undefined) this.#removed.set(cell.kind, (this.#removed.get(cell.kind) ?? 0) + 1);
    else if (body !== cell.body && cell.kind !== "span") this.#trimmed++;
    return body;
  }

  #surveySighting(id: string, sighting: CellBodies["sighting"]): void {
    if (sighting.kind === "address" && sighting.address !== undefined) this.#addresses.set(id, sighting.address);
    this.#forgotten.addSighting(id, sighting);
  }

  #surveyConnection(read: Connection): void {
    if (this.#isOld(logOf(read).lastSeen)) {
      if (read.kind === "denial") this.#oldDenials.push(read);
      return;
    }
    if (read.kind !== "denial") for (const hash of read.body.evidence.forwarded ?? []) this.#forwarded.add(hash);
    const ends = endsOf(read);
    if (ends.some((end) => this.#forgotten.has(end))) return this.#lose(ends);
    // Which pods held an address is heard later.
    if (this.#forgotten.mayHold && ends.some((end) => this.#addresses.has(end))) this.#bare.push(read);
    else this.#need(ends);
  }

  #finishSurvey(): void {
    this.#isSurveyed = true;
    for (const read of this.#bare) {
      if (this.#isForgotten(read)) this.#lose(endsOf(read));
      else this.#need(endsOf(read));
    }
    this.#bare.length = 0;
    for (const denial of this.#oldDenials) if (this.#keepsOld(denial)) this.#need(endsOf(denial));
    this.#oldDenials.length = 0;
    for (const tenancy of this.#tenancies) if (this.#keeps(tenancy)) this.#needed.add(tenancy.pod);
    this.#tenancies.length = 0;
  }

  #need(ends: readonly string[]): void {
    for (const end of ends) {
      this.#needed.add(end);
      const address = this.#addresses.get(end);
      if (address !== undefined) this.#neededAddresses.add(address);
    }
  }

  #lose(ends: readonly string[]): void {
    if (this.#before !== undefined) return;
    for (const end of ends) {
      this.#lost.add(end);
      const address = this.#addresses.get(end);
      if (address !== undefined) this.#lostAddresses.add(address);
    }
  }

  /** What nothing names any more goes; when only namespaces are forgotten, what nothing named before stays. */
  #isUnneeded(name: string, needed: ReadonlySet<string>, lost: ReadonlySet<string>): boolean {
    return !needed.has(name) && (this.#before !== undefined || lost.has(name));
  }

  #decide(cell: Cell): string | undefined {
    const read = readCell(cell);
    if (isAccess(read)) return this.#access.decide(read, cell.body);
    if (!this.#stays(cell.id, read)) return undefined;
    if (read.kind === "edge" || read.kind === "pending") return this.#trim(cell.body, read);
    return read.kind === "span" ? this.#span(cell.body, read.body) : cell.body;
  }

  #stays(id: string, read: ReadCell): boolean {
    if (isConnection(read)) return this.#staysConnection(read);
    if (read.kind === "sighting") {
      return !this.#forgotten.has(id) && !this.#isUnneeded(id, this.#needed, this.#lost);
    }
    if (read.kind === "name") {
      return !this.#isUnneeded(read.body.address, this.#neededAddresses, this.#lostAddresses);
    }
    if (read.kind === "tenancy") return this.#keeps(read.body);
    if (read.kind === "quarantine") return !this.#isOld(read.body.attempts.lastSeen);
    return read.kind !== "span" || !this.#isOld(read.body.last);
  }

  #staysConnection(read: Connection): boolean {
    if (this.#isOld(logOf(read).lastSeen)) return read.kind === "denial" && this.#keepsOld(read);
    return !this.#isForgotten(read);
  }

  #keepsOld(denial: Denial): boolean {
    return denial.body.attempts.connections.some((hash) => this.#forwarded.has(hash)) && !this.#isForgotten(denial);
  }

  #keeps({ address, pod, last }: CellBodies["tenancy"]): boolean {
    if (this.#forgotten.has(pod)) return false;
    return !this.#isOld(last) || this.#neededAddresses.has(address);
  }

  #isForgotten(read: Connection): boolean {
    const log = logOf(read);
    return endsOf(read).some((end) => {
      return this.#forgotten.has(end) || this.#forgotten.held(this.#addresses.get(end), end, log);
    });
  }

  #isOld(lastSeen: number | undefined): boolean {
    return this.#before !== undefined && lastSeen !== undefined && lastSeen < this.#before;
  }

  #trim(body: string, read: Extract<ReadCell, { kind: "edge" | "pending" }>): string {
    if (this.#before === undefined) return body;
    const first = Math.floor(this.#before / MS_PER_HOUR);
    const { evidence } = read.body;
    if (evidence.hours.every((hour) => hour >= first)) return body;
    const trimmed: EvidenceText = { ...evidence, hours: evidence.hours.filter((hour) => hour >= first) };
    return JSON.stringify({ ...read.body, evidence: trimmed });
  }

  #span(body: string, { of, first, last, cluster }: CellBodies["span"]): string {
    if (this.#before === undefined || first === undefined || first >= this.#before) return body;
    return JSON.stringify({ of, first: this.#before, last, cluster });
  }
}

function isConnection(read: ReadCell): read is Connection {
  return read.kind === "edge" || read.kind === "denial" || read.kind === "pending";
}

type Denial = Extract<ReadCell, { kind: "denial" }>;

function logOf(read: Connection): { readonly firstSeen?: number | undefined; readonly lastSeen?: number | undefined } {
  return read.kind === "denial" ? read.body.attempts : read.body.evidence;
}

function endsOf(read: Connection): readonly string[] {
  return read.kind === "pending" ? [read.body.a.sighting, read.body.b.sighting] : [read.body.client, read.body.server];
}
