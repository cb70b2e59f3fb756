import { NetlearnError } from "../lib/errors.ts";
import type { QuarantineReason } from "../model/graph.ts";
import type { Cell } from "../model/state.ts";
import { type AccessCell, isAccess } from "./access/access-cell.ts";
import { restoreAccessCell } from "./access/restore-access.ts";
import {
  ACCESS_PREFIX,
  type CellBodies,
  cellId,
  type EndsBody,
  FURTHER_PREFIX,
  ORIGIN_SET,
  type PendingEndBody,
  type ReadCell,
  readCell,
} from "./cell-bodies.ts";
import type { Learner } from "./learner.ts";
import { restoreAttempts, restoreEvidence, restoreEvidenceInto, restorePorts, restoreSighting } from "./log-text.ts";
import type { SightingId } from "./observations.ts";
import type { PendingEnd } from "./pending.ts";
import { sightingKey } from "./sighting.ts";

/** Gives a learner back what `cellsOf` wrote, on top of what it knows. */
export class CellRestorer {
  readonly #learner: Learner;
  readonly #location: string;
  readonly #ids = new Map<string, SightingId>();

  /** @param location names the state in errors */
  constructor(learner: Learner, location: string) {
    this.#learner = learner;
    this.#location = location;
  }

  /**
   * Takes one cell; sightings have to come before what names them.
   *
   * @throws NetlearnError `NETLEARN_STATE_UNUSABLE` when the cell can't be read
   */
  add(cell: Cell): void {
    let read: ReadCell;
    try {
      read = readCell(cell);
    } catch (cause) {
      throw this.#damaged(`${cell.kind} ${cell.id} is no JSON`, cause);
    }
    if (isAccess(read)) restoreAccessCell(this.#learner.accesses, read);
    else this.#restore(read);
  }

  #restore(read: Exclude<ReadCell, AccessCell>): void {
    switch (read.kind) {
      case "denial":
        return this.#denial(read.body);
      case "edge":
        return this.#edge(read.body);
      case "pending":
        return this.#pending(read.body);
      case "sighting":
        return this.#sighting(read.body);
      case "tenancy":
        return this.#tenancy(read.body);
      case "counter":
      case "fact":
      case "name":
      case "quarantine":
      case "rejection":
      case "span":
        return this.#fact(read);
    }
  }

  #fact(read: Extract<ReadCell, { kind: "counter" | "fact" | "name" | "quarantine" | "rejection" | "span" }>): void {
    const { observations } = this.#learner;
    switch (read.kind) {
      case "counter":
        return this.#count(read.body);
      case "fact":
        return this.#text(read.body);
      case "name":
        for (const name of read.body.names) observations.addName(read.body.address, name);
        return;
      case "quarantine": {
        const { reason, attempts } = read.body;
        return observations.quarantined(reason as QuarantineReason).merge(restoreAttempts(attempts));
      }
      case "rejection":
        return this.#learner.addRejections(read.body);
      case "span":
        return this.#span(read.body);
    }
  }

  #text({ set, text, cluster }: CellBodies["fact"]): void {
    const { accesses, observations } = this.#learner;
    if (set === ORIGIN_SET) accesses.of(cluster)?.addOrigin(text);
    else observations.addFact(set, text);
  }

  #span({ of, first, last, cluster }: CellBodies["span"]): void {
    const { accesses, observations } = this.#learner;
    const spanned = of === "access" ? accesses.of(cluster) : observations;
    spanned?.addTime(first);
    spanned?.addTime(last);
  }

  #count({ name, count, cluster }: CellBodies["counter"]): void {
    const { accesses, observations } = this.#learner;
    if (name.startsWith(FURTHER_PREFIX)) return accesses.countFurther(name.slice(FURTHER_PREFIX.length), count);
    if (!name.startsWith(ACCESS_PREFIX)) return observations.count(name, count);
    const what = name.slice(ACCESS_PREFIX.length);
    const access = accesses.of(cluster);
    if (access === undefined) accesses.countFurther(what, count);
    else access.count(what, count);
  }

  #tenancy({ address, pod, first, last }: CellBodies["tenancy"]): void {
    this.#learner.observations.addTenancy(address, this.#idOf(pod), first, last);
  }

  #sighting(body: CellBodies["sighting"]): void {
    const sighting = restoreSighting(body);
    this.#ids.set(cellId(sightingKey(sighting)), this.#learner.observations.idOf(sighting));
  }

  #edge(body: CellBodies["edge"]): void {
    const [client, server] = this.#ends(body);
    restoreEvidenceInto(this.#learner.observations.edge(client, server, body.protocol, body.port).log, body.evidence);
  }

  #denial(body: CellBodies["denial"]): void {
    const [client, server] = this.#ends(body);
    const { protocol, port, reason, byPolicy, attempts } = body;
    const denial = this.#learner.observations.denial({ client, server, protocol, port, reason, byPolicy });
    denial.log.merge(restoreAttempts(attempts));
  }

  #pending({ a, b, protocol, claimed, onOverlay, records, evidence }: CellBodies["pending"]): void {
    const [one, other] = [this.#end(a), this.#end(b)];
    const log = restoreEvidence(evidence);
    this.#learner.observations.putPending({ a: one, b: other, protocol, claimed, onOverlay, records, log });
  }

  #end({ sighting, port, ports }: PendingEndBody): PendingEnd {
    return { sighting: this.#idOf(sighting), port, ports: restorePorts(ports) };
  }

  #ends({ client, server }: EndsBody): readonly [SightingId, SightingId] {
    return [this.#idOf(client), this.#idOf(server)];
  }

  #idOf(name: string): SightingId {
    const id = this.#ids.get(name);
    if (id === undefined) throw this.#damaged(`there is no sighting ${name}`);
    return id;
  }

  #damaged(what: string, cause?: unknown): NetlearnError {
    return new NetlearnError("NETLEARN_STATE_UNUSABLE", `the state at ${this.#location} is damaged: ${what}`, {
      hint: "restore it from a backup or from `netlearn state export`, or collect anew into another state",
      cause,
    });
  }
}
