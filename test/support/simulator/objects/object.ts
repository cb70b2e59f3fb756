import { hash32 } from "../random.ts";
import type { Labels } from "../world.ts";

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: true;
  readonly blockOwnerDeletion?: true;
}

export interface ObjectMeta {
  readonly name: string;
  readonly generateName?: string | undefined;
  readonly namespace?: string | undefined;
  readonly uid: string;
  /** RFC 3339, whole seconds. */
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string | undefined;
  readonly deletionGracePeriodSeconds?: number | undefined;
  readonly generation?: number | undefined;
  readonly labels?: Labels | undefined;
  readonly annotations?: Labels | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
}

/** An object of the Kubernetes API as `kubectl get -o json` prints it, without what only the API server needs. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** A version 4 UUID that is a function of a text. */
export function uidOf(text: string): string {
  const word = (salt: string): string => hash32(`${salt}${text}`).toString(16).padStart(8, "0");
  const [a, b, c, d] = [word("a"), word("b"), word("c"), word("d")];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-8${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

/** Letters and digits of a generated name's end, a function of a text. */
export function suffixOf(text: string, length = 5): string {
  const alphabet = "bcdfghjklmnpqrstvwxz2456789";
  return Array.from({ length }, (_, index) => alphabet[hash32(`${index}${text}`) % alphabet.length]).join("");
}

/** RFC 3339 in whole seconds, as Kubernetes writes times. `time` in microseconds since the epoch. */
export function timeText(time: number): string {
  return `${new Date(Math.floor(time / 1000)).toISOString().slice(0, 19)}Z`;
}

/** The reference by which an owned object names its controller. */
export function ownedBy(owner: KubeObject): OwnerReference[] {
  const { apiVersion, kind, metadata } = owner;
  return [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true }];
}

/** A copy without the fields that are undefined, at any depth: what writing it as JSON and reading it again would give. */
export function withoutUndefined<T>(value: T): T {
  return copyOf(value) as T;
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) if (field !== undefined) copy[key] = copyOf(field);
  return copy;
}
