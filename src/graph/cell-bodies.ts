import { hash } from "node:crypto";
import type { Protocol } from "../model/flow.ts";
import type { Rejection } from "../model/observation.ts";
import type { Cell, CellKind } from "../model/state.ts";
import type { AccessCell, OfCluster } from "./access/access-cell.ts";
import type { CallerText, DeniedText, UsesText } from "./access/access-schema.ts";
import type { Sighting } from "./sighting.ts";
import type { AttemptsText, EvidenceText } from "./snapshot-schema.ts";

/** Ends of an edge, by the ids of their sightings' cells. */
export interface EndsBody {
  readonly client: string;
  readonly server: string;
  readonly protocol: Protocol;
  readonly port?: number | undefined;
}

export interface PendingEndBody {
  readonly sighting: string;
  readonly port?: number | undefined;
  readonly ports: readonly number[];
}

/** What names of counters and sets of facts begin with where they are about audit events. */
export const ACCESS_PREFIX = "access:";
/** What names of counters begin with that are about events of clusters that are not kept. */
export const FURTHER_PREFIX = "access-further:";
/** The set of facts that names what sources of audit events say they are. */
export const ORIGIN_SET = `${ACCESS_PREFIX}origin`;

/** What the body of each kind of cell says. Every body is whole in itself, but for the sightings it names. */
export interface CellBodies {
  /** What a principal used of one family. */
  readonly access: OfCluster<UsesText>;
  /** What was denied to a principal. */
  readonly "access-denial": OfCluster<DeniedText>;
  readonly caller: OfCluster<CallerText>;
  readonly counter: OfCluster<{ readonly name: string; readonly count: number }>;
  readonly denial: EndsBody & {
    readonly reason: string;
    readonly byPolicy: boolean;
    readonly attempts: AttemptsText;
  };
  readonly edge: EndsBody & { readonly evidence: EvidenceText };
  readonly fact: OfCluster<{ readonly set: string; readonly text: string }>;
  readonly name: { readonly address: string; readonly names: readonly string[] };
  readonly pending: {
    readonly a: PendingEndBody;
    readonly b: PendingEndBody;
    readonly protocol: Protocol;
    readonly claimed: boolean;
    readonly onOverlay: boolean;
    readonly records: number;
    readonly evidence: EvidenceText;
  };
  readonly quarantine: { readonly reason: string; readonly attempts: AttemptsText };
  readonly rejection: { readonly reason: Rejection["reason"]; readonly count: number; readonly sample: Rejection };
  readonly sighting: Sighting;
  /** Of flow records, or of audit events. */
  readonly span: OfCluster<{
    readonly of?: "access" | undefined;
    readonly first?: number | undefined;
    readonly last?: number | undefined;
  }>;
  readonly tenancy: { readonly address: string; readonly pod: string; readonly first: number; readonly last: number };
}

/** Cells whose body TypeScript can tell by their kind. */
export type ReadCell = {
  readonly [Kind in CellKind]: { readonly kind: Kind; readonly body: CellBodies[Kind] };
}[CellKind];

/**
 * Writes a cell.
 *
 * @param about a text that is equal exactly for facts about the same thing
 */
export function cell<Kind extends CellKind>(kind: Kind, about: string, body: CellBodies[Kind]): Cell {
  return { kind, id: cellId(about), body: JSON.stringify(body) };
}

/** Kinds of cells about one cluster. */
type ClusterCellKind = AccessCell["kind"] | "counter" | "fact" | "span";

/**
 * Writes a cell about a cluster: as {@link cell} where it has no name, else with the name behind all else. The id is one shorter
 * then, so that whatever clusters and users call themselves, it is never one of the others.
 */
export function cellOfCluster<Kind extends ClusterCellKind>(
  cluster: string | undefined,
  kind: Kind,
  about: string,
  body: CellBodies[Kind],
): Cell {
  if (cluster === undefined) return cell(kind, about, body);
  const id = cellId(JSON.stringify([cluster, about])).slice(1);
  return { kind, id, body: JSON.stringify({ ...body, cluster }) };
}

/** A short name of a text: 132 bits of its SHA-256, so that no two texts anyone meets share one. */
export function cellId(about: string): string {
  return hash("sha256", about, "base64url").slice(0, 22);
}

/**
 * Reads a cell that {@link cell} wrote. Only that it is JSON is checked: a state belongs to netlearn, its version was
 * looked at, and a million of them are read at once.
 *
 * @throws SyntaxError when the body is no JSON
 */
export function readCell({ kind, body }: Pick<Cell, "kind" | "body">): ReadCell {
  const read: ReadCell = { kind, body: JSON.parse(body) };
  return read;
}
