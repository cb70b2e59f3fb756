/** Steps into an object: keys of mappings, indexes of lists. */
export type ManifestPath = readonly (string | number)[];

/** Where something stands in a file. */
export interface Place {
  /** As shown to people: relative to the working directory where it lies in it, with forward slashes. */
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
}

/** What a scalar of YAML can be. */
export type PlainValue = boolean | null | number | string;

/**
 * A text without quotes that is one thing to kubectl, Helm, Argo CD and Flux, which read YAML 1.1, and another one to
 * whoever reads YAML 1.2: `yes`, `0123`, `1_000`.
 */
export interface Misread {
  readonly written: string;
  readonly byKubectl: PlainValue;
  readonly byYaml12: PlainValue;
}

/** Whether a key and what it leads to are misread. */
export interface MisreadPair {
  readonly key: Misread | undefined;
  readonly value: Misread | undefined;
}

/**
 * A Kubernetes object as it stands in a file: nothing of it is checked but that it is a mapping with these fields.
 * Places are looked for when they are asked for, in the text of the file, which an object keeps alive.
 */
export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** `metadata.name`; undefined when it is missing or no text. */
  readonly name: string | undefined;
  /** `metadata.namespace`, or the namespace the reader was told to assume. */
  readonly namespace: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly file: string;
  /** Index of the document in its file. */
  readonly document: number;
  /** The line of a part of the object, or of the nearest part around it that is there; `[]` is where it begins. */
  readonly lineOf: (path: ManifestPath) => number;
  /**
   * Whether the part of the object that a path leads to is misread, or its key; `value` is what kubectl reads. Undefined
   * where nothing around the object is misread.
   */
  readonly misreadAt: ((path: ManifestPath) => MisreadPair) | undefined;
}
