/** Records of a partition that were gone before they could be read: whatever they showed is not known. */
export interface Gap {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the first record that is missing. */
  readonly from: number;
  /** Offset behind the last one; undefined when nobody can tell, since offsets began anew. */
  readonly to: number | undefined;
  /** `expired`: retention removed them. `restarted`: the topic was made anew or lost its end. */
  readonly why: "expired" | "restarted";
}
